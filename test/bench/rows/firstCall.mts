import type { Bench } from '../bench.mts';
import { sample, type Sample } from '../statistics.mts';

/** ms from a webhook to its reply on a credential with a budget, in one process. */
export interface FirstCall {
	/** No token yet: one is claimed, bought and stored. */
	readonly first: Sample;
	readonly cached: Sample;
}

export async function firstCalls({ workshop }: Bench, rounds: number): Promise<FirstCall> {
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
