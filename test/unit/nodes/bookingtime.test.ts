import type { IDataObject, ILoadOptionsFunctions } from 'n8n-workflow';
import { stringifyExact } from '../../../credentials/tokens/json';
import { calendarDate, isoWeek } from '../../../nodes/Bookingtime/calendar';
import { searchOrganizations } from '../../../nodes/Bookingtime/organization';
import { appointment } from '../../../nodes/Bookingtime/resources/appointment';
import { customer } from '../../../nodes/Bookingtime/resources/customer';
import { organization } from '../../../nodes/Bookingtime/resources/organization';
import { readReply } from '../../../nodes/session/request';
import type { ApiRequest } from '../../../nodes/session/session';
import * as sessions from '../../../nodes/session/session';
import { apiError, call, fakeSession, reply } from './fakes';

const fields = { apiKind: 'app', clientId: '70app', organizationId: 'f6own', locale: 'de' };
const operations = [appointment, customer, organization].flatMap((resource) =>
	resource.operations.map(
		(operation) => [`${resource.value}.${operation.value}`, operation] as const,
	),
);
const full = {
	class: 'CUSTOMER',
	id: 'c1',
	customId: 10001,
	gender: 'MALE',
	title: null,
	firstName: 'Paul',
	lastName: 'Müller',
	email: 'p@example.com',
	notes: 'old',
	address: { name: null, street: 'Gasse 1', city: 'Leipzig' },
	locale: 'de',
	organizationId: 'f6own',
};
const short = {
	class: 'CUSTOMER_SHORT',
	id: 'c1',
	customId: '10001',
	firstName: 'Paul',
	lastName: 'Müller',
	organizationId: 'f6own',
};

const envelope = (
	content: unknown,
	...failures: Array<{ parameter: string | null; text: string }>
) => ({
	messageList: failures.map((failure) => ({ class: 'MESSAGE', type: 'failure', ...failure })),
	content,
});

async function run(
	operation: string,
	parameters: IDataObject,
	answer: (request: ApiRequest, count: number) => unknown = () => envelope({}),
	credential: IDataObject = fields,
) {
	const session = fakeSession(answer, credential);
	const run = operations.find(([name]) => name === operation)?.[1].run;
	const outputs = await run?.(call(session, { parameters }));
	const sent = session.sent.map(({ method, path }) => `${method} ${path}`);
	return { sent, requests: session.sent, found: outputs?.map(({ json }) => json) };
}

describe('organization', () => {
	it("is the credential's when the node names none", async () => {
		const { sent, found } = await run('organization.get', {}, () => envelope({ id: 'f6own' }));
		expect(sent).toEqual(['GET /organization/f6own/show']);
		expect(found).toEqual([{ id: 'f6own' }]);
	});

	it('is the one of the node when it names one, from the list or by ID', async () => {
		const organization = { __rl: true, mode: 'id', value: ' f6other ' };
		expect((await run('organization.get', { organization })).sent).toEqual([
			'GET /organization/f6other/show',
		]);
	});

	it.each(['f6/../admin', '..', 'f6 x', 'f6\n', 'https://evil.example/'])(
		'refuses %j',
		async (value) => {
			const organization = { __rl: true, mode: 'id', value };
			const running = run('organization.get', { organization });
			if (value.trim() === 'f6') await expect(running).resolves.toBeDefined();
			else await expect(running).rejects.toThrow('"Organization"');
		},
	);

	it('is asked for when neither names one', async () => {
		await expect(run('organization.get', {}, undefined, { organizationId: '' })).rejects.toThrow(
			'"Organization" is empty',
		);
	});
});

