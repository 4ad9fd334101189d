import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import { createHash } from 'node:crypto';
import { findErrorText } from './errorWords';
import type { IssuedToken, ReplyFields } from './reply';
import type { TokenRequest } from './request';

/** One credential, read and checked: how its provider issues tokens, and who may see them. All of it is data. */
export interface TokenIssuer {
	/** As a user would name it: `Calenso`. */
	readonly provider: string;
	/** Without trailing slash. */
	readonly apiBase: string;
	/** Origins that may see the token. */
	readonly origins: readonly string[];
	/** Where in a request the token goes. */
	readonly attachments: readonly Attachment[];
	/** Sent with each API request beside the token. */
	readonly fixedHeaders: Readonly<Record<string, string>>;
	/** Tokens per calendar month in UTC; 0: no budget. */
	readonly budget: number;
	/** n8n stores no token record for this credential: its tokens live in the memory of each process. */
	readonly inMemory: boolean;
	/** Fingerprint of all that shapes a token but the slot. */
	readonly owner: string;
	/** Fingerprint of token URL and client: whose tokens are counted. */
	readonly client: string;
	/** Blanked in every text that comes from the provider. */
	readonly secrets: readonly string[];
	/** In ms: used where neither the reply nor the token tells. */
	readonly lifetime: number;
	/** In ms, for all requests of one renewal together. */
	readonly timeout: number;
	/** What was asked for, to be compared with what is granted; none: whatever the client has. */
	readonly scopes: readonly string[];
	/** A harmless request, to tell a revoked token from any other error; undefined where there is none. */
	readonly probeUrl?: string;
	/** What the provider bans hosts for. */
	readonly ban?: BanRule;
	readonly grant: Grant;
	/** Which token a request needs; all but bookingtime have the one slot `''`. */
	slotOf(url: URL): string;
	/** What a reply of the API says about the token that it was asked with. */
	verdict(reply: ApiVerdictReply): Verdict;
}

/** A reply of the API: names of headers in lower case, the body parsed where it is JSON. */
export interface ApiVerdictReply {
	readonly status: number;
	readonly headers: Readonly<Record<string, unknown>>;
	readonly body: unknown;
}

/**
 * `accepted`: the token is good, whatever else is wrong. `dead`: the reply says that the token itself is not.
 * `permission`: the reply says that a permission is missing. `unclear`: one of the two.
 */
export type Verdict = 'accepted' | 'dead' | 'permission' | 'unclear';

/** One place of a request in which a token is sent. */
export interface Attachment {
	readonly in: 'header' | 'cookie' | 'query';
	readonly name: string;
	readonly prefix: string;
	readonly suffix: string;
	/** `''`: the token itself; else the name of another token of the same reply. */
	readonly token: string;
}

/** How tokens are got (RFC 6749 calls it an authorization grant). */
export interface Grant {
	/** The full way in; a function where each request must be made anew. Missing: there is a refresh token alone. */
	readonly request?: TokenRequest | ((slot: string, now: number) => TokenRequest);
	readonly reply: ReplyFields;
	/** How a refresh token is used; missing where none is. */
	readonly refresh?: (refreshToken: string, slot: string, now: number) => TokenRequest;
	/** Where the reply to a refresh differs. */
	readonly refreshReply?: ReplyFields;
	/** Each use of a refresh token brings another one and ends the used one: two processes must not use it at once. */
	readonly rotates: boolean;
	/** One that a person already has: used until a reply brings another one. */
	readonly firstRefreshToken?: string;
	/** Said where there is no way in any more, instead of the usual words. */
	readonly broken?: { readonly what: string; readonly next: string };
	/** Nothing is requested: the token is made here. */
	readonly sign?: (now: number) => IssuedToken;
}

/** What a provider bans whole hosts for. */
export interface BanRule {
	/** A reply that counts. */
	counts(reply: ApiVerdictReply): boolean;
	/** The ban's own answer. */
	isBan(reply: ApiVerdictReply): boolean;
	/** No request leaves once so many were counted within `window`: fewer than the provider allows. */
	readonly most: number;
	/** In ms. */
	readonly window: number;
	/** In ms: how long a ban lasts. */
	readonly lasts: number;
	/** The rule in words, for the error: `bans hosts that get 32 refusals within 2 minutes`. */
	readonly rule: string;
}

/** How one provider's credential becomes an issuer. @throws ApiError `field` */
export type ReadIssuer = (credentials: ICredentialDataDecryptedObject) => TokenIssuer;

/** In ms; n8n's own limit is 300 s. */
export const TOKEN_TIMEOUT = 10_000;

/** RFC 6750, 2.1. */
export const bearer: Attachment = {
	in: 'header',
	name: 'Authorization',
	prefix: 'Bearer ',
	suffix: '',
	token: '',
};

/** What is the same for most providers. */
export const commonIssuer = {
	attachments: [bearer],
	fixedHeaders: {},
	inMemory: false,
	scopes: [],
	timeout: TOKEN_TIMEOUT,
	slotOf: () => '',
	verdict: verdictOf401,
} as const;

/** 401 alone speaks of the token. `WWW-Authenticate` settles the question where it names an error (RFC 6750, 3.1). */
export function verdictOf401({ status, headers, body }: ApiVerdictReply): Verdict {
	if (status !== 401) return 'accepted';
	const challenge = String(headers['www-authenticate'] ?? '');
	if (/\binvalid_token\b/i.test(challenge)) return 'dead';
	if (/\binsufficient_scope\b/i.test(challenge)) return 'permission';
	const words = findErrorText(body) ?? '';
	return /\b(?:expired|revoked)\b/i.test(words) ||
		/\binvalid[ _](?:(?:access|auth|bearer|session)[ _])?token\b/i.test(words)
		? 'dead'
		: 'unclear';
}

/** A short, one-way name for a list of values. */
export function fingerprint(...values: readonly unknown[]): string {
	return createHash('sha256').update(JSON.stringify(values)).digest('base64url').slice(0, 22);
}

/** `origin` of an absolute URL that was checked before. */
export function originOf(url: string): string {
	return new URL(url).origin;
}
