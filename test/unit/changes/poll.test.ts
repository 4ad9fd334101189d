import type { IDataObject } from 'n8n-workflow';
import { ApiError } from '../../../credentials/tokens/errors';
import { apiError } from '../nodes/fakes';
import { FakeTrigger } from './fakePoll';

const a = { id: 1, title: 'a' };
const b = { id: 2, title: 'b' };
const c = { id: 3, title: 'c' };

/** A trigger that has seen this list. */
async function triggerWith(...records: IDataObject[]): Promise<FakeTrigger> {
	const trigger = new FakeTrigger();
	trigger.list = () => [records];
	expect(await trigger.poll()).toBeNull();
	return trigger;
}

describe('a poll', () => {
	it('remembers at first, then hands on what is new, changed and gone, and each once', async () => {
		const trigger = await triggerWith(a, b);
		expect(await trigger.poll()).toBeNull();
		trigger.list = () => [[{ ...a, title: 'A' }, c]];
		expect(await trigger.poll()).toEqual([[c], [{ ...a, title: 'A' }], [{ id: 2 }]]);
		expect(await trigger.poll()).toBeNull();
	});

	it('hands on all that is there at first where that was asked for', async () => {
		const trigger = new FakeTrigger();
		trigger.watch = { emitsFirst: true };
		trigger.list = () => [[a, b]];
		expect(await trigger.poll()).toEqual([[a, b], [], []]);
		expect(await trigger.poll()).toBeNull();
	});

	it('goes on after a restart where it was', async () => {
		const trigger = await triggerWith(a, b);
		trigger.restarted();
		trigger.list = () => [[a, b, c]];
		expect(await trigger.poll()).toEqual([[c], [], []]);
		trigger.restarted();
		expect(await trigger.poll()).toBeNull();
	});

	it('hands on the same again when n8n did not get to store that it did', async () => {
		const trigger = await triggerWith(a);
		const before = JSON.stringify(trigger.stored);
		trigger.list = () => [[a, b]];
		expect(await trigger.poll()).toEqual([[b], [], []]);
		trigger.stored = JSON.parse(before) as IDataObject;
		trigger.restarted();
		expect(await trigger.poll()).toEqual([[b], [], []]);
	});

	it('hands on the chosen changes alone, and remembers the others', async () => {
		const trigger = new FakeTrigger();
		trigger.watch = { changes: ['new'] };
		trigger.list = () => [[a, b]];
		await trigger.poll();
		trigger.list = () => [[{ ...a, title: 'A' }]];
		expect(await trigger.poll()).toBeNull();
		trigger.list = () => [[a, b]];
		expect(await trigger.poll()).toEqual([[b]]);
	});

	it('has the outputs of what is chosen, each at its place', async () => {
		const trigger = new FakeTrigger();
		trigger.watch = { changes: ['gone'] };
		trigger.list = () => [[a, b]];
		await trigger.poll();
		trigger.list = () => [[b, c]];
		expect(await trigger.poll()).toEqual([[], [], [{ id: 1 }]]);
	});

	it('tells keys of gone ones from the time on that they are asked for', async () => {
		const trigger = new FakeTrigger();
		trigger.watch = { changes: ['new'] };
		trigger.list = () => [[a, b]];
		await trigger.poll();
		trigger.watch = { changes: ['new', 'gone'] };
		expect(await trigger.poll()).toBeNull();
		trigger.restarted('update');
		trigger.list = () => [[b]];
		expect(await trigger.poll()).toEqual([[], [], [{ id: 1 }]]);
	});

	it('does not begin while the one before it has not ended', async () => {
		const trigger = await triggerWith(a);
		let answer = (): void => undefined;
		const held = new Promise<void>((resolve) => (answer = resolve));
		trigger.watch = {
			read: async () => {
				await held;
				return { parts: [{ name: '', pages: [[a, b]] }], paged: false };
			},
		};
		const first = trigger.poll();
		expect(await trigger.poll()).toBeNull();
		answer();
		expect(await first).toEqual([[b], [], []]);
		expect(await trigger.poll()).toBeNull();
	});

	it('hands on nothing when the workflow was switched on anew meanwhile, since that finds it too', async () => {
		const trigger = await triggerWith(a);
		const before = JSON.stringify(trigger.stored);
		let answer = (): void => undefined;
		const held = new Promise<void>((resolve) => (answer = resolve));
		const read = async () =>
			await Promise.resolve({ parts: [{ name: '', pages: [[a, b]] }], paged: false });
		trigger.watch = { read: async () => await held.then(read) };
		const overtaken = trigger.poll();
		trigger.restarted('update');
		trigger.watch = { read };
		expect(await trigger.poll()).toEqual([[b], [], []]);
		answer();
		expect(await overtaken).toBeNull();
		expect(JSON.stringify(trigger.stored)).not.toBe(before);
		expect(await trigger.poll()).toBeNull();
	});

	it('says in the log when it starts anew because of other settings, and only then', async () => {
		const trigger = await triggerWith(a);
		await trigger.poll();
		expect(trigger.logged).toEqual([]);
		trigger.watch = { list: ['/other'] };
		trigger.restarted('update');
		await trigger.poll();
		expect(trigger.logged).toEqual([
			expect.stringMatching(/starts anew: credential, path, key or another setting/),
		]);
		await trigger.poll();
		expect(trigger.logged).toHaveLength(1);
	});

	it.each([
		['another list', (trigger: FakeTrigger) => (trigger.watch = { list: ['/other'] })],
		[
			'another key',
			(trigger: FakeTrigger) =>
				(trigger.watch = { by: { key: ['title'], compared: [], ignored: [] } }),
		],
		['another credential', (trigger: FakeTrigger) => (trigger.credentialId = 'c2')],
		['another account in it', (trigger: FakeTrigger) => (trigger.client = 'client two')],
		['another API', (trigger: FakeTrigger) => (trigger.baseUrl = 'https://test.example.com')],
	])('starts anew with %s', async (_, change) => {
		const trigger = await triggerWith(a);
		change(trigger);
		trigger.restarted('update');
		trigger.list = () => [[b, c]];
		expect(await trigger.poll()).toBeNull();
		trigger.list = () => [[b]];
		expect(await trigger.poll()).toHaveLength(3);
	});

	it.each([['text'], [{ version: 1 }], [null], [[]]])(
		'starts anew with a memory that cannot be read (%j)',
		async (memory) => {
			const trigger = await triggerWith(a);
			trigger.stored.memory = memory as IDataObject;
			trigger.list = () => [[b]];
			expect(await trigger.poll()).toBeNull();
		},
	);
});

