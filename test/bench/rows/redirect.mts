import { setTimeout as sleep } from 'node:timers/promises';
import { forLoad, type Bench } from '../bench.mts';
import { contenders, type Contender, type Live } from '../contenders.mts';
import { rotated } from '../statistics.mts';

/** ms from the call of a webhook to its redirect. */
export interface Redirects {
	readonly cached: Record<Contender, readonly number[]>;
	readonly expired: Record<Contender, readonly number[]>;
	/** Of this package, by turns: in the last tenth of a token's life, where it renews beside the request, and before. */
	readonly ageing: { readonly old: readonly number[]; readonly young: readonly number[] };
	/** Calls that ended otherwise than with a redirect; they do not count above. */
	readonly failed: Partial<Record<Contender, number>>;
}

/** In s. */
const LIFETIME = 2;
/** In s: the package counts a tenth less, and the last tenth of that is from 9.7 to 10.8 s. */
const AGEING_LIFETIME = 12;
/** In ms. */
const AGE = 9_800;
/** So many pairs fit into what is left. */
const PAIRS = 3;
/** In ms: n8n replies before it has written the execution down, which must not count for whoever comes next. */
const SETTLED = 150;

/** Webhook ▸ single sign-on link ▸ redirect, one after the other, the contenders in turn, in another order each round. */
export async function redirects(
	{ workshop, sandbox }: Bench,
	cachedRounds: number,
	expiredRounds: number,
): Promise<Redirects> {
	const failed: Redirects['failed'] = {};
	const make = async () => {
		const lives: Array<[Contender, Live]> = [];
		for (const contender of contenders) {
			lives.push([contender, await workshop.make(contender, 'link', { redirects: true })]);
		}
		return lives;
	};
	const call = async (contender: Contender, live: Live, into?: number[]) => {
		const started = performance.now();
		const { status } = await live.call();
		if (status === 302) into?.push(performance.now() - started);
		else failed[contender] = (failed[contender] ?? 0) + 1;
		await sleep(SETTLED);
	};
	const round = async (lives: ReadonlyArray<[Contender, Live]>, index: number, into?: Record<Contender, number[]>) => {
		for (const [contender, live] of rotated(lives, index)) await call(contender, live, into?.[contender]);
	};
	const empty = () => Object.fromEntries(contenders.map((name) => [name, []])) as unknown as Record<Contender, number[]>;

	const cached = empty();
	const living = await make();
	for (let index = 0; index < 5; index++) await round(living, index);
	for (let index = 0; index < cachedRounds; index++) await round(living, index, cached);

	const expired = empty();
	await sandbox.settings({ meister1: { lifetime: LIFETIME }, calenso: { lifetime: LIFETIME } });
	const dying = await make();
	await round(dying, 0);
	for (let index = 0; index < expiredRounds; index++) {
		await sleep(LIFETIME * 1000 + 200);
		await round(dying, index, expired);
	}

	const ageing = { old: [] as number[], young: [] as number[] };
	const makeSome = async (lifetime: number) => {
		await sandbox.settings({ meister1: { lifetime } });
		const some: Array<{ readonly live: Live; readonly born: number }> = [];
		for (let index = 0; index < PAIRS; index++) {
			const live = await workshop.make('ours', 'link', { redirects: true });
			await live.call();
			some.push({ live, born: performance.now() });
			// As long as it takes to call a pair.
			await sleep(3 * SETTLED);
		}
		return some;
	};
	const young = await makeSome(3600);
	for (let index = 0; index < Math.max(2, expiredRounds / 5); index++) {
		for (const [pair, { live, born }] of (await makeSome(AGEING_LIFETIME)).entries()) {
			const both = [[live, ageing.old], [(young[pair] as (typeof young)[0]).live, ageing.young]] as const;
			await sleep(Math.max(0, born + AGE - performance.now()));
			for (const [one, into] of rotated(both, index * PAIRS + pair)) await call('ours', one, into);
		}
	}
	await sandbox.settings(forLoad);
	return { cached, expired, ageing, failed };
}
