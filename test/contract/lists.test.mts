import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { IDataObject, INodeExecutionData, INodeType } from 'n8n-workflow';
import { documentedExamples } from './documentedExamples.mts';
import { loadPackage, newRow, protectedCallContext, type Row } from './n8nContext.mts';
import { PagedApi, type Answer, type Answered, type Asked } from './pagedApi.mts';

const loaded = loadPackage();
const node = new (loaded.ProtectedCall as new () => INodeType)();
const { properties } = node.description;
const examples = documentedExamples('pagination.md', properties);

const records = (from: number, to: number) => Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => ({ id: from + index }));
const number = ({ url }: Asked, name: string) => Number(url.searchParams.get(name));
const json = ({ body }: Asked) => JSON.parse(body || '{}') as IDataObject;

/** Seven records in pages of three, as the API of each worked example hands them out. */
const apis: Record<string, Answer> = {
	'Page number, until the API says 404 or 400': (asked) => {
		const at = (number(asked, 'page') - 1) * 3;
		return at < 7 ? { body: records(at + 1, Math.min(at + 3, 7)) } : { status: 404, body: { message: 'No such page' } };
	},
	'Page number with a total in a header': (asked) => ({
		headers: { 'X-Total-Count': '7' },
		body: pageOf((number(asked, 'page') - 1) * 3),
	}),
	'Page number with a total in the body': (asked) => ({
		body: { data: pageOf((number(asked, 'page') - 1) * 3), meta: { total: 7 } },
	}),
	'Page number in the path': ({ url }) => ({
		body: { messageList: [], content: { pageTotal: 3, recordList: pageOf((Number(url.pathname.split('/').pop()) - 1) * 3) } },
	}),
	'Start index and count: Fusio': (asked) => ({
		body: { totalResults: 7, itemsPerPage: 3, startIndex: number(asked, 'startIndex'), entry: pageOf(number(asked, 'startIndex')) },
	}),
	'Start index and count: SCIM': (asked) => ({
		body: { totalResults: 7, itemsPerPage: 3, Resources: pageOf(number(asked, 'startIndex') - 1) },
	}),
	'Offset with a last-page flag': (asked) => ({
		body: { values: pageOf(number(asked, 'startAt')), isLast: number(asked, 'startAt') + 3 >= 7 },
	}),
	'Offset that counts pages': (asked) => ({ body: { tickets: pageOf(number(asked, 'offset') * 3) } }),
	'Number of the next page in a header': (asked) => {
		const page = number(asked, 'page') || 1;
		return { headers: { 'X-Next-Page': page < 3 ? String(page + 1) : '' }, body: pageOf((page - 1) * 3) };
	},
	'Link in a header': (asked) => {
		const page = number(asked, 'page') || 1;
		const link = `<${asked.url.origin}${asked.url.pathname}?per_page=3&page=${page + 1}>; rel="next"`;
		return { ...(page < 3 && { headers: { link } }), body: pageOf((page - 1) * 3) };
	},
	'Link in the body': ({ url }) => {
		const skip = Number(url.searchParams.get('$skiptoken'));
		return { body: { value: pageOf(skip), ...(skip + 3 < 7 && { '@odata.nextLink': `${url.origin}/v1.0/users?$skiptoken=${skip + 3}` }) } };
	},
	'Cursor in the body of a POST': (asked) => {
		const { start_cursor: cursor, page_size: size } = json(asked);
		assert.equal(size, 3);
		const at = cursor === undefined ? 0 : Number(String(cursor).slice(1));
		return { body: { results: pageOf(at), has_more: at + 3 < 7, next_cursor: at + 3 < 7 ? `c${at + 3}` : null } };
	},
	'Cursor in GraphQL': (asked) => {
		const { query, variables } = json(asked);
		assert.match(String(query), /^query\(\$after: String\)/);
		const at = Number((variables as IDataObject).after ?? 0);
		return { body: { data: { todos: { nodes: pageOf(at), pageInfo: { endCursor: String(at + 3), hasNextPage: at + 3 < 7 } } } } };
	},
	'Cursor that is the ID of the last record': (asked) => {
		const at = number(asked, 'starting_after');
		return { body: { data: pageOf(at), has_more: at + 3 < 7 } };
	},
	'Only what is new': (asked) => {
		const page = number(asked, 'page');
		assert.ok(page <= 3, 'older pages are of no interest');
		return { body: records(1, 3).map(({ id }) => ({ id: (page - 1) * 3 + id, updated_at: `2026-01-${String(13 - (page - 1) * 3 - id).padStart(2, '0')}T00:00:00Z` })) };
	},
};

function pageOf(skip: number) {
	return records(skip + 1, Math.min(skip + 3, 7));
}

interface Came {
	readonly items: readonly INodeExecutionData[];
	readonly json: readonly IDataObject[];
	readonly hints: readonly string[];
	readonly error?: Error;
}