describe('Fetch Test Event', () => {
	it('shows a record and touches nothing', async () => {
		const trigger = await triggerWith(a);
		const before = JSON.stringify(trigger.stored);
		trigger.activated('fetch');
		trigger.list = () => [[b, c]];
		expect(await trigger.poll()).toEqual([[b], [], []]);
		expect(JSON.stringify(trigger.stored)).toBe(before);
	});

	it('says what would stop the polls: a key that does not tell the records of a page apart', async () => {
		const trigger = new FakeTrigger();
		trigger.activated('fetch');
		trigger.list = () => [[a, { ...b, id: 1 }]];
		await expect(trigger.poll()).rejects.toThrow('does not tell the records apart');
		trigger.list = () => [[{ title: 'no key' }, a]];
		expect(await trigger.poll()).toEqual([[{ title: 'no key' }], [], []]);
	});

	it('shows the key alone where nothing else is handed on', async () => {
		const trigger = new FakeTrigger();
		trigger.watch = { changes: ['gone'] };
		trigger.activated('fetch');
		trigger.list = () => [[b]];
		expect(await trigger.poll()).toEqual([[], [], [{ id: 2 }]]);
	});

	it('says so each time when there is no record, or when the API fails', async () => {
		const trigger = new FakeTrigger();
		trigger.activated('fetch');
		for (let round = 0; round < 2; round++) {
			await expect(trigger.poll()).rejects.toThrow('The list is empty');
		}
		trigger.list = () => apiError(500, 'Fusio answered 500');
		for (let round = 0; round < 2; round++) {
			await expect(trigger.poll()).rejects.toThrow('Fusio answered 500');
		}
	});
});

