import type { Bench } from '../bench.mts';
import type { Contender } from '../contenders.mts';
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
 * an API of its own and leaves n8n idle most of the time, so those against a rate are made two by two. Time is what
 * passed before the API, from the first request to the last reply: buying the token has rows of its own.
 */
export async function limits(bench: Bench, items: { readonly rate: number; readonly atOnce: number }): Promise<Limits> {
	const rate = { kind: 'rate', perSecond: PER_SECOND } as const;
	const rateTold = { ...rate, retryAfter: true } as const;
	const atOnce = { kind: 'atOnce', ...AT_ONCE } as const;
	const kept: Limits = { rate: {}, rateTold: {}, atOnce: {} } as Limits;
	for (const name of limited) {
		[kept.rate[name], kept.rateTold[name]] = await Promise.all([
			against(bench, items.rate, rate, name),
			against(bench, items.rate, rateTold, name),
		]);
		kept.atOnce[name] = await against(bench, items.atOnce, atOnce, name);
	}
	return kept;
}

async function against({ workshop }: Bench, items: number, limit: Limit, name: Limited): Promise<Kept> {
	const allowed = limit.kind === 'rate' ? limit.perSecond : (limit.most / limit.ms) * 1000;
	const batch =
		limit.kind === 'rate'
			? { batchSize: limit.perSecond, batchInterval: 1000 }
			: { batchSize: limit.most, batchInterval: limit.ms };
	const server = await startLimitedServer(limit);
	const contender: Contender = name === 'ours' || name === 'two' ? 'ours' : 'stock';
	const executions = name === 'two' ? 2 : 1;
	try {
		const live = await workshop.make(contender, 'list', {
			items: items / executions,
			origin: server.origin,
			continues: true,
			...(name === 'batched' && { batch }),
		});
		await Promise.all(Array.from({ length: executions }, async () => await live.call()));
		const { accepted, refused, ms } = server.counted();
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
