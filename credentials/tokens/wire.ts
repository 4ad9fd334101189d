import { findErrorText, providerWords, ApiError } from './errors';
import { isTokenText } from './record';
import { readRetryAfter } from './retryAfter';

/** A request to a token endpoint, ready to be sent. */
export interface TokenRequest {
	readonly method: 'POST' | 'PUT' | 'PATCH' | 'GET';
	readonly url: string;
	readonly headers: Readonly<Record<string, string>>;
	readonly body?: string;
}

/** What a token endpoint answered, unread. */
export interface TokenReply {
	readonly status: number;
	/** Names in lower case. */
	readonly headers: Readonly<Record<string, string>>;
	readonly text: string;
}

/** Where in a reply the fields stand: dotted paths, `data.token`. */
export interface ReplyFields {
	readonly token: string;
	readonly expiry?: string;
	readonly refreshToken?: string;
}

/** What was read from a good reply. */
export interface IssuedToken {
	/** Missing where the field is not in the reply: bookingtime answers a refresh token alone. */
	readonly token?: string;
	readonly refreshToken?: string;
	/** Epoch ms, if the reply or the JWT in it tells. */
	readonly expiresAt?: number;
}

const MOST_BYTES = 1024 * 1024;
const YEAR = 365 * 24 * 3600_000;
/** Seconds above this are a UNIX time, not a lifetime (Fusio before 4.0.3); 5e8 s are 15 years. */
const ABSOLUTE_SECONDS = 5e8;

/** RFC 6749, 4.4.2: parameters as `application/x-www-form-urlencoded`; those that are undefined are left out. */
export function formRequest(
	url: string,
	parameters: Readonly<Record<string, string | undefined>>,
	headers: Readonly<Record<string, string>> = {},
	method: TokenRequest['method'] = 'POST',
): TokenRequest {
	const form = new URLSearchParams();
	for (const [name, value] of Object.entries(parameters)) {
		if (value !== undefined) form.append(name, value);
	}
	return {
		method,
		url,
		headers: {
			accept: 'application/json',
			'content-type': 'application/x-www-form-urlencoded',
			...headers,
		},
		body: form.toString(),
	};
}

/** Parameters as a JSON object; those that are undefined are left out. */
export function jsonRequest(
	url: string,
	parameters: Readonly<Record<string, unknown>>,
	headers: Readonly<Record<string, string>> = {},
	method: TokenRequest['method'] = 'POST',
): TokenRequest {
	return {
		method,
		url,
		headers: { accept: 'application/json', 'content-type': 'application/json', ...headers },
		body: JSON.stringify(parameters),
	};
}

/** RFC 7617. */
export function basicHeader(user: string, password: string): Record<string, string> {
	return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}

/**
 * Reads a reply of status 200 to 299.
 *
 * @param askedAt Epoch ms at which the request left: lifetimes count from here.
 * @throws ApiError `reply` where it is not a JSON object under 1 MiB, or carries a token that cannot be used.
 */
export function readIssuedToken(
	provider: string,
	reply: TokenReply,
	fields: ReplyFields,
	askedAt: number,
	bearer = true,
): IssuedToken {
	const unusable = (why: string, next = 'Check the URLs in the credential.') =>
		new ApiError('reply', `${provider} answered the token request with ${why}.`, next, {
			retryAfter: 0,
		});
	if (reply.text.length > MOST_BYTES) throw unusable('more than 1 MiB');
	if (reply.text.trim() === '') throw unusable('an empty reply');
	const body = parseJson(reply.text);
	if (body === undefined) {
		throw unusable(/^\s*</.test(reply.text) ? 'a web page' : 'something that is not JSON');
	}
	if (typeof body !== 'object' || body === null || Array.isArray(body)) {
		throw unusable('JSON that is not an object');
	}
	const tokenType: unknown = pick(body, 'token_type') ?? pick(body, 'tokenType');
	if (bearer && typeof tokenType === 'string' && !/^bearer$/i.test(tokenType)) {
		throw unusable('a token of another type than Bearer');
	}
	const token = readToken(pick(body, fields.token));
	const refreshToken = fields.refreshToken && readToken(pick(body, fields.refreshToken));
	if (!token && !refreshToken) {
		throw unusable(
			'no token in it',
			`It was looked for at “${fields.token}”. Check the URLs in the credential, and Token in Reply if there is such a field.`,
		);
	}
	const expiry = fields.expiry === undefined ? undefined : pick(body, fields.expiry);
	const expiresAt =
		readExpiry(expiry, askedAt) ?? (token ? readJwtExpiry(token, askedAt) : undefined);
	return {
		...(token ? { token } : {}),
		...(refreshToken ? { refreshToken } : {}),
		...(expiresAt === undefined ? {} : { expiresAt }),
	};
}

