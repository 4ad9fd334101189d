import type { IDataObject } from 'n8n-workflow';
import {
	monthsFrom,
	watchedAppointments,
} from '../../../nodes/BookingtimeTrigger/watchedAppointments';
import { watchedCustomers } from '../../../nodes/BookingtimeTrigger/watchedCustomers';
import { watchedWorkers } from '../../../nodes/CalensoTrigger/watchedWorkers';
import { totalIn } from '../../../nodes/changes/total';
import { watchedList } from '../../../nodes/ProtectedCallTrigger/watchedList';
import type { ApiRequest } from '../../../nodes/session/session';
import { call, fakeSession } from '../nodes/fakes';

const all = { firstPageOnly: false };

/** What is read of a list that answers like this. */
function reading(answer: (request: ApiRequest) => unknown, parameters: IDataObject = {}) {
	const session = fakeSession(answer);
	const made = call(session, {
		parameters: {
			method: 'GET',
			path: '/todo',
			queryType: 'none',
			headersType: 'none',
			key: 'id',
			pagination: 'off',
			finding: 'compare',
			maxPages: 10,
			...parameters,
		},
	});
	return {
		session,
		read: async (wish: Parameters<ReturnType<typeof watchedList>['read']>[1] = all) =>
			await watchedList(made).read(made, wish),
	};
}

const recordsOf = ({
	parts,
}: {
	parts: ReadonlyArray<{ pages: ReadonlyArray<readonly IDataObject[]> }>;
}) => parts.flatMap(({ pages }) => pages.flat());

describe('Protected Call Trigger', () => {
	const list = [{ id: 1 }, { id: 2 }];

	it.each([
		['the reply itself', list, ''],
		['no body at all for an empty list', undefined, ''],
		['the list at a path', { data: { a: list, b: [] } }, 'data.a'],
	])('reads %s', async (_, body, itemsAt) => {
		const read = await reading(() => body, { options: { itemsAt } }).read();
		expect(recordsOf(read)).toEqual(body === undefined ? [] : list);
	});

	it.each([
		[{ a: [], b: [] }, '', 'The reply is not a list'],
		[{ message: 'Maintenance' }, '', 'The reply is not a list'],
		[{ a: list }, 'b', 'The reply has no list at "b"'],
		['text', '', 'The reply is not a list'],
	])('takes no other reply for a list: %j', async (body, itemsAt, message) => {
		await expect(reading(() => body, { options: { itemsAt } }).read()).rejects.toThrow(message);
	});

	it('reads all pages, and one where only a record is to be shown', async () => {
		const answer = ({ path }: ApiRequest) => {
			const offset = Number(new URL(path).searchParams.get('offset'));
			return {
				totalResults: 5,
				entry: [1, 2, 3, 4, 5].slice(offset, offset + 2).map((id) => ({ id })),
			};
		};
		const parameters = {
			pagination: 'offset',
			offsetParameter: 'offset',
			options: { itemsAt: 'entry' },
		};
		const whole = reading(answer, parameters);
		const listed = await whole.read();
		expect(recordsOf(listed)).toHaveLength(5);
		expect(listed.paged).toBe(true);
		const shown = reading(answer, parameters);
		await shown.read({ firstPageOnly: true });
		expect(shown.session.sent).toHaveLength(1);
	});

	it('does not take a part of a list for the whole', async () => {
		const answer = () => ({ totalResults: 50, entry: list });
		await expect(reading(answer, { options: { itemsAt: 'entry' } }).read()).rejects.toThrow(
			'The list has 50 records, but only 2 of them were read',
		);
		const page = ({ path }: ApiRequest) => [{ id: path }];
		await expect(
			reading(page, {
				pagination: 'page',
				pageParameter: 'page',
				firstPage: 1,
				maxPages: 3,
			}).read(),
		).rejects.toThrow('Not all of the list was read');
		const broken = ({ path }: ApiRequest) => {
			const first = new URL(path).searchParams.get('offset') === '0';
			return { recordTotal: 4, list: first ? list : [] };
		};
		await expect(
			reading(broken, {
				pagination: 'offset',
				offsetParameter: 'offset',
				options: { itemsAt: 'list' },
			}).read(),
		).rejects.toThrow('The list has 4 records, but only 2 of them were read');
	});

	it('sends what to ask from, or the first value', async () => {
		const parameters = {
			finding: 'newer',
			newerParameter: 'since',
			newerAt: 'updated',
			newerFirst: '2026',
			newerOverlap: 0,
		};
		const { session, read } = reading(() => [], parameters);
		await read();
		await read({ firstPageOnly: false, from: '2027+1' });
		expect(session.sent.map(({ path }) => new URL(path).searchParams.get('since'))).toEqual([
			'2026',
			'2027+1',
		]);
	});

	it('asks by POST where the list is asked for so', async () => {
		const { session, read } = reading(() => [], {
			method: 'POST',
			bodyType: 'json',
			bodyJson: '{"from": 1}',
		});
		await read();
		expect(session.sent[0]).toMatchObject({ method: 'POST', body: '{"from": 1}' });
	});

	it('has a list of its own for each path as it is written, not for each value of an expression', () => {
		const listOf = (path: string, written: string) => {
			const made = call(
				fakeSession(() => []),
				{ parameters: { path, key: 'id', finding: 'compare' } },
			);
			const context = {
				...made.context,
				getNode: () => ({ ...made.context.getNode(), parameters: { path: written } }),
			};
			return watchedList({ ...made, context }).list;
		};
		expect(listOf('/a', '/a')).not.toEqual(listOf('/b', '/b'));
		expect(listOf('/2026-03-01', '=/{{ $today }}')).toEqual(
			listOf('/2026-03-02', '=/{{ $today }}'),
		);
	});

	it('needs a key', () => {
		const made = (key: string) =>
			call(
				fakeSession(() => []),
				{ parameters: { key, finding: 'compare' } },
			);
		for (const key of ['', ' ', ','])
			expect(() => watchedList(made(key))).toThrow('"Key" is empty');
		expect(watchedList(made('shop, user.id')).by.key).toEqual(['shop', 'user.id']);
	});
});

