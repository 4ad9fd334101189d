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

const DEFAULT_CONCURRENCY = 5;
const MAX_CONCURRENCY = 50;

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

	const lane = async () => {
		while (next < count && !stopped && !cancelled?.aborted) {
			const index = next++;
			const result = await settle(index);
			results[index] = result;
			stopped ||= result.kind === 'failed' && !continues;
		}
	};
	await Promise.all(Array.from({ length: Math.min(lanes(context), count) }, lane));

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

	return [finished.flatMap((result, item) => linked(result, item))];
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
	return [[{ json: errorJson(outcome), pairedItem }]];
}

function linked(result: ItemResult, item: number): INodeExecutionData[] {
	if (result.kind === 'failed') return [{ json: errorJson(result.error), pairedItem: { item } }];
	return result.outputs.map(({ json, binary }) => ({
		json,
		...(binary && { binary }),
		pairedItem: { item },
	}));
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

/** How many items are worked on at once. */
function lanes(context: IExecuteFunctions): number {
	const wanted = Number(context.getNodeParameter('options.concurrency', 0, DEFAULT_CONCURRENCY));
	if (!Number.isFinite(wanted)) return DEFAULT_CONCURRENCY;
	return Math.min(Math.max(Math.trunc(wanted), 1), MAX_CONCURRENCY);
}