/**
 * Reads an expiry as the providers write it: seconds as a number or a string, a UNIX time in s or ms, an ISO date.
 *
 * @returns Epoch ms, at most a year ahead; undefined where it is missing, empty, not positive or past.
 */
export function readExpiry(value: unknown, askedAt: number): number | undefined {
	const expiresAt = expiryTime(value, askedAt);
	if (expiresAt === undefined || Number.isNaN(expiresAt) || expiresAt <= askedAt) return undefined;
	return Math.floor(Math.min(expiresAt, askedAt + YEAR));
}

function expiryTime(value: unknown, askedAt: number): number | undefined {
	if (typeof value === 'string' && /^\d{4}-\d{2}-\d{2}/.test(value)) return Date.parse(value);
	if (typeof value !== 'number' && (typeof value !== 'string' || value.trim() === '')) {
		return undefined;
	}
	const seconds = Number(value);
	if (!Number.isFinite(seconds)) return undefined;
	if (seconds > ABSOLUTE_SECONDS * 1000) return seconds;
	return seconds > ABSOLUTE_SECONDS ? seconds * 1000 : askedAt + seconds * 1000;
}

/** RFC 7519, 4.1.4. The lifetime `exp - iat` is counted on our own clock; `exp` alone is taken as it stands. */
export function readJwtExpiry(token: string, askedAt: number): number | undefined {
	const [, payload] = token.split('.');
	if (payload === undefined) return undefined;
	const claims = parseJson(Buffer.from(payload, 'base64url').toString('utf8'));
	const exp: unknown = pick(claims, 'exp');
	const iat: unknown = pick(claims, 'iat');
	if (typeof exp !== 'number') return undefined;
	return typeof iat === 'number' && exp > iat
		? readExpiry(exp - iat, askedAt)
		: readExpiry(exp, askedAt);
}

/**
 * Turns a reply of another status than 2xx into an error.
 *
 * @param now Epoch ms, for `Retry-After` as a date.
 * @param secrets Blanked in the provider's words.
 */
export function readRefusal(
	provider: string,
	reply: TokenReply,
	secrets: readonly string[],
	now: number,
): ApiError {
	const { status } = reply;
	const text = reply.text.length > MOST_BYTES ? undefined : findErrorText(parseJson(reply.text));
	const words = text ? `: “${providerWords(text, secrets)}”` : '';
	const answered = `(${status}${words})`;
	if (status === 429 || status === 503) {
		const wait = readRetryAfter(reply.headers, now);
		return new ApiError(
			'busy',
			`${provider} asks to wait before another token is requested ${answered}.`,
			wait ? `Try again in ${inWords(wait)}.` : 'Try again later.',
			{ retryAfter: wait ?? 0 },
		);
	}
	if (status >= 500) {
		return new ApiError(
			'provider',
			`${provider} failed to issue a token ${answered}.`,
			'Try again later; if it goes on, ask the provider.',
			{ retryAfter: 0 },
		);
	}
	if (status >= 300 && status < 400) {
		return new ApiError(
			'reply',
			`${provider} redirected the token request (${status}), which is not followed.`,
			'Check the URLs in the credential.',
		);
	}
	if (isClientRefusal(status, parseJson(reply.text))) {
		return new ApiError(
			'client',
			`${provider} refused the client id or secret ${answered}.`,
			'Check what you entered (ID and secret, or user name and password); a secret is often cut off or followed by a blank when it is copied.',
		);
	}
	return new ApiError(
		'grant',
		`${provider} refused to issue a token ${answered}.`,
		status === 404
			? 'Check the URLs in the credential.'
			: 'Check the other fields of the credential, and ask the provider whether this client may have the token.',
	);
}

/** 401 by status; 400 only where the code or Fusio's words name the client. */
function isClientRefusal(status: number, body: unknown): boolean {
	if (status === 401) return true;
	if (status !== 400) return false;
	const message: unknown = pick(body, 'message');
	return (
		pick(body, 'error') === 'invalid_client' ||
		(typeof message === 'string' && message.startsWith('Invalid name or password'))
	);
}

/** `90 s` or `15 min`, never zero. */
export function inWords(ms: number): string {
	const seconds = Math.max(1, Math.ceil(ms / 1000));
	return seconds <= 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
}

/** The value at a dotted path of a parsed reply, or undefined. */
export function pick(body: unknown, path: string): unknown {
	return path
		.split('.')
		.reduce<unknown>(
			(value, name) =>
				typeof value === 'object' && value !== null && Object.hasOwn(value, name)
					? (value as Record<string, unknown>)[name]
					: undefined,
			body,
		);
}

/** Parsed JSON, or undefined. */
export function parseJson(text: string): unknown {
	try {
		return JSON.parse(text) as unknown;
	} catch {
		return undefined;
	}
}

function readToken(value: unknown): string | undefined {
	const text = typeof value === 'string' ? value.trim() : undefined;
	return isTokenText(text) ? text : undefined;
}
