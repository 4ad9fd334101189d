import type { Bench } from '../bench.mts';
import type { Contender, Live, LiveOptions } from '../contenders.mts';
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

/** Nothing is set by hand in the nodes of this package; `two` are two executions at once on one client. */
export async function limits(bench: Bench, items: number): Promise<Limits> {
	const perSecond = { kind: 'rate', perSecond: PER_SECOND } as const;
	return {
		rate: await against(bench, items, perSecond),
		rateTold: await against(bench, items, { ...perSecond, retryAfter: true }),
		atOnce: await against(bench, items, { kind: 'atOnce', ...AT_ONCE }),
	};
}

async function against({ workshop, nodeTime }: Bench, items: number, limit: Limit): Promise<Record<Limited, Kept>> {
	const allowed = limit.kind === 'rate' ? limit.perSecond : (limit.most / limit.ms) * 1000;
	const server = await startLimitedServer(limit);
	const made = async (contender: Contender, options: LiveOptions): Promise<Live> =>
		await workshop.make(contender, 'list', { items, origin: server.origin, continues: true, ...options });
	const batch =
		limit.kind === 'rate'
			? { batchSize: limit.perSecond, batchInterval: 1000 }
			: { batchSize: limit.most, batchInterval: limit.ms };
	const kept = async (run: () => Promise<number>): Promise<Kept> => {
		server.counted();
		const ms = await run();
		const { accepted, refused } = server.counted();
		return {
			items,
			answered: Math.min(accepted, items),
			refusedShare: refused / (accepted + refused),
			rateShare: accepted / (ms / 1000) / allowed,
		};
	};
	try {
		const ours = await made('ours', {});
		const half = await made('ours', { items: items / 2 });
		const stock = await made('stock', {});
		const batched = await made('stock', { batch });
		return {
			ours: await kept(async () => await nodeTime(ours)),
			two: await kept(async () => {
				const started = performance.now();
				await Promise.all([half.call(), half.call()]);
				return performance.now() - started;
			}),
			stock: await kept(async () => await nodeTime(stock)),
			batched: await kept(async () => await nodeTime(batched)),
		};
	} finally {
		await server.stop();
	}
}