describe('what is missing', () => {
	it('is not gone when the API fails, also not between two pages', async () => {
		const trigger = await triggerWith(a, b);
		trigger.list = () => apiError(503, 'Busy');
		await expect(trigger.poll()).rejects.toThrow('Busy');
		trigger.list = () => [[a, b, c]];
		expect(await trigger.poll()).toEqual([[c], [], []]);
	});

	it('is not gone when the list is empty all of a sudden', async () => {
		const trigger = await triggerWith(a, b);
		trigger.list = () => [[]];
		await expect(trigger.poll()).rejects.toMatchObject({
			message: 'The list is empty all of a sudden; 2 records were there before',
		});
		expect(await trigger.poll()).toBeNull();
		trigger.list = () => [[b, c]];
		expect(await trigger.poll()).toEqual([[c], [], [{ id: 1 }]]);
	});

	it('is not new again after such a list, where gone ones are of no interest', async () => {
		const trigger = new FakeTrigger();
		trigger.watch = { changes: ['new'] };
		trigger.list = () => [[a, b]];
		await trigger.poll();
		trigger.list = () => [[]];
		expect(await trigger.poll()).toBeNull();
		trigger.list = () => [[a, b, c]];
		expect(await trigger.poll()).toEqual([[c]]);
	});

	it('is gone when an empty list is to be believed', async () => {
		const trigger = await triggerWith(a, b);
		trigger.watch = { believesLosses: true };
		trigger.list = () => [[]];
		expect(await trigger.poll()).toEqual([[], [], [{ id: 1 }, { id: 2 }]]);
	});

	it('is looked for once more when the list has pages, where a deletion moves records between them', async () => {
		const trigger = new FakeTrigger();
		trigger.list = () => [[a, b], [c]];
		await trigger.poll();
		// "a" is deleted after the first page was read: "c" moves onto it.
		const readings = [
			[[a, b], []],
			[[b, c], []],
		];
		trigger.list = () => readings.shift() ?? [[b, c], []];
		expect(await trigger.poll()).toBeNull();
		expect(await trigger.poll()).toEqual([[], [], [{ id: 1 }]]);
		expect(await trigger.poll()).toBeNull();
	});
});

describe('a list that is cut off', () => {
	const many = Array.from({ length: 100 }, (_, id) => ({ id }));
	const few = many.slice(0, 30);

	it('is an error where gone ones are asked for: none of thousands is told as gone', async () => {
		const trigger = await triggerWith(...many);
		trigger.list = () => [few, []];
		await expect(trigger.poll()).rejects.toMatchObject({
			message: 'The list has 30 records all of a sudden; 100 were there before',
		});
		expect(await trigger.poll()).toBeNull();
		trigger.list = () => [[...many.slice(1), { id: 'x' }]];
		expect(await trigger.poll()).toEqual([[{ id: 'x' }], [], [{ id: 0 }]]);
	});

	it('does not make its records new again, where gone ones are of no interest', async () => {
		const trigger = new FakeTrigger();
		trigger.watch = { changes: ['new', 'changed'] };
		trigger.list = () => [many];
		await trigger.poll();
		trigger.list = () => [[...few, { id: 'x' }]];
		expect(await trigger.poll()).toEqual([[{ id: 'x' }], []]);
		trigger.restarted();
		trigger.list = () => [many];
		expect(await trigger.poll()).toBeNull();
	});

	it('is believed where that was chosen, where few are missing, or where others came in their place', async () => {
		const trigger = await triggerWith(...many);
		trigger.list = () => [many.slice(0, 60)];
		expect((await trigger.poll())?.[2]).toHaveLength(40);
		trigger.list = () => [Array.from({ length: 60 }, (_, id) => ({ id: `other ${id}` }))];
		expect((await trigger.poll())?.map(({ length }) => length)).toEqual([60, 0, 60]);
		trigger.watch = { believesLosses: true };
		trigger.list = () => [[a]];
		expect((await trigger.poll())?.[2]).toHaveLength(60);
		const small = await triggerWith(a, b, c);
		small.list = () => [[a]];
		expect((await small.poll())?.[2]).toEqual([{ id: 2 }, { id: 3 }]);
	});

	it('is looked at for each part of a list', async () => {
		const trigger = new FakeTrigger();
		const parts = (...rest: IDataObject[]) => [
			{ name: '2026-3', pages: [many] },
			{ name: '2026-4', pages: [rest] },
		];
		const april = Array.from({ length: 30 }, (_, id) => ({ id: `april ${id}` }));
		let listed = parts(...april);
		trigger.watch = { read: async () => await Promise.resolve({ parts: listed, paged: true }) };
		await trigger.poll();
		listed = parts();
		await expect(trigger.poll()).rejects.toThrow(
			'The list of 2026-4 has 0 records all of a sudden; 30 were there before',
		);
	});
});

