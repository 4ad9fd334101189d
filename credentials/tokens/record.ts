import type { Ledger } from './ledger';
import { readLedger, withoutOldMonths } from './ledger';

/** The one property in which n8n stores a record: hidden, expirable and password, see N8N.md in the docs. */
export const RECORD_PROPERTY = 'tokenRecord';

/** A token as the provider issued it. Times are epoch milliseconds of the process that bought it. */
export interface StoredToken {
	readonly value: string;
	readonly issuedAt: number;
	readonly expiresAt: number;
	/** It was bought because the API refused the one before it: if it is refused too, no third one is bought. */
	readonly replacement?: true;
}

/** A refresh token, times as above; `expiresAt` is missing where the provider does not tell. */
export interface StoredRefreshToken {
	readonly value: string;
	readonly issuedAt: number;
	readonly expiresAt?: number;
}

/** Somebody is about to buy a token: see claim.ts. */
export interface Claim {
	readonly nonce: string;
}

/** What is kept for one credential: its tokens, whose they are, and how many were bought. */
export interface TokenRecord {
	/** Fingerprint of every field that shapes a token; tokens of another owner are not used. */
	readonly owner: string;
	/** Tokens by slot. Only bookingtime has more slots than `''`: one per organization. */
	readonly tokens: Readonly<Record<string, StoredToken>>;
	readonly refreshToken?: StoredRefreshToken;
	readonly ledger: Ledger;
	readonly claim?: Claim;
	/** Epoch ms: tokens issued earlier were dropped by a person and are not taken from a process's memory again. */
	readonly notBefore?: number;
}

const VERSION = 1;
const MOST_SLOTS = 100;

/** The ledger comes first, so that it can be read from a record that was cut off. */
export function encodeRecord(record: TokenRecord, now: number): string {
	const living = Object.entries(record.tokens)
		.filter(([, token]) => token.expiresAt > now)
		.sort(([, a], [, b]) => b.expiresAt - a.expiresAt)
		.slice(0, MOST_SLOTS);
	const { owner, ledger, refreshToken, claim, notBefore } = record;
	return JSON.stringify({
		version: VERSION,
		ledger: withoutOldMonths(ledger, now),
		owner,
		tokens: Object.fromEntries(living),
		refreshToken,
		claim,
		notBefore,
	});
}

/**
 * Reads what n8n stored. Anything that is not a record of this version, or belongs to another owner, is an empty
 * record with the ledger kept where it can be read. Never throws.
 */
export function decodeRecord(stored: unknown, owner: string, client: string): TokenRecord {
	const text = typeof stored === 'string' ? stored : '';
	const parsed = parseObject(text);
	const ledger = readLedger(parsed?.ledger ?? salvageLedger(text), client);
	const empty: TokenRecord = { owner, tokens: {}, ledger };
	if (parsed === undefined || parsed.version !== VERSION) return empty;
	const claim = readClaim(parsed.claim);
	if (parsed.owner !== owner) return { ...empty, claim };
	return {
		owner,
		ledger,
		tokens: readTokens(parsed.tokens),
		refreshToken: readRefreshToken(parsed.refreshToken),
		claim,
		...(isTime(parsed.notBefore) ? { notBefore: parsed.notBefore } : {}),
	};
}

function parseObject(text: string): Record<string, unknown> | undefined {
	try {
		const parsed: unknown = JSON.parse(text);
		return isObject(parsed) ? parsed : undefined;
	} catch {
		return undefined;
	}
}

function salvageLedger(text: string): unknown {
	const start = text.indexOf('"ledger":');
	if (start < 0) return undefined;
	const json = text.slice(start + '"ledger":'.length);
	let depth = 0;
	for (let end = 0; end < json.length; end++) {
		if (json[end] === '{') depth++;
		if (json[end] === '}' && --depth === 0) return parseObject(json.slice(0, end + 1));
	}
	return undefined;
}

function readTokens(value: unknown): Record<string, StoredToken> {
	if (!isObject(value)) return {};
	return Object.fromEntries(
		Object.entries(value).flatMap(([slot, token]) => {
			if (!isObject(token)) return [];
			const { value: text, issuedAt, expiresAt, replacement } = token;
			if (!isTokenText(text) || !isTime(issuedAt) || !isTime(expiresAt)) return [];
			const read: StoredToken = { value: text, issuedAt, expiresAt };
			return [[slot, replacement === true ? { ...read, replacement: true } : read]];
		}),
	);
}

function readRefreshToken(value: unknown): StoredRefreshToken | undefined {
	if (!isObject(value) || !isTokenText(value.value) || !isTime(value.issuedAt)) return undefined;
	const read = { value: value.value, issuedAt: value.issuedAt };
	return isTime(value.expiresAt) ? { ...read, expiresAt: value.expiresAt } : read;
}

function readClaim(value: unknown): Claim | undefined {
	return isObject(value) && typeof value.nonce === 'string' ? { nonce: value.nonce } : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A token goes into a header: no white space, no control characters (RFC 6750 allows less still). */
export function isTokenText(value: unknown): value is string {
	return typeof value === 'string' && /^[\x21-\x7e]+$/.test(value);
}

function isTime(value: unknown): value is number {
	return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
