import {
	NodeOperationError,
	type IBinaryKeyData,
	type IDataObject,
	type IExecuteFunctions,
	type INode,
	type INodeExecutionData,
} from 'n8n-workflow';
import { errorJson, toNodeError, type NodeFailure } from './errors';

/** What an operation makes of its input items; the link back to them is added here. */
export interface Output {
	readonly json: IDataObject;
	readonly binary?: IBinaryKeyData;
	/** The input item that it belongs to; without it, it belongs to all items of its task. */
	readonly item?: number;
}

/** Work for one input item, or for several that go together. */
export interface Task {
	readonly items: readonly number[];
	run(): Promise<readonly Output[]>;
}

/** @throws when the output is not worth handing on any more. */
export type HandOverCheck = (output: Output) => void;

type TaskResult =
	| { readonly kind: 'done'; readonly outputs: readonly Output[] }
	| { readonly kind: 'failed'; readonly error: unknown };

/** How many items are worked on at once. */
export interface Lanes {
	readonly width: number;
	/** As a person fixed it; undefined where the API's limit is found out. */
	readonly fixed?: number;
	/** Tells how many requests the API stands at once. */
	allow(requests: number): void;
}

const FIRST_WIDTH = 5;
const MOST_WIDTH = 50;

/** As the Concurrency option says; without a number there it follows the API, from 5 to 50. */
export function lanesOf(context: IExecuteFunctions): Lanes {
	const wanted = Math.trunc(Number(context.getNodeParameter('options.concurrency', 0, 0)));
	const fixed = wanted >= 1 ? Math.min(wanted, MOST_WIDTH) : undefined;
	let width = fixed ?? FIRST_WIDTH;
	return {
		get width() {
			return width;
		},
		fixed,
		allow: (requests) => {
			width = fixed ?? Math.min(Math.max(requests, FIRST_WIDTH), MOST_WIDTH);
		},
	};
}

/** Runs `work` for each input item, as `runTasks` does. */
export async function runItems(
	context: IExecuteFunctions,
	work: (index: number) => Promise<readonly Output[]>,
	handOver?: HandOverCheck,
	lanes?: Lanes,
): Promise<INodeExecutionData[][]> {
	const tasks = context
		.getInputData()
		.map((_, index): Task => ({ items: [index], run: async () => await work(index) }));
	return await runTasks(context, tasks, handOver, lanes);
}

/**
 * Runs the tasks, some at a time, and returns the outputs in the order of the input items.
 *
 * The nodes are programmatic for what this does: declarative nodes start all items at once,
 * cannot repeat a request after 429 or 5xx, and set no `pairedItem`.
 *
 * @throws NodeApiError or NodeOperationError of the first task that failed, unless the node
 * continues on fail: then each item of the task has failed.
 */
export async function runTasks(
	context: IExecuteFunctions,
	tasks: readonly Task[],
	handOver?: HandOverCheck,
	lanes: Lanes = lanesOf(context),
): Promise<INodeExecutionData[][]> {
	const continues = context.continueOnFail();
	const cancelled = context.getExecutionCancelSignal();
	const results: TaskResult[] = new Array<TaskResult>(tasks.length);
	let next = 0;
	let stopped = false;

	const settle = async (task: Task): Promise<TaskResult> =>
		await task.run().then(
			(outputs) => ({ kind: 'done', outputs }),
			(error: unknown) => ({ kind: 'failed', error }),
		);

	await new Promise<void>((resolve) => {
		let running = 0;
		const fill = () => {
			while (running < lanes.width && next < tasks.length && !stopped && !cancelled?.aborted) {
				const index = next++;
				running++;
				void settle(tasks[index]).then((result) => {
					running--;
					results[index] = result;
					stopped ||= result.kind === 'failed' && !continues;
					fill();
				});
			}
			if (running === 0) resolve();
		};
		fill();
	});

	if (cancelled?.aborted) {
		throw new NodeOperationError(context.getNode(), 'The execution was cancelled');
	}

	const finished = handOver ? results.map((result) => checked(result, handOver)) : results;
	// n8n copies the whole node each time it is asked for.
	const node = context.getNode();
	const failed = finished.findIndex((result) => result?.kind === 'failed');
	const failure = finished[failed];
	if (failure?.kind === 'failed' && !continues) {
		throw toNodeError(node, failure.error, tasks[failed].items[0]);
	}
	return [inInputOrder(finished.flatMap((result, index) => linked(node, result, tasks[index])))];
}

/**
 * Runs `work` once, however many items come in; what it returns is linked to all of them.
 *
 * @throws NodeApiError or NodeOperationError when it failed, unless the node continues on fail.
 */
export async function runOnce(
	context: IExecuteFunctions,
	work: () => Promise<readonly Output[]>,
): Promise<INodeExecutionData[][]> {
	const pairedItem = context.getInputData().map((_, item) => ({ item }));
	const outcome = await work().catch((error: unknown) => toNodeError(context.getNode(), error, 0));
	if (!(outcome instanceof Error)) {
		return [outcome.map(({ json, binary }) => ({ json, ...(binary && { binary }), pairedItem }))];
	}
	if (!context.continueOnFail()) throw outcome;
	return [[failedItem(context.getNode(), outcome, pairedItem)]];
}

interface Linked {
	/** The first input item that it belongs to. */
	readonly first: number;
	readonly output: INodeExecutionData;
}

function linked(node: INode, result: TaskResult, { items }: Task): Linked[] {
	if (result.kind === 'failed') {
		return items.map((item) => {
			const error = toNodeError(node, result.error, item);
			return { first: item, output: failedItem(node, error, { item }) };
		});
	}
	const all = items.length === 1 ? { item: items[0] } : items.map((item) => ({ item }));
	return result.outputs.map(({ json, binary, item }) => ({
		first: item ?? items[0],
		output: { json, ...(binary && { binary }), pairedItem: item === undefined ? all : { item } },
	}));
}

/** Items that went together need not have come in one after the other. */
function inInputOrder(outputs: Linked[]): INodeExecutionData[] {
	return outputs.sort((a, b) => a.first - b.first).map(({ output }) => output);
}

/**
 * What failed, for the error output as well. n8n before 2 knows an item that belongs there by its `error`, and then
 * puts the message alone in the place of its JSON wherever `error` is still there: in the copy that it makes first, a
 * property that is not enumerable is not.
 */
function failedItem(
	node: INode,
	error: NodeFailure,
	pairedItem: INodeExecutionData['pairedItem'],
): INodeExecutionData {
	const item: INodeExecutionData = { json: errorJson(error), pairedItem };
	return node.onError === 'continueErrorOutput'
		? Object.defineProperty(item, 'error', { value: error })
		: item;
}

function checked(result: TaskResult, handOver: HandOverCheck): TaskResult {
	if (result?.kind !== 'done') return result;
	try {
		result.outputs.forEach(handOver);
		return result;
	} catch (error) {
		return { kind: 'failed', error };
	}
}
