import { ApiError, providerWords } from './errors';
import { readExpiry, readJwtExpiry, type ExpiryUnit } from './expiry';
import { isObject, parseJson, valueAt } from './json';
import { isTokenText } from './record';
import { redact } from './redact';
import { MOST_TEXT, pageTitle, refusalInSuccess } from './refusal';
import { parseXml } from './xml';

/** What a token endpoint answered, unread. */
export interface TokenReply {
	readonly status: number;
	/** Names in lower case. */
	readonly headers: Readonly<Record<string, string>>;
	readonly text: string;
	/** Each `Set-Cookie` for itself; without it they are looked for in `headers`. */
	readonly setCookie?: readonly string[];
}

/**
 * Where in a reply the fields stand: paths into its body (`data.token`, `data[0].token`), `header:Name`, `cookie:Name`,
 * or `''` for the whole body.
 */
export interface ReplyFields {
	readonly token: string;
	readonly expiry?: string;
	readonly refreshToken?: string;
	/** How the body is written; default: JSON, or a form where the reply says that it is one. */
	readonly format?: 'json' | 'form' | 'text' | 'xml';
	/** What the number at `expiry` counts. */
	readonly expiryUnit?: ExpiryUnit;
	readonly scope?: string;
	/** Further tokens by their names. */
	readonly extras?: Readonly<Record<string, string>>;
	/** Any token type will do, since the person has set how the token is sent. */
	readonly anyType?: boolean;
	/** What to try next where the provider refuses without a word: another way for the client to prove itself. */
	readonly otherProof?: string;
	/** Who proves to be who it is, with id and secret or with name and password: what a refusal is about; default: a client. */
	readonly proof?: 'client' | 'person' | 'both';
}

/** What was read from a good reply. */
export interface IssuedToken {
	/** Missing where the field is not in the reply: bookingtime answers a refresh token alone. */
	readonly token?: string;
	readonly refreshToken?: string;
	/** Epoch ms, if the reply or the JWT in it tells: the earlier one. */
	readonly expiresAt?: number;
	/** What the reply says was granted. */
	readonly scope?: readonly string[];
	/** Further tokens, by the names in `ReplyFields.extras`. */
	readonly extras?: Readonly<Record<string, string>>;
	/** What is odd, as sentences for a person. */
	readonly notes?: readonly string[];
}

const DAY = 24 * 3600_000;

/**
 * Reads a reply of status 200 to 299.
 *
 * @param askedAt Epoch ms at which the request left: lifetimes count from here.
 * @param secrets Blanked in what is repeated of the reply.
 * @throws ApiError `reply` where it cannot be read or carries no token that can be used; `client` or `grant` where it
 * is a refusal although its status says otherwise.
 */
export function readIssuedToken(
	provider: string,
	reply: TokenReply,
	fields: ReplyFields,
	askedAt: number,
	secrets: readonly string[] = [],
): IssuedToken {
	const unusable = (why: string, next = 'Check the URLs in the credential.') =>
		new ApiError('reply', `${provider} answered the token request with ${why}.`, next, {
			retryAfter: 0,
		});
	if (reply.text.length > MOST_TEXT) throw unusable('more than 1 MiB');
	const body = readBody(reply, fields, secrets, unusable);
	const at = (path: string | undefined) =>
		path === undefined ? undefined : readAt(reply, body, path);
	const token = readToken(at(fields.token));
	const refreshToken = readToken(at(fields.refreshToken));
	if (token === undefined && refreshToken === undefined) {
		throw (
			refusalInSuccess(provider, reply.status, body, secrets, fields) ??
			unusable('no token in it', whereInstead(body, fields.token, secrets))
		);
	}
	const type = at('token_type') ?? at('tokenType');
	if (!fields.anyType && typeof type === 'string' && PROOF_TYPES.test(type.trim())) {
		throw unusable(
			'a token of another type than Bearer',
			'Such a token needs a proof in each request, which cannot be given. Check the URLs in the credential, and ask the provider for a Bearer token.',
		);
	}
	const extras = readExtras(fields.extras, at);
	const missing = Object.keys(fields.extras ?? {}).find((name) => !Object.hasOwn(extras, name));
	if (missing !== undefined) {
		const path = fields.extras?.[missing] ?? '';
		throw unusable(`no “${missing}” in it`, whereInstead(body, path, secrets));
	}
	return {
		...(token === undefined ? {} : { token }),
		...(refreshToken === undefined ? {} : { refreshToken }),
		...lifeOf(reply, token, at(fields.expiry), fields, askedAt),
		...scopeOf(at(fields.scope)),
		...(fields.extras === undefined ? {} : { extras }),
	};
}

