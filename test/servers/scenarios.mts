import { setTimeout as sleep } from 'node:timers/promises';
import type { N8n } from '../n8n/instance.mts';
import { consume, joined, THROUGH, type Consumer, type Seen, type Through } from './consumer.mts';
import type { Counts } from './countingProxy.mts';
import { LIFETIME, type Running, type Way } from './server.mts';

/** What one scenario came to, through one node. */
export interface Outcome extends Counts {
	readonly through: Through;
	readonly scenario: string;
	/** What a person reads in n8n. */
	readonly saw: string;
	/** What is not as promised; empty if all is. */
	readonly broken: readonly string[];
}

/** What a scenario may come to. */
interface Promised {
	readonly tokenRequests: readonly [least: number, most: number];
	/** API requests whose token was refused; any number if not given. */
	readonly refused?: number;
	/** Executions that may fail; none if not given. */
	readonly failed?: number;
}

type Run = (consumer: Consumer) => Promise<Seen>;

/** Scenario whose refused requests are no fault of the client: nobody tells it that a token was revoked. */
export const REVOKED = 'token revoked at the server';

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
	const oneToken = (): Promised => ({ tokenRequests: [1, 1], refused: 0 });
	const expired = async () => await sleep((LIFETIME + 1) * 1000);

	try {
		await each('20 items', oneToken, async ({ items }) => await items());
		await each('credential tested', () => ({ tokenRequests: [0, 0], refused: 0 }), async ({ test }) => await test());

		await expired();
		await each('20 items, token expired', oneToken, async ({ items }) => await items());

		await expired();
		await each('10 executions at once, token expired', oneToken, async ({ once }) =>
			joined(await Promise.all(Array.from({ length: 10 }, once))),
		);

		// A token that is about to expire is renewed beside a request, in the last tenth of its life.
		const threeLifetimes = (): Promised => ({ tokenRequests: [2, 4], refused: 0 });
		await each('calls over three lifetimes', threeLifetimes, async ({ once }) =>
			joined(await during(3 * LIFETIME * 1000, once)),
		);

		await expired();
		await Promise.all(consumers.map(async ({ once }) => await once()));
		for (const { proxy } of consumers) await way.revoke(proxy.lastAccepted());
		await each(
			REVOKED,
			// The HTTP Request node learns of it by a failed request: one execution may pay for that.
			(through) => ({ tokenRequests: [1, 1], failed: through === 'HTTP Request' ? 1 : 0 }),
			async ({ through, items, once }) =>
				through === 'HTTP Request' ? joined([await once(), await once(), await once()]) : await items(),
		);

		const wrongSecret = (): Promised => ({ tokenRequests: [1, 1], refused: 0, failed: 2 });
		await each('wrong secret, twice 20 items', wrongSecret, async ({ wrongly }) => await wrongly());
		const putRight = (): Promised => ({ tokenRequests: [0, 1], refused: 0 });
		await each('secret put right', putRight, async (consumer) => await consumer.putRight());
	} finally {
		await Promise.all(consumers.map(async ({ proxy }) => await proxy.stop()));
	}
	return outcomes;
}

async function observe(consumer: Consumer, scenario: string, promised: Promised, run: Run): Promise<Outcome> {
	const before = consumer.proxy.counts();
	const seen = await run(consumer);
	const after = consumer.proxy.counts();
	const counts: Counts = {
		tokenRequests: after.tokenRequests - before.tokenRequests,
		tokens: after.tokens - before.tokens,
		apiRequests: after.apiRequests - before.apiRequests,
		refused: after.refused - before.refused,
	};
	return { through: consumer.through, scenario, ...counts, saw: seen.said, broken: notKept(promised, counts, seen) };
}

function notKept({ tokenRequests: [least, most], refused, failed = 0 }: Promised, counts: Counts, { failures }: Seen): string[] {
	const { tokenRequests } = counts;
	return [
		tokenRequests < least || tokenRequests > most
			? `${tokenRequests} token requests, not ${least === most ? least : `${least} to ${most}`}`
			: '',
		refused !== undefined && counts.refused !== refused ? `${counts.refused} API requests refused, not ${refused}` : '',
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
