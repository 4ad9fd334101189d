import { setTimeout as sleep } from 'node:timers/promises';
import { readDecryptedCredential } from '../n8n/database.mts';
import type { N8n } from '../n8n/instance.mts';
import type { SandboxClient } from '../sandbox/client.mts';
import type { Provider } from '../sandbox/journal.mts';

/** What a provider saw while something happened. */
export interface Seen {
	readonly tokenRequests: number;
	readonly tokensIssued: number;
	readonly apiRequests: number;
	/** Refused API requests. */
	readonly refused: number;
	/** Refused ones whose token died while they were on their way: up to 1 s ago, by the provider's clock. */
	readonly diedOnTheWay: number;
	/** When its first token request came in, ms since 1970. */
	readonly firstTokenRequest: number | undefined;
	/** When its last API request came in, ms since 1970. */
	readonly lastApiRequest: number | undefined;
	/** When the token bought last expires, ms since 1970. */
	readonly expiresAt: number | undefined;
}

const ON_THE_WAY = 1_000;

/** Runs a task and tells what a provider saw meanwhile; what it remembered before is forgotten. */
export async function observe<T>(sandbox: SandboxClient, provider: Provider, task: () => Promise<T>): Promise<[T, Seen]> {
	await sandbox.reset();
	const result = await task();
	const [counts, requests, tokens] = await Promise.all([sandbox.counts(), sandbox.requests({ provider }), sandbox.tokens()]);
	const { tokenRequests, tokensIssued, apiRequests, apiRefused } = counts[provider];
	const access = tokens.filter((token) => token.provider === provider && token.kind === 'access');
	const expiryOf = (authorization: string | undefined) =>
		access.find(({ value }) => authorization === `Bearer ${value}`)?.expiresAt ?? -Infinity;
	const diedOnTheWay = requests.filter(({ endpoint, status, time, headers }) => {
		const late = time - expiryOf(headers.authorization);
		return endpoint === 'api' && status === 401 && late >= 0 && late <= ON_THE_WAY;
	});
	return [
		result,
		{
			tokenRequests, tokensIssued, apiRequests, refused: apiRefused,
			diedOnTheWay: diedOnTheWay.length,
			firstTokenRequest: requests.find(({ endpoint }) => endpoint === 'token')?.time,
			lastApiRequest: requests.findLast(({ endpoint }) => endpoint === 'api')?.time,
			expiresAt: access.at(-1)?.expiresAt,
		},
	];
}

/** Waits until no token that a provider has issued is alive. */
export async function untilExpired(sandbox: SandboxClient, provider: Provider): Promise<void> {
	const tokens = (await sandbox.tokens()).filter((token) => token.provider === provider && token.kind === 'access');
	const last = Math.max(0, ...tokens.map(({ expiresAt }) => expiresAt));
	await sleep(Math.max(0, last - Date.now()) + 100);
}

/** Somebody's claim in a credential's row, read past n8n. */
export async function claimIn(n8n: N8n, credentialId: string): Promise<string | undefined> {
	const { tokenRecord } = await readDecryptedCredential(n8n, credentialId);
	if (typeof tokenRecord !== 'string' || tokenRecord === '') return undefined;
	return (JSON.parse(tokenRecord) as { claim?: { nonce: string } }).claim?.nonce;
}
