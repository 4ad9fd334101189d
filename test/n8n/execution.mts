import type { Execution, ExecutionError, Item, Json, JsonObject } from './types.mts';

interface NodeRun {
	readonly data?: { readonly [connection: string]: ReadonlyArray<Item[] | null> };
	readonly error?: ExecutionError;
}

interface ExecutionData {
	readonly resultData?: {
		readonly runData?: { readonly [node: string]: readonly NodeRun[] };
		readonly lastNodeExecuted?: string;
		readonly error?: ExecutionError;
	};
}

/** Reads what `GET /rest/executions/:id` answers. */
export function readExecution(reply: JsonObject): Execution {
	const folded = reply.data;
	const data = (typeof folded === 'string' ? unfold(folded) : (folded ?? {})) as ExecutionData;
	const result = data.resultData ?? {};
	const lastNode = result.lastNodeExecuted;
	const lastRun = (node: string | undefined) =>
		node === undefined ? undefined : result.runData?.[node]?.at(-1);
	return {
		id: String(reply.id),
		workflowId: String(reply.workflowId),
		status: String(reply.status),
		mode: String(reply.mode),
		startedAt: String(reply.startedAt),
		stoppedAt: reply.stoppedAt == null ? null : String(reply.stoppedAt),
		lastNode,
		error: result.error,
		items: (node = lastNode) => (lastRun(node)?.data?.main ?? []).flatMap((output) => output ?? []),
		errorOf: (node) => lastRun(node)?.error,
		raw: { ...reply, data },
	};
}

/**
 * Undoes the format of the npm package `flatted`: an array whose first entry is the root, and in which every string
 * inside an object or array is the index of the value that belongs there.
 */
export function unfold(text: string): Json {
	const entries = JSON.parse(text) as Json[];
	const done = new Map<number, Json>();
	const at = (index: number): Json => {
		const ready = done.get(index);
		if (ready !== undefined) return ready;
		const entry = entries[index] as Json;
		if (typeof entry !== 'object' || entry === null) return entry;
		// Registered before it is filled, so that circles close.
		const filled: Json = Array.isArray(entry) ? [] : {};
		done.set(index, filled);
		for (const [key, value] of Object.entries(entry)) {
			(filled as JsonObject)[key] = typeof value === 'string' ? at(Number(value)) : value;
		}
		return filled;
	};
	return at(0);
}
