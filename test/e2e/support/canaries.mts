import type { Info } from '../../sandbox/info.mts';
import type { SandboxClient } from '../../sandbox/client.mts';

/** A text that must be nowhere, and how to name it without showing it. */
export interface Canary {
	readonly name: string;
	readonly text: string;
}

/** Every secret of the sandbox's accounts and every token that it ever gave out, each in all the forms that it takes. */
export async function canariesOf(sandbox: SandboxClient, more: Readonly<Record<string, string>> = {}): Promise<Canary[]> {
	const tokens = (await sandbox.tokens()).map(({ provider, kind, value }): [string, string] => [`${provider} ${kind} token`, value]);
	return [...secretsOf(sandbox.info), ...tokens, ...Object.entries(more)].flatMap(([name, secret]) => formsOf(name, secret));
}

function secretsOf({ accounts }: Info): Array<[name: string, secret: string]> {
	const { calenso, bookingtime, meister1, fusio, custom } = accounts;
	const clients = [...calenso.clients, ...bookingtime.apps, ...meister1.users, ...fusio.apps];
	const users = [...fusio.users, ...custom.users];
	return [
		...clients.map(({ clientSecret }): [string, string] => ['client secret', clientSecret]),
		...users.map(({ password }): [string, string] => ['password', password]),
		...[...clients.map(({ clientId, clientSecret }) => [clientId, clientSecret]), ...users.map(({ username, password }) => [username, password])].map(
			([id, secret]): [string, string] => ['Basic header', Buffer.from(`${id}:${secret}`).toString('base64')],
		),
	];
}

/** A secret as it is, URL-encoded, and in Base64 wherever it stands in what was encoded. */
export function formsOf(name: string, secret: string): Canary[] {
	const bytes = Buffer.from(secret);
	const forms = {
		'': secret,
		', URL-encoded': encodeURIComponent(secret),
		', Base64': bytes.toString('base64').replace(/=+$/, ''),
		', base64url': bytes.toString('base64url'),
		// Behind one and behind two other bytes, as in a Basic header.
		', Base64 in the middle': Buffer.from(`x${secret}`).toString('base64').slice(2).replace(/.?=*$/, ''),
		', Base64 further in': Buffer.from(`xx${secret}`).toString('base64').slice(4).replace(/.?=*$/, ''),
	};
	const unique = new Map(Object.entries(forms).map(([form, text]) => [text, form]));
	return [...unique].map(([text, form]) => ({ name: name + form, text }));
}

/** Names of the canaries in a text. */
export type Finder = (text: string | Buffer) => string[];

/**
 * Looks for all canaries at once: thousands of them, in files of megabytes. Each is entered under its first four bytes,
 * and each place of the text is looked up there.
 */
export function finder(canaries: readonly Canary[]): Finder {
	const known = canaries.map(({ name, text }) => ({ name, bytes: Buffer.from(text) }));
	const byStart = new Map<number, typeof known>();
	// Most places are ruled out by a look into this, without asking the map.
	const possible = new Uint8Array(1 << 16);
	for (const canary of known) {
		const start = canary.bytes.readUInt32LE(0);
		byStart.set(start, [...(byStart.get(start) ?? []), canary]);
		possible[(start ^ (start >>> 16)) & 0xffff] = 1;
	}
	return (text) => {
		const bytes = typeof text === 'string' ? Buffer.from(text) : text;
		const names = new Set<string>();
		let start = 0;
		for (let end = 0; end < bytes.length; end++) {
			start = (start >>> 8) | ((bytes[end] as number) << 24);
			if (end < 3 || possible[(start ^ (start >>> 16)) & 0xffff] === 0) continue;
			for (const canary of byStart.get(start >>> 0) ?? []) {
				const from = end - 3;
				if (bytes.subarray(from, from + canary.bytes.length).equals(canary.bytes)) names.add(canary.name);
			}
		}
		return [...names];
	};
}

/** Everything that can be got at from a thrown value: hidden properties, symbols, getters, causes, maps, buffers. */
export function everyText(value: unknown): Array<{ readonly at: string; readonly text: string }> {
	const texts: Array<{ at: string; text: string }> = [];
	const seen = new Set<unknown>();
	const open: Array<[at: string, value: unknown]> = [['', value]];
	for (let next = open.pop(); next !== undefined && seen.size < 300_000; next = open.pop()) {
		const [at, current] = next;
		if (typeof current === 'string') texts.push({ at, text: current });
		if (typeof current !== 'object' || current === null || seen.has(current)) continue;
		seen.add(current);
		if (ArrayBuffer.isView(current)) {
			texts.push({ at, text: Buffer.from(current.buffer, current.byteOffset, current.byteLength).toString() });
			continue;
		}
		if (current instanceof Map || current instanceof Set) {
			[...current].forEach((entry, index) => open.push([`${at}<${index}>`, entry]));
		}
		for (let holder: object | null = current; holder !== null && holder !== Object.prototype; holder = Object.getPrototypeOf(holder) as object | null) {
			for (const key of Reflect.ownKeys(holder)) {
				if (typeof key === 'string') texts.push({ at, text: key });
				try {
					open.push([`${at}.${String(key)}`, Reflect.get(holder, key, current)]);
				} catch {
					// A getter that throws tells nothing.
				}
			}
		}
	}
	return texts;
}
