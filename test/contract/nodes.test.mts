import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { ICredentialType, IDataObject, INodeExecutionData, INodeType } from 'n8n-workflow';
import { sandboxCredentials } from '../n8n/sandboxCredentials.mts';
import { spawnSandbox, type SandboxClient } from '../sandbox/client.mts';
import type { Provider, RecordedRequest } from '../sandbox/journal.mts';
import { executeContext, loadPackage, newRow, type Row } from './n8nContext.mts';

type Type = 'calensoApi' | 'bookingtimeApi' | 'meister1Api' | 'fusioApi' | 'customTokenApi';
type NodeName = 'Calenso' | 'Bookingtime' | 'Meister1' | 'ProtectedCall' | 'ApiToken';

const providers: Record<Type, Provider> = {
	calensoApi: 'calenso', bookingtimeApi: 'bookingtime', meister1Api: 'meister1', fusioApi: 'fusio', customTokenApi: 'custom',
};

interface Given {
	/** What comes in; one empty item if not given. */
	readonly items?: readonly IDataObject[];
	readonly continueOnFail?: boolean;
	readonly row?: Row;
}

interface Came {
	readonly items: readonly INodeExecutionData[];
	readonly json: readonly IDataObject[];
	readonly error?: Error & { readonly description?: string | null; readonly context?: { readonly itemIndex?: number } };
	/** What n8n's database had to do. */
	readonly reads: number;
	readonly writes: number;
	/** What the API was asked, in order. */
	readonly sent: readonly RecordedRequest[];
}