/** RFC 9449 (DPoP), RFC 7800 (pop) and the MAC draft: each request carries a proof of its own. */
const PROOF_TYPES = /^(dpop|mac|pop|hmac|hok|signed)$/i;

type Unusable = (why: string, next?: string) => ApiError;

function readBody(
	reply: TokenReply,
	{ token, format }: ReplyFields,
	secrets: readonly string[],
	unusable: Unusable,
): unknown {
	const text = reply.text.startsWith('\ufeff') ? reply.text.slice(1) : reply.text;
	// The body may be anything then, and empty too.
	if (/^(header|cookie):/i.test(token)) return parseJson(text);
	if (text.trim() === '') throw unusable('an empty reply');
	const json = parseJson(text);
	if (format === 'text') return typeof json === 'string' ? json : text;
	const page = pageTitle(text);
	if (page !== undefined && format !== 'xml') {
		const title = page === '' ? '' : ` (“${providerWords(page, secrets).slice(0, 80)}”)`;
		throw unusable(`a web page${title}`);
	}
	if (format === 'xml') {
		const xml = parseXml(text);
		if (xml === undefined) throw unusable('something that is not XML');
		return xml;
	}
	if (format === 'form') return formOf(text);
	if (json === undefined) {
		// GitHub and others answer so unless they are asked for JSON.
		const form = formOf(text);
		if (readToken(valueAt(form, token)) !== undefined || 'error' in form) return form;
		throw /^\s*</.test(text)
			? unusable(
					'something that is not JSON',
					'If the reply is XML, choose XML under Reply Format.',
				)
			: unusable(
					'something that is not JSON',
					'Check the URLs in the credential. If the reply is the token itself or a form, choose that under Reply Format.',
				);
	}
	const list = Array.isArray(json) && readToken(readAt(reply, json, token)) !== undefined;
	if (isObject(json) || list) return json;
	throw unusable(
		'JSON that is not an object',
		Array.isArray(json)
			? `Check the URLs in the credential. If the token stands in that list, write [0].${token} under Token in Reply.`
			: 'Check the URLs in the credential. If the reply is the token itself, choose Text under Reply Format.',
	);
}

function readAt(reply: TokenReply, body: unknown, path: string): unknown {
	const [, place, name] = /^(header|cookie):(.{1,200})$/i.exec(path) ?? [];
	if (place === undefined) return valueAt(body, path);
	return place.toLowerCase() === 'header'
		? reply.headers[name.trim().toLowerCase()]
		: cookie(reply, name.trim())?.value;
}

/** RFC 6265, 4.1.1. Where several came joined, a comma with a name and `=` behind it begins the next; one in a date does not. */
function cookie(reply: TokenReply, name: string): { value: string; maxAge?: number } | undefined {
	const joined = reply.headers['set-cookie'] ?? '';
	const lines = reply.setCookie ?? joined.split(/,(?=\s{0,5}[^;,\s=]{1,200}=)/);
	const line = lines.map((one) => one.trim()).find((one) => one.startsWith(`${name}=`));
	if (line === undefined) return undefined;
	const [pair, ...attributes] = line.split(';');
	const value = pair.slice(name.length + 1).trim();
	const age = attributes.find((one) => /^\s{0,5}max-age=/i.test(one));
	const maxAge = age === undefined ? NaN : Number(age.slice(age.indexOf('=') + 1));
	return {
		value: value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value,
		...(Number.isFinite(maxAge) ? { maxAge } : {}),
	};
}

function formOf(text: string): Record<string, string> {
	return text.includes('=') ? Object.fromEntries(new URLSearchParams(text.trim())) : {};
}

/** Numbers are tokens too, and some APIs write the scheme in front. */
function readToken(value: unknown): string | undefined {
	if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
	if (typeof value !== 'string') return undefined;
	const text = value
		.trim()
		.replace(/^Bearer /i, '')
		.trim();
	return isTokenText(text) ? text : undefined;
}

