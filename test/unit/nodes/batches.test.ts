import { NodeOperationError, type IDataObject, type INodeExecutionData } from 'n8n-workflow';
import { batchTasks } from '../../../nodes/ProtectedCall/batches';
import { runTasks } from '../../../nodes/shared/items';
import type { ApiRequest } from '../../../nodes/session/session';
import { apiError, fakeContext, fakeSession, reply, type Setup } from './fakes';

const fields = (id: number): IDataObject => ({
	bodyType: 'fields',
	bodyFields: { entries: [{ name: 'id', value: id }] },
});

interface Given {
	readonly items?: number;
	readonly batch?: IDataObject;
	readonly options?: IDataObject;
	/** Of one item. */
	readonly of?: (index: number) => IDataObject;
	readonly answer?: (request: ApiRequest, count: number) => unknown;
	readonly setup?: Setup;
}

/** Runs the node with batches on items 0, 1, 2 …, each with the body `{"id": its number}`. */
async function run({ items = 3, batch, options, of, answer, setup }: Given = {}) {
	const session = fakeSession(answer ?? (({ body }) => body));
	const context = fakeContext({
		items: Array.from({ length: items }, (_, id) => ({ json: { id } })),
		parameters: (index) => ({
			request: 'byHand',
			method: 'POST',
			path: '/things',
			queryType: 'none',
			headersType: 'none',
			pagination: 'off',
			...fields(index),
			...of?.(index),
			options: { batches: { batch: { ...batch } }, ...options },
		}),
		...setup,
	});
	const calls = context.getInputData().map((_, index) => ({ context, session, index }));
	const [outputs] = await runTasks(context, await batchTasks(calls));
	return { sent: session.sent, outputs };
}

const bodies = ({ sent }: { readonly sent: readonly ApiRequest[] }) => sent.map(({ body }) => body);
const ids = (...numbers: number[]) => numbers.map((id) => ({ id }));
const linked = (outputs: readonly INodeExecutionData[]) =>
	outputs.map(({ json, pairedItem }) => [json, pairedItem]);

describe('what a batch sends', () => {
	it('is a list with the bodies of the items, at most a hundred, the last one shorter', async () => {
		const { sent } = await run({ items: 205 });
		expect(sent.map(({ body }) => (body as unknown[]).length)).toEqual([100, 100, 5]);
		expect((sent[2].body as unknown[])[4]).toEqual({ id: 204 });
	});

	it('has as many items as were chosen', async () => {
		expect(bodies(await run({ batch: { size: 2 } }))).toEqual([ids(0, 1), ids(2)]);
	});

	it('has the list where it belongs, beside what else the body has', async () => {
		const batch = {
			at: 'variables.input',
			rest: '{"query": "mutation", "variables": {"dry": true}}',
		};
		expect(bodies(await run({ batch }))).toEqual([
			{ query: 'mutation', variables: { dry: true, input: ids(0, 1, 2) } },
		]);
	});

	it('may be made of any JSON, none of its digits rounded', async () => {
		const values = ['7615917337495251231', '"a"', '{"n": 1}'];
		const of = (index: number) => ({ bodyType: 'json', bodyJson: values[index] });
		const [body] = bodies(
			await run({ of, batch: { at: 'ids', rest: '{"of": 7615917337495251232}' } }),
		);
		expect(body).toEqual({ of: 7615917337495251232n, ids: [7615917337495251231n, 'a', { n: 1 }] });
	});

	it('goes to one address with one set of headers: other items go together elsewhere', async () => {
		const of = (index: number) => ({ path: `/lists/${index % 2}` });
		const { sent, outputs } = await run({ items: 5, of });
		expect(sent.map(({ path, body }) => [path.split('/v1')[1], body])).toEqual([
			['/lists/0', ids(0, 2, 4)],
			['/lists/1', ids(1, 3)],
		]);
		expect(linked(outputs)).toEqual([0, 1, 2, 3, 4].map((item) => [{ id: item }, { item }]));
	});

	it('names itself by one idempotency key, the same when n8n runs the node again', async () => {
		const given: Given = { batch: { size: 2 }, options: { idempotencyKey: 'Idempotency-Key' } };
		const keys = async () =>
			(await run(given)).sent.map(({ headers }) => headers?.['idempotency-key']);
		const [first, second] = await keys();
		expect(first).not.toBe(second);
		expect(await keys()).toEqual([first, second]);
	});

	it('is sent one by one where that is fixed', async () => {
		let under = 0;
		let most = 0;
		const answer = () => {
			most = Math.max(most, ++under);
			void Promise.resolve().then(() => under--);
			return {};
		};
		await run({ items: 8, batch: { size: 2 }, options: { concurrency: 1 }, answer });
		expect(most).toBe(1);
	});
});

