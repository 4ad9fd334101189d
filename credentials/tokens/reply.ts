import { ApiError, providerWords } from './errors';
import type { ExpiryUnit } from './expiry';
import { isObject, parseJson, valueAt } from './json';
import { readLife } from './life';
import { cookiesOf, placeOf, readAt } from './place';
import { isTokenText } from './record';
import { redact } from './redact';
import { MOST_TEXT, pageTitle, refusalInSuccess, refusalWords } from './refusal';
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
	/** What a person has to decide about the expiry, since it may have been misread. */
	readonly doubt?: string;
}

/** Good by its status; and a log-in for people leads on to a page, with the cookie or header that is the token. */
export function mayHoldToken(reply: TokenReply, { token }: ReplyFields): boolean {
	const { status } = reply;
	if (status >= 300 && status < 400 && placeOf(token).kind !== 'body') {
		return readToken(readAt(reply, undefined, token)) !== undefined;
	}
	return status >= 200 && status < 300;
}

/**
 * Reads a reply that may hold a token.
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
	const body = readBody(provider, reply, fields, secrets, unusable);
	const at = (path: string | undefined) =>
		path === undefined ? undefined : readAt(reply, body, path);
	const token = readToken(at(fields.token));
	const refreshToken = readToken(at(fields.refreshToken));
	const none = token === undefined && refreshToken === undefined;
	// Servers give a header or cookie to strangers too, beside the refusal.
	if (none || placeOf(fields.token).kind !== 'body') {
		const refusal = refusalInSuccess(provider, reply.status, body, secrets, fields);
		if (refusal !== undefined) throw refusal;
	}
	if (none) {
		const words = sentenceIn(body, secrets);
		throw unusable(
			`no token in it${words === undefined ? '' : `: “${words}”`}`,
			whereInstead(reply, body, fields.token, secrets),
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
		throw unusable(`no “${missing}” in it`, whereInstead(reply, body, path, secrets));
	}
	return {
		...(token === undefined ? {} : { token }),
		...(refreshToken === undefined ? {} : { refreshToken }),
		...readLife(reply, body, token, fields, askedAt),
		...scopeOf(at(fields.scope)),
		...(fields.extras === undefined ? {} : { extras }),
	};
}

/** Headers as everything here looks them up (RFC 9110, 5.1). */
export function lowerCaseNames(headers: Readonly<Record<string, unknown>>): Record<string, string> {
	return Object.fromEntries(
		Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
	);
}

/** RFC 9449 (DPoP), RFC 7800 (pop) and the MAC draft: each request carries a proof of its own. */
const PROOF_TYPES = /^(dpop|mac|pop|hmac|hok|signed)$/i;

type Unusable = (why: string, next?: string) => ApiError;

function readBody(
	provider: string,
	reply: TokenReply,
	fields: ReplyFields,
	secrets: readonly string[],
	unusable: Unusable,
): unknown {
	const { token, format } = fields;
	const text = reply.text.startsWith('\ufeff') ? reply.text.slice(1) : reply.text;
	// The body may be anything then, and empty too.
	if (/^(header|cookie):/i.test(token)) return parseJson(text);
	if (text.trim() === '') throw unusable('an empty reply');
	const parsed = parseJson(text);
	const json =
		typeof parsed === 'string' && /^\s{0,20}[{[]/.test(parsed) ? parseJson(parsed) : parsed;
	const page = json === undefined ? pageTitle(text) : undefined;
	if (page !== undefined && format !== 'xml') {
		const title = page === '' ? '' : ` (“${providerWords(page, secrets).slice(0, 80)}”)`;
		throw unusable(`a web page${title}`);
	}
	if (format === 'text') {
		if (isObject(json)) {
			throw (
				refusalInSuccess(provider, reply.status, json, secrets, fields) ??
				unusable('JSON instead of a token', 'Then choose JSON under Reply Format.')
			);
		}
		if (Array.isArray(json)) {
			throw unusable('JSON instead of a token', 'Then choose JSON under Reply Format.');
		}
		if (/^\s{0,100}</.test(text)) {
			throw unusable('XML instead of a token', 'Then choose XML under Reply Format.');
		}
		return typeof json === 'string' ? json : text;
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

function formOf(text: string): Record<string, string> {
	if (!text.includes('=')) return {};
	// Google's ClientLogin and its likes write a line for each value, and nothing encoded.
	const lines = text.trim().split(/\r?\n/);
	if (lines.length > 1 && !text.includes('&')) {
		return Object.fromEntries(
			lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
		);
	}
	return Object.fromEntries(new URLSearchParams(text.trim()));
}

/** Numbers are tokens too, and some APIs write the scheme in front. */
function readToken(value: unknown): string | undefined {
	if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return String(value);
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

/** RFC 6749, 3.3 separates by blanks, several APIs by commas, some write a list. */
function scopeOf(value: unknown): Pick<IssuedToken, 'scope'> {
	const scope = Array.isArray(value)
		? value.filter((one) => typeof one === 'string')
		: typeof value === 'string'
			? value.split(/[\s,]/).filter((one) => one !== '')
			: undefined;
	return scope === undefined ? {} : { scope };
}

/** Tells where the token was looked for and what is there, by names that can be no secrets. */
function whereInstead(
	reply: TokenReply,
	body: unknown,
	path: string,
	secrets: readonly string[],
): string {
	const { kind } = placeOf(path);
	const found = readAt(reply, body, path);
	const odd =
		typeof found === 'string' && found.trim() !== ''
			? ' What stands there holds a blank or another sign that no token has.'
			: '';
	const names =
		kind === 'body'
			? fieldNames(body)
			: kind === 'cookie'
				? cookiesOf(reply, 0).map(({ name }) => name)
				: Object.keys(reply.headers).filter((name) => !USUAL_HEADERS.test(name));
	const kinds = { body: '', cookie: 'the cookies ', header: 'the headers ' };
	const listed = names.filter((name) => name.length < 200).slice(0, 12);
	const there =
		listed.length === 0 || odd !== ''
			? ''
			: ` The reply has ${kinds[kind]}${redact(listed.map((name) => `“${name}”`).join(', '), secrets)}.`;
	const looked = path === '' ? '' : `It was looked for at “${path}”. `;
	return `${looked}${`${odd}${there}`.trim()} Check the URLs in the credential, and Token in Reply if there is such a field.`.trim();
}

/** Headers of any reply. */
const USUAL_HEADERS =
	/^(date|server|connection|keep-alive|vary|etag|via|age|pragma|expires|cache-control|transfer-encoding|content-.*|access-control-.*|strict-transport-security|x-frame-options|x-content-type-options|x-xss-protection|x-powered-by|referrer-policy|permissions-policy|alt-svc|cf-.*|report-to|nel)$/;

/** What the provider says, where it is a sentence: a single word could be the token, under a name that is not known. */
function sentenceIn(body: unknown, secrets: readonly string[]): string | undefined {
	const words = refusalWords(body);
	return words === undefined || !/\S\s+\S/.test(words) ? undefined : providerWords(words, secrets);
}

function fieldNames(body: unknown, before = '', depth = 0): string[] {
	if (Array.isArray(body)) return depth > 6 ? [] : fieldNames(body[0], `${before}[0]`, depth + 1);
	if (!isObject(body) || depth > 6) return [];
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