describe('how many records there are', () => {
	it.each([
		[{ totalResults: 5, entry: [] }, 5],
		[{ recordTotal: 0 }, 0],
		[{ total: 7, page: 1, items: [] }, 7],
		// A sum of money, say.
		[{ total: 7, items: [] }, undefined],
		[{ totalResults: '7' }, undefined],
		[[1, 2], undefined],
		[null, undefined],
	])('%j says %s', (body, total) => expect(totalIn(body)).toBe(total));
});

describe('bookingtime Trigger', () => {
	const organization = 'f6abc';
	const parameters = { organization: { __rl: true, mode: 'id', value: organization } };

	it('reads all customers, page by page', async () => {
		const page = ({ path }: ApiRequest) => {
			const number = Number(path.split('/').pop());
			return {
				messageList: [],
				content: {
					class: 'PAGINATION_LIST',
					pageTotal: 2,
					recordTotal: 3,
					recordList: number === 1 ? [{ id: 'a' }, { id: 'b' }] : [{ id: 'c' }],
				},
			};
		};
		const made = call(fakeSession(page), { parameters });
		const listed = await watchedCustomers(made).read(made, all);
		expect(listed.parts[0].pages).toEqual([[{ id: 'a' }, { id: 'b' }], [{ id: 'c' }]]);
		expect(listed.paged).toBe(true);
	});

	it('does not take a page that is missing in the middle for the end', async () => {
		const page = ({ path }: ApiRequest) => ({
			pageTotal: 3,
			recordTotal: 5,
			recordList: path.endsWith('/2') ? [] : [{ id: `${path}a` }, { id: `${path}b` }],
		});
		const made = call(fakeSession(page), { parameters });
		await expect(watchedCustomers(made).read(made, all)).rejects.toThrow(
			'only 2 of them were read',
		);
	});

	it('reads the appointments of this month and the next ones, each a part of its own', async () => {
		const session = fakeSession(() => ({ class: 'LIST', recordList: [] }));
		const made = call(session, { parameters: { ...parameters, options: { monthsAhead: 2 } } });
		const { parts } = await watchedAppointments(made).read(made, all);
		expect(parts).toHaveLength(3);
		expect(session.sent.map(({ path }) => path)).toEqual(
			parts.map(({ name }) => {
				const [year, month] = name.split('-');
				return `/organization/${organization}/appointment/year/${year}/month/${month}/listMonth`;
			}),
		);
	});

	it('goes on into the next year, by the time zone of the workflow', () => {
		expect(monthsFrom(Date.parse('2026-10-31T23:30:00Z'), 'Europe/Berlin', 2)).toEqual([
			{ year: 2026, month: 11 },
			{ year: 2026, month: 12 },
			{ year: 2027, month: 1 },
		]);
		const made = call(
			fakeSession(() => []),
			{ parameters: { ...parameters, options: { monthsAhead: 25 } } },
		);
		expect(() => watchedAppointments(made)).toThrow(
			'"Months Ahead" is not a whole number up to 24',
		);
	});
});

describe('Calenso Trigger', () => {
	it('reads all workers', async () => {
		const made = call(
			fakeSession(() => [{ id: 1 }, { id: 2 }]),
			{},
		);
		expect(recordsOf(await watchedWorkers(made).read(made, all))).toEqual([{ id: 1 }, { id: 2 }]);
	});
});
