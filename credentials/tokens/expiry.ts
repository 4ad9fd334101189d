import { isObject, parseJson, valueAt } from './json';
import { readDate, readDuration } from './times';

/** What a number without a unit counts; `auto`: seconds, or a UNIX time where it is too large for them. */
export type ExpiryUnit = 'auto' | 'milliseconds' | 'seconds' | 'minutes' | 'hours';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;
/** Seconds above this are a UNIX time, not a lifetime (Fusio before 4.0.3); 5e8 s are 15 years. */
const ABSOLUTE_SECONDS = 5e8;
const IN_MS = { milliseconds: 1, seconds: 1000, minutes: MINUTE, hours: HOUR };
/** No way to write a time is longer: what is, is not read, whatever it would cost to read it. */
const LONGEST = 80;

/**
 * Reads an expiry as APIs write it: a number (of seconds, or of `unit`), a UNIX time in s, ms, µs or ns, a date, a
 * duration. A date without a zone is in UTC.
 *
 * @param clock Epoch ms that the provider's clock showed at `askedAt`: moments are of that clock.
 * @returns Epoch ms, at most a year ahead; undefined where it is missing, empty, not positive or past.
 */
export function readExpiry(
	value: unknown,
	askedAt: number,
	unit: ExpiryUnit = 'auto',
	clock = askedAt,
): number | undefined {
	const life = lifetimeOf(value, clock, unit);
	if (life === undefined || Number.isNaN(life) || life <= 0) return undefined;
	return Math.floor(askedAt + Math.min(life, YEAR));
}

/**
 * Whether a number of unknown unit was taken for milliseconds, since as seconds it would be an odd number of days, of
 * years, or a UNIX time far away: 900000 is a quarter of an hour rather than ten days and ten hours.
 */
export function isTakenForMilliseconds(value: unknown, clock: number, unit: ExpiryUnit): boolean {
	const number = numberOf(value);
	if (number === undefined || unit !== 'auto' || number % MINUTE !== 0) return false;
	if (dateInDigits(number, clock) !== undefined) return false;
	if (number <= ABSOLUTE_SECONDS) {
		const seconds = number * 1000;
		if (seconds > 366 * DAY) return number % HOUR === 0;
		return seconds > DAY && seconds % DAY !== 0;
	}
	const moment = number * 1000;
	return number <= ABSOLUTE_SECONDS * 1000 && (moment < clock || moment > clock + 5 * YEAR);
}

/**
 * RFC 7519, 4.1.4. A token that is new lives for `exp - iat`, whatever its clock shows; one that was handed out before
 * has been living since `iat`. The shorter time counts, as long as it is one.
 *
 * @param clock As in `readExpiry`.
 */
export function readJwtExpiry(token: string, askedAt: number, clock = askedAt): number | undefined {
	const [, payload] = token.split('.', 2);
	if (payload === undefined) return undefined;
	const claims = parseJson(Buffer.from(payload, 'base64url').toString('utf8'));
	const exp = claimedTime(valueAt(claims, 'exp'));
	const iat = claimedTime(valueAt(claims, 'iat'));
	if (exp === undefined) return undefined;
	const whole = iat === undefined || exp <= iat ? undefined : exp - iat;
	const left = exp - clock;
	const life = whole === undefined ? left : left > 0 ? Math.min(left, whole) : whole;
	return life > 0 ? Math.floor(askedAt + Math.min(life, YEAR)) : undefined;
}

/** In epoch ms: seconds by the RFC, which some write as milliseconds or as text. */
function claimedTime(value: unknown): number | undefined {
	const number = numberOf(value);
	return number === undefined ? undefined : (momentOf(number) ?? number * 1000);
}

/** In ms, from now on. */
function lifetimeOf(value: unknown, clock: number, unit: ExpiryUnit): number | undefined {
	const moment = momentInParts(value);
	if (moment !== undefined) return moment - clock;
	const number = numberOf(value);
	if (number !== undefined) return lifetimeInNumber(number, clock, unit);
	if (typeof value !== 'string' || value.length > LONGEST) return undefined;
	const text = value.trim();
	const duration = readDuration(text);
	if (duration !== undefined) return duration;
	const date = readDate(text);
	return date === undefined ? undefined : date - clock;
}

function numberOf(value: unknown): number | undefined {
	if (typeof value === 'string' && (value.trim() === '' || value.length > LONGEST))
		return undefined;
	if (typeof value !== 'string' && typeof value !== 'number') return undefined;
	const number = Number(value);
	return Number.isFinite(number) ? number : undefined;
}

function lifetimeInNumber(value: number, clock: number, unit: ExpiryUnit): number {
	const date = dateInDigits(value, clock);
	if (date !== undefined) return date - clock;
	if (isTakenForMilliseconds(value, clock, unit)) return value;
	const moment =
		unit === 'milliseconds' && value <= ABSOLUTE_SECONDS * 1000 ? undefined : momentOf(value);
	return moment === undefined ? value * IN_MS[unit === 'auto' ? 'seconds' : unit] : moment - clock;
}

/** In epoch ms, by how large it is: s, ms, µs, ns. What would be far in the future in the last two was counted otherwise. */
function momentOf(value: number): number | undefined {
	if (value <= ABSOLUTE_SECONDS) return undefined;
	if (value <= ABSOLUTE_SECONDS * 1e3) return value * 1e3;
	if (value <= ABSOLUTE_SECONDS * 1e6) return value;
	const moment = value / (value <= ABSOLUTE_SECONDS * 1e9 ? 1e3 : 1e6);
	return moment > ABSOLUTE_SECONDS * 1e4 ? NaN : moment;
}

/** `20261101010000`, a date without its signs: as a number it would be another time, far away. */
function dateInDigits(value: number, clock: number): number | undefined {
	if (!/^2\d{7}(\d{4}|\d{6})?$/.test(String(value))) return undefined;
	const time = readDate(String(value));
	return time !== undefined && time > clock - DAY && time < clock + 10 * YEAR ? time : undefined;
}

/** Jackson writes a date as a list, `[2026,11,1,1,0]`; protobuf as `{"seconds": …, "nanos": …}`. */
function momentInParts(value: unknown): number | undefined {
	if (Array.isArray(value)) {
		const parts = value as unknown[];
		if (parts.length < 3 || parts.length > 7 || !parts.every(Number.isSafeInteger))
			return undefined;
		const [year, month, day, hour = 0, minute = 0, second = 0] = parts as number[];
		return Date.UTC(year, month - 1, day, hour, minute, second);
	}
	if (!isObject(value)) return undefined;
	const seconds = numberOf(value.seconds);
	return seconds === undefined || seconds <= ABSOLUTE_SECONDS
		? undefined
		: seconds * 1000 + (numberOf(value.nanos) ?? 0) / 1e6;
}
