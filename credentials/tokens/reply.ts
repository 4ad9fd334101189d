import { ApiError, providerWords } from './errors';
import type { ExpiryUnit } from './expiry';
import { isObject, parseJson, valueAt } from './json';
import { readLife } from './life';
import { readAt } from './place';
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
	/** What a person has to decide about the expiry, since it may have been misread. */
	readonly doubt?: string;
}

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
		...readLife(reply, body, token, fields, askedAt),
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
