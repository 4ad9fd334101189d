import { type ExpiryUnit, isTakenForMilliseconds, readExpiry, readJwtExpiry } from './expiry';
import { isObject, valueAt } from './json';
import { placeOf, readAt, readCookie } from './place';
import type { IssuedToken, ReplyFields, TokenReply } from './reply';
import { hasNoZone, inWords, readDate } from './times';

const DAY = 24 * 3600_000;

/**
 * How long a token lives: the earliest of what the reply, its cookie and the token itself say, and what is odd about
 * it. Nothing is guessed in silence.
 *
 * @param body As it was read.
 * @param token As it was found; undefined where a refresh token came alone.
 */
export function readLife(
	reply: TokenReply,
	body: unknown,
	token: string | undefined,
	fields: ReplyFields,
	askedAt: number,
): Pick<IssuedToken, 'expiresAt' | 'notes' | 'doubt'> {
	const clock = clockOf(reply, askedAt);
	const said = whereSaid(reply, body, fields);
	const unit = said === undefined ? 'auto' : unitOf(said.place, fields.expiryUnit);
	const fromReply = said && readExpiry(said.value, askedAt, unit, clock);
	const fromToken = token === undefined ? undefined : readJwtExpiry(token, askedAt, clock);
	const place = placeOf(fields.token);
	const cookie =
		place.kind === 'cookie' ? readCookie(reply, place.name, askedAt, clock) : undefined;
	const sure = [fromToken, cookie?.expiresAt].filter((time) => time !== undefined);
	const times = fromReply === undefined ? sure : [fromReply, ...sure];
	const expiresAt = times.length === 0 ? undefined : Math.min(...times);
	const notes: string[] = [];
	if (said?.instead) {
		notes.push(
			`There is no “${fields.expiry ?? ''}” in the reply; “${said.place}” beside the token was read instead.`,
		);
	}
	if (said !== undefined && fromReply === undefined && isEndless(said.value)) {
		notes.push(`“${said.place}” names no end; ${others(sure)} counts.`);
	}
	if (fromReply !== undefined && typeof said?.value === 'string' && hasNoZone(said.value.trim())) {
		notes.push(`“${said.place}” names no time zone and was read as UTC.`);
	}
	if (fromReply !== undefined && fromToken !== undefined && differ(fromReply, fromToken, askedAt)) {
		notes.push(
			`The reply says that the token lives for ${inWords(fromReply - askedAt)}, the token itself says ${inWords(fromToken - askedAt)}; the shorter one counts.`,
		);
	}
	if (expiresAt !== undefined && token !== undefined && expiresAt - askedAt > DAY) {
		notes.push(`The token lives for ${inWords(expiresAt - askedAt)}, which is longer than a day.`);
	}
	const doubt = said && sure.length === 0 ? doubtOf(said, fromReply, unit, clock) : undefined;
	return {
		...(expiresAt === undefined ? {} : { expiresAt }),
		...(notes.length === 0 ? {} : { notes }),
		...(doubt === undefined ? {} : { doubt }),
	};
}

interface Said {
	readonly value: unknown;
	readonly place: string;
	/** It stands under another name than the person gave. */
	readonly instead: boolean;
}

function whereSaid(reply: TokenReply, body: unknown, fields: ReplyFields): Said | undefined {
	const { expiry = '', token } = fields;
	// “none” is how a person says that what the reply has is not to be read.
	if (expiry === '' || /^none$/i.test(expiry)) return undefined;
	const value = readAt(reply, body, expiry);
	if (isThere(value)) return { value, place: expiry, instead: false };
	const parent = token.slice(0, Math.max(0, token.lastIndexOf(token.endsWith(']') ? '[' : '.')));
	for (const before of parent === '' ? [''] : [parent, '']) {
		const object = valueAt(body, before);
		const name = isObject(object) ? expiryIn(object) : undefined;
		if (name === undefined) continue;
		const place = before === '' ? name : `${before}.${name}`;
		return { value: (object as Record<string, unknown>)[name], place, instead: true };
	}
	return undefined;
}

