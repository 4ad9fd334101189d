import { ApiError, providerWords } from './errors';
import { findErrorText } from './errorWords';
import { isObject, parseJson, valueAt } from './json';
import { capital, proxyLogInError, tokenEndpoint } from './network';
import type { ReplyFields, TokenReply } from './reply';
import { isBusy, readRetryAfter } from './retryAfter';
import { inWords } from './times';
import { parseXml } from './xml';

/** In characters: what is longer is no token reply, and is not read. */
export const MOST_TEXT = 1024 * 1024;

/** A gateway has passed the request on and waited in vain (RFC 9110, 15.6.5, and Cloudflare's own). */
const GATEWAY_TIMEOUTS = [504, 524];

/**
 * Turns a reply of another status than 2xx into an error.
 *
 * @param now Epoch ms, for `Retry-After` as a date.
 * @param secrets Blanked in the provider's words.
 * @param fields What the credential suggests where the provider says nothing.
 */
export function readRefusal(
	provider: string,
	reply: TokenReply,
	secrets: readonly string[],
	now: number,
	fields: Pick<ReplyFields, 'otherProof' | 'proof'> = {},
): ApiError {
	const { status } = reply;
	if (status === 407) return proxyLogInError(tokenEndpoint(provider));
	const body = reply.text.length > MOST_TEXT ? undefined : anyBody(reply.text);
	const text = refusalWords(body);
	const words = text ? `: “${providerWords(text, secrets)}”` : '';
	const answered = `(${status}${words})`;
	if (GATEWAY_TIMEOUTS.includes(status)) {
		return new ApiError(
			'network',
			`${capital(tokenEndpoint(provider))} did not answer in time, says a gateway before it ${answered}.`,
			'Try again later; if it goes on, ask the provider.',
			{ retryAfter: 0 },
		);
	}
	if (isBusy(status, reply.headers, now)) {
		const wait = readRetryAfter(reply.headers, now);
		return new ApiError(
			'busy',
			`${provider} asks to wait before another token is requested ${answered}.`,
			wait ? `Try again in ${inWords(wait)}.` : 'Try again later.',
			{ retryAfter: wait ?? 0 },
		);
	}
	// RFC 9110, 15.5.9, and RFC 8470, 5.2: the same request may be welcome later.
	if (status >= 500 || status === 408 || status === 425) {
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
	const other = fields.otherProof && !text ? ` ${fields.otherProof}` : '';
	const refused = whoIsRefused(status, body, fields.proof);
	if (refused !== undefined) return clientError(provider, refused, answered, other);
	return new ApiError(
		'grant',
		`${provider} refused to issue a token ${answered}.`,
		status === 404 || status === 405
			? `Check the URLs in the credential${status === 405 ? ', and the method' : ''}.`
			: `Check the other fields of the credential, and ask the provider whether this client may have the token.${other}`,
	);
}

/** A refusal in the dress of a success (RFC 6749, 5.2 wants a 400): the error that it is, or undefined. */
export function refusalInSuccess(
	provider: string,
	status: number,
	body: unknown,
	secrets: readonly string[],
	fields: Pick<ReplyFields, 'proof'> = {},
): ApiError | undefined {
	if (!looksRefused(body)) return undefined;
	const text = refusalWords(body);
	const answered = `(${status}${text ? `: “${providerWords(text, secrets)}”` : ''})`;
	const refused = whoIsRefused(400, body, fields.proof);
	return refused === undefined
		? new ApiError(
				'grant',
				`${provider} refused to issue a token ${answered}.`,
				'Check the other fields of the credential, and ask the provider whether this client may have the token.',
			)
		: clientError(provider, refused, answered);
}

/** The sentence in which a reply says what is wrong, in the shapes of many APIs: `errmsg`, `fault`, `{"ok": false}` … */
export function refusalWords(body: unknown): string | undefined {
	const words =
		findErrorText(body) ??
		MORE_WORDS.map((path) => valueAt(body, path)).find(
			(value) => typeof value === 'string' && value.trim() !== '',
		);
	return typeof words === 'string' ? words : listedWords(body);
}

/** Django and others list what is wrong by the field: `{"username": ["This field is required."]}`. */
function listedWords(body: unknown): string | undefined {
	if (!isObject(body)) return undefined;
	for (const [name, value] of Object.entries(body)) {
		const first: unknown = Array.isArray(value) ? value[0] : undefined;
		if (typeof first === 'string' && first.trim() !== '') {
			return name === 'non_field_errors' ? first : `${name}: ${first}`;
		}
	}
	return undefined;
}

const MORE_WORDS = [
	'errmsg',
	'errorMessage',
	'error_message',
	'errorDesc',
	'error.errorMessage',
	'fault.faultstring',
	'faultstring',
	'Reason.Text',
	'fault.message',
	'fault.description',
	'errors.0.detail',
	'errors.0.title',
	'error.reason',
	'reason',
	'Message',
	'msg',
	'error_msg',
	'statusMessage',
	'status.message',
	'result.message',
	'errors',
];

/** A refusal may be written in another way than the tokens are: JSON, XML, a form, or a page of which the title is taken. */
function anyBody(text: string): unknown {
	const json = parseJson(text);
	if (json !== undefined) return json;
	const title = pageTitle(text);
	if (title !== undefined) return { message: title };
	if (/^\s{0,100}</.test(text)) return unwrapped(parseXml(text));
	return /^[\w.]{1,60}=/.test(text) ? Object.fromEntries(new URLSearchParams(text)) : undefined;
}

/** An XML refusal is wrapped: `Envelope.Body.Fault.faultstring`. */
function unwrapped(value: unknown, depth = 0): unknown {
	if (!isObject(value) || depth > 5 || refusalWords(value) !== undefined) return value;
	const inner = Object.values(value).filter(isObject);
	return inner.length > 0 ? unwrapped(inner[inner.length - 1], depth + 1) : value;
}

/** The title of a page for people, `''` where it has none; undefined where the text is no such page. */
export function pageTitle(text: string): string | undefined {
	if (!/^\s{0,100}<(!doctype html|html|head|body)/i.test(text)) return undefined;
	const head = text.slice(0, 20_000);
	const start = head.search(/<title/i);
	const open = start === -1 ? -1 : head.indexOf('>', start);
	const end = open === -1 ? -1 : head.indexOf('<', open);
	return end === -1 ? '' : head.slice(open + 1, end).trim();
}

/** Something in it says no, in one of the ways in which APIs do it with a 200. */
function looksRefused(body: unknown): boolean {
	if (!isObject(body)) return false;
	const { error, errors, fault, ok, success, status } = body;
	const code = body.errcode ?? body.errorCode ?? body.error_code;
	return (
		(error !== undefined && error !== null && error !== false && error !== '' && error !== 0) ||
		(Array.isArray(errors) ? errors.length > 0 : isObject(errors)) ||
		isObject(fault) ||
		ok === false ||
		success === false ||
		status === 'error' ||
		status === 'fail' ||
		(code !== undefined && code !== null && code !== 0 && code !== '0' && code !== '')
	);
}

/** What proves who asks. */
type Asker = 'client id or secret' | 'name or password';

/** RFC 6749, 5.2, and Slack: codes that speak of the client, whoever it asks for. */
const CLIENT_CODES = ['invalid_client', 'invalid_auth'];
/** What a refusal names where it is about who asks. */
const PROOF =
	/\b(?:credentials?|password|passcode|user ?name|user ?id|user|account|e-?mail|log ?-?in|sign ?-?in|authenticat\w{1,5})\b/i;
/** Unmistakable, also where the credential is not known to be a person's. */
const NAME_OR_PASSWORD = /\b(?:user|name|username|login|e-?mail)(?: address)? or password\b/i;
/** What it says of it. What is missing was not sent under the name that the API expects. */
const WRONG =
	/\b(?:invalid|incorrect|wrong|bad|unknown|unable|fail(?:ed|ure|s)?|mismatch)\b|\b(?:not|n['\u2019]t) (?:match|valid|correct|found|exist|recogni[sz]ed)/i;
const MISSING = /\b(?:required|missing|empty|blank)\b/i;

/**
 * Whose proof was refused: told by a 401, by the code, or by the words that the server has for it, since log-ins
 * answer 400, 403, 404 and 422 alike. Undefined where it is something else.
 */
function whoIsRefused(
	status: number,
	body: unknown,
	proof: ReplyFields['proof'] = 'client',
): Asker | undefined {
	const asker: Asker = proof === 'client' ? 'client id or secret' : 'name or password';
	const code = String(valueAt(body, 'error'));
	if (CLIENT_CODES.includes(code)) return proof === 'person' ? asker : 'client id or secret';
	if (status === 401) return asker;
	const words = (refusalWords(body) ?? '').slice(0, 1000);
	if (status === 400 && NAME_OR_PASSWORD.test(words)) return asker;
	if (proof === 'client') return undefined;
	// RFC 6749, 5.2: with a password the grant that is invalid is the name and the password.
	const named = code === 'invalid_grant' || (PROOF.test(words) && WRONG.test(words));
	return named && !MISSING.test(words) ? asker : undefined;
}

function clientError(provider: string, asker: Asker, answered: string, other = ''): ApiError {
	return new ApiError(
		'client',
		`${provider} refused the ${asker} ${answered}.`,
		`Check what you entered (ID and secret, or user name and password); a secret is often cut off or followed by a blank when it is copied.${other}`,
	);
}