describe('what comes out of a batch', () => {
	it('is linked one to one where the reply has as many entries as were sent', async () => {
		const answer = ({ body }: ApiRequest) => ({ results: body });
		const { outputs } = await run({ batch: { size: 2 }, options: { itemsAt: 'results' }, answer });
		expect(linked(outputs)).toEqual([0, 1, 2].map((item) => [{ id: item }, { item }]));
	});

	it.each<[string, unknown, IDataObject[]]>([
		['a list of another length', [{ a: 1 }, { a: 2 }], [{ a: 1 }, { a: 2 }]],
		['one object', { ok: true }, [{ ok: true }]],
		['nothing', '', [{}]],
	])('is linked to all of them where the reply is %s', async (_name, answered, expected) => {
		const { outputs } = await run({ answer: () => answered });
		const all = [{ item: 0 }, { item: 1 }, { item: 2 }];
		expect(linked(outputs)).toEqual(expected.map((json) => [json, all]));
	});

	it('belongs to the item of a batch of one, however many entries came', async () => {
		const { outputs } = await run({ items: 1, answer: () => [{ a: 1 }, { a: 2 }] });
		expect(outputs.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 0 }]);
	});

	it('has status and headers with Full Response', async () => {
		const options = { fullResponse: true, itemsAt: 'r' };
		const { outputs } = await run({ options, answer: ({ body }) => reply(207, { r: body }) });
		expect(outputs.map(({ json }) => [json.statusCode, json.body])).toEqual(
			ids(0, 1, 2).map((entry) => [207, entry]),
		);
	});
});

describe('a batch that fails', () => {
	const answer = (_request: ApiRequest, count: number) =>
		count === 1 ? apiError(422, 'Fusio answered 422: no', 'Check it.') : [{ ok: 1 }];
	const failed = {
		error: 'Fusio answered 422: no',
		details: { description: 'Check it. It carried 2 items.', httpStatus: 422 },
	};

	it('fails each of its items, and no other one', async () => {
		const { outputs } = await run({ batch: { size: 2 }, answer, setup: { continueOnFail: true } });
		expect(linked(outputs)).toEqual([
			[failed, { item: 0 }],
			[failed, { item: 1 }],
			[{ ok: 1 }, { item: 2 }],
		]);
	});

	it('sends each of its items to the error output, also on n8n 1', async () => {
		const setup: Setup = { onError: 'continueErrorOutput' };
		const { outputs } = await run({ batch: { size: 2 }, answer, setup });
		const errors = outputs.slice(0, 2).map(({ error }) => error?.context.itemIndex);
		expect(errors).toEqual([0, 1]);
		expect({ ...outputs[1] }).not.toHaveProperty('error');
		expect(outputs[2].error).toBeUndefined();
	});

	it('ends the node at its first item otherwise', async () => {
		await expect(run({ batch: { size: 2 }, answer })).rejects.toMatchObject({
			message: 'Fusio answered 422: no',
			context: { itemIndex: 0 },
		});
	});

	it('with Never Error is what was answered, linked to all of its items', async () => {
		const { outputs } = await run({
			items: 2,
			options: { neverError: true },
			answer: () => reply(400, [{ bad: 0 }, { bad: 1 }]),
		});
		expect(outputs).toHaveLength(1);
		expect(outputs[0].pairedItem).toEqual([{ item: 0 }, { item: 1 }]);
	});
});

describe('an item that cannot be sent', () => {
	const of = (index: number) => ({
		bodyType: 'json',
		bodyJson: index === 1 ? '{' : `{"id":${index}}`,
	});

	it('is an error before anything is sent', async () => {
		const answer = jest.fn();
		const error = await run({ of, answer }).catch((thrown: unknown) => thrown);
		expect(error).toBeInstanceOf(NodeOperationError);
		expect(error).toMatchObject({ message: '"JSON" is not valid JSON', context: { itemIndex: 1 } });
		expect(answer).not.toHaveBeenCalled();
	});

	it('with Continue On Fail fails alone', async () => {
		const { sent, outputs } = await run({ of, setup: { continueOnFail: true } });
		expect(bodies({ sent })).toEqual([ids(0, 2)]);
		expect(outputs.map(({ json }) => json.error ?? json)).toEqual([
			{ id: 0 },
			'"JSON" is not valid JSON',
			{ id: 2 },
		]);
	});
});

describe('what does not go into batches', () => {
	it.each<[string, IDataObject]>([
		['a GET', { method: 'GET' }],
		['no body', { bodyType: 'none' }],
		['a form', { bodyType: 'form' }],
		['a form with files', { bodyType: 'multipart' }],
		['a text', { bodyType: 'raw', contentType: 'application/json', bodyRaw: '{}' }],
	])('%s is an error that says so', async (_name, set) => {
		await expect(run({ of: () => set })).rejects.toThrow(
			'"Batches" puts the items into a list in JSON, but this request has no such body',
		);
	});

	it('pages of a list are neither', async () => {
		const of = () => ({ pagination: 'page', pageParameter: 'page', firstPage: 1, maxPages: 2 });
		await expect(run({ of })).rejects.toThrow('"Batches" cannot be used together with Pagination');
	});

	it.each([0, -1, 1.5, 'many'])('%p items per request are an error', async (size) => {
		await expect(run({ batch: { size } })).rejects.toThrow(
			'"Items per Request" is not a whole number',
		);
	});

	it('a path into a list of the rest is an error that names its field', async () => {
		const batch = { at: 'a.b', rest: '{"a": [1]}' };
		await expect(run({ batch })).rejects.toThrow('"Put List At" leads into a list');
	});
});
