import type { N8n } from '../n8n/instance.mts';
import { callOnce, type Call } from '../queue/calls.mts';
import type { LiveWorkflow } from '../queue/workflows.mts';

/** What a load came to. */
export interface Load {
	readonly calls: ReadonlyMap<LiveWorkflow, readonly Call[]>;
	/** Resident memory of n8n in bytes, once a second. */
	readonly memory: readonly number[];
}

/** Calls each workflow at a constant rate, whether or not earlier calls were answered, for so many ms. */
export async function constantLoad(
	n8n: N8n,
	workflows: readonly LiveWorkflow[],
	everyMs: number,
	forMs: number,
): Promise<Load> {
	const calls = new Map<LiveWorkflow, Call[]>(workflows.map((workflow) => [workflow, []]));
	const underWay = new Set<Promise<void>>();
	const memory: number[] = [];
	const timers = [
		setInterval(() => {
			for (const [workflow, made] of calls) {
				const running = callOnce(n8n, workflow, 60_000).then((call) => {
					made.push(call);
					underWay.delete(running);
				});
				underWay.add(running);
			}
		}, everyMs),
		setInterval(() => memory.push(n8n.memory()), 1_000),
	];
	await new Promise((resolve) => setTimeout(resolve, forMs));
	timers.forEach(clearInterval);
	await Promise.all(underWay);
	return { calls, memory };
}

/** Bytes from the middle of the second fifth (n8n has warmed up) to the last fifth. */
export function growth(memory: readonly number[]): number {
	const fifth = Math.max(1, Math.floor(memory.length / 5));
	return median(memory.slice(-fifth)) - median(memory.slice(fifth, 2 * fifth));
}

export function median(values: readonly number[]): number {
	return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
