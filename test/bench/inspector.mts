import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../n8n/wait.mts';

/** Looks into a running Node process through its inspector: the heap as it is after a collection, a CPU profile. */
export interface Inspector {
	/** Bytes in use on the heap after everything that can go is gone. */
	retained: () => Promise<number>;
	/** Highest use of the heap while a task runs, over what was retained before it. */
	peak: (task: () => Promise<unknown>) => Promise<number>;
	/** The same of what is in use, garbage left out: it is collected every other second. */
	peakInUse: (task: () => Promise<unknown>) => Promise<number>;
	/** A profile in V8's format of a task. */
	profile: (task: () => Promise<unknown>) => Promise<unknown>;
	close: () => void;
}

/** The process must have been started with `--inspect-port=<port>`; the signal opens it. */
export async function inspect(pid: number, port: number): Promise<Inspector> {
	process.kill(pid, 'SIGUSR1');
	const [target] = await until('the inspector answers', 20_000, async () => {
		const reply = await fetch(`http://127.0.0.1:${port}/json/list`);
		return (await reply.json()) as Array<{ webSocketDebuggerUrl: string }>;
	});
	const socket = new WebSocket((target as { webSocketDebuggerUrl: string }).webSocketDebuggerUrl);
	await new Promise((resolve, reject) => {
		socket.addEventListener('open', resolve);
		socket.addEventListener('error', reject);
	});
	const waiting = new Map<number, (result: Record<string, unknown>) => void>();
	socket.addEventListener('message', ({ data }) => {
		const { id, result } = JSON.parse(String(data)) as { id: number; result: Record<string, unknown> };
		waiting.get(id)?.(result);
		waiting.delete(id);
	});
	let ids = 0;
	const call = async (method: string, params: object = {}) =>
		await new Promise<Record<string, unknown>>((resolve) => {
			waiting.set(++ids, resolve);
			socket.send(JSON.stringify({ id: ids, method, params }));
		});
	const used = async () => Number((await call('Runtime.getHeapUsage')).usedSize);
	const retained = async () => {
		await call('HeapProfiler.enable');
		for (let round = 0; round < 3; round++) {
			await call('HeapProfiler.collectGarbage');
			await sleep(100);
		}
		return await used();
	};

	const highest = async (task: () => Promise<unknown>, look: () => Promise<number>, pause: number) => {
		const before = await retained();
		let most = before;
		let over = false;
		const watching = (async () => {
			while (!over) {
				most = Math.max(most, await look());
				await sleep(pause);
			}
		})();
		await task();
		over = true;
		await watching;
		return most - before;
	};
	const inUse = async () => {
		await call('HeapProfiler.collectGarbage');
		return await used();
	};

	return {
		retained,
		peak: async (task) => await highest(task, used, 25),
		peakInUse: async (task) => await highest(task, inUse, 2000),
		profile: async (task) => {
			await call('Profiler.enable');
			await call('Profiler.start');
			await task();
			return (await call('Profiler.stop')).profile;
		},
		close: () => socket.close(),
	};
}