describe('an outage', () => {
	it('is told of once where it fails in several ways in turn', async () => {
		const trigger = await triggerWith(a);
		let count = 0;
		const ways = [
			() => apiError(502, 'Bad gateway'),
			() => apiError(503, 'Busy'),
			() => new Error(`Database: query ${count} failed`),
		];
		trigger.list = () => ways[count++ % ways.length]();
		for (const told of ['Bad gateway', 'Busy', 'query 3']) {
			await expect(trigger.poll()).rejects.toThrow(told);
		}
		for (let round = 0; round < 6; round++) expect(await trigger.poll()).toBeNull();
	});

	it('is told of once, in the words of the API, and once more when it fails in another way', async () => {
		const trigger = await triggerWith(a);
		trigger.list = () => apiError(503, 'Fusio answered 503: Maintenance');
		await expect(trigger.poll()).rejects.toThrow('Fusio answered 503: Maintenance');
		for (let round = 0; round < 5; round++) expect(await trigger.poll()).toBeNull();
		trigger.list = () => apiError(403, 'Fusio answered 403');
		await expect(trigger.poll()).rejects.toThrow('403');
		expect(await trigger.poll()).toBeNull();
	});

	it('is told of again when the API worked in between', async () => {
		const trigger = await triggerWith(a);
		for (let round = 0; round < 2; round++) {
			trigger.list = () => apiError(503, 'Busy');
			await expect(trigger.poll()).rejects.toThrow('Busy');
			trigger.list = () => [[a]];
			expect(await trigger.poll()).toBeNull();
		}
	});

	it('keeps nobody from switching a workflow on without being told', async () => {
		const trigger = new FakeTrigger();
		trigger.list = () => apiError(503, 'Busy');
		await expect(trigger.poll()).rejects.toThrow('Busy');
		trigger.activated('activate');
		await expect(trigger.poll()).rejects.toThrow('Busy');
	});

	it('does not stop the polling when n8n starts in the middle of it', async () => {
		const trigger = await triggerWith(a);
		trigger.restarted('init');
		trigger.list = () => apiError(503, 'Busy');
		for (let round = 0; round < 3; round++) expect(await trigger.poll()).toBeNull();
		expect(trigger.errors.map(({ message }) => message)).toEqual(['Busy']);
		trigger.list = () => [[a, b]];
		expect(await trigger.poll()).toEqual([[b], [], []]);
	});

	it('is told of once where n8n makes a context for each poll', async () => {
		const trigger = await triggerWith(a);
		trigger.list = () => apiError(503, 'Busy');
		trigger.activated('update');
		await expect(trigger.poll()).rejects.toThrow('Busy');
		trigger.activated('update');
		expect(await trigger.poll()).toBeNull();
	});

	it('counts by its kind, not by numbers in its text', async () => {
		const trigger = await triggerWith(a);
		let seconds = 60;
		trigger.list = () => new ApiError('busy', `Wait ${seconds--} s`, 'Wait.', { httpStatus: 429 });
		await expect(trigger.poll()).rejects.toThrow('Wait 60 s');
		expect(await trigger.poll()).toBeNull();
	});
});

