import type { Bench } from '../bench.mts';
import type { Contender, Live } from '../contenders.mts';
import { type Limit, startLimitedServer } from '../limitedServer.mts';

/** `batched` is n8n's HTTP Request node with the batches that suit the limit, set by somebody who knows it. */
export const limited = ['ours', 'two', 'stock', 'batched'] as const;
export type Limited = (typeof limited)[number];

/** How a run against a limit ended. */
export interface Kept {
	readonly items: number;
	/** Items that got an answer. */
	readonly answered: number;
	/** Of all requests, from 0 to 1. */
	readonly refusedShare: number;
	/** Items over time against what the limit allows, from 0 to 1; above 1 with what a bucket holds at the start. */
	readonly rateShare: number;
}

export type Limits = Record<'rate' | 'rateTold' | 'atOnce', Record<Limited, Kept>>;

const PER_SECOND = 20;
const AT_ONCE = { most: 8, ms: 200 };

/**
 * Nothing is set by hand in the nodes of this package; `two` are two executions at once on one client. Each run has
 * an API of its own and leaves n8n idle most of the time, so all but the stock pattern's are made side by side.
 */
export async function limits(bench: Bench, items: number): Promise<Limits> {
	const rate = { kind: 'rate', perSecond: PER_SECOND } as const;
	const rateTold = { ...rate, retryAfter: true } as const;
	const atOnce = { kind: 'atOnce', ...AT_ONCE } as const;
	const stock: Kept[] = [];
	for (const limit of [rate, rateTold, atOnce]) stock.push(await against(bench, items, limit, 'stock'));
	const all = async (limit: Limit, index: number) => {
		const [ours, two, batched] = await Promise.all(
			(['ours', 'two', 'batched'] as const).map(async (name) => await against(bench, items, limit, name)),
		);
		return { ours, two, batched, stock: stock[index] } as Record<Limited, Kept>;
	};
	const [one, told, many] = await Promise.all([all(rate, 0), all(rateTold, 1), all(atOnce, 2)]);
	return { rate: one, rateTold: told, atOnce: many };
}

async function against({ workshop, nodeTime }: Bench, items: number, limit: Limit, name: Limited): Promise<Kept> {
	const allowed = limit.kind === 'rate' ? limit.perSecond : (limit.most / limit.ms) * 1000;
	const batch =
		limit.kind === 'rate'
			? { batchSize: limit.perSecond, batchInterval: 1000 }
			: { batchSize: limit.most, batchInterval: limit.ms };
	const server = await startLimitedServer(limit);
	const contender: Contender = name === 'ours' || name === 'two' ? 'ours' : 'stock';
	try {
		const live = await workshop.make(contender, 'list', {
			items: name === 'two' ? items / 2 : items,
			origin: server.origin,
			continues: true,
			...(name === 'batched' && { batch }),
		});
		const ms = name === 'two' ? await timeOfTwo(live) : await nodeTime(live);
		const { accepted, refused } = server.counted();
		return {
			items,
			answered: Math.min(accepted, items),
			refusedShare: refused / (accepted + refused),
			rateShare: accepted / (ms / 1000) / allowed,
		};
	} finally {
		await server.stop();
	}
}

async function timeOfTwo(live: Live): Promise<number> {
	const started = performance.now();
	await Promise.all([live.call(), live.call()]);
	return performance.now() - started;
}