describe('Organization: Get Many', () => {
	const recordList = [
		{ id: 'f6b', name: 'Studio' },
		{ id: 'f6a', name: 'Praxis' },
	];
	const answer = () => envelope({ class: 'LIST', recordList });

	it('lists the organizations of the app', async () => {
		const { sent, found } = await run('organization.getMany', { limit: 1 }, answer);
		expect(sent).toEqual(['GET /app/70app/organization/list']);
		expect(found).toEqual([recordList[0]]);
	});

	it('says that the Module API has no such list', async () => {
		await expect(
			run('organization.getMany', { returnAll: true }, answer, { ...fields, apiKind: 'module' }),
		).rejects.toThrow('The Module API has no list of organizations');
	});

	it('fills the From List mode, sorted and searched', async () => {
		const opened = jest
			.spyOn(sessions, 'openSession')
			.mockResolvedValue(fakeSession(answer, fields) as never);
		const context = {
			getNodeParameter: (_name: string, otherwise: unknown) => otherwise,
		} as unknown as ILoadOptionsFunctions;
		await expect(searchOrganizations.call(context)).resolves.toEqual({
			results: [
				{ name: 'Praxis', value: 'f6a' },
				{ name: 'Studio', value: 'f6b' },
			],
		});
		await expect(searchOrganizations.call(context, 'STUD')).resolves.toEqual({
			results: [{ name: 'Studio', value: 'f6b' }],
		});
		opened.mockRestore();
	});
});

describe('replies', () => {
	it('are taken bare, too, as the documentation shows them', async () => {
		expect((await run('customer.get', { customerId: 'c1' }, () => full)).found).toEqual([full]);
	});

	it('that say failure become an error that names the parameters, also with status 200', async () => {
		const failing = run('customer.create', { firstName: 'Ada', lastName: 'L' }, () =>
			envelope(
				null,
				{ parameter: 'email', text: 'This parameter is wrong.' },
				{ parameter: null, text: 'Sorry.' },
			),
		);
		await expect(failing).rejects.toMatchObject({
			message: 'bookingtime refused the request: email: This parameter is wrong. Sorry.',
			description: 'Correct "email" in this item and run the node again.',
		});
	});

	it.each([[null], [[]], ['<html>'], [undefined]])(
		'that hold no record (%j) are said to',
		async (content) => {
			await expect(
				run('customer.get', { customerId: 'c1' }, () => envelope(content)),
			).rejects.toThrow('holds no record');
		},
	);
});

describe('Customer: Create', () => {
	it('sends the names and what else is filled in, and leaves empty fields out', async () => {
		const { sent, requests, found } = await run(
			'customer.create',
			{
				firstName: ' Zoë ',
				lastName: 'Öztürk {{ $json }}',
				additionalFields: {
					email: 'z@example.com',
					mobile: '',
					notes: undefined,
					customId: 42,
					address: { value: { city: 'Bern', zip: '', country: 'CH' } },
					otherFields: '{"newsletter":true}',
				},
			},
			() => reply(201, envelope(short)),
		);
		expect(sent).toEqual(['POST /organization/f6own/customer/add']);
		expect(requests[0].body).toEqual({
			firstName: 'Zoë',
			lastName: 'Öztürk {{ $json }}',
			email: 'z@example.com',
			customId: '42',
			address: { city: 'Bern', country: 'CH' },
			newsletter: true,
		});
		expect(found).toEqual([short]);
	});

	it.each([
		[{ firstName: '', lastName: 'L' }, '"First Name" is empty'],
		[{ firstName: 'A', lastName: '  ' }, '"Last Name" is empty'],
		[
			{ firstName: 'A', lastName: 'L', additionalFields: { otherFields: '{oops' } },
			'"Other Fields (JSON)" is not valid JSON',
		],
		[
			{ firstName: 'A', lastName: 'L', additionalFields: { email: { a: 1 } } },
			'"email" is not text',
		],
	])('sends nothing for %j', async (parameters, message) => {
		await expect(run('customer.create', parameters, () => new Error('sent'))).rejects.toThrow(
			message,
		);
	});
});

