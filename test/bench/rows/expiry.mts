import { setTimeout as sleep } from 'node:timers/promises';
import { forLoad, type Bench } from '../bench.mts';
import { contenders, type Contender } from '../contenders.mts';

/** What a provider saw when an expired token was met. */
export interface Met {
	readonly tokens: number;
	readonly refused: number;
	/** Calls of the workflow that did not end well. */
	readonly failed: number;
}

const LIFETIME = 2;

/** `executions` at once, each with `items`, meet a token that has expired a moment ago. */
export async function atExpiry(
	{ workshop, sandbox }: Bench,
	executions: number,
	items: number,
): Promise<Record<Contender, Met>> {
	const met: Partial<Record<Contender, Met>> = {};
	for (const contender of contenders) {
		const live = await workshop.make(contender, 'list', { items });
		await sandbox.settings({ calenso: { lifetime: LIFETIME } });
		await live.call();
		await sleep(LIFETIME * 1000 + 300);
		await sandbox.settings(forLoad);
		await sandbox.reset();
		const replies = await Promise.all(Array.from({ length: executions }, async () => await live.call()));
		const { tokensIssued, apiRefused } = (await sandbox.counts()).calenso;
		const failed = replies.filter(({ status }) => status !== 200).length;
		met[contender] = { tokens: tokensIssued, refused: apiRefused, failed };
	}
	return met as Record<Contender, Met>;
}

/** Tokens bought by opening a credential again and again, as the editor does. */
export async function byOpening(
	{ workshop, sandbox, n8n }: Bench,
	times: number,
): Promise<Partial<Record<Contender, number>>> {
	const bought: Partial<Record<Contender, number>> = {};
	for (const contender of contenders) {
		const live = await workshop.make(contender, 'list');
		if (live.credential === undefined) continue;
		await live.call();
		await sandbox.reset();
		for (let round = 0; round < times; round++) {
			// n8n tests what has a test; a generic OAuth2 credential has none.
			if (contender === 'oauth2') await n8n.rest.getCredential(live.credential.id, { includeData: true });
			else await n8n.rest.openCredential(live.credential.id);
		}
		bought[contender] = (await sandbox.counts()).calenso.tokensIssued;
	}
	return bought;
}
