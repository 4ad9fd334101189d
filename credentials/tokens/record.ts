import { isObject, parseJson } from './json';
import { type Ledger, mergeLedgers, readLedger, withoutOldMonths } from './ledger';

/** The one property in which n8n stores a record: hidden, expirable and password; `properties.ts` says why. */
export const RECORD_PROPERTY = 'tokenRecord';

/** A token as the provider issued it. Times are epoch milliseconds of the process that bought it. */
export interface StoredToken {
	readonly value: string;
	readonly issuedAt: number;
	readonly expiresAt: number;
	/** Of two tokens the one with the greater number was bought later, whatever the clocks said (Lamport 1978). */
	readonly serial: number;
	/** So many tokens before this one were refused by the API, one after the other, before they had expired. */
	readonly replaced?: number;
	/** What was granted, where the provider tells. */
	readonly scopes?: readonly string[];
	/** Other tokens of the same reply, by name. */
	readonly extras?: Readonly<Record<string, string>>;
	/** What is odd about it, in the user's words. */
	readonly notes?: readonly string[];
	/** What a person has to decide about its expiry, in the user's words. */
	readonly doubt?: string;
}

/** A refresh token, times as above; `expiresAt` is missing where the provider does not tell. */
export interface StoredRefreshToken {
	readonly value: string;
	readonly issuedAt: number;
	readonly serial: number;
	readonly expiresAt?: number;
	/** So many uses of it brought nothing. */
	readonly failed?: number;
	/** The provider refused it, or may have used it up: it is not sent again. */
	readonly dead?: true;
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
	/** The greatest serial that was given out. */
	readonly serial: number;
	/** Tokens of this serial and below were dropped by a person and are not taken from a process's memory again. */
	readonly forgotten?: number;
	/** In ms: the slowest write that was seen on this database, for the claim's wait. */
	readonly slowestWrite?: number;
	readonly claim?: Claim;
}

/** A slot may have any name that somebody writes into an address, `constructor` too. */
export function tokenIn({ tokens }: TokenRecord, slot: string): StoredToken | undefined {
	return Object.hasOwn(tokens, slot) ? tokens[slot] : undefined;
}

const VERSION = 2;
const MOST_STORED = 100;
const MOST_REMEMBERED = 1_000;

export function emptyRecord(owner: string): TokenRecord {
	return { owner, tokens: {}, ledger: {}, serial: 0 };
}

/** The ledger comes first, so that it can be read from a record that was cut off. */
export function encodeRecord(record: TokenRecord, now: number): string {
	const { ledger, ...rest } = record;
	return JSON.stringify({
		version: VERSION,
		ledger: withoutOldMonths(ledger, now),
		...rest,
		tokens: livingTokens(record.tokens, now, MOST_STORED),
	});
}

/** What is worth remembering of the tokens of many organizations: those that live, and of very many the newest. */
export function livingTokens(
	tokens: TokenRecord['tokens'],
	now: number,
	most = MOST_REMEMBERED,
): TokenRecord['tokens'] {
	const living = Object.entries(tokens)
		.filter(([, token]) => token.expiresAt > now)
		.sort(([, a], [, b]) => b.serial - a.serial);
	return Object.fromEntries(living.slice(0, most));
}

/**
 * Reads what n8n stored. Anything that is not a record of this version, or belongs to another owner, is an empty
 * record with the counts kept where they can be read. Never throws.
 */
export function decodeRecord(stored: unknown, owner: string): TokenRecord {
	const text = typeof stored === 'string' ? stored : '';
	const whole = parseJson(text);
	const parsed = isObject(whole) ? whole : undefined;
	const ledger = readLedger(parsed?.ledger ?? salvageLedger(text));
	const serial = isTime(parsed?.serial) ? parsed.serial : 0;
	const empty: TokenRecord = { ...emptyRecord(owner), ledger, serial };
	if (parsed === undefined || parsed.version !== VERSION) return empty;
	const claim = readClaim(parsed.claim);
	const slowestWrite = isTime(parsed.slowestWrite) ? parsed.slowestWrite : undefined;
	if (parsed.owner !== owner) return { ...empty, slowestWrite };
	return {
		...empty,
		tokens: readTokens(parsed.tokens),
		refreshToken: readRefreshToken(parsed.refreshToken),
		forgotten: isTime(parsed.forgotten) ? parsed.forgotten : undefined,
		slowestWrite,
		claim,
	};
}

/**
 * What a row says and what this process knows, together: of two tokens for a slot the one bought later. The claim is
 * the row's: nobody writes back somebody else's.
 */
