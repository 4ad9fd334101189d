import { setTimeout as sleep } from 'node:timers/promises';
import { forLoad, type Bench } from '../bench.mts';
import { contenders, type Contender, type Live } from '../contenders.mts';

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

/** Webhook ▸ single sign-on link ▸ redirect, one after the other, the contenders in turn. */
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
	const round = async (lives: ReadonlyArray<[Contender, Live]>, into?: Record<Contender, number[]>) => {
		for (const [contender, live] of lives) {
			const started = performance.now();
			const { status } = await live.call();
			if (status === 302) into?.[contender].push(performance.now() - started);
			else failed[contender] = (failed[contender] ?? 0) + 1;
		}
	};
	const empty = () => Object.fromEntries(contenders.map((name) => [name, []])) as unknown as Record<Contender, number[]>;

	const cached = empty();
	const living = await make();
	for (let index = 0; index < 5; index++) await round(living);
	for (let index = 0; index < cachedRounds; index++) await round(living, cached);

	const expired = empty();
	await sandbox.settings({ meister1: { lifetime: LIFETIME }, calenso: { lifetime: LIFETIME } });
	const dying = await make();
	await round(dying);
	for (let index = 0; index < expiredRounds; index++) {
		await sleep(LIFETIME * 1000 + 200);
		await round(dying, expired);
	}
	const ageing = { old: [] as number[], young: [] as number[] };
	const makeSome = async (lifetime: number) => {
		await sandbox.settings({ meister1: { lifetime } });
		const some: Live[] = [];
		for (let index = 0; index < PAIRS; index++) {
			const live = await workshop.make('ours', 'link', { redirects: true });
			await live.call();
			some.push(live);
		}
		return some;
	};
	for (let index = 0; index < Math.max(3, expiredRounds / 5); index++) {
		const young = await makeSome(3600);
		const old = await makeSome(AGEING_LIFETIME);
		await sleep(AGE);
		for (const [pair, live] of old.entries()) {
			const both = [[live, ageing.old], [young[pair] as Live, ageing.young]] as const;
			for (const [one, into] of pair % 2 ? [...both].reverse() : both) {
				const started = performance.now();
				const { status } = await one.call();
				if (status === 302) into.push(performance.now() - started);
				else failed.ours = (failed.ours ?? 0) + 1;
			}
		}
	}
	await sandbox.settings(forLoad);
	return { cached, expired, ageing, failed };
}
