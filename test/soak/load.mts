import type { N8n } from '../n8n/instance.mts';
import { callOnce, type Call } from '../queue/calls.mts';
import type { LiveWorkflow } from '../queue/workflows.mts';

/** What a load came to. */
export interface Load {
	readonly calls: ReadonlyMap<LiveWorkflow, readonly Call[]>;
	/** Resident memory of n8n in bytes, once a second. */
	readonly memory: readonly number[];
	/** Calls that were left out, since n8n was behind. */
	readonly leftOut: number;
}

/** More than so many calls of a workflow are not under way at once: a machine that is too slow is not piled up. */
const MOST_AT_ONCE = 3;

/** Calls each workflow at a constant rate for so many ms. */
export async function constantLoad(
	n8n: N8n,
	workflows: readonly LiveWorkflow[],
	everyMs: number,
	forMs: number,
): Promise<Load> {
	const calls = new Map<LiveWorkflow, Call[]>(workflows.map((workflow) => [workflow, []]));
	const underWay = new Map<LiveWorkflow, Set<Promise<void>>>(workflows.map((workflow) => [workflow, new Set()]));
	let leftOut = 0;
	const memory: number[] = [];
	const timers = [
		setInterval(() => {
			for (const [workflow, made] of calls) {
				const others = underWay.get(workflow) ?? new Set();
				if (others.size >= MOST_AT_ONCE) {
					leftOut++;
					continue;
				}
				const running = callOnce(n8n, workflow, 60_000).then((call) => {
					made.push(call);
					others.delete(running);
				});
				others.add(running);
			}
		}, everyMs),
		setInterval(() => memory.push(n8n.memory()), 1_000),
	];
	await new Promise((resolve) => setTimeout(resolve, forMs));
	timers.forEach(clearInterval);
	await Promise.all([...underWay.values()].flatMap((running) => [...running]));
	return { calls, memory, leftOut };
}

/** Bytes from the middle of the second fifth (n8n has warmed up) to the last fifth. */
export function growth(memory: readonly number[]): number {
	const fifth = Math.max(1, Math.floor(memory.length / 5));
	return median(memory.slice(-fifth)) - median(memory.slice(fifth, 2 * fifth));
}

export function median(values: readonly number[]): number {
	return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
