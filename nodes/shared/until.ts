import { valueAt } from '../../credentials/tokens/json';
import { ApiError } from './errors';
import { isObject } from './parameters';

/** The record at which a list that begins with the newest one is known already. */
export type Until =
	| { readonly kind: 'value'; readonly at: string; readonly value: string }
	/** `moment`: in ms. */
	| { readonly kind: 'date'; readonly at: string; readonly moment: number };

export interface Newer {
	readonly entries: readonly unknown[];
	/** The record was reached: no older page is of interest. */
	readonly reached: boolean;
	/** A newer record stands behind it, so that the list does not begin with the newest. */
	readonly unsorted: boolean;
}

/** The entries in front of the first record that has the value, or a date at or before the moment. */
export function newerThan(until: Until, entries: readonly unknown[]): Newer {
	const values = valuesIn(until, entries);
	const first = values.findIndex((value) => isReached(until, value));
	if (first === -1) return { entries, reached: false, unsorted: false };
	return {
		entries: entries.slice(0, first),
		reached: true,
		unsorted:
			until.kind === 'date' &&
			values.slice(first).some((value) => (momentOf(value) ?? -Infinity) > until.moment),
	};
}

/** @throws ApiError when no record of the first page has anything to compare at that path. */
export function requireComparable(until: Until, entries: readonly unknown[]): void {
	const values = valuesIn(until, entries);
	const readable = until.kind === 'date' ? values.map(momentOf) : values;
	if (entries.length === 0 || readable.some((value) => value !== undefined)) return;
	throw new ApiError(
		'reply',
		`No record has ${until.kind === 'date' ? 'a date' : 'a value'} at "${until.at}"`,
		'Check Record Field of Until under Pagination Options: without it the whole list would be read each time.',
	);
}

function valuesIn({ at }: Until, entries: readonly unknown[]): unknown[] {
	return entries.map((entry) => (isObject(entry) ? valueAt(entry, at) : entry));
}

function isReached(until: Until, value: unknown): boolean {
	if (until.kind === 'date') return (momentOf(value) ?? Infinity) <= until.moment;
	return ['string', 'number', 'boolean'].includes(typeof value) && String(value) === until.value;
}

/** Below it a number is in s (the year 5138), from it on in ms (March 1973). */
const SECONDS_END = 1e11;
const ISO =
	/^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?)\s*(Z|[+-]\d{2}:?\d{2})?)?/i;

/**
 * A moment in ms: ISO 8601, a UNIX time in s or ms, or the form of HTTP headers and e-mails. One
 * without a time zone is read as UTC.
 */
export function momentOf(value: unknown): number | undefined {
	if (typeof value === 'number' || (typeof value === 'string' && /^\d{9,14}$/.test(value.trim()))) {
		const time = Number(value);
		return time < SECONDS_END ? time * 1000 : time;
	}
	if (value instanceof Date) return value.getTime();
	if (typeof value !== 'string') return undefined;
	const [, day, time, zone = 'Z'] = ISO.exec(value.trim()) ?? [];
	const written =
		day && time ? `${day}T${time.replace(',', '.')}${zone.toUpperCase()}` : (day ?? value);
	const moment = Date.parse(written.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
	return Number.isNaN(moment) ? undefined : moment;
}

/** A moment as `momentOf` reads it, but one without a time zone is meant in the given one. */
export function momentIn(written: string, timezone: string): number | undefined {
	const moment = momentOf(written);
	const [, day, , zone] = ISO.exec(written.trim()) ?? [];
	if (moment === undefined || day === undefined || zone !== undefined) return moment;
	return moment - offsetAt(moment - offsetAt(moment, timezone), timezone);
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