describe('Customer: Get, Find by Custom ID, Delete', () => {
	it('simplify keeps ten fields', async () => {
		const { found } = await run('customer.get', { customerId: 'c1', simplify: true }, () =>
			envelope(full),
		);
		expect(Object.keys(found?.[0] ?? {})).toEqual([
			'id',
			'customId',
			'organizationId',
			'gender',
			'title',
			'firstName',
			'lastName',
			'email',
		]);
	});

	it('a custom ID may have a slash, which is encoded', async () => {
		const { sent } = await run('customer.findByCustomId', { customId: 'CRM/1 ü' }, () =>
			envelope(full),
		);
		expect(sent).toEqual(['GET /organization/f6own/customer/CRM%2F1%20%C3%BC/identify']);
	});

	it.each(['', '..', 'a/b', 'c1?x=1'])('refuses the customer ID %p', async (customerId) => {
		for (const operation of ['customer.get', 'customer.delete', 'customer.update']) {
			await expect(run(operation, { customerId, updateFields: { notes: 'x' } })).rejects.toThrow(
				'"Customer ID"',
			);
		}
	});

	it('delete says what it deleted', async () => {
		const { sent, found } = await run('customer.delete', { customerId: 'c1' }, () =>
			envelope(null),
		);
		expect(sent).toEqual(['DELETE /organization/f6own/customer/c1/delete']);
		expect(found).toEqual([{ deleted: true, id: 'c1' }]);
	});
});

describe('Customer: Get Many', () => {
	const pageOf =
		(total: number) =>
		({ path }: ApiRequest) => {
			const page = Number(path.split('/').pop());
			const from = (page - 1) * 25;
			const recordList = Array.from(
				{ length: Math.max(0, Math.min(25, total - from)) },
				(_, index) => ({ id: `c${from + index}` }),
			);
			return envelope({
				class: 'PAGINATION_LIST',
				pageCurrent: page,
				pageTotal: Math.max(1, Math.ceil(total / 25)),
				recordList,
			});
		};

	it.each([
		[{ returnAll: true }, 0, 1, 0],
		[{ returnAll: true }, 25, 1, 25],
		[{ returnAll: true }, 60, 3, 60],
		[{ limit: 25 }, 60, 1, 25],
		[{ limit: 26 }, 60, 2, 26],
		[{ limit: 1000 }, 60, 3, 60],
	])('%j of %i customers takes %i pages', async (parameters, total, pages, count) => {
		const { sent, found } = await run('customer.getMany', parameters, pageOf(total));
		expect(sent).toEqual(
			Array.from(
				{ length: pages },
				(_, index) => `GET /organization/f6own/customer/index/${index + 1}`,
			),
		);
		expect(found).toHaveLength(count);
	});

	it('searches with the text in the query', async () => {
		const { sent, requests } = await run(
			'customer.getMany',
			{ search: 'Müller & Co', limit: 5 },
			pageOf(1),
		);
		expect(sent).toEqual(['GET /organization/f6own/customer/filter/1']);
		expect(requests[0].query).toEqual({ searchQuery: 'Müller & Co' });
	});

	it('says so when the reply holds no list', async () => {
		await expect(run('customer.getMany', { limit: 1 }, () => envelope({ id: 1 }))).rejects.toThrow(
			'holds no list',
		);
	});
});

