import { setTimeout as sleep } from 'node:timers/promises';
import type { IssuedToken } from '../../sandbox/tokens.mts';
import type { SandboxClient } from '../../sandbox/client.mts';
import { forLoad, type Bench } from '../bench.mts';
import { contenders, type Contender, type Live } from '../contenders.mts';

/** What a month of use costs, from a run in which a day is some seconds long. */
export interface Month {
	readonly calls: number;
	/** Calls that got no answer: n8n's main process loses one of some thousand that workers carry out. */
	readonly unanswered: number;
	readonly tokens: number;
	/** Tokens that had to be: one for each lifetime. */
	readonly needed: number;
	readonly refused: number;
	/** Tokens for each lifetime that was used; what buys one for each call, buys 1,440 in a day of one call a minute. */
	readonly perLifetime: number;
}

const CALLS_A_DAY = 1440;
/** Between two calls of one workflow, in ms. */
const PAUSE = 100;
/** In ms; a call takes a hundredth of it. */
const PATIENCE = 30_000;

/** Uses all contenders at the same time, each with a client of its own, for some lifetimes of a token (in s). */
export async function month(
	bench: Bench,
	{ lifetime, lifetimes, atOnce = 1 }: { lifetime: number; lifetimes: number; atOnce?: number },
): Promise<Record<Contender, Month>> {
	const { sandbox } = bench;
	await sandbox.settings({ calenso: { lifetime } });
	const lives = await Promise.all(contenders.map(async (contender) => await bench.workshop.make(contender, 'list')));
	await sandbox.reset({ tokens: true });
	const until = performance.now() + lifetimes * lifetime * 1000;
	const uses = await Promise.all(lives.map(async (live) => await use(live, until, atOnce)));
	const tokens = await sandbox.tokens();
	const refused = await refusedOf(sandbox, tokens);
	await sandbox.settings(forLoad);
	return Object.fromEntries(
		contenders.map((contender, index): [Contender, Month] => {
			const { client } = lives[index] as Live;
			const own = tokens.filter(({ owner, kind }) => owner === client && kind === 'access');
			const { calls, unanswered } = uses[index] as Awaited<ReturnType<typeof use>>;
			const needed = neededOf(own, lifetime);
			const perLifetime = own.length >= calls ? CALLS_A_DAY : own.length / needed;
			return [contender, { calls, unanswered, tokens: own.length, needed, refused: refused.get(client) ?? 0, perLifetime }];
		}),
	) as Record<Contender, Month>;
}

async function use(live: Live, until: number, atOnce: number) {
	let calls = 0;
	let unanswered = 0;
	while (performance.now() < until) {
		const replies = await Promise.allSettled(Array.from({ length: atOnce }, async () => await live.call(PATIENCE)));
		calls += atOnce;
		unanswered += replies.filter(({ status }) => status === 'rejected').length;
		await sleep(PAUSE);
	}
	return { calls, unanswered };
}

/** As many lifetimes as fit, to the nearest, between the first token and the last one. */
function neededOf(tokens: readonly IssuedToken[], lifetime: number): number {
	const issued = tokens.map(({ issuedAt }) => issuedAt);
	return 1 + Math.round((Math.max(...issued) - Math.min(...issued)) / 1000 / lifetime);
}

/** By client, as far as the sandbox remembers its requests. */
async function refusedOf(sandbox: SandboxClient, tokens: readonly IssuedToken[]): Promise<Map<string, number>> {
	const owners = new Map(tokens.map(({ value, owner }) => [`Bearer ${value}`, owner]));
	const refused = new Map<string, number>();
	for (const { status, headers } of await sandbox.requests({ provider: 'calenso', endpoint: 'api' })) {
		const owner = owners.get(headers.authorization ?? '');
		if (status === 401 && owner !== undefined) refused.set(owner, (refused.get(owner) ?? 0) + 1);
	}
	return refused;
}
