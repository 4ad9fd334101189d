import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { IDataObject, INodeExecutionData, INodeType } from 'n8n-workflow';
import { documentedExamples } from './documentedExamples.mts';
import { loadPackage, newRow, protectedCallContext, type Row } from './n8nContext.mts';
import { PagedApi, type Asked } from './pagedApi.mts';

const loaded = loadPackage();
const node = new (loaded.ProtectedCall as new () => INodeType)();

const numbered = (count: number) => Array.from({ length: count }, (_, id) => ({ id, name: `Name "${id}"` }));
const read = ({ body }: Asked) => JSON.parse(body || 'null') as IDataObject & IDataObject[];
const links = (items: readonly INodeExecutionData[]) => items.map(({ pairedItem }) => pairedItem);

describe('several items, on n8n-core’s own context', { timeout: 120_000 }, () => {
	let api: PagedApi;
	let row: Row;
	const host = () => new URL(api.url).host;

	before(async () => void (api = await PagedApi.start()));
	after(async () => await api?.stop());
	beforeEach(() => void (row ??= newRow('customTokenApi', api.credential)));

	async function run(parameters: IDataObject, items: readonly IDataObject[], { continueOnFail = false, typeVersion = 1.1 } = {}): Promise<INodeExecutionData[]> {
		const context = protectedCallContext(loaded, row, parameters, items, { continueOnFail, typeVersion });
		return ((await node.execute?.call(context)) as INodeExecutionData[][])[0] ?? [];
	}

	test('each record gets its own answer: three of ten are forbidden, all others come out', async () => {
		api.serve(({ url }) => {
			const id = Number(url.pathname.split('/').pop());
			return id >= 1 && id <= 3 ? { status: 403, body: { message: `No right to ${id}` } } : { body: { id } };
		});
		const came = await run({ path: '=/things/{{ $json.id }}' }, numbered(10), { continueOnFail: true });
		assert.deepEqual(
			came.map(({ json }) => json.error ?? json.id),
			[0, ...[1, 2, 3].map((id) => `${host()} answered 403: No right to ${id}`), 4, 5, 6, 7, 8, 9],
		);
		assert.deepEqual(links(came), numbered(10).map((_, item) => ({ item })));
		assert.equal(api.asked.length, 10);
	});

	describe('in batches', () => {
		const post = { method: 'POST', path: '/things', bodyType: 'json', bodyJson: '={{ $json }}' };
		const batch = (set: IDataObject, options: IDataObject = {}) => ({ ...post, options: { batches: { batch: set }, ...options } });

		for (const typeVersion of [1, 1.1]) {
			test(`the example of the documentation does what is said there, on version ${typeVersion}`, async () => {
				const example = documentedExamples('protected-call.md', node.description.properties, 'Several items in one request').get('Ten records at a time');
				assert.ok(example);
				let made = 0;
				api.serve((asked) => ({ body: { records: (read(asked).records as IDataObject[]).map(({ fields }) => ({ id: `rec${made++}`, fields })) } }));
				const came = await run({ ...example, options: { ...(example.options as IDataObject), concurrency: 1 } }, numbered(25), { typeVersion });
				assert.deepEqual(api.asked.map((asked) => (read(asked).records as IDataObject[]).length), [10, 10, 5]);
				assert.deepEqual(Object.entries(read(api.asked[0] as Asked))[0], ['typecast', true]);
				assert.deepEqual(came.map(({ json }) => json), numbered(25).map(({ id, name }) => ({ id: `rec${id}`, fields: { Name: name } })));
				assert.deepEqual(links(came), numbered(25).map((_, item) => ({ item })));
			});
		}

		test('fields, with one item, are a list as well', async () => {
			api.serve((asked) => ({ body: read(asked) }));
			const bodyFields = { entries: [{ name: 'id', value: '={{ $json.id }}' }] };
			const came = await run({ ...batch({}), bodyType: 'fields', bodyFields }, numbered(1));
			assert.deepEqual(api.asked.map(read), [[{ id: 0 }]]);
			assert.deepEqual(came, [{ json: { id: 0 }, pairedItem: { item: 0 } }]);
		});

		test('a reply of another length is linked to all that it answers', async () => {
			api.serve((asked) => ({ body: { accepted: read(asked).length } }));
			const came = await run(batch({ size: 2 }), numbered(3));
			assert.deepEqual(came.map(({ json }) => json.accepted), [2, 1]);
			assert.deepEqual(links(came), [[{ item: 0 }, { item: 1 }], { item: 2 }]);
		});

		test('a failed one fails each of its items, and no other', async () => {
			api.serve((asked) => (read(asked)[0]?.id === 0 ? { status: 422, body: { message: 'No.' } } : { body: read(asked) }));
			const came = await run(batch({ size: 2 }), numbered(3), { continueOnFail: true });
			assert.deepEqual(came.map(({ json }) => json.error ?? json.id), [`${host()} answered 422: No.`, `${host()} answered 422: No.`, 2]);
			assert.match(JSON.stringify(came[0]?.json.details), /It carried 2 items/);
			await assert.rejects(run(batch({ size: 2 }), numbered(3)), /422: No\./);
		});

		test('429 is waited for, and one key stands for a batch at each attempt', async () => {
			api.serve((asked, count) => (count === 1 ? { status: 429, headers: { 'retry-after': '1' } } : { body: read(asked) }));
			const came = await run(batch({ size: 2 }, { idempotencyKey: 'Idempotency-Key', concurrency: 1 }), numbered(4));
			assert.deepEqual(came.map(({ json }) => json.id), [0, 1, 2, 3]);
			const keys = api.asked.map(({ headers }) => headers['idempotency-key']);
			assert.equal(keys.length, 3);
			assert.equal(keys[1], keys[0]);
			assert.notEqual(keys[2], keys[0]);
		});

		test('several are under way at once, and their items come out in order', async () => {
			api.serve((asked) => ({ body: read(asked) }));
			const came = await run(batch({ size: 50 }), numbered(1000));
			assert.equal(api.asked.length, 20);
			assert.deepEqual(came.map(({ json, pairedItem }) => [json.id, pairedItem]), numbered(1000).map(({ id }) => [id, { item: id }]));
		});

		test('pagination is refused, and nothing is sent', async () => {
			api.serve(() => ({ body: [] }));
			await assert.rejects(run({ ...batch({}), pagination: 'page', pageParameter: 'page' }, numbered(2)), /"Batches" cannot be used together with Pagination/);
			assert.equal(api.asked.length, 0);
		});

		for (const [kind, set] of Object.entries<IDataObject>({ 'a form': { bodyType: 'form' }, 'a text': { bodyType: 'raw' }, 'no body': { bodyType: 'none' } })) {
			test(`has no place in a request with ${kind}`, async () => {
				api.serve(() => ({ body: {} }));
				await assert.rejects(run({ ...batch({}), ...set }, numbered(2)), /"Batches" puts the items into a list in JSON/);
				assert.equal(api.asked.length, 0);
			});
		}

		test('is not offered for a GET, which is sent for each item', async () => {
			api.serve(({ url }) => ({ body: { id: Number(url.searchParams.get('id')) } }));
			const came = await run({ ...batch({}), method: 'GET', path: '=/things?id={{ $json.id }}' }, numbered(2));
			assert.deepEqual(came.map(({ json }) => json.id), [0, 1]);
		});
	});
});
