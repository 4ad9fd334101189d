import { parseJson, valueAt } from './json';

/** What a number without a unit counts; `auto`: seconds, or a UNIX time where it is too large for them. */
export type ExpiryUnit = 'auto' | 'milliseconds' | 'seconds' | 'minutes' | 'hours';

const YEAR = 365 * 24 * 3600_000;
/** Seconds above this are a UNIX time, not a lifetime (Fusio before 4.0.3); 5e8 s are 15 years. */
const ABSOLUTE_SECONDS = 5e8;
const IN_MS = { auto: 1000, milliseconds: 1, seconds: 1000, minutes: 60_000, hours: 3600_000 };
/** No way to write a time is longer: what is, is not read, whatever it would cost to read it. */
const LONGEST = 64;

/**
 * Reads an expiry as APIs write it: a number (of seconds, or of `unit`), a UNIX time in s or ms, a date (ISO 8601, RFC
 * 1123, ASP.NET), a duration (`PT1H`, `1h`, `3600s`). A date without a zone is in UTC.
 *
 * @returns Epoch ms, at most a year ahead; undefined where it is missing, empty, not positive or past.
 */
export function readExpiry(
	value: unknown,
	askedAt: number,
	unit: ExpiryUnit = 'auto',
): number | undefined {
	const expiresAt = expiryTime(value, askedAt, unit);
	if (expiresAt === undefined || Number.isNaN(expiresAt) || expiresAt <= askedAt) return undefined;
	return Math.floor(Math.min(expiresAt, askedAt + YEAR));
}

/** RFC 7519, 4.1.4. The lifetime `exp - iat` is counted on our own clock; `exp` alone is taken as it stands. */
export function readJwtExpiry(token: string, askedAt: number): number | undefined {
	const [, payload] = token.split('.', 2);
	if (payload === undefined) return undefined;
	const claims = parseJson(Buffer.from(payload, 'base64url').toString('utf8'));
	const exp = valueAt(claims, 'exp');
	const iat = valueAt(claims, 'iat');
	if (typeof exp !== 'number') return undefined;
	return typeof iat === 'number' && exp > iat
		? readExpiry(exp - iat, askedAt)
		: readExpiry(exp, askedAt);
}

function expiryTime(value: unknown, askedAt: number, unit: ExpiryUnit): number | undefined {
	if (typeof value === 'number') return numberTime(value, askedAt, unit);
	if (typeof value !== 'string' || value.length > LONGEST) return undefined;
	const text = value.trim();
	if (text === '') return undefined;
	const number = Number(text);
	if (!Number.isNaN(number)) return numberTime(number, askedAt, unit);
	const duration = isoDuration(text) ?? wordedDuration(text);
	return duration === undefined
		? (isoTime(text) ?? aspNetTime(text) ?? httpTime(text))
		: askedAt + duration;
}

function numberTime(value: number, askedAt: number, unit: ExpiryUnit): number | undefined {
	if (!Number.isFinite(value)) return undefined;
	if (value > ABSOLUTE_SECONDS * 1000) return value;
	if (unit === 'milliseconds') return askedAt + value;
	return value > ABSOLUTE_SECONDS ? value * 1000 : askedAt + value * IN_MS[unit];
}

const ISO =
	/^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)? ?(Z|UTC|GMT|[+-]\d\d:?(?:\d\d)?)?$/i;

/** `Date.parse` reads a date without a zone in the zone of the host: two workers would disagree. */
function isoTime(text: string): number | undefined {
	const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '0', zone = 'Z'] =
		ISO.exec(text) ?? [];
	if (year === undefined) return undefined;
	const time = Date.UTC(+year, +month - 1, +day, +hour, +minute, +second);
	const real = new Date(time).getUTCMonth() === +month - 1 && +hour < 25 && +minute < 60;
	return real ? time + Number(`0.${fraction}`) * 1000 - offset(zone) : NaN;
}

/** In ms east of UTC. */
function offset(zone: string): number {
	const [, sign, hours, minutes = '0'] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone) ?? [];
	return sign === undefined ? 0 : (sign === '-' ? -1 : 1) * (+hours * 60 + +minutes) * 60_000;
}

/** `/Date(1480000000000)/`, as ASP.NET has written dates into JSON; an offset behind it changes nothing. */
function aspNetTime(text: string): number | undefined {
	const [, ms] = /^\/Date\((\d{1,15})(?:[+-]\d{4})?\)\/$/.exec(text) ?? [];
	return ms === undefined ? undefined : Number(ms);
}

/** RFC 9110, 5.6.7: `Sun, 01 Nov 2026 01:00:00 GMT`; the zone is always that. */
function httpTime(text: string): number | undefined {
	return /^[A-Za-z]{3,9}, \d\d[ -][A-Za-z]{3}[ -]\d{2,4} \d\d:\d\d:\d\d (?:GMT|UTC|[+-]\d{4})$/.test(
		text,
	)
		? Date.parse(text)
		: undefined;
}

/** ISO 8601, 4.4.3: `PT1H30M`, `P1DT12H`. In ms; months and years are none that a token lives. */
function isoDuration(text: string): number | undefined {
	const match =
		/^P(?:(\d{1,9})W)?(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?)?$/i.exec(
			text,
		);
	if (match === null || match.slice(1).every((part) => part === undefined)) return undefined;
	const [weeks, days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
	return ((((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
}

/** In ms, by the first letters of the word. */
const UNITS: ReadonlyArray<readonly [RegExp, number]> = [
	[/^(ms|msecs?|milliseconds?)$/i, 1],
	[/^(s|secs?|seconds?)$/i, 1000],
	[/^(m|mins?|minutes?)$/i, 60_000],
	[/^(h|hrs?|hours?)$/i, 3600_000],
	[/^(d|days?)$/i, 24 * 3600_000],
	[/^(w|weeks?)$/i, 7 * 24 * 3600_000],
];

/** `1h`, `15 minutes`, `3600s`. In ms. */
function wordedDuration(text: string): number | undefined {
	const [, count, word] = /^(\d{1,12}(?:\.\d{1,9})?) ?([A-Za-z]{1,12})$/.exec(text) ?? [];
	if (word === undefined) return undefined;
	const unit = UNITS.find(([name]) => name.test(word));
	return unit === undefined ? undefined : Number(count) * unit[1];
}
