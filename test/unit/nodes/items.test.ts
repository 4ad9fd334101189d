import { ExpressionError, NodeApiError, NodeOperationError } from 'n8n-workflow';
import { badInput, ApiError } from '../../../nodes/shared/errors';
import { runItems, runOnce } from '../../../nodes/shared/items';
import { apiError, fakeContext, node } from './fakes';

const manyItems = (count: number) => Array.from({ length: count }, (_, id) => ({ json: { id } }));

/** Lets everything that can go on without us go on. */
const settle = async () => {
	for (let turn = 0; turn < 20; turn++) await Promise.resolve();
};

describe('the error output', () => {
	const fail = async () => {
		throw apiError(422, 'Calenso answered 422: no such store', 'Check the store.');
	};
	const json = {
		error: 'Calenso answered 422: no such store',
		details: { description: 'Check the store.', httpStatus: 422 },
	};

	it.each([
		['for each item', runItems],
		['once', runOnce],
	] as const)('gets what failed in a node that runs %s, with its details', async (_, run) => {
		const [[item]] = await run(fakeContext({ onError: 'continueErrorOutput' }), fail);
		expect(item.error).toBeInstanceOf(NodeApiError);
		// n8n hands on a copy, and replaces the JSON of what has an error then.
		expect({ ...item }).not.toHaveProperty('error');
		expect(item.json).toEqual(json);
	});

	it('gets nothing where the regular output is wanted', async () => {
		const [[item]] = await runItems(fakeContext({ onError: 'continueRegularOutput' }), fail);
		expect(item.error).toBeUndefined();
		expect(item.json).toEqual(json);
	});
});

