/** Names in lower case. */
type Headers = Readonly<Record<string, string>>;

const DAY = 24 * 3600_000;
/** Numbers above this are UNIX times in s, above a thousand times that in ms; what is below is a number of seconds. */
const EARLIEST_TIME = 5e8;

/**
 * Whether a reply says that it is too early: 429, 503, and 403 where it has a Retry-After or says that nothing is left,
 * as GitHub's and others'.
 */
export function isBusy(status: number, headers: Headers, now: number): boolean {
	if (status === 429 || status === 503) return true;
	if (status !== 403) return false;
	const { remaining, reset } = readRateLimit(headers, now) ?? {};
	return wishOf(headers, now) !== undefined || (remaining === 0 && reset !== undefined);
}

/**
 * When a busy server wants to be asked again, in ms from now, at most a day. RFC 9110, 10.2.3: seconds or a date; where
 * it is missing, the reset time of one of the RateLimit headers. Ask it of busy replies alone: on others a reset time
 * is a piece of news, not a wish.
 */
export function readRetryAfter(headers: Headers, now: number): number | undefined {
	if (headers['retry-after']?.trim()) return wishOf(headers, now);
	return wishOf(headers, now) ?? readRateLimit(headers, now)?.reset;
}

/** Where Azure says it more exactly, and where others say it under another name. */
function wishOf(headers: Headers, now: number): number | undefined {
	const exact = Number(headers['retry-after-ms'] ?? headers['x-ms-retry-after-ms'] ?? NaN);
	if (!Number.isNaN(exact)) return bounded(exact);
	const own = headers['retry-after'] ?? headers['x-retry-after'];
	return own?.trim() ? bounded(untilReset(own.trim(), headers, now)) : undefined;
}

/** What a server tells of its limit, on any reply. */
export interface RateLimit {
	/** Requests that are left; missing where it is not told, or nonsense as Fusio's −1. */
	readonly remaining?: number;
	/** In ms from now, at most a day. */
	readonly reset?: number;
}

/**
 * Reads `RateLimit` (draft-ietf-httpapi-ratelimit-headers: as a list of items, `"day";r=50;t=30`, and as its versions
 * before 08 had it, `limit=100, remaining=50, reset=30`), `RateLimit-Remaining` with `RateLimit-Reset`, and the older
 * names with an X. Of several policies the one with the least left counts.
 */
export function readRateLimit(headers: Headers, now: number): RateLimit | undefined {
	const structured = headers.ratelimit === undefined ? [] : structuredLimits(headers.ratelimit);
	const [tightest] = structured
		.map(({ remaining, reset }) => limitOf(remaining, reset, headers, now))
		.sort((a, b) => (a.remaining ?? Infinity) - (b.remaining ?? Infinity));
	if (tightest !== undefined) return tightest;
	for (const prefix of ['ratelimit', 'x-ratelimit', 'x-rate-limit']) {
		const remaining = headers[`${prefix}-remaining`];
		const reset = headers[`${prefix}-reset`] ?? headers[`${prefix}-reset-after`];
		if (remaining === undefined && reset === undefined) continue;
		return limitOf(remaining, reset, headers, now);
	}
	return undefined;
}

function structuredLimits(value: string): Array<{ remaining?: string; reset?: string }> {
	const remaining = /(?:^|[,\s])remaining=(\d+)/.exec(value)?.[1];
	const reset = /(?:^|[,\s])reset=(\d+)/.exec(value)?.[1];
	if (remaining !== undefined) return [{ remaining, reset }];
	return value
		.split(',')
		.map((item) => ({
			remaining: /;\s*r=(\d+)/.exec(item)?.[1],
			reset: /;\s*t=(\d+)/.exec(item)?.[1],
		}))
		.filter(({ remaining }) => remaining !== undefined);
}

function limitOf(
	remaining: string | undefined,
	reset: string | undefined,
	headers: Headers,
	now: number,
): RateLimit {
	const left = remaining?.trim() ? Number(remaining) : NaN;
	const wait = reset?.trim() ? bounded(untilReset(reset.trim(), headers, now)) : undefined;
	return {
		...(Number.isFinite(left) && left >= 0 && { remaining: Math.floor(left) }),
		...(wait !== undefined && { reset: wait }),
	};
}

/** Seconds from now, also with a unit (`1m20s`); a UNIX time in s or in parts of it; or a date. */
function untilReset(reset: string, headers: Headers, now: number): number {
	// A header that came twice.
	const parts = reset.split(',').map((part) => inSeconds(part.replace(/"/g, '').trim()));
	if (parts.some(Number.isNaN)) return untilDate(reset, headers, now);
	let time = Math.max(...parts);
	// Three hundred digits and more.
	if (time === Infinity) return time;
	if (time < EARLIEST_TIME) return time * 1000;
	while (time >= EARLIEST_TIME * 1000) time /= 1000;
	return time * 1000 - serverTime(headers, now);
}

const MILLISECONDS = /^(\d+(?:\.\d+)?) ?m(?:illi)?s[a-z]*$/i;
const CLOCKED = /^(?:(\d+) ?h[a-z]*)? ?(?:(\d+) ?m[a-z]*)? ?(?:(\d+(?:\.\d+)?) ?s[a-z]*)?$/i;

function inSeconds(written: string): number {
	if (/^[+-]?\d+(?:\.\d+)?$/.test(written)) return Number(written);
	const milliseconds = MILLISECONDS.exec(written)?.[1];
	if (milliseconds !== undefined) return Number(milliseconds) / 1000;
	const [whole = '', hours = 0, minutes = 0, seconds = 0] = CLOCKED.exec(written) ?? [];
	if (whole === '') return NaN;
	return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
}

function untilDate(date: string, headers: Headers, now: number): number {
	// Not everything that JavaScript reads as a date is one: "1" is a month.
	return /\d{4}/.test(date) ? Date.parse(date) - serverTime(headers, now) : NaN;
}

/** A time that a server names is a time on its own clock. */
function serverTime({ date }: Headers, now: number): number {
	const time = date === undefined ? NaN : Date.parse(date);
	return Number.isNaN(time) ? now : time;
}

function bounded(wait: number): number | undefined {
	return Number.isFinite(wait) && wait >= 0 ? Math.min(wait, DAY) : undefined;
}
