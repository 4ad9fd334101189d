import { type ApiVerdictReply, type Verdict, verdictOf401 } from '../../tokens/issuer';
import { isObject } from '../../tokens/json';
import type { CustomFields } from './customFields';

/** A reply that means that the token is dead: a status, and words that its body must hold. */
interface Sign {
	readonly status: number;
	readonly words: string;
}

/** Statuses that servers have invented for an expired session: Laravel, IIS, Esri. */
const SESSION_OVER = [419, 440, 498];
// Of the kinds of token that are got here alone: APIs call many other things tokens.
const INVALID = [
	/\b(?:invalid|unknown) (?:access|session|auth|bearer) ?token\b/,
	/\b(?:access|session|auth|bearer) ?token is (?:invalid|unknown|not valid)\b/,
	/\binvalid session\b/,
];
/** As the whole sentence or code of a 403 (Directus): a 400 may mean any token of the body. */
const INVALID_ALONE = /^ ?invalid token ?$/;
const OVER = /\b(?:expired|timed out)\b/;
const LOGGED_IN = /\b(?:token|session|jwt|signature)\b/;
/** Tokens and sessions of another kind, which people get by mail or open in a shop. */
const OTHERS =
	/\b(?:reset|invit\w{0,10}|verif\w{0,10}|confirm\w{0,10}|activation|upload|download|payment|checkout|csrf|refresh)\b/;
/** No refusal is longer; what is behind it is not looked at. */
const MOST_TEXT = 10_000;

/**
 * What a reply says about the token: the signs that the person named, else 401 as RFC 6750 has it, 419, 440, 498, and words
 * that say that a token or session expired or is not valid.
 *
 * @throws ApiError `field`
 */
export function verdictOf(fields: CustomFields): (reply: ApiVerdictReply) => Verdict {
	const signs = readSigns(fields);
	return (reply) => {
		const text = textOf(reply.body);
		const named = signs.some(
			({ status, words }) => status === reply.status && holds(compact(text), words),
		);
		if (named || SESSION_OVER.includes(reply.status)) return 'dead';
		const refusal = reply.status === 400 || reply.status === 403;
		return refusal && saysDead(text, reply.status) ? 'dead' : verdictOf401(reply);
	};
}

function readSigns(fields: CustomFields): Sign[] {
	return fields
		.optional('expiredWhen')
		.split(/[;\n]/)
		.map((entry) => entry.trim())
		.filter((entry) => entry !== '')
		.map((entry) => {
			const status = Number(entry.slice(0, 3));
			const words = entry.slice(3);
			if (!Number.isInteger(status) || status < 200 || status > 599 || /^\S/.test(words)) {
				throw fields.error(
					'The field Means “Expired” is not a list of statuses',
					'Enter statuses, each with words of its reply if need be, separated by semicolons: 403; 400 "code":209',
				);
			}
			if (status < 300 && words.trim() === '') {
				throw fields.error(
					`The field Means “Expired” calls every ${status} an expiry`,
					`Add words that only such a reply holds: ${status} session expired`,
				);
			}
			return { status, words: compact(words) };
		});
}

/** `400 "code":20` is not meant by a 209. */
function holds(text: string, words: string): boolean {
	const digit = (sign: string | undefined) => sign !== undefined && sign >= '0' && sign <= '9';
	if (!digit(words.at(-1))) return text.includes(words);
	for (let at = text.indexOf(words); at !== -1; at = text.indexOf(words, at + 1)) {
		if (!digit(text[at + words.length])) return true;
	}
	return false;
}

/** In one sentence, or in a code such as `tokenExpired` or `TOKEN_EXPIRED`. */
function saysDead(text: string, status: number): boolean {
	return text
		.replace(/([a-z])([A-Z])/g, '$1 $2')
		.toLowerCase()
		.replace(/[_\s-]+/g, ' ')
		.split(/["'{}[\]<>,;.]/)
		.some(
			(part) =>
				INVALID.some((words) => words.test(part)) ||
				(status === 403 && INVALID_ALONE.test(part)) ||
				(OVER.test(part) && LOGGED_IN.test(part) && !OTHERS.test(part)),
		);
}

function textOf(body: unknown): string {
	const text =
		typeof body === 'string'
			? body
			: isObject(body) || Array.isArray(body)
				? JSON.stringify(body)
				: '';
	return text.slice(0, MOST_TEXT);
}

/** Blanks and capitals differ between what a documentation shows and what is sent. */
function compact(text: string): string {
	return text.replace(/\s/g, '').toLowerCase();
}
