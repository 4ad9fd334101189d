import { onPostgres } from '../../n8n/environment.mts';
import { startN8n } from '../../n8n/instance.mts';
import { startPostgres } from '../../n8n/postgres.mts';
import type { Bench } from '../bench.mts';
import { workshop as workshopOf } from '../contenders.mts';
import { sample, type Sample } from '../statistics.mts';

/** ms from a webhook to its reply on a credential with a budget, in one process. */
export interface FirstCall {
	/** No token yet: one is claimed, bought and stored. */
	readonly first: Sample;
	readonly cached: Sample;
}

export async function firstCalls({ workshop }: Pick<Bench, 'workshop'>, rounds: number): Promise<FirstCall> {
	const first: number[] = [];
	const cached: number[] = [];
	for (let round = 0; round <= rounds; round++) {
		const live = await workshop.make('ours', 'list');
		for (const into of [first, cached]) {
			const started = performance.now();
			const { status } = await live.call();
			if (status !== 200) throw new Error(`A workflow answered ${status}`);
			if (round > 0) into.push(performance.now() - started);
		}
	}
	return { first: sample(first), cached: sample(cached) };
}

/** The same, one process on Postgres. */
export async function firstCallsOnPostgres({ sandbox, client, tarball }: Bench, rounds: number): Promise<FirstCall> {
	const postgres = await startPostgres();
	const n8n = await startN8n({ packageTarball: tarball, extraEnv: onPostgres(postgres) });
	try {
		return await firstCalls({ workshop: workshopOf(n8n, sandbox.info, client) }, rounds);
	} finally {
		await n8n.stop();
		await postgres.stop();
	}
}
