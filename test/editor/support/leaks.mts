import type { Received } from '../../n8n/browser.mts';
import type { SandboxClient } from '../../sandbox/client.mts';

/** Replies to the browser that hold a token or a secret, in any form; each as what was asked and which it is. */
export async function leaks(
	received: readonly Received[],
	sandbox: SandboxClient,
): Promise<string[]> {
	const canaries = await canariesOf(sandbox);
	const forms = canaries.flatMap(({ name, value }) =>
		formsOf(value).map((form) => ({ name, form })),
	);
	return received.flatMap(({ what, body }) =>
		forms.filter(({ form }) => body.includes(form)).map(({ name }) => `${what} holds ${name}`),
	);
}

export interface Canary {
	readonly name: string;
	readonly value: string;
}

/** Every token ever issued, and every secret and password that the providers know. */
export async function canariesOf(sandbox: SandboxClient): Promise<Canary[]> {
	const tokens = (await sandbox.tokens()).map(({ provider, kind, value }) => ({
		name: `the ${kind} token of ${provider}`,
		value,
	}));
	return [...tokens, ...secretsIn(sandbox.info.accounts, 'accounts')];
}

function secretsIn(value: unknown, path: string): Canary[] {
	if (typeof value !== 'object' || value === null) return [];
	return Object.entries(value).flatMap(([name, part]) =>
		typeof part === 'string'
			? ['clientSecret', 'password'].includes(name)
				? [{ name: `${path}.${name}`, value: part }]
				: []
			: secretsIn(part, `${path}.${name}`),
	);
}

/** As it is, URL-encoded, and in Base64 in all three ways in which other bytes before it can cut it. */
export function formsOf(secret: string): string[] {
	const bytes = Buffer.from(secret);
	const base64 = [0, 1, 2].map((before) =>
		Buffer.concat([Buffer.alloc(before), bytes])
			.toString('base64')
			.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6)),
	);
	const url = base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'));
	return [...new Set([secret, encodeURIComponent(secret), ...base64, ...url])];
}
