import { setTimeout as sleep } from 'node:timers/promises';
import { forLoad, type Bench } from '../bench.mts';
import { contenders, type Contender, type Live } from '../contenders.mts';

/** ms from the call of a webhook to its redirect. */
export interface Redirects {
	readonly cached: Record<Contender, readonly number[]>;
	readonly expired: Record<Contender, readonly number[]>;
	/** In the last tenth of the token's life, where this package renews beside the request. */
	readonly ageing: Record<Contender, readonly number[]>;
	/** Calls that ended otherwise than with a redirect; they do not count above. */
	readonly failed: Partial<Record<Contender, number>>;
}

/** In s. */
const LIFETIME = 2;
/** In s; its last tenth is long enough for a round. */
const AGEING_LIFETIME = 10;

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
	const ageing = empty();
	await sandbox.settings({ meister1: { lifetime: AGEING_LIFETIME }, calenso: { lifetime: AGEING_LIFETIME } });
	for (let index = 0; index < Math.max(3, expiredRounds / 5); index++) {
		const old = await make();
		await round(old);
		await sleep(AGEING_LIFETIME * 920);
		await round(old, ageing);
	}
	await sandbox.settings(forLoad);
	return { cached, expired, ageing, failed };
}