describe('asking for what is newer', () => {
	const at = (id: number, minute: number, title = '') => ({
		id,
		title,
		updated: `2026-03-01T10:${String(minute).padStart(2, '0')}:00Z`,
	});

	function asking(overlap = 120): FakeTrigger {
		const trigger = new FakeTrigger();
		trigger.watch = { newer: { at: 'updated', overlap } };
		return trigger;
	}

	it('sends the greatest value seen, less the overlap, and hands on nothing twice', async () => {
		const trigger = asking();
		trigger.list = () => [[at(1, 0), at(2, 5)]];
		expect(await trigger.poll()).toBeNull();
		trigger.list = () => [[at(2, 5), at(3, 4), at(4, 6)]];
		expect(await trigger.poll()).toEqual([[at(3, 4), at(4, 6)]]);
		expect(trigger.asked.at(-1)).toBe('2026-03-01T10:03:00Z');
		trigger.restarted();
		expect(await trigger.poll()).toBeNull();
		expect(trigger.asked.at(-1)).toBe('2026-03-01T10:04:00Z');
	});

	it('hands on a record again when it changed, also within the overlap and with the same time', async () => {
		const trigger = asking();
		trigger.list = () => [[at(1, 5)]];
		await trigger.poll();
		trigger.list = () => [[at(1, 5, 'edited')]];
		expect(await trigger.poll()).toEqual([[at(1, 5, 'edited')]]);
		expect(await trigger.poll()).toBeNull();
	});

	it('does no harm where the API does not heed the parameter', async () => {
		const trigger = asking();
		const old = [at(1, 0), at(2, 1), at(3, 30)];
		trigger.list = () => [old];
		await trigger.poll();
		for (let minute = 31; minute < 40; minute++) {
			trigger.list = () => [[...old, at(minute, minute)]];
			expect(await trigger.poll()).toEqual([[at(minute, minute)]]);
		}
	});

	it('is not blinded by a record with a time to come', async () => {
		const trigger = asking();
		const typo = { ...at(9, 0), updated: '9999-12-31T23:59:59Z' };
		trigger.list = () => [[at(1, 0), typo]];
		await trigger.poll();
		trigger.list = () => [[at(2, 5), typo]];
		expect(await trigger.poll()).toEqual([[at(2, 5)]]);
		expect(trigger.asked.at(-1)).toBe('2026-03-01T09:58:00Z');
		expect(await trigger.poll()).toBeNull();
	});

	it('reads several pages twice, since a record that changes meanwhile moves another one past them', async () => {
		const trigger = asking(0);
		trigger.list = () => [[at(1, 0)]];
		await trigger.poll();
		// "2" is changed after the first page was read: it moves to the end, and "4" onto the first page.
		const readings = [
			[[at(2, 1), at(3, 2)], [at(2, 9)]],
			[[at(3, 2), at(4, 3)], [at(2, 9)]],
		];
		trigger.list = () => readings.shift() ?? [[]];
		expect(await trigger.poll()).toEqual([[at(2, 9), at(3, 2), at(4, 3)]]);
		expect(trigger.asked).toHaveLength(3);
	});

	it('takes an empty reply for nothing new, and what comes after it for known', async () => {
		const trigger = asking();
		trigger.list = () => [[at(1, 0)]];
		await trigger.poll();
		trigger.list = () => [[]];
		expect(await trigger.poll()).toBeNull();
		trigger.list = () => [[at(1, 0)]];
		expect(await trigger.poll()).toBeNull();
	});
});
