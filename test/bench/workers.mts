import { startQueueSetup } from '../n8n/queue.mts';
import { stockExtensions, type Bench } from './bench.mts';
import { workshop } from './contenders.mts';

/** The same providers, and an n8n in queue mode with 3 workers beside the first one. */
export async function startWorkers(bench: Bench): Promise<Bench> {
	const { tarball, sandbox, client } = bench;
	const extraEnv = { N8N_CUSTOM_EXTENSIONS: stockExtensions };
	const queue = await startQueueSetup({ packageTarball: tarball, extraEnv, worker: { extraEnv } });
	return {
		...bench,
		n8n: queue.n8n,
		workshop: workshop(queue.n8n, sandbox.info, client),
		stop: async () => await queue.stop(),
	};
}