/** Of the usual names, however they are spelled; those of a refresh token are others. */
const EXPIRY_NAME =
	/^(?:access|auth|session|jwt|id)?(?:token)?(?:expir(?:e|es|ed|y|ation)(?:in|at|on|date|time|datetime|timestamp|ms|millis|seconds|secs)?|exp|ttl|lifetime|validuntil|validto|notafter|leaseduration)$/;

function expiryIn(object: Readonly<Record<string, unknown>>): string | undefined {
	return Object.keys(object)
		.slice(0, 200)
		.find(
			(name) =>
				name.length < 40 &&
				EXPIRY_NAME.test(name.toLowerCase().replace(/[^a-z]/g, '')) &&
				isThere(object[name]),
		);
}

function isThere(value: unknown): boolean {
	return value !== undefined && value !== null && value !== '';
}

/** A name often says what it counts: `expiresInMs`, `ttl_minutes`. */
function unitOf(place: string, chosen: ExpiryUnit = 'auto'): ExpiryUnit {
	if (chosen !== 'auto') return chosen;
	const [, word = ''] =
		/(?:_|[a-z](?=[A-Z]))(ms|millis|milliseconds|secs|seconds|mins|minutes|hours|hrs)$/i.exec(
			place.slice(-30),
		) ?? [];
	switch (word.toLowerCase()) {
		case 'ms':
		case 'millis':
		case 'milliseconds':
			return 'milliseconds';
		case 'secs':
		case 'seconds':
			return 'seconds';
		case 'mins':
		case 'minutes':
			return 'minutes';
		case 'hrs':
		case 'hours':
			return 'hours';
		default:
			return 'auto';
	}
}

/** How APIs say that a token does not expire. */
function isEndless(value: unknown): boolean {
	if (typeof value === 'boolean') return true;
	if (typeof value === 'number') return value <= 0;
	return (
		typeof value === 'string' &&
		/^(?:-?\d{1,3}|never|none|null|unlimited|infinite|infinity)$/i.test(value.trim())
	);
}

/** What a person has to decide, since what counts for now may be wrong. */
function doubtOf(
	{ value, place }: Said,
	read: number | undefined,
	unit: ExpiryUnit,
	clock: number,
): string | undefined {
	if (read === undefined) {
		return isEndless(value)
			? undefined
			: `The expiry at “${place}” could not be read as a time that lies ahead; the lifetime from the credential counts. Check Expiry in Reply and the clock of n8n’s host, or write none under Expiry in Reply and the lifetime under Token Lifetime.`;
	}
	if (!isTakenForMilliseconds(value, clock, unit)) return undefined;
	const number = Number(value);
	return `“${place}” is ${number}: as seconds that is ${inWords(number * 1000)}, as milliseconds ${inWords(number)}, which is what counts for now. Choose one of the two under Expiry Counts.`;
}

function others(sure: readonly number[]): string {
	return sure.length === 0 ? 'the lifetime from the credential' : 'that of the token';
}

/** In ms: more than the longest token request, and what an honest clock is off. */
const LATEST_DATE = 65_000;
const EARLIEST_DATE = 5_000;

/** Epoch ms that the provider's clock showed at `askedAt`, as the header Date tells (RFC 9110, 6.6.1). */
function clockOf({ headers }: TokenReply, askedAt: number): number {
	const shown = readDate((headers.date ?? '').slice(0, 40));
	if (shown === undefined || Number.isNaN(shown)) return askedAt;
	return shown < askedAt - EARLIEST_DATE || shown > askedAt + LATEST_DATE ? shown : askedAt;
}

/** By more than a tenth: clocks and rounding make small differences. */
function differ(one: number, other: number, from: number): boolean {
	const [shorter, longer] = [one - from, other - from].sort((a, b) => a - b);
	return longer - shorter > Math.max(5_000, longer / 10);
}
