import { hasNoZone, readDate } from '../../credentials/tokens/times';

interface Written {
	/** In ms; without a time zone as if it was UTC. */
	readonly moment: number;
	readonly zoned: boolean;
}

/**
 * A moment in ms: ISO 8601, a UNIX time in s or ms, the form of HTTP headers and e-mails, day.month.year, or what .NET
 * writes. One without a time zone is read as UTC. 1/2/2026 is none, since it is a day in January or in February.
 */
export function momentOf(value: unknown): number | undefined {
	return written(value)?.moment;
}

/** A moment as `momentOf` reads it, but one without a time zone is meant in the given one. */
export function momentIn(value: string, timezone: string): number | undefined {
	const found = written(value);
	if (found === undefined || found.zoned) return found?.moment;
	const { moment } = found;
	return moment - offsetAt(moment - offsetAt(moment, timezone), timezone);
}

function written(value: unknown): Written | undefined {
	if (value instanceof Date) return { moment: value.getTime(), zoned: true };
	if (typeof value !== 'string' && typeof value !== 'number') return undefined;
	const text = String(value).trim().replace(/\s+/g, ' ');
	const found =
		fromDate(inOrder(text)) ?? fromTime(text, typeof value === 'number') ?? fromWords(text);
	return found === undefined || Number.isNaN(found.moment) ? undefined : found;
}

const DAY = /^\d{4}-\d\d-\d\d$/;

function fromDate(text: string): Written | undefined {
	const moment = readDate(text) ?? NaN;
	if (Number.isNaN(moment)) return undefined;
	return { moment, zoned: !hasNoZone(text) && !DAY.test(text) };
}

/** The orders that can be taken for no other one. */
const YEAR_FIRST = /^(?<year>\d{4})[-/](?<month>\d{1,2})(?:[-/](?<day>\d{1,2}))?(?!\d)/;
const DAY_FIRST = /^(?<day>\d{1,2})\.(?<month>\d{1,2})\.(?<year>\d{4})(?!\d)/;
const COMPACT = /^(\d{4})(\d\d)(\d\d)(?:T?(\d\d)(\d\d)(\d\d))?(?=$|Z$|[+-]\d{4}$)/i;

/** `2026-01-31T09:00` of `31.1.2026, 9:00` and the like; anything else as it is. */
function inOrder(text: string): string {
	const spread = spreadOut(text);
	const date = YEAR_FIRST.exec(spread) ?? DAY_FIRST.exec(spread);
	if (date?.groups === undefined) return text;
	const { year, month, day = '1' } = date.groups;
	const rest = spread.slice(date[0].length).replace(/^(?:T|,? )(?=\d)/i, 'T');
	return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}${rest.replace(/^T(?=\d:)/, 'T0')}`;
}

/** `20260131T120000Z`, of this century or the last one: anything else is a UNIX time. */
function spreadOut(text: string): string {
	const [whole, year, month, day, hour, minute, second] = COMPACT.exec(text) ?? [];
	if (whole === undefined || !/^(?:19|20)/.test(year)) return text;
	const time = hour === undefined ? '' : `T${[hour, minute, second].join(':')}`;
	return `${[year, month, day].join('-')}${time}${text.slice(whole.length)}`;
}

/** Below it a number is in s (the year 5138), from it on in ms (March 1973). */
const SECONDS_END = 1e11;

/** A UNIX time, also as `/Date(…)/`, which is in ms. */
function fromTime(text: string, isNumber: boolean): Written | undefined {
	const inDotNet = /^\/Date\((-?\d+)(?:[+-]\d{4})?\)\/$/.exec(text)?.[1];
	if (inDotNet !== undefined) return { moment: Number(inDotNet), zoned: true };
	if (!isNumber && !/^\d{9,13}(?:\.\d+)?$/.test(text)) return undefined;
	const time = Number(text);
	return { moment: time < SECONDS_END ? time * 1000 : time, zoned: true };
}

const MONTH = /\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b/i;
const ZONE_IN_WORDS = /\b(?:GMT|UTC|Z|[ECMP][SD]T)\b|[+-]\d{4}\b/;

/** `Sat, 31 Jan 2026 12:00:00 GMT` and its like. */
function fromWords(text: string): Written | undefined {
	if (!MONTH.test(text) || !/\d{4}/.test(text)) return undefined;
	const zoned = ZONE_IN_WORDS.test(text);
	return { moment: Date.parse(zoned ? text : `${text} UTC`), zoned };
}

/** How far the clocks of a time zone are ahead of UTC, in ms. */
function offsetAt(moment: number, timezone: string): number {
	const shown = new Intl.DateTimeFormat('sv', {
		timeZone: timezone,
		dateStyle: 'short',
		timeStyle: 'medium',
	}).format(moment);
	return Date.parse(`${shown.replace(' ', 'T')}Z`) - Math.floor(moment / 1000) * 1000;
}