describe('runItems', () => {
	it('returns outputs in input order, each linked to its item, whatever finishes first', async () => {
		const finish: Array<() => void> = [];
		const running = runItems(fakeContext({ items: manyItems(3) }), async (index) => {
			await new Promise<void>((resolve) => (finish[index] = resolve));
			return [{ json: { index, part: 1 } }, { json: { index, part: 2 } }];
		});
		await settle();
		finish[2]();
		await settle();
		finish[0]();
		finish[1]();

		const [outputs] = await running;

		expect(outputs.map(({ json }) => json.index)).toEqual([0, 0, 1, 1, 2, 2]);
		expect(outputs.map(({ pairedItem }) => pairedItem)).toEqual(
			[0, 0, 1, 1, 2, 2].map((item) => ({ item })),
		);
	});

	it.each([
		[undefined, 5],
		[1, 1],
		[3, 3],
		[0, 5],
		['', 5],
		[1000, 50],
		['7', 7],
		['many', 5],
	])('with Concurrency %p works on %i items at once', async (concurrency, expected) => {
		let running = 0;
		let most = 0;
		const options = concurrency === undefined ? {} : { concurrency };
		await runItems(fakeContext({ items: manyItems(200), parameters: { options } }), async () => {
			most = Math.max(most, ++running);
			await settle();
			running -= 1;
			return [];
		});
		expect(most).toBe(expected);
	});

	it('works through 1,000 items', async () => {
		const [outputs] = await runItems(fakeContext({ items: manyItems(1000) }), async (index) => [
			{ json: { index } },
		]);
		expect(outputs).toHaveLength(1000);
		expect(outputs[999]).toEqual({ json: { index: 999 }, pairedItem: { item: 999 } });
	});

	it('passes binary data on', async () => {
		const binary = { data: { data: 'AA==', mimeType: 'image/png' } };
		const [outputs] = await runItems(fakeContext(), async () => [{ json: {}, binary }]);
		expect(outputs).toEqual([{ json: {}, binary, pairedItem: { item: 0 } }]);
	});

	it('with Continue On Fail turns a failed item into its error and goes on', async () => {
		const context = fakeContext({ items: manyItems(3), continueOnFail: true });
		const [outputs] = await runItems(context, async (index) => {
			if (index === 1)
				throw apiError(422, 'Calenso answered 422: no such store', 'Check the store.');
			return [{ json: { index } }];
		});
		expect(outputs).toEqual([
			{ json: { index: 0 }, pairedItem: { item: 0 } },
			{
				json: {
					error: 'Calenso answered 422: no such store',
					details: { description: 'Check the store.', httpStatus: 422 },
				},
				pairedItem: { item: 1 },
			},
			{ json: { index: 2 }, pairedItem: { item: 2 } },
		]);
	});

	it('without it throws the error of the first item that failed and starts no more', async () => {
		const started: number[] = [];
		const context = fakeContext({
			items: manyItems(100),
			parameters: { options: { concurrency: 2 } },
		});
		const error: unknown = await runItems(context, async (index) => {
			started.push(index);
			if (index === 2) await settle();
			if (index >= 2) throw apiError(500, `Item ${index} failed`);
			return [];
		}).catch((thrown: unknown) => thrown);

		expect(error).toBeInstanceOf(NodeApiError);
		expect((error as NodeApiError).message).toBe('Item 2 failed');
		expect((error as NodeApiError).context.itemIndex).toBe(2);
		expect(started).toEqual([0, 1, 2, 3]);
	});

	it.each([
		[401, 'Fusio answered 401: Expired token'],
		[404, 'Fusio answered 404: Unknown location'],
		[429, 'Fusio answered 429: Rate limit exceeded'],
		[500, 'Fusio answered 500'],
		[undefined, 'Could not connect: ECONNREFUSED'],
		[undefined, 'ENOTFOUND or ETIMEDOUT'],
	])(
		'shows our words for %p, not the ones that n8n puts in their place',
		async (status, message) => {
			const error = await runItems(fakeContext(), async () => {
				throw apiError(status, message, 'What to do.');
			}).catch((thrown: NodeApiError) => thrown);

			expect(error).toBeInstanceOf(NodeApiError);
			expect(error).toMatchObject({
				message,
				description: 'What to do.',
				messages: [],
				httpCode: status === undefined ? null : String(status),
			});
		},
	);

	it('makes a NodeOperationError of bad input', async () => {
		const error = await runItems(fakeContext(), async () => {
			throw badInput('Customer ID', 'is empty', 'Fill it in.');
		}).catch((thrown: NodeOperationError) => thrown);

		expect(error).toBeInstanceOf(NodeOperationError);
		expect(error).toMatchObject({
			message: '"Customer ID" is empty',
			description: 'Fill it in.',
			context: { itemIndex: 0 },
			node,
		});
	});

	it('keeps our words about bad input, whatever is in them', async () => {
		const error = await runItems(fakeContext(), async () => {
			throw badInput('Organization', 'is not an ID: "ENOENT/x"', 'Enter the ID alone.');
		}).catch((thrown: NodeOperationError) => thrown);

		expect(error).toMatchObject({
			message: '"Organization" is not an ID: "ENOENT/x"',
			description: 'Enter the ID alone.',
			messages: [],
		});
	});

	it("leaves expression errors as they are, since n8n's editor shows them in its own way", async () => {
		const thrown = new ExpressionError('No path back to item');
		await expect(
			runItems(fakeContext(), async () => {
				throw thrown;
			}),
		).rejects.toBe(thrown);
	});

	it('stops when the execution is cancelled, even with Continue On Fail', async () => {
		const controller = new AbortController();
		const items = manyItems(50);
		let started = 0;
		const running = runItems(
			fakeContext({ items, continueOnFail: true, cancelSignal: controller.signal }),
			async () => {
				if (++started === 7) controller.abort();
				await settle();
				return [];
			},
		);
		await expect(running).rejects.toThrow('The execution was cancelled');
		expect(started).toBeLessThan(15);
	});

	it('looks at each output again when all are handed on', async () => {
		const stale = new ApiError('expired', 'Too old', 'Send fewer items.');
		const [outputs] = await runItems(
			fakeContext({ items: manyItems(2), continueOnFail: true }),
			async (index) => [{ json: { index } }],
			({ json }) => {
				if (json.index === 0) throw stale;
			},
		);
		expect(outputs).toEqual([
			{
				json: { error: 'Too old', details: { description: 'Send fewer items.' } },
				pairedItem: { item: 0 },
			},
			{ json: { index: 1 }, pairedItem: { item: 1 } },
		]);
	});
});

describe('runOnce', () => {
	it('runs once for all items and links the output to each', async () => {
		let runs = 0;
		const [outputs] = await runOnce(fakeContext({ items: manyItems(3) }), async () => [
			{ json: { runs: ++runs } },
		]);
		expect(outputs).toEqual([
			{ json: { runs: 1 }, pairedItem: [{ item: 0 }, { item: 1 }, { item: 2 }] },
		]);
	});

	it('with Continue On Fail turns its error into an item', async () => {
		const context = fakeContext({ continueOnFail: true });
		const [outputs] = await runOnce(
			context,
			async () => await Promise.reject(apiError(undefined, 'Over budget')),
		);
		expect(outputs).toEqual([
			{
				json: { error: 'Over budget', details: { description: 'Next step.' } },
				pairedItem: [{ item: 0 }],
			},
		]);
	});
});
