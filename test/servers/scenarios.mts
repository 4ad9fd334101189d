import { setTimeout as sleep } from 'node:timers/promises';
import type { N8n } from '../n8n/instance.mts';
import { consume, joined, THROUGH, type Consumer, type Seen, type Through } from './consumer.mts';
import type { Counts } from './countingProxy.mts';
import { LIFETIME, type Running, type Way } from './server.mts';

/** What one scenario came to, through one node. */
export interface Outcome extends Counts {
	readonly through: Through;
	readonly scenario: string;
	readonly seconds: number;
	/** What a person reads in n8n. */
	readonly saw: string;
	/** What is not as promised; empty if all is. */
	readonly broken: readonly string[];
}

/** What a scenario may come to. */
interface Promised {
	/** Whether there is a token at its beginning that is good for use. */
	readonly alive?: boolean;
	/** API requests whose token was refused; none if not given. */
	readonly refused?: 'any';
	/** Executions that may fail; none if not given. */
	readonly failed?: number;
	/** The one token request is refused too, and there is none after it. */
	readonly inVain?: boolean;
}

type Run = (consumer: Consumer) => Promise<Seen>;

/** Scenario whose refused requests are no fault of the client: nobody tells it that a token was revoked. */
export const REVOKED = 'token revoked at the server';

/**
 * In ms: a life counts a tenth shorter and a token is renewed in the last tenth of that, beside a request; each of the
 * two is a second at least. So two tokens are no less apart.
 */
const RENEWED_AFTER = (LIFETIME - 2) * 1000;

/** Runs all scenarios of one way to a token, through both nodes side by side, each past a counter of its own. */
export async function runScenarios(n8n: N8n, { origin }: Running, way: Way): Promise<Outcome[]> {
	const consumers = await Promise.all(
		THROUGH.map(async (through) => await consume(n8n, origin, way, through)),
	);
	const outcomes: Outcome[] = [];
	const each = async (scenario: string, promised: (through: Through) => Promised, run: Run) => {
		const observed = consumers.map(
			async (consumer) => await observe(consumer, scenario, promised(consumer.through), run),
		);
		outcomes.push(...(await Promise.all(observed)));
	};
	const oneToken = (): Promised => ({});
	const expired = async () => await sleep((LIFETIME + 1) * 1000);

	try {
		await each('20 items', oneToken, async ({ items }) => await items());
		await each('credential tested', () => ({ alive: true }), async ({ test }) => await test());

		await expired();
		await each('20 items, token expired', oneToken, async ({ items }) => await items());

		await expired();
		await each('10 executions at once, token expired', oneToken, async ({ once }) =>
			joined(await Promise.all(Array.from({ length: 10 }, once))),
		);

		await expired();
		await each('calls over three lifetimes', oneToken, async ({ once }) =>
			joined(await during(3 * LIFETIME * 1000, once)),
		);

		await expired();
		await Promise.all(consumers.map(async ({ once }) => await once()));
		const ended = way.revokesAll ? consumers.slice(0, 1) : consumers;
		for (const { proxy } of ended) await way.revoke(proxy.lastAccepted());
		const revoked = (through: Through): Promised => {
			if (through === 'Protected Call') return { refused: 'any' };
			// The HTTP Request node learns of it by a failed request: one execution may pay for that.
			if (way.api.json === undefined) return { refused: 'any', failed: 1 };
			// Of a POST it is not told why it failed, and nothing can be asked with GET: the token has to expire.
			return { refused: 'any', failed: 3, alive: true };
		};
		await each(
			REVOKED,
			revoked,
			async ({ through, items, once }) =>
				through === 'HTTP Request' ? joined([await once(), await once(), await once()]) : await items(),
		);

		if (way.api.json !== undefined) await expired();
		const wrongSecret = (): Promised => ({ inVain: true, failed: 2 });
		await each('wrong secret, twice 20 items', wrongSecret, async ({ wrongly }) => await wrongly());
		await each('secret put right', () => ({ alive: true }), async ({ putRight }) => await putRight());
	} finally {
		await Promise.all(consumers.map(async ({ proxy }) => await proxy.stop()));
	}
	return outcomes;
}

async function observe(consumer: Consumer, scenario: string, promised: Promised, run: Run): Promise<Outcome> {
	const { through, proxy } = consumer;
	const before = proxy.counts();
	const began = performance.now();
	// With a token that is alive, the lifetimes count from when it was issued.
	const since = promised.alive ? proxy.lastTokenAt() : began;
	const seen = await run(consumer);
	const ended = performance.now();
	const after = proxy.counts();
	const counts: Counts = {
		tokenRequests: after.tokenRequests - before.tokenRequests,
		tokens: after.tokens - before.tokens,
		apiRequests: after.apiRequests - before.apiRequests,
		refused: after.refused - before.refused,
	};
	return {
		through,
		scenario,
		seconds: (ended - began) / 1000,
		...counts,
		saw: seen.said,
		broken: notKept(promised, ended - since, counts, seen),
	};
}

/** What is not as promised, in a scenario that took so many ms. */
function notKept({ alive, refused, failed = 0, inVain }: Promised, ms: number, counts: Counts, { failures }: Seen): string[] {
	const { tokenRequests } = counts;
	const least = alive ? 0 : 1;
	const most = inVain ? 1 : least + Math.floor(ms / RENEWED_AFTER);
	return [
		tokenRequests < least || tokenRequests > most
			? `${tokenRequests} token requests, not ${least === most ? least : `${least} to ${most}`}`
			: '',
		refused !== 'any' && counts.refused > 0 ? `${counts.refused} API requests refused` : '',
		failures.length > failed ? `${failures.length} failed, not ${failed}` : '',
	].filter((one) => one !== '');
}

async function during(ms: number, once: () => Promise<Seen>): Promise<Seen[]> {
	const end = performance.now() + ms;
	const seen: Seen[] = [];
	while (performance.now() < end) {
		seen.push(await once());
		await sleep(300);
	}
	return seen;
}