function readExtras(paths: ReplyFields['extras'], at: (path: string) => unknown) {
	return Object.fromEntries(
		Object.entries(paths ?? {}).flatMap(([name, path]) => {
			const value = readToken(at(path));
			return value === undefined ? [] : [[name, value]];
		}),
	) as Record<string, string>;
}

/** The earlier of what the reply and the token say, and what is odd about it. */
function lifeOf(
	reply: TokenReply,
	token: string | undefined,
	value: unknown,
	fields: ReplyFields,
	askedAt: number,
): Pick<IssuedToken, 'expiresAt' | 'notes'> {
	const named = /^cookie:(.{1,200})$/i.exec(fields.token)?.[1];
	const age = named === undefined ? undefined : cookie(reply, named.trim())?.maxAge;
	const given = value ?? age;
	const inMs = /(_ms|Ms|[mM]illis|[mM]illiseconds)$/.test(fields.expiry?.slice(-20) ?? '');
	const unit = fields.expiryUnit ?? 'auto';
	const fromReply = readExpiry(given, askedAt, unit === 'auto' && inMs ? 'milliseconds' : unit);
	const fromToken = token === undefined ? undefined : readJwtExpiry(token, askedAt);
	const said = given !== undefined && given !== null && given !== '';
	const times = [fromReply, fromToken].filter((time) => time !== undefined);
	const expiresAt = times.length === 0 ? undefined : Math.min(...times);
	const notes: string[] = [];
	if (said && fromReply === undefined) {
		notes.push(
			`The expiry at “${fields.expiry ?? ''}” could not be read; ${fromToken === undefined ? 'the lifetime from the credential' : 'that of the token'} counts.`,
		);
	}
	if (fromReply !== undefined && fromToken !== undefined && differ(fromReply, fromToken, askedAt)) {
		notes.push(
			`The reply says that the token lives for ${span(fromReply - askedAt)}, the token itself says ${span(fromToken - askedAt)}; the shorter one counts.`,
		);
	}
	if (expiresAt !== undefined && token !== undefined && expiresAt - askedAt > DAY) {
		notes.push(`The token lives for ${span(expiresAt - askedAt)}, which is longer than a day.`);
	}
	return {
		...(expiresAt === undefined ? {} : { expiresAt }),
		...(notes.length === 0 ? {} : { notes }),
	};
}

/** By more than a tenth: clocks and rounding make small differences. */
function differ(one: number, other: number, from: number): boolean {
	const [shorter, longer] = [one - from, other - from].sort((a, b) => a - b);
	return longer - shorter > Math.max(5_000, longer / 10);
}

function span(ms: number): string {
	const seconds = Math.round(ms / 1000);
	if (seconds <= 120) return `${seconds} s`;
	if (seconds <= 7200) return `${Math.round(seconds / 60)} min`;
	return seconds <= 2 * 86_400
		? `${Math.round(seconds / 3600)} h`
		: `${Math.round(seconds / 86_400)} days`;
}

/** RFC 6749, 3.3 separates by blanks, several APIs by commas, some write a list. */
function scopeOf(value: unknown): Pick<IssuedToken, 'scope'> {
	const scope = Array.isArray(value)
		? value.filter((one) => typeof one === 'string')
		: typeof value === 'string'
			? value.split(/[\s,]/).filter((one) => one !== '')
			: undefined;
	return scope === undefined ? {} : { scope };
}

/** Tells where the token was looked for and which fields are there, by names that can be no secrets. */
function whereInstead(body: unknown, path: string, secrets: readonly string[]): string {
	const names = fieldNames(body);
	const there =
		names.length === 0
			? ''
			: ` The reply has ${redact(names.map((name) => `“${name}”`).join(', '), secrets)}.`;
	return `It was looked for at “${path}”.${there} Check the URLs in the credential, and Token in Reply if there is such a field.`;
}

function fieldNames(body: unknown, before = '', depth = 0): string[] {
	if (Array.isArray(body)) return depth > 3 ? [] : fieldNames(body[0], `${before}[0]`, depth + 1);
	if (!isObject(body) || depth > 3) return [];
	const names: string[] = [];
	for (const name in body) {
		if (!Object.hasOwn(body, name) || !/^[A-Za-z_][\w-]{0,31}$/.test(name)) continue;
		const path = before === '' ? name : `${before}.${name}`;
		const below = fieldNames(body[name], path, depth + 1);
		names.push(...(below.length > 0 ? below : [path]));
		if (names.length >= 12) break;
	}
	return names.slice(0, 12);
}