describe('the nodes on n8n-core’s own context', { timeout: 600_000 }, () => {
	let sandbox: SandboxClient;
	let loaded: ReturnType<typeof loadPackage>;
	let rows: Record<Type, Row>;
	let organization: string;

	before(async () => {
		sandbox = await spawnSandbox({ settings: { fusio: { ban: false, rateLimitWithToken: 100_000 } } });
		loaded = loadPackage();
		organization = sandbox.info.credentials.bookingtimeApi.organizationId;
		const fields = sandboxCredentials(sandbox.info.credentials) as Record<Type, IDataObject>;
		rows = Object.fromEntries(Object.entries(fields).map(([type, data]) => [type, newRow(type, data)])) as typeof rows;
		// A token for each of them: what the tests count is what comes after it.
		await Promise.all([
			run('Calenso', 'calensoApi', { resource: 'worker', operation: 'getMany' }),
			run('Bookingtime', 'bookingtimeApi', { resource: 'organization', operation: 'get' }),
			run('Meister1', 'meister1Api', link()),
			run('ProtectedCall', 'fusioApi', call('/todo')),
			run('ProtectedCall', 'customTokenApi', call('/items')),
		]);
	});
	after(async () => await sandbox?.stop());
	beforeEach(async () => await sandbox.reset());

	async function run(node: NodeName, type: Type, parameters: IDataObject, given: Given = {}): Promise<Came> {
		const row = given.row ?? rows[type];
		const before = { reads: row.reads, writes: row.writes, at: (await sandbox.requests()).at(-1)?.id ?? 0 };
		const nodeType = new (loaded[node] as new () => INodeType)();
		const context = executeContext({
			row,
			credential: new (loaded[type.charAt(0).toUpperCase() + type.slice(1)] as new () => ICredentialType)(),
			nodeType,
			parameters: { ...(['ProtectedCall', 'ApiToken'].includes(node) && { authentication: type }), ...parameters },
			items: (given.items ?? [{}]).map((json, item) => ({ json, pairedItem: { item } })),
			...(given.continueOnFail && { continueOnFail: true }),
		});
		let items: readonly INodeExecutionData[] = [];
		let error: Came['error'];
		try {
			const outputs = (await nodeType.execute?.call(context)) as INodeExecutionData[][];
			assert.equal(outputs.length, 1);
			items = outputs[0] ?? [];
		} catch (thrown) {
			error = thrown as Came['error'];
		}
		const sent = (await sandbox.requests({ provider: providers[type], endpoint: 'api' })).filter(({ id }) => id > before.at);
		return { items, json: items.map(({ json }) => json), ...(error && { error }), reads: row.reads - before.reads, writes: row.writes - before.writes, sent };
	}

	async function good(...given: Parameters<typeof run>): Promise<Came> {
		const came = await run(...given);
		assert.equal(came.error, undefined, `${came.error?.message ?? ''} ${came.error?.description ?? ''}`);
		return came;
	}

	async function bad(says: RegExp, ...given: Parameters<typeof run>): Promise<Came> {
		const came = await run(...given);
		assert.match(`${came.error?.message ?? 'no error'} ${came.error?.description ?? ''}`, says);
		return came;
	}

	const bookingtime = async (parameters: IDataObject, given?: Given) => await good('Bookingtime', 'bookingtimeApi', parameters, given);
	const fusio = async (parameters: IDataObject, given?: Given) => await good('ProtectedCall', 'fusioApi', parameters, given);
	const customer = (operation: string, parameters: IDataObject = {}) => ({ resource: 'customer', operation, ...parameters });
	const lines = (sent: readonly RecordedRequest[]) => sent.map(({ method, path }) => `${method} ${path}`);
	const below = `/app/v3/de/organization/`;

	describe('Calenso, Worker: Get Many', () => {
		const workers = { resource: 'worker', operation: 'getMany' };

		test('an empty list is no items', async () => {
			await sandbox.settings({ calenso: { workers: 0 } });
			const { json, sent } = await good('Calenso', 'calensoApi', { ...workers, returnAll: true });
			await sandbox.settings({ calenso: { workers: 30 } });
			assert.deepEqual(json, []);
			assert.deepEqual(lines(sent), ['GET /api/v1/workers']);
		});

		test('all, a limit, and a filter that is an expression', async () => {
			const all = await good('Calenso', 'calensoApi', { ...workers, returnAll: true });
			assert.equal(all.json.length, 30);
			assert.deepEqual(Object.keys(all.json[0] ?? {}), ['id', 'uuid', 'resource_name', 'email', 'active', 'color', 'stores', 'created']);
			assert.equal((await good('Calenso', 'calensoApi', { ...workers, limit: 7 })).json.length, 7);
			const filters = { conditions: [{ field: 'stores.0.name', value: '={{ $json.store }}' }, { field: 'active', value: 'true' }] };
			const some = await good('Calenso', 'calensoApi', { ...workers, returnAll: true, filters }, { items: [{ store: 'Filiale 2' }, { store: 'Nowhere' }] });
			assert.ok(some.json.length > 5);
			assert.ok(some.items.every(({ json, pairedItem }) => json.active === true && (pairedItem as { item: number }).item === 0));
		});
	});

	describe('bookingtime', () => {
		test('Organization: Get and Get Many', async () => {
			const got = await bookingtime({ resource: 'organization', operation: 'get' });
			assert.equal(got.json[0]?.id, organization);
			assert.deepEqual(lines(got.sent), [`GET ${below}${organization}/show`]);
			const many = await bookingtime({ resource: 'organization', operation: 'getMany', returnAll: true });
			assert.equal(many.json.length, 2);
			assert.equal((await bookingtime({ resource: 'organization', operation: 'getMany', limit: 1 })).json.length, 1);
		});

		test('another organization gets a token of its own, kept beside the first', async () => {
			const other = sandbox.info.accounts.bookingtime.apps[0]?.organizationIds[1];
			const step = { resource: 'organization', operation: 'get', organization: { __rl: true, mode: 'id', value: '={{ $json.organization }}' } };
			const items = [{ organization: other }, { organization }, { organization: other }, { organization: '' }];
			const { json } = await bookingtime(step, { items: items as IDataObject[] });
			assert.deepEqual(json.map(({ id }) => id), [other, organization, other, organization]);
			const { byGrant, apiRefused } = (await sandbox.counts()).bookingtime;
			assert.deepEqual({ byGrant, apiRefused }, { byGrant: { step2: 1 }, apiRefused: 0 });
			await bookingtime(step, { items: items as IDataObject[] });
			assert.equal((await sandbox.counts()).bookingtime.tokenRequests, 1);
		});

		test('Customer: Create sends what is filled in, in any script', async () => {
			const person = { first: 'Zoë', last: '山田 🎉', street: 'Straße 5 "links"', note: 'Zeile 1\nZeile 2', country: 'CH' };
			const { json, sent } = await bookingtime(
				customer('create', {
					firstName: '={{ $json.first }}',
					lastName: '={{ $json.last }}',
					additionalFields: {
						customId: 'CRM-1', gender: 'FEMALE', title: '', notes: '={{ $json.note }}', mobile: '={{ $json.none }}',
						address: { value: { street: '={{ $json.street }}', country: '={{ $json.country }}', city: '' } },
						otherFields: '={{ { "vip": true } }}',
					},
				}),
				{ items: [person] },
			);
			assert.equal(json[0]?.class, 'CUSTOMER_SHORT');
			assert.deepEqual(lines(sent), [`POST ${below}${organization}/customer/add`]);
			assert.deepEqual(JSON.parse(sent[0]?.body ?? ''), {
				firstName: 'Zoë', lastName: '山田 🎉', customId: 'CRM-1', gender: 'FEMALE', notes: 'Zeile 1\nZeile 2',
				address: { street: 'Straße 5 "links"', country: 'CH' }, vip: true,
			});
			assert.match(String(sent[0]?.headers['content-type']), /^application\/json/);
		});

		test('Customer: Get, Find by Custom ID, Update, Create or Update, Delete', async () => {
			const names = { firstName: 'Ada', lastName: 'Lovelace', customId: 'ada/1 ä' };
			const created = await bookingtime(customer('createOrUpdate', names));
			assert.equal(created.json[0]?.outcome, 'created');
			assert.deepEqual(lines(created.sent), [
				`GET ${below}${organization}/customer/ada%2F1%20%C3%A4/identify`,
				`POST ${below}${organization}/customer/add`,
			]);
			const updated = await bookingtime(customer('createOrUpdate', { ...names, lastName: 'King', additionalFields: { email: 'ada@example.com' } }));
			assert.equal(updated.json[0]?.outcome, 'updated');
			assert.deepEqual(updated.sent.map(({ method }) => method), ['GET', 'PUT']);
			const { id } = updated.json[0] as { id: string };

			const found = await bookingtime(customer('findByCustomId', { customId: 'ada/1 ä' }));
			assert.equal(found.json[0]?.id, id);
			const changed = await bookingtime(customer('update', { customerId: id, updateFields: { title: 'Dr.' } }));
			assert.deepEqual(lines(changed.sent), [`GET ${below}${organization}/customer/${id}/show`, `PUT ${below}${organization}/customer/${id}/edit`]);
			const { title, lastName, email } = JSON.parse(changed.sent[1]?.body ?? '') as IDataObject;
			assert.deepEqual({ title, lastName, email }, { title: 'Dr.', lastName: 'King', email: 'ada@example.com' });

			const got = await bookingtime(customer('get', { customerId: id, simplify: false }));
			assert.equal(got.json[0]?.title, 'Dr.');
			assert.ok(Object.keys((await bookingtime(customer('get', { customerId: id }))).json[0] ?? {}).length <= 10);
			assert.deepEqual((await bookingtime(customer('delete', { customerId: id }))).json, [{ deleted: true, id }]);
			await bad(/bookingtime answered 404: id: Customer not found/, 'Bookingtime', 'bookingtimeApi', customer('get', { customerId: id }));
		});

		for (const [label, customers, parameters, items, pages] of [
			['an empty list', 0, { returnAll: true }, 0, 1],
			['one page', 20, { returnAll: true }, 20, 1],
			['exactly one page', 25, { returnAll: true }, 25, 1],
			['many pages', 60, { returnAll: true }, 60, 3],
			['a limit on the first page', 60, { limit: 25 }, 25, 1],
			['a limit on the second page', 60, { limit: 26 }, 26, 2],
			['a search', 60, { returnAll: true, search: '={{ "müller" }}' }, 12, 1],
		] as const) {
			test(`Customer: Get Many, ${label}: never more pages than needed`, async () => {
				await sandbox.settings({ bookingtime: { customers } });
				const { json, sent } = await bookingtime(customer('getMany', parameters));
				await sandbox.settings({ bookingtime: { customers: 60 } });
				assert.equal(json.length, items);
				const operation = 'search' in parameters ? 'filter' : 'index';
				const query = 'search' in parameters ? '?searchQuery=m%C3%BCller' : '';
				assert.deepEqual(lines(sent), Array.from({ length: pages }, (_, page) => `GET ${below}${organization}/customer/${operation}/${page + 1}${query}`));
			});
		}

		test('replies without an envelope, and lifetimes as text, are taken as well', async () => {
			await sandbox.settings({ bookingtime: { envelope: false, expiryAsString: true } });
			assert.equal((await bookingtime({ resource: 'organization', operation: 'get' })).json[0]?.id, organization);
			assert.equal((await bookingtime(customer('getMany', { limit: 5 }))).json.length, 5);
			await sandbox.settings({ bookingtime: { envelope: true, expiryAsString: false } });
		});

		test('what bookingtime refuses names the parameter, item by item', async () => {
			const step = customer('create', { firstName: 'Ada', lastName: 'Lovelace', additionalFields: { address: { value: { country: '={{ $json.country }}' } } } });
			const items = [{ country: 'CH' }, { country: 'Switzerland' }, { country: 'DE' }];
			const { items: out } = await bookingtime(step, { items, continueOnFail: true });
			assert.deepEqual(out.map(({ json }) => 'error' in json), [false, true, false]);
			assert.match(String(out[1]?.json.error), /address\.country: This is not a valid country code/);
			assert.deepEqual(out.map(({ pairedItem }) => pairedItem), [{ item: 0 }, { item: 1 }, { item: 2 }]);
		});

		test('Appointment: Get Many by day, week and month, and Get', async () => {
			const today = new Date().toISOString().slice(0, 10);
			const counts: Record<string, number> = {};
			let id = '';
			for (const period of ['day', 'week', 'month']) {
				const { json, sent } = await bookingtime({ resource: 'appointment', operation: 'getMany', period, date: `={{ "${today}" }}`, returnAll: true });
				counts[period] = json.length;
				id = String(json[0]?.id);
				assert.match(sent[0]?.path ?? '', new RegExp(`/appointment/year/\\d{4}/.*list${period}$`, 'i'));
			}
			assert.ok((counts.day ?? 0) >= 1 && (counts.day ?? 0) < (counts.week ?? 0) && (counts.week ?? 0) < (counts.month ?? 0), JSON.stringify(counts));
			const got = await bookingtime({ resource: 'appointment', operation: 'get', appointmentId: id });
			assert.equal(got.json[0]?.id, id);
			assert.deepEqual((await bookingtime({ resource: 'appointment', operation: 'getMany', period: 'day', date: '1999-01-01', returnAll: true })).json, []);
			await bad(/"Date" is not a date/, 'Bookingtime', 'bookingtimeApi', { resource: 'appointment', operation: 'getMany', period: 'day', date: '31.12.2026' });
		});
	});

	describe('Meister1, SSO URL: Generate', () => {
		test('one link per item, with the fields as a form', async () => {
			const items = [{ back: 'https://www.example.com/a?b=c&d=ü' }, { back: 'https://www.example.com/2' }];
			const { json, sent } = await good('Meister1', 'meister1Api', link({ backUrl: '={{ $json.back }}' }), { items });
			assert.deepEqual(json.map(({ expiresIn }) => expiresIn), [15, 15]);
			assert.notEqual(json[0]?.grantUrl, json[1]?.grantUrl);
			const forms = sent.map(({ body }) => Object.fromEntries(new URLSearchParams(body)));
			assert.deepEqual(new Set(forms.map(({ backUrl }) => backUrl)), new Set(items.map(({ back }) => back)));
			assert.ok(forms.every(({ accountId, locale }) => accountId === '4711' && locale === 'de-de'));
			assert.ok(Date.parse(String(json[0]?.expiresAt)) > Date.now());
		});

		test('hosts that are not allowed are refused before anything is sent', async () => {
			const step = link({ backUrl: '={{ $json.back }}', options: { allowedHosts: 'www.example.com, *.example.org' } });
			const hostile = ['https://evil.example.net', 'https://www.example.com@evil.net/', 'https://www.example.com.evil.net', '//evil.net', 'javascript:alert(1)', 'https://example.org', 'https://www.example.com\\@evil.net', 'https://www.example.com\r\nX: 1'];
			const { json, sent } = await good('Meister1', 'meister1Api', step, { items: hostile.map((back) => ({ back })), continueOnFail: true });
			assert.ok(json.every(({ error }) => /"Back URL"/.test(String(error))));
			assert.equal(sent.length, 0);
			const own = await good('Meister1', 'meister1Api', step, { items: [{ back: 'https://a.example.org/x' }] });
			assert.equal(own.sent.length, 1);
		});

		test('a link that is too old when it is handed on is an error', async () => {
			await sandbox.settings({ meister1: { ssoValidity: 1 } });
			await sandbox.fault({ provider: 'meister1', endpoint: 'api', kind: 'delay', ms: 1_500, skip: 1, times: 1 });
			const { json } = await good('Meister1', 'meister1Api', link({ options: { concurrency: 1 } }), { items: [{}, {}], continueOnFail: true });
			await sandbox.settings({ meister1: { ssoValidity: 15 } });
			assert.match(String(json[0]?.error), /already too old/);
			assert.ok(json[1]?.grantUrl);
		});
	});

	describe('Protected Call', () => {
		test('methods, query, headers and bodies arrive as they are typed', async () => {
			for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
				const { sent } = await fusio(call('/echo/ä b', {
					method, queryType: 'json', queryJson: '{"q":"ü&=","list":[1,2]}',
					headersType: 'fields', headers: { entries: [{ name: 'X-Trace', value: '={{ $json.trace }}' }] },
				}), { items: [{ trace: 'abc-123' }] });
				assert.deepEqual(lines(sent), [`${method} /echo/%C3%A4%20b?q=%C3%BC%26%3D&list=1&list=2`]);
				assert.equal(sent[0]?.headers['x-trace'], 'abc-123');
			}
			const bodies: ReadonlyArray<readonly [IDataObject, string, RegExp]> = [
				[{ bodyType: 'json', bodyJson: '{"n": 12345678901234567890}' }, '{"n": 12345678901234567890}', /^application\/json/],
				[{ bodyType: 'json', bodyJson: '={{ { "a": $json.trace } }}' }, '{"a":"abc"}', /^application\/json/],
				[{ bodyType: 'fields', bodyFields: { entries: [{ name: 'a', value: '={{ $json.trace }}' }, { name: 'n', value: '={{ 5 }}' }] } }, '{"a":"abc","n":5}', /^application\/json/],
				[{ bodyType: 'form', bodyFields: { entries: [{ name: 'a b', value: 'ü&=' }] } }, 'a+b=%C3%BC%26%3D', /^application\/x-www-form-urlencoded/],
				[{ bodyType: 'raw', contentType: 'application/xml', bodyRaw: '<a>ü</a>' }, '<a>ü</a>', /^application\/xml/],
				[{ bodyType: 'none' }, '', /^$/],
			];
			for (const [body, arrived, contentType] of bodies) {
				const { sent } = await fusio(call('/echo', { method: 'POST', ...body }), { items: [{ trace: 'abc' }] });
				assert.equal(sent[0]?.body, arrived);
				if (arrived !== '') assert.match(String(sent[0]?.headers['content-type'] ?? ''), contentType);
			}
		});

		test('replies become items, text, files, or all of it', async () => {
			assert.equal((await fusio(call('/todo', { options: { itemsAt: 'entry' } }))).json.length, 16);
			assert.deepEqual((await fusio(call('/todo/text'))).json, [{ data: 'Nothing to do today, schön.\n' }]);
			const [file] = (await fusio(call('/todo/file'))).items;
			assert.equal(file?.binary?.data?.mimeType, 'application/pdf');
			assert.equal(file?.binary?.data?.fileName, 'todo.pdf');
			const [png] = (await fusio(call('/todo/file', { queryType: 'json', queryJson: '{"type":"png"}', responseFormat: 'file', outputField: 'picture' }))).items;
			assert.equal(Buffer.from(png?.binary?.picture?.data ?? '', 'base64').subarray(1, 4).toString(), 'PNG');
			const [full] = (await fusio(call('/nothing', { options: { fullResponse: true, neverError: true } }))).json;
			assert.equal(full?.statusCode, 404);
			const [head] = (await run('ProtectedCall', 'fusioApi', call('/todo', { method: 'HEAD', options: { neverError: true } }))).json;
			assert.equal(typeof head?.statusCode, 'number');
		});

		for (const [label, path, parameters, pages] of [
			['page parameter', '/todo/paged', { pagination: 'page' }, 6],
			['next link in the body', '/todo/linked', { pagination: 'linkInBody', linkAt: 'next' }, 5],
			['next link in a header', '/todo/linked', { pagination: 'linkInHeader' }, 5],
			['cursor', '/todo/cursor', { pagination: 'cursor', cursorAt: 'nextCursor' }, 5],
		] as const) {
			test(`pages by ${label}`, async () => {
				const step = call(path, { ...parameters, options: { itemsAt: 'items' } });
				const { json, sent } = await fusio(step);
				assert.equal(json.length, 120);
				assert.equal(new Set(json.map(({ id }) => id)).size, 120);
				assert.ok(sent.length <= pages, `${sent.length} pages`);
				assert.equal((await fusio({ ...step, maxPages: 2 })).json.length, 50);
			});
		}

		test('pages by offset, with a credential of any API', async () => {
			const step = call('/items', { queryType: 'json', queryJson: '{"limit":20}', pagination: 'offset', paginationOptions: { signs: { sign: [{ at: 'total' }] } }, options: { itemsAt: 'items' } });
			const { json, sent } = await good('ProtectedCall', 'customTokenApi', step);
			assert.equal(json.length, 57);
			assert.equal(sent.length, 3);
			await sandbox.settings({ custom: { items: 0 } });
			assert.deepEqual((await good('ProtectedCall', 'customTokenApi', step)).json, []);
			await sandbox.settings({ custom: { items: 57 } });
		});

		test('an absolute URL is sent on the credential’s own host, and refused on another', async () => {
			const { fusio: own, foreign } = sandbox.info.urls;
			assert.deepEqual(lines((await fusio(call(`${own}/todo/1`))).sent), ['GET /todo/1']);
			const strangers = [`${foreign}/x`, 'https://example.com/', `${own}@example.com/`, own.replace('127.0.0.1', 'localhost'), own.replace('http', 'https')];
			for (const stranger of strangers) {
				const { sent } = await bad(/is for 127\.0\.0\.1:\d+ only|is not an address|must not be sent/, 'ProtectedCall', 'fusioApi', call(stranger));
				assert.equal(sent.length, 0, stranger);
			}
			assert.equal((await sandbox.requests({ provider: 'foreign' })).length, 0);
		});
	});

	describe('API Token', () => {
		test('Get Status, Renew, Forget; never the token', async () => {
			const row = fresh('fusioApi');
			const of = async (operation: string) => {
				const { json, items } = await good('ApiToken', 'fusioApi', { operation }, { row, items: [{}, {}, {}] });
				assert.equal(items.length, 1);
				for (const { value } of await sandbox.tokens()) assert.ok(!JSON.stringify(items).includes(value));
				return json[0] as IDataObject;
			};
			const tokens = async () => (await sandbox.counts()).fusio.tokenRequests;
			loaded = loadPackage();
			const none = await of('getStatus');
			assert.deepEqual({ usable: none.usable, expiresAt: none.expiresAt, secondsLeft: none.secondsLeft }, { usable: false, expiresAt: null, secondsLeft: 0 });
			assert.equal(await tokens(), 0);
			const renewed = await of('renew');
			assert.equal(renewed.usable, true);
			assert.ok(Number(renewed.secondsLeft) > 172_000);
			assert.equal((await of('getStatus')).expiresAt, renewed.expiresAt);
			assert.equal(await tokens(), 1);
			// Fusio's tokens of one second are alike.
			await new Promise((resolve) => setTimeout(resolve, 1_100));
			await of('renew');
			assert.equal(await tokens(), 2);
			const forgotten = await of('forget');
			assert.deepEqual([forgotten.usable, forgotten.tokensThisMonth], [false, 2]);
			await good('ProtectedCall', 'fusioApi', call('/todo'), { row });
			assert.equal(await tokens(), 3);
		});

		test('Renew stays within the budget and says what is left', async () => {
			const row = fresh('calensoApi', { ...sandbox.info.secondCredentials.calensoApi, monthlyBudget: 1 });
			const { json } = await good('ApiToken', 'calensoApi', { operation: 'renew' }, { row });
			assert.deepEqual([json[0]?.tokensThisMonth, json[0]?.budget, json[0]?.budgetLeft, json[0]?.budgetUsedPercent], [1, 1, 0, 100]);
			await bad(/budget of this Calenso credential is used up: 1 of 1.*can be bought on/, 'ApiToken', 'calensoApi', { operation: 'renew' }, { row });
			assert.equal((await sandbox.counts()).calenso.tokenRequests, 1);
			const status = await good('ApiToken', 'calensoApi', { operation: 'getStatus' }, { row });
			assert.equal(status.json[0]?.usable, true);
		});
	});

	describe('many items', () => {
		const step = call('={{ "/echo/" + $json.n }}');
		const numbered = (count: number) => Array.from({ length: count }, (_, n) => ({ n }));

		test('1,000 items: in order, the row read once and never written', async () => {
			const { json, items, reads, writes } = await fusio(step, { items: numbered(1000) });
			assert.deepEqual(json.map(({ path }) => path), numbered(1000).map(({ n }) => `/echo/${n}`));
			assert.ok(items.every(({ pairedItem }, index) => (pairedItem as { item: number }).item === index));
			assert.deepEqual({ reads, writes }, { reads: 1, writes: 0 });
			const { tokenRequests, apiRequests, maxConcurrentApi } = (await sandbox.counts()).fusio;
			assert.deepEqual({ tokenRequests, apiRequests }, { tokenRequests: 0, apiRequests: 1000 });
			assert.ok(maxConcurrentApi <= 50);
		});

		for (const [label, options, atOnce] of [['as many as the API takes', {}, undefined], ['Concurrency 1', { concurrency: 1 }, 1], ['Concurrency 12', { concurrency: 12 }, 12]] as const) {
			test(`${label}, in order though the first are the slowest`, async () => {
				await sandbox.fault({ provider: 'fusio', endpoint: 'api', kind: 'delay', ms: 150, times: 4 });
				await sandbox.fault({ provider: 'fusio', endpoint: 'api', kind: 'delay', ms: 50 });
				const { json } = await fusio({ ...step, options }, { items: numbered(24) });
				assert.deepEqual(json.map(({ path }) => path), numbered(24).map(({ n }) => `/echo/${n}`));
				const { maxConcurrentApi } = (await sandbox.counts()).fusio;
				if (atOnce === undefined) assert.ok(maxConcurrentApi >= 5);
				else assert.equal(maxConcurrentApi, atOnce);
			});
		}

		test('no items in, none out, nothing asked', async () => {
			const { items, sent } = await fusio(step, { items: [] });
			assert.deepEqual([items.length, sent.length], [0, 0]);
		});

		test('a 500 in the middle: the first failed item is told; with Continue On Fail all others come out, in order', async () => {
			const post = { ...step, method: 'POST', options: { concurrency: 1 } };
			await sandbox.fault({ provider: 'fusio', endpoint: 'api', kind: 'status', status: 500, skip: 4, times: 1 });
			const { error, sent } = await bad(/Fusio answered 500.*Try again later/, 'ProtectedCall', 'fusioApi', post, { items: numbered(10) });
			assert.equal(error?.context?.itemIndex, 4);
			assert.equal(sent.length, 5);

			await sandbox.fault({ provider: 'fusio', endpoint: 'api', kind: 'status', status: 500, skip: 4, times: 1 });
			const { json, items, sent: all } = await fusio(post, { items: numbered(10), continueOnFail: true });
			assert.deepEqual(json.map(({ path, error: told }) => path ?? told), numbered(10).map(({ n }) => (n === 4 ? 'Fusio answered 500' : `/echo/${n}`)));
			assert.deepEqual(items[4]?.pairedItem, { item: 4 });
			assert.equal((json[4]?.details as IDataObject).httpStatus, 500);
			assert.equal(all.length, 10);
		});

		test('429 with Retry-After: waited for, then sent again; no item is lost', async () => {
			await sandbox.fault({ provider: 'fusio', endpoint: 'api', kind: 'rate-limit', retryAfter: 1, skip: 3, times: 4 });
			const started = performance.now();
			const { json, sent } = await fusio({ ...step, method: 'POST' }, { items: numbered(20) });
			assert.deepEqual(json.map(({ path }) => path), numbered(20).map(({ n }) => `/echo/${n}`));
			assert.equal(sent.length, 24);
			assert.ok(performance.now() - started >= 1_000);
		});

		test('a token that dies on the way is renewed once for all items, before it is refused', async () => {
			await sandbox.settings({ custom: { lifetime: 3 } });
			await sandbox.fault({ provider: 'custom', endpoint: 'api', kind: 'delay', ms: 80, late: true });
			const page = call('=/items?limit=1&offset={{ $json.n % 50 }}', { options: { itemsAt: 'items' } });
			const { json } = await good('ProtectedCall', 'customTokenApi', page, { items: numbered(600), row: fresh('customTokenApi') });
			await sandbox.settings({ custom: { lifetime: 3600 } });
			assert.deepEqual(json.map(({ id }) => id), numbered(600).map(({ n }) => (n % 50) + 1));
			const { tokenRequests, apiRequests, apiRefused } = (await sandbox.counts()).custom;
			assert.ok(tokenRequests >= 2, `${tokenRequests} tokens`);
			assert.equal((await sandbox.counts()).custom.maxConcurrentToken, 1);
			assert.deepEqual({ apiRequests, apiRefused }, { apiRequests: 600, apiRefused: 0 });
		});
	});

	describe('hostile values, as expressions bring them', () => {
		const hostile = [
			'..', '.', '../../x', 'a/b', 'a\\b', '%2e%2e', '%2F', '..%2f..', 'a?b=c', 'a#b', 'x\r\nInjected: 1', 'x\u0000y', '\ud800', '{{ $json.secret }}',
			'={{ 1 + 1 }}', '${7*7}', '<script>', '"quoted"', "'", ';', 'http://evil.example', '//evil.example', '日本語 🎉', 'a b', 'x'.repeat(5_000),
		];
		const items = hostile.map((value) => ({ value, secret: 'must not be evaluated' }));
		const value = '={{ $json.value }}';

		/** Every request that arrived went to the right place and carried nothing that was smuggled in. */
		function assertContained(sent: readonly RecordedRequest[], allowed: RegExp): void {
			for (const { path, headers } of sent) {
				assert.match(path, allowed);
				assert.equal(headers.injected, undefined);
				assert.ok(!path.includes('evaluated'));
			}
		}

		for (const [label, parameters, place] of [
			['Customer ID', { operation: 'get', customerId: value }, /^\/app\/v3\/de\/organization\/f6\w{30}\/customer\/[^/?#]+\/show$/],
			['Customer ID of Delete', { operation: 'delete', customerId: value }, /^\/app\/v3\/de\/organization\/f6\w{30}\/customer\/[^/?#]+\/delete$/],
			['Custom ID', { operation: 'findByCustomId', customId: value }, /^\/app\/v3\/de\/organization\/f6\w{30}\/customer\/[^/?#]+\/identify$/],
		] as const) {
			test(`bookingtime, ${label}: one segment of the path or an error, never another address`, async () => {
				const { json, sent } = await bookingtime({ resource: 'customer', ...parameters }, { items, continueOnFail: true });
				assert.equal(json.length, hostile.length);
				assert.ok(json.every(({ error }) => typeof error === 'string'));
				assertContained(sent, place);
				const arrived = sent.map(({ path }) => decodeURIComponent(path.split('/').at(-2) ?? ''));
				assert.ok(arrived.includes('日本語 🎉') || label.startsWith('Customer ID'));
				assert.ok(arrived.every((text) => hostile.includes(text)));
				for (const never of ['..', '.', 'x\r\nInjected: 1', 'x\u0000y', '\ud800']) assert.ok(!arrived.includes(never));
			});
		}

		test('bookingtime, Organization: the token of no other one is asked for with it', async () => {
			const step = { resource: 'organization', operation: 'get', organization: { __rl: true, mode: 'id', value } };
			const slashed = items.filter((item) => /[/\\?#%\s]|^\.+$/.test(item.value));
			const { json, sent } = await bookingtime(step, { items: slashed, continueOnFail: true });
			assert.ok(json.every(({ error }) => /"Organization"/.test(String(error))), JSON.stringify(json));
			assert.equal(sent.length, 0);
			assert.equal((await sandbox.counts()).bookingtime.tokenRequests, 0);
		});

		test('bookingtime, Customer: Create and Search Text carry them as they are', async () => {
			const names = await bookingtime(customer('create', { firstName: value, lastName: value, additionalFields: { notes: value } }), { items, continueOnFail: true });
			assert.equal(names.sent.length, hostile.length);
			assertContained(names.sent, /\/customer\/add$/);
			const arrived = names.sent.map(({ body }) => (JSON.parse(body) as { firstName: string }).firstName);
			assert.deepEqual(new Set(arrived), new Set(hostile.map((text) => text.trim())));
			const searched = await bookingtime(customer('getMany', { search: value, limit: 1 }), { items, continueOnFail: true });
			assertContained(searched.sent, /\/customer\/filter\/1\?searchQuery=[^&#?]*$/);
		});

		test('Meister1: account and locale stay fields of the form', async () => {
			const { sent } = await good('Meister1', 'meister1Api', link({ accountId: value, locale: value }), { items, continueOnFail: true });
			assertContained(sent, /^\/v1\/sso$/);
			for (const { body } of sent) assert.deepEqual([...new URLSearchParams(body).keys()].sort(), ['accountId', 'backUrl', 'locale']);
		});

		test('Calenso: a filter never leaves n8n', async () => {
			const filters = { conditions: [{ field: value, value }] };
			const { sent, json } = await good('Calenso', 'calensoApi', { resource: 'worker', operation: 'getMany', returnAll: true, filters }, { items, continueOnFail: true });
			assert.deepEqual(json.filter((entry) => !('error' in entry)), []);
			assertContained(sent, /^\/api\/v1\/workers$/);
		});

		test('Protected Call: path, query, header and body', async () => {
			const inPath = await fusio(call('=/echo/{{ $json.value }}'), { items, continueOnFail: true });
			assertContained(inPath.sent, /^\/echo/);
			const inQuery = await fusio(call('/echo', { queryType: 'fields', query: { entries: [{ name: 'q', value }] } }), { items, continueOnFail: true });
			assert.equal(inQuery.sent.length, hostile.length);
			assertContained(inQuery.sent, /^\/echo\?q=[^&#?]*$/);
			const inHeader = await fusio(call('/echo', { headersType: 'fields', headers: { entries: [{ name: 'X-Value', value }] } }), { items, continueOnFail: true });
			assertContained(inHeader.sent, /^\/echo$/);
			for (const { headers } of inHeader.sent) assert.ok(!/[\r\n\0]/.test(String(headers['x-value'] ?? '')));
			const asName = await fusio(call('/echo', { headersType: 'fields', headers: { entries: [{ name: value, value: 'x' }] } }), { items, continueOnFail: true });
			assertContained(asName.sent, /^\/echo$/);
			const body = await fusio(call('/echo', { method: 'POST', bodyType: 'fields', bodyFields: { entries: [{ name: 'v', value }] } }), { items, continueOnFail: true });
			const arrived = body.sent.map((request) => (JSON.parse(request.body) as { v: string }).v);
			assert.deepEqual(new Set(arrived), new Set(hostile));
			assert.equal((await sandbox.requests({ provider: 'foreign' })).length, 0);
		});

		test('Protected Call: headers that are not the user’s, and bodies that are not JSON', async () => {
			for (const name of ['Authorization', 'Host', 'Content-Length', 'Transfer-Encoding', 'X\r\nY', 'a b', 'ü']) {
				const { sent } = await bad(/"Headers"/, 'ProtectedCall', 'fusioApi', call('/echo', { headersType: 'json', headersJson: `={{ ${JSON.stringify({ [name]: 'x' })} }}` }));
				assert.equal(sent.length, 0);
			}
			for (const body of ['{a:1}', '{"a":', 'undefined']) {
				const { sent } = await bad(/"JSON" is not valid JSON/, 'ProtectedCall', 'fusioApi', call('/echo', { method: 'POST', bodyType: 'json', bodyJson: body }));
				assert.equal(sent.length, 0);
			}
			for (const method of ['TRACE', 'CONNECT', 'GET /x HTTP/1.1\r\n', 'G T']) {
				await bad(/"Method"/, 'ProtectedCall', 'fusioApi', call('/echo', { method: 'CUSTOM', customMethod: `={{ ${JSON.stringify(method)} }}` }));
			}
		});
	});

	describe('bad input of a credential ends in an error that names the field, and nothing is sent', () => {
		for (const [label, type, change, says] of [
			['empty client ID', 'calensoApi', { clientId: '' }, /field Client ID is empty/],
			['blank client secret', 'calensoApi', { clientSecret: '   ' }, /field Client Secret is empty/],
			['blank audience', 'calensoApi', { audience: ' ' }, /field Audience is empty/],
			['base URL without a scheme', 'calensoApi', { baseUrl: 'my.calenso.com/api/v1' }, /API Base URL has no https/],
			['base URL with credentials in it', 'fusioApi', { baseUrl: 'https://a:b@fusio.example.com' }, /Base URL carries a user name/],
			['base URL with a query', 'fusioApi', { baseUrl: 'https://fusio.example.com/?x=1' }, /Base URL has a part after \?/],
			['base URL that is none', 'fusioApi', { baseUrl: 'https://' }, /Base URL is not an address/],
			['token URL that is a file', 'calensoApi', { tokenUrl: 'file:///etc/passwd' }, /Token URL has no https/],
			['organization ID with a slash', 'bookingtimeApi', { organizationId: 'f6/../x' }, /Organization ID holds a character/],
			['locale with a slash', 'bookingtimeApi', { locale: 'de/../..' }, /Locale is not a locale/],
			['budget that is no number', 'calensoApi', { monthlyBudget: -1 }, /Monthly Token Budget is not a whole number/],
			['blank user name', 'customTokenApi', { username: ' ' }, /field User Name is empty/],
			['header name with a newline', 'customTokenApi', { headerName: 'X-Token\r\nX: 1' }, /Header Name is not a header name/],
			['extra parameters that are not JSON', 'customTokenApi', { extraParameters: '{a}' }, /Extra Parameters is not a JSON object/],
		] as const) {
			test(label, async () => {
				const node = type === 'calensoApi' ? 'Calenso' : type === 'bookingtimeApi' ? 'Bookingtime' : 'ProtectedCall';
				const parameters = { calensoApi: { resource: 'worker', operation: 'getMany' }, bookingtimeApi: { resource: 'organization', operation: 'get' }, fusioApi: call('/todo'), customTokenApi: call('/items') }[type];
				const { sent } = await bad(says, node, type, parameters, { row: fresh(type, change) });
				assert.equal(sent.length, 0);
				assert.equal((await sandbox.counts())[providers[type]].tokenRequests, 0);
			});
		}

		test('a trailing slash and a path in the base URL are fine', async () => {
			for (const baseUrl of [`${sandbox.info.urls.calenso}/api/v1/`, `${sandbox.info.urls.calenso}/api/v1//`]) {
				const { sent } = await good('Calenso', 'calensoApi', { resource: 'worker', operation: 'getMany' }, { row: fresh('calensoApi', { baseUrl }) });
				assert.deepEqual(lines(sent), ['GET /api/v1/workers']);
			}
		});
	});

	describe('a stored record that cannot be used', () => {
		for (const [label, spoil] of [
			['truncated', (text: string) => text.slice(0, text.indexOf('"tokens"') + 12)],
			['of another version', (text: string) => text.replace('"version":2', '"version":99')],
			['not JSON', () => 'garbage'],
			['a JSON list', () => '[]'],
			['with a token that is no text', (text: string) => text.replace(/"value":"[^"]*"/, '"value":{"a":1}')],
			['with a token that has a line break', (text: string) => text.replace(/"value":"/, '"value":"x\\r\\nInjected: 1')],
		] as const) {
			test(`${label}: a token is bought, the count is kept where it is readable`, async () => {
				loaded = loadPackage();
				const row = fresh('customTokenApi', { monthlyBudget: 9 });
				await good('ProtectedCall', 'customTokenApi', call('/items'), { row });
				row.data.tokenRecord = spoil(String(row.data.tokenRecord));
				loaded = loadPackage();
				const { sent } = await good('ProtectedCall', 'customTokenApi', call('/items'), { row });
				assert.ok(sent.every(({ headers }) => headers.injected === undefined));
				assert.equal((await sandbox.counts()).custom.tokenRequests, 2);
				const { json } = await good('ApiToken', 'customTokenApi', { operation: 'getStatus' }, { row });
				assert.equal(json[0]?.tokensThisMonth, ['not JSON', 'a JSON list'].includes(label) ? 1 : 2);
			});
		}

		test('an ageing token is used while it cannot be renewed', async () => {
			loaded = loadPackage();
			const row = fresh('fusioApi');
			await good('ProtectedCall', 'fusioApi', call('/todo'), { row });
			// As if 99 % of its life were over.
			const record = JSON.parse(String(row.data.tokenRecord)) as { tokens: Record<string, { issuedAt: number; expiresAt: number }> };
			for (const token of Object.values(record.tokens)) Object.assign(token, { issuedAt: Date.now() - 990_000, expiresAt: Date.now() + 10_000 });
			row.data.tokenRecord = JSON.stringify(record);
			loaded = loadPackage();
			await sandbox.reset();
			await sandbox.fault({ provider: 'fusio', endpoint: 'token', kind: 'status', status: 500 });
			const { json } = await good('ProtectedCall', 'fusioApi', call('=/echo/{{ $json.n }}'), { row, items: Array.from({ length: 20 }, (_, n) => ({ n })) });
			assert.equal(json.length, 20);
			// It begins beside the requests, when the first ones have left.
			await sleep(500);
			assert.equal((await sandbox.counts()).fusio.tokenRequests, 1);
		});
	});

	/** A row of its own, without a token. */
	function fresh(type: Type, change: IDataObject = {}): Row {
		const { tokenRecord: _, ...fields } = rows[type].data;
		return newRow(type, { ...(fields as IDataObject), ...change });
	}
});

function call(path: string, parameters: IDataObject = {}): IDataObject {
	return { method: 'GET', path, ...parameters };
}

function link(parameters: IDataObject = {}): IDataObject {
	return { resource: 'ssoUrl', operation: 'generate', backUrl: 'https://www.example.com/account', accountId: '4711', locale: 'de-de', ...parameters };
}