describe('lists, on n8n-core’s own context', { timeout: 120_000 }, () => {
	let api: PagedApi;
	let row: Row;

	before(async () => void (api = await PagedApi.start()));
	after(async () => await api?.stop());
	beforeEach(() => void (row ??= newRow('customTokenApi', api.credential)));

	async function run(parameters: IDataObject, items: readonly IDataObject[] = [{}], continueOnFail = false): Promise<Came> {
		const context = protectedCallContext(loaded, row, parameters, items, { ...(continueOnFail && { continueOnFail }) });
		const hints = () => (context as unknown as { hints: Array<{ message: string }> }).hints.map(({ message }) => message);
		try {
			const [came = []] = (await node.execute?.call(context)) as INodeExecutionData[][];
			return { items: came, json: came.map(({ json }) => json), hints: hints() };
		} catch (error) {
			return { items: [], json: [], hints: hints(), error: error as Error };
		}
	}

	async function good(...given: Parameters<typeof run>): Promise<Came> {
		const came = await run(...given);
		assert.equal(came.error, undefined, came.error?.message);
		return came;
	}

	const byPage = (options: IDataObject = {}) => ({ path: '/list', pagination: 'page', options: { itemsAt: 'items', retry: false, ...options } });
	const once = { items: records(1, 3) };
	const oneFull = (behind: Answered): Answer => (asked) => (number(asked, 'page') === 1 ? { body: once } : behind);

	describe('worked examples of the documentation', () => {
		test('are those that this test knows', () => {
			assert.deepEqual([...examples.keys()], Object.keys(apis));
		});

		for (const [heading, parameters] of examples) {
			test(heading, async () => {
				api.serve(apis[heading] as Answer);
				const { json, hints } = await good(parameters);
				assert.deepEqual(json.map(({ id }) => id), records(1, 7).map(({ id }) => id));
				assert.deepEqual(hints, []);
				const atMost = heading.startsWith('Page number, until') || heading === 'Offset that counts pages' ? 4 : 3;
				assert.equal(api.asked.length, atMost, api.lines.join('\n'));
			});
		}
	});

	describe('the page behind the last one', () => {
		const dresses: ReadonlyArray<readonly [string, Answered]> = [
			['an empty list', { body: { items: [] } }], ['null as the list', { body: { items: null } }],
			['an object without the list', { body: { page: 2 } }], ['null', { body: null }], ['no body', {}],
			['204', { status: 204 }], ['404', { status: 404, body: { message: 'gone' } }], ['400', { status: 400, body: { message: 'bad page' } }],
			['416', { status: 416 }],
		];
		for (const [dress, behind] of dresses) {
			test(`may be ${dress}`, async () => {
				api.serve(oneFull(behind));
				const { json } = await good(byPage());
				assert.deepEqual(json, once.items);
				assert.deepEqual(api.lines, ['GET /list?page=1', 'GET /list?page=2']);
			});
		}

		for (const status of [401, 403, 429, 500, 503]) {
			test(`is not one that answers ${status}`, async () => {
				api.serve(oneFull({ status, body: { message: 'no' } }));
				assert.ok((await run(byPage())).error);
			});
		}

		test('is not the first one', async () => {
			api.serve(() => ({ status: 404, body: { message: 'no such list' } }));
			assert.match(String((await run(byPage())).error?.message), /404: no such list/);
		});

		test('with Full Response is no item', async () => {
			api.serve(oneFull({ status: 404 }));
			const { json } = await good(byPage({ fullResponse: true, neverError: true }));
			assert.deepEqual(json.map(({ statusCode, body }) => [statusCode, body]), once.items.map((entry) => [200, entry]));
		});

		test('may answer 400, which is said', async () => {
			api.serve(oneFull({ status: 400, body: { message: 'page is too large' } }));
			assert.match((await good(byPage())).hints.join(), /Page 2 .* page is too large/);
		});
	});

	test('pages of 3, 2, 3 and 0 entries are 8 entries, and at Max Pages a hint says that there may be more', async () => {
		api.serve((asked) => ({ body: { items: [records(1, 3), records(4, 5), records(6, 8), []][number(asked, 'page') - 1] } }));
		assert.deepEqual((await good(byPage())).json, records(1, 8));
		const { json, hints } = await good({ ...byPage(), maxPages: 2 });
		assert.equal(json.length, 5);
		assert.match(hints.join(), /^Item 0: There may be more than 2 pages/);
	});

	test('a cursor can go into a form, into a header, and into JSON with numbers that would be rounded', async () => {
		const cursor = (parameters: IDataObject, paging: IDataObject = {}) => ({
			method: 'POST', path: '/list', pagination: 'cursor', cursorParameter: 'after', cursorAt: 'next', paginationOptions: { parameterIn: 'body', ...paging }, options: { itemsAt: 'items' }, ...parameters,
		});
		const two: Answer = (_, count) => ({ body: { items: records(count, count), next: count === 1 ? 'a b' : null } });
		const bodies = async (parameters: IDataObject, paging?: IDataObject) => {
			api.serve(two);
			assert.deepEqual((await good(cursor(parameters, paging))).json, records(1, 2));
			return api.asked.map(({ body }) => body);
		};
		assert.deepEqual(await bodies({ bodyType: 'form', bodyFields: { entries: [{ name: 'q', value: '1' }] } }), ['q=1', 'q=1&after=a+b']);
		assert.deepEqual(await bodies({ bodyType: 'json', bodyJson: '{"id":12345678901234567890}' }), ['{"id":12345678901234567890}', '{"id":12345678901234567890,"after":"a b"}']);
		assert.deepEqual(await bodies({ bodyType: 'none' }), ['', '{"after":"a b"}']);
		await bodies({ bodyType: 'none' }, { parameterIn: 'header' });
		assert.deepEqual(api.asked.map(({ headers }) => headers.after), [undefined, 'a b']);
		const refused = await run(cursor({ method: 'GET' }));
		assert.match(String(refused.error?.message), /"Parameter In" is Body, but a GET request has none/);
	});

	test('a next link on another host is refused, and nothing is sent there', async () => {
		const stranger = await PagedApi.start();
		try {
			api.serve(() => ({ body: { items: records(1, 1), next: `${stranger.url}/list?page=2` } }));
			const { error } = await run({ path: '/list', pagination: 'linkInBody', linkAt: 'next', options: { itemsAt: 'items' } });
			assert.match(String(error?.message), /is for 127\.0\.0\.1:\d+ only|must not/);
			assert.equal(stranger.asked.length, 0);
		} finally {
			await stranger.stop();
		}
	});
});
