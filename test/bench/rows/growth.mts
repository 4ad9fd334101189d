import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../bench.mts';
import type { Contender } from '../contenders.mts';
import { sample, type Sample } from '../statistics.mts';

/** One size of an execution, all contenders. */
export interface Point {
	readonly items: number;
	/** ms of the nodes that send requests. */
	readonly time: Partial<Record<Contender, Sample>>;
	/** Highest use of n8n's heap over what it was before, in bytes; measured for the largest size only. */
	readonly peak?: Partial<Record<Contender, number>>;
}

const compared = ['ours', 'stock'] as const;

/**
 * How time grows with the number of items, and how much memory the largest execution takes.
 *
 * @param sizes Items of an execution, and how many executions of that size are timed. A first one warms up; where
 * none is to follow, for want of time, it is the one that counts.
 */
export async function growth(
	{ workshop, nodeTime, inspector }: Bench,
	sizes: ReadonlyArray<{ readonly items: number; readonly rounds: Record<(typeof compared)[number], number> }>,
): Promise<Point[]> {
	const points: Point[] = [];
	for (const { items, rounds } of sizes) {
		const largest = items === sizes.at(-1)?.items;
		const time: Partial<Record<Contender, Sample>> = {};
		const peak: Partial<Record<Contender, number>> = {};
		for (const contender of compared) {
			const live = await workshop.make(contender, 'list', { items });
			const taken: number[] = [];
			const run = async () => taken.push(await nodeTime(live));
			if (largest) peak[contender] = await inspector.peak(run);
			else await run();
			for (let round = 0; round < rounds[contender]; round++) await run();
			time[contender] = sample(rounds[contender] > 0 ? taken.slice(1) : taken);
		}
		points.push({ items, time, ...(largest && { peak }) });
	}
	return points;
}

/** What n8n's heap keeps after `executions` of 10 items each, in bytes; nothing else runs meanwhile. */
export async function retainedAfter(
	{ workshop, inspector }: Bench,
	executions: number,
	rounds: number,
): Promise<Record<(typeof compared)[number], Sample>> {
	const kept = { ours: [] as number[], stock: [] as number[] };
	const lives = { ours: await workshop.make('ours', 'list', { items: 10 }), stock: await workshop.make('stock', 'list', { items: 10 }) };
	// The first round fills what n8n and V8 keep for good.
	for (let round = 0; round <= rounds; round++) {
		for (const contender of round % 2 ? compared : [...compared].reverse()) {
			await sleep(500);
			const before = await inspector.retained();
			for (let index = 0; index < executions; index++) await lives[contender].call();
			await sleep(500);
			const after = await inspector.retained();
			if (round > 0) kept[contender].push(after - before);
		}
	}
	return { ours: sample(kept.ours), stock: sample(kept.stock) };
}
