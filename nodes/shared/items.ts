import {
	NodeOperationError,
	type IBinaryKeyData,
	type IDataObject,
	type IExecuteFunctions,
	type INode,
	type INodeExecutionData,
} from 'n8n-workflow';
import { errorJson, toNodeError, type NodeFailure } from './errors';

/** What an operation makes of one input item; `runItems` adds the link back to it. */
export interface Output {
	readonly json: IDataObject;
	readonly binary?: IBinaryKeyData;
}

/** @throws when the output is not worth handing on any more. */
export type HandOverCheck = (output: Output) => void;

type ItemResult =
	| { readonly kind: 'done'; readonly outputs: readonly Output[] }
	| { readonly kind: 'failed'; readonly error: NodeFailure };

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

/**
 * Runs `work` for each input item, some at a time, and returns the outputs in input order.
 *
 * The nodes are programmatic for what this does: declarative nodes start all items at once,
 * cannot repeat a request after 429 or 5xx, and set no `pairedItem`.
 *
 * @throws NodeApiError or NodeOperationError of the first item that failed, unless the node
 * continues on fail.
 */
export async function runItems(
	context: IExecuteFunctions,
	work: (index: number) => Promise<readonly Output[]>,
	handOver?: HandOverCheck,
	lanes: Lanes = lanesOf(context),
): Promise<INodeExecutionData[][]> {
	const count = context.getInputData().length;
	const continues = context.continueOnFail();
	const cancelled = context.getExecutionCancelSignal();
	const results: ItemResult[] = new Array<ItemResult>(count);
	let next = 0;
	let stopped = false;

	const settle = async (index: number): Promise<ItemResult> =>
		await work(index).then(
			(outputs) => ({ kind: 'done', outputs }),
			(error: unknown) => ({ kind: 'failed', error: toNodeError(context.getNode(), error, index) }),
		);

	await new Promise<void>((resolve) => {
		let running = 0;
		const fill = () => {
			while (running < lanes.width && next < count && !stopped && !cancelled?.aborted) {
				const index = next++;
				running++;
				void settle(index).then((result) => {
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

	// n8n copies the whole node each time it is asked for.
	const node = context.getNode();
	const finished = handOver
		? results.map((result, index) => checked(node, result, index, handOver))
		: results;
	const failed = finished.find((result) => result?.kind === 'failed');
	if (failed?.kind === 'failed' && !continues) throw failed.error;

	return [finished.flatMap((result, item) => linked(node, result, item))];
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

function linked(node: INode, result: ItemResult, item: number): INodeExecutionData[] {
	if (result.kind === 'failed') return [failedItem(node, result.error, { item })];
	return result.outputs.map(({ json, binary }) => ({
		json,
		...(binary && { binary }),
		pairedItem: { item },
	}));
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

function checked(
	node: INode,
	result: ItemResult,
	index: number,
	handOver: HandOverCheck,
): ItemResult {
	if (result?.kind !== 'done') return result;
	try {
		result.outputs.forEach(handOver);
		return result;
	} catch (error) {
		return { kind: 'failed', error: toNodeError(node, error, index) };
	}
}