describe('Customer: Update', () => {
	const answer = ({ method }: ApiRequest) =>
		envelope(method === 'GET' ? full : { ...full, notes: 'new' });

	it('reads the customer first and sends its other fields along', async () => {
		const { sent, requests, found } = await run(
			'customer.update',
			{
				customerId: 'c1',
				updateFields: { notes: 'new', address: { value: { city: 'Bonn', street: '' } } },
			},
			answer,
		);
		expect(sent).toEqual([
			'GET /organization/f6own/customer/c1/show',
			'PUT /organization/f6own/customer/c1/edit',
		]);
		expect(requests[1].body).toEqual({
			customId: 10001,
			gender: 'MALE',
			firstName: 'Paul',
			lastName: 'Müller',
			email: 'p@example.com',
			locale: 'de',
			notes: 'new',
			address: { street: 'Gasse 1', city: 'Bonn' },
		});
		expect(found).toEqual([{ ...full, notes: 'new' }]);
	});

	it('sends fields along that nobody here knows, but none that the API computes', async () => {
		const unknown = {
			loyaltyPoints: 0,
			newsletter: false,
			phoneHome: '',
			tags: ['vip', { class: 'TAG', id: 't1' }],
			customFields: { class: 'FIELDS', shoeSize: 43, none: null },
			createdBy_note: 'by phone',
		};
		const computed = { created: '2026-01-01', updatedAt: '2026-01-02', modifiedBy: 'u1' };
		const address = { ...full.address, class: 'ADDRESS', id: 'a1', floor: '3' };
		const customer = { ...full, ...unknown, ...computed, address };
		const { requests } = await run(
			'customer.update',
			{ customerId: 'c1', updateFields: { notes: 'new' } },
			() => envelope(customer),
		);
		expect(requests[1].body).toEqual({
			customId: 10001,
			gender: 'MALE',
			firstName: 'Paul',
			lastName: 'Müller',
			email: 'p@example.com',
			locale: 'de',
			...unknown,
			notes: 'new',
			address: { street: 'Gasse 1', city: 'Leipzig', floor: '3' },
		});
	});

	it.each(['customer.update', 'customer.createOrUpdate'])(
		'rounds no number that it sends along, and makes no text of it: %s',
		async (operation) => {
			const { requests } = await run(
				operation,
				{
					customerId: 'c1',
					customId: 'k1',
					firstName: 'Paul',
					lastName: 'Müller',
					keepOtherFields: true,
					updateFields: { notes: 'new' },
					additionalFields: { notes: 'new' },
				},
				(request) => {
					const serial = '"serial":7615917337495251231';
					const json = stringifyExact(envelope(full)).replace('"notes":"old"', serial);
					return readReply(request, { status: 200, headers: {}, body: Buffer.from(json) });
				},
			);
			const edit = requests.find(({ method }) => method === 'PUT');
			expect(stringifyExact(edit?.body)).toContain('"serial":7615917337495251231,');
		},
	);

	it("can set a field that is otherwise the API's own", async () => {
		const { requests } = await run(
			'customer.update',
			{ customerId: 'c1', updateFields: { otherFields: '{"created":"2020-01-01"}' } },
			() => envelope({ ...full, created: '2026-01-01' }),
		);
		expect(requests[1].body).toMatchObject({ created: '2020-01-01', notes: 'old' });
	});

	it('sends only the changes when asked to, an empty field included', async () => {
		const { sent, requests } = await run(
			'customer.update',
			{ customerId: 'c1', keepOtherFields: false, updateFields: { notes: '', email: undefined } },
			answer,
		);
		expect(sent).toEqual(['PUT /organization/f6own/customer/c1/edit']);
		expect(requests[0].body).toEqual({ notes: '' });
	});

	it.each([{}, { address: { value: { city: '', zip: '' } } }])(
		'asks for at least one field (%j)',
		async (updateFields) => {
			await expect(
				run('customer.update', { customerId: 'c1', updateFields }, answer),
			).rejects.toThrow('"Update Fields" is empty');
		},
	);
});

