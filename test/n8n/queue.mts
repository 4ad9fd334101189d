import { startN8n, type N8n, type StartOptions } from './instance.mts';
import type { N8nProcess } from './n8nProcess.mts';
import { startPostgres, type Postgres } from './postgres.mts';
import { startRedis, type Service } from './redis.mts';
import type { WorkerOptions } from './worker.mts';

/** n8n as it is run at scale: a main process, workers, Redis, Postgres. */
export interface QueueSetup {
	readonly n8n: N8n;
	readonly workers: N8nProcess[];
	readonly redis: Service;
	readonly postgres: Postgres;
	/** One more worker, such as for one that was killed. */
	addWorker: () => Promise<N8nProcess>;
	stop: () => Promise<void>;
}

export interface QueueOptions extends Omit<StartOptions, 'queue' | 'userFolder'> {
	/** 3 if not given. */
	readonly workers?: number;
	readonly worker?: WorkerOptions;
}

/** Starts all of it; minutes on a small machine. */
export async function startQueueSetup(options: QueueOptions = {}): Promise<QueueSetup> {
	const [redis, postgres] = await Promise.all([startRedis(), startPostgres()]);
	const n8n = await startN8n({ ...options, queue: { redis, postgres } });
	const workers: N8nProcess[] = [];
	const addWorker = async () => {
		const worker = await n8n.startWorker(options.worker);
		workers.push(worker);
		return worker;
	};
	// One after the other: all at once they fight for the processor longer.
	for (let count = options.workers ?? 3; count > 0; count -= 1) await addWorker();
	return {
		n8n,
		workers,
		redis,
		postgres,
		addWorker,
		stop: async () => {
			await Promise.all(workers.map(async (worker) => await worker.stop()));
			await n8n.stop();
			await Promise.all([redis.stop(), postgres.stop()]);
		},
	};
}