export function mergeRecords(stored: TokenRecord, known: TokenRecord | undefined): TokenRecord {
	if (known === undefined) return stored;
	const forgotten = Math.max(stored.forgotten ?? 0, known.forgotten ?? 0);
	const tokens = new Map<string, StoredToken>();
	for (const [slot, token] of [...Object.entries(known.tokens), ...Object.entries(stored.tokens)]) {
		const other = tokens.get(slot);
		const later = other === undefined || isLater(token, other);
		if (later && token.serial > forgotten) tokens.set(slot, token);
	}
	const refreshTokens = [known.refreshToken, stored.refreshToken].filter(
		(token) => token !== undefined && token.serial > forgotten,
	) as StoredRefreshToken[];
	return {
		...stored,
		tokens: Object.fromEntries(tokens),
		refreshToken: refreshTokens.sort(byUse)[0],
		ledger: mergeLedgers(known.ledger, stored.ledger),
		serial: Math.max(stored.serial, known.serial),
		...(forgotten > 0 ? { forgotten } : {}),
		slowestWrite: stored.slowestWrite ?? known.slowestWrite,
	};
}

/** Two workers may have given out one number at once: then the one that lives longer is kept, by both. */
function isLater(a: StoredToken, b: StoredToken): boolean {
	return a.serial !== b.serial ? a.serial > b.serial : a.expiresAt >= b.expiresAt;
}

/** The one that came later; of one refresh token's two copies the one that tells more of its failures. */
function byUse(a: StoredRefreshToken, b: StoredRefreshToken): number {
	if (a.serial !== b.serial) return b.serial - a.serial;
	return a.value === b.value ? usesOf(b) - usesOf(a) : b.issuedAt - a.issuedAt;
}

function usesOf({ failed = 0, dead }: StoredRefreshToken): number {
	return dead === true ? Infinity : failed;
}

function salvageLedger(text: string): unknown {
	const start = text.indexOf('"ledger":');
	if (start < 0) return undefined;
	const json = text.slice(start + '"ledger":'.length);
	let depth = 0;
	for (let end = 0; end < json.length; end++) {
		if (json[end] === '{') depth++;
		if (json[end] === '}' && --depth === 0) return parseJson(json.slice(0, end + 1));
	}
	return undefined;
}

function readTokens(value: unknown): Record<string, StoredToken> {
	if (!isObject(value)) return {};
	return Object.fromEntries(
		Object.entries(value).flatMap(([slot, token]) => {
			if (!isObject(token)) return [];
			const {
				value: text,
				issuedAt,
				expiresAt,
				serial,
				replaced,
				scopes,
				extras,
				notes,
				doubt,
			} = token;
			if (!isTokenText(text) || ![issuedAt, expiresAt, serial].every(isTime)) return [];
			const read = { value: text, issuedAt, expiresAt, serial } as StoredToken;
			return [
				[
					slot,
					{
						...read,
						...(isTime(replaced) && replaced > 0 ? { replaced } : {}),
						...(isTexts(scopes) ? { scopes } : {}),
						...(isObject(extras) && isTexts(Object.values(extras)) ? { extras } : {}),
						...(isTexts(notes) ? { notes } : {}),
						...(typeof doubt === 'string' ? { doubt } : {}),
					} as StoredToken,
				],
			];
		}),
	);
}

function readRefreshToken(value: unknown): StoredRefreshToken | undefined {
	if (!isObject(value) || !isTokenText(value.value)) return undefined;
	const { issuedAt, serial, expiresAt, failed, dead } = value;
	if (!isTime(issuedAt) || !isTime(serial)) return undefined;
	return {
		value: value.value,
		issuedAt,
		serial,
		...(isTime(expiresAt) ? { expiresAt } : {}),
		...(isTime(failed) && failed > 0 ? { failed } : {}),
		...(dead === true ? { dead } : {}),
	};
}

function readClaim(value: unknown): Claim | undefined {
	return isObject(value) && typeof value.nonce === 'string' ? { nonce: value.nonce } : undefined;
}

/** A token goes into a header: no white space, no control characters (RFC 6750 allows less still). */
export function isTokenText(value: unknown): value is string {
	return typeof value === 'string' && /^[\x21-\x7e]+$/.test(value);
}

function isTexts(value: unknown): value is string[] {
	return Array.isArray(value) && value.every((entry) => typeof entry === 'string');
}

function isTime(value: unknown): value is number {
	return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