describe('Customer: Create or Update', () => {
	const parameters = {
		customId: '10001',
		firstName: 'Paula',
		lastName: 'Müller',
		additionalFields: { email: '' },
	};

	it.each([
		['a 404', () => apiError(404, 'Customer not found.')],
		['no content', () => envelope(null)],
		[
			'a failure that names the custom ID',
			() => envelope(null, { parameter: 'customId', text: 'Unknown.' }),
		],
	])('creates one after %s', async (_, none) => {
		const { sent, requests, found } = await run(
			'customer.createOrUpdate',
			parameters,
			({ method }) => (method === 'GET' ? none() : envelope(short)),
		);
		expect(sent).toEqual([
			'GET /organization/f6own/customer/10001/identify',
			'POST /organization/f6own/customer/add',
		]);
		expect(requests[1].body).toEqual({ customId: '10001', firstName: 'Paula', lastName: 'Müller' });
		expect(found).toEqual([{ ...short, outcome: 'created' }]);
	});

	it('updates the one that is there, with its other fields', async () => {
		const { sent, requests, found } = await run('customer.createOrUpdate', parameters, () =>
			envelope(full),
		);
		expect(sent).toEqual([
			'GET /organization/f6own/customer/10001/identify',
			'PUT /organization/f6own/customer/c1/edit',
		]);
		expect(requests[1].body).toMatchObject({ firstName: 'Paula', email: '', notes: 'old' });
		expect(found).toEqual([{ ...full, outcome: 'updated' }]);
	});

	it('reads the whole customer where it is found in short form only', async () => {
		const { sent } = await run('customer.createOrUpdate', parameters, (_, count) =>
			envelope(count === 1 ? short : full),
		);
		expect(sent).toEqual([
			'GET /organization/f6own/customer/10001/identify',
			'GET /organization/f6own/customer/c1/show',
			'PUT /organization/f6own/customer/c1/edit',
		]);
	});

	it('creates one customer for two items with the same custom ID', async () => {
		const customers: IDataObject[] = [];
		const session = fakeSession(({ method, body }) => {
			if (method === 'POST')
				customers.push({ ...(body as IDataObject), id: 'c1', class: 'CUSTOMER' });
			return method === 'PUT' ? envelope(body) : envelope(customers[0] ?? null);
		}, fields);
		const operation = operations.find(([name]) => name === 'customer.createOrUpdate')?.[1];
		const outcomes = await Promise.all(
			['Ada', 'Bea', 'Cleo'].map(async (firstName, index) => {
				const made = call(session, { parameters: { ...parameters, firstName } }, index);
				return (await operation?.run(made))?.[0].json.outcome;
			}),
		);
		expect(outcomes).toEqual(['created', 'updated', 'updated']);
		expect(customers).toHaveLength(1);
	});

	it.each([500, 401, undefined])(
		'creates nothing when the search itself fails (%p)',
		async (status) => {
			const error = apiError(status, 'It failed.');
			await expect(run('customer.createOrUpdate', parameters, () => error)).rejects.toBe(error);
		},
	);

	it('creates nothing when the search is refused for another reason', async () => {
		const refused = () => envelope(null, { parameter: 'organizationId', text: 'Not yours.' });
		await expect(run('customer.createOrUpdate', parameters, refused)).rejects.toThrow(
			'organizationId: Not yours.',
		);
	});
});

describe('Appointment', () => {
	it('gets one', async () => {
		expect((await run('appointment.get', { appointmentId: 'a1' })).sent).toEqual([
			'GET /organization/f6own/appointment/a1/show',
		]);
	});

	it.each([
		['day', '2026-03-01', '/year/2026/month/3/day/1/listDay'],
		['week', '2027-01-02', '/year/2026/week/53/listWeek'],
		['month', '2026-12-31T00:00:00', '/year/2026/month/12/listMonth'],
	])('lists those of a %s', async (period, date, path) => {
		const list = { class: 'LIST', recordList: [{ id: 'a1' }, { id: 'a2' }] };
		const { sent, found } = await run('appointment.getMany', { period, date, limit: 1 }, () =>
			envelope(list),
		);
		expect(sent).toEqual([`GET /organization/f6own/appointment${path}`]);
		expect(found).toEqual([{ id: 'a1' }]);
	});

	it.each(['', 'soon', '2026-02-30', '31.12.2026', '2026-13-01'])(
		'refuses %p as a date',
		async (date) => {
			await expect(run('appointment.getMany', { period: 'day', date })).rejects.toThrow('"Date"');
		},
	);
});

describe('dates', () => {
	it.each([
		['2026-03-31', '2026-03-31'],
		['2026-03-31T23:30:00', '2026-03-31'],
		['2026-03-31 23:30', '2026-03-31'],
		['2026-03-31T23:30:00.000Z', '2026-04-01'],
		['2026-03-31T20:00:00.000-05:00', '2026-04-01'],
		['2026-03-31T23:30:00+02:00[Europe/Berlin]', '2026-03-31'],
	])('%s is the day %s in Berlin', (iso, expected) => {
		const { year, month, day } = calendarDate(iso, 'Europe/Berlin');
		expect(new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10)).toBe(expected);
	});

	it.each([
		[2024, 12, 30, 2025, 1],
		[2021, 1, 3, 2020, 53],
		[2026, 1, 1, 2026, 1],
		[2026, 6, 15, 2026, 25],
		[2023, 1, 1, 2022, 52],
	])('%i-%i-%i lies in week %i-W%i', (year, month, day, weekYear, week) => {
		expect(isoWeek({ year, month, day })).toEqual({ year: weekYear, week });
	});
});
