import type { N8nProcess } from '../n8n/n8nProcess.mts';

/** Executions that a worker has begun, by what it wrote. */
export function begun(worker: N8nProcess): number {
	return count(worker, /Worker started execution \d+/g);
}

/** Whether a worker is in the middle of an execution. */
export function isBusy(worker: N8nProcess): boolean {
	return begun(worker) > count(worker, /Worker finished execution \d+/g);
}

/** How often a worker said that it waits for another one's token. */
export function waits(worker: N8nProcess): number {
	return count(worker, /Waiting for another worker/g);
}

/** What happened on each worker from now on: executions as `21/20/19`, and how many of the workers waited. */
export function watch(workers: readonly N8nProcess[]): () => { readonly spread: string; readonly waited: number } {
	const before = workers.map((worker) => ({ begun: begun(worker), waits: waits(worker) }));
	return () => ({
		spread: workers.map((worker, index) => begun(worker) - (before[index]?.begun ?? 0)).join('/'),
		waited: workers.filter((worker, index) => waits(worker) > (before[index]?.waits ?? 0)).length,
	});
}

function count(worker: N8nProcess, pattern: RegExp): number {
	return worker.logs().match(pattern)?.length ?? 0;
}
