import type { IDataObject } from 'n8n-workflow';
import { valueAt } from '../../credentials/tokens/json';
import { readDate } from '../../credentials/tokens/times';
import { ApiError, badInput } from '../shared/errors';
import type { Known, Memory } from './memory';
import type { Found, Reading } from './reading';

/** A point in time as an API writes it, or a number that grows with each change. */
export type CursorValue = string | number;

export interface CursorSettings {
	/** Dotted path of the value in a record. */
	readonly at: string;
	/** How far before the greatest value to ask from: in s for dates, else in the value's own unit. */
	readonly overlap: number;
}

export interface Newer {
	readonly records: readonly IDataObject[];
	readonly memory: Memory;
}

/** From which value on to ask: some way before the greatest one, since records may appear out of order. */
export function askFrom(greatest: CursorValue, overlap: number): CursorValue {
	if (overlap === 0) return greatest;
	if (typeof greatest === 'number') return greatest - overlap;
	if (INTEGER.test(greatest)) return String(BigInt(greatest) - BigInt(Math.trunc(overlap)));
	if (NUMBER.test(greatest)) return String(Number(greatest) - overlap);
	const earlier = earlierDate(greatest, overlap);
	if (earlier !== undefined) return earlier;
	throw badInput(
		'Overlap',
		`cannot be taken from "${greatest.slice(0, 60)}", which is neither a date nor a number`,
		'Set it to 0, or choose another field for the greatest value.',
	);
}

/**
 * The records that were not handed on before. What lies before the value that was asked from is left out, so that an
 * API that does not heed the parameter does no harm; what lies after it is remembered until it does not.
 * @param now In ms since 1970.
 * @throws ApiError when no record has a value there, or one that has no order.
 */
export function newer(
	of: string,
	memory: Memory | undefined,
	reading: Reading,
	{ at, overlap }: CursorSettings,
	now = Date.now(),
): Newer {
	const known = new Map<string, Known>(
		[...(memory?.parts.values() ?? [])].flatMap((part) => [...part]),
	);
	const all = [...reading.values()]
		.flatMap((part) => [...part])
		.map(([hash, found]) => ({ hash, found, value: cursorIn(found, at) }));
	if (all.length > 0 && all.every(({ value }) => value === undefined))
		throw noValue(all[0].found, at);
	for (const { value } of all) requireOrder(value, at);

	const from = memory?.cursor === undefined ? undefined : askFrom(memory.cursor, overlap);
	const within = all.filter(
		({ value }) => from === undefined || value === undefined || compare(value, from) >= 0,
	);
	const greatest = within.reduce<CursorValue | undefined>(
		(most, { value }) =>
			value !== undefined &&
			(momentOf(String(value)) ?? 0) <= now + CLOCKS_DIFFER &&
			(most === undefined || compare(value, most) > 0)
				? value
				: most,
		memory?.cursor,
	);
	const next = greatest === undefined ? undefined : askFrom(greatest, overlap);
	const kept = within.filter(
		({ value }) => next === undefined || value === undefined || compare(value, next) >= 0,
	);
	const seen = new Map<string, Known>(
		kept.map(({ hash, found: { fingerprint, key } }) => [hash, { fingerprint, key }]),
	);
	return {
		records: within
			.filter(({ hash, found }) => known.get(hash)?.fingerprint !== found.fingerprint)
			.map(({ found }) => found.record),
		memory: {
			of,
			// As long as the same is asked for, a record may come again, also after a reply that lacked it.
			parts: new Map([['', greatest === memory?.cursor ? new Map([...known, ...seen]) : seen]]),
			...(greatest !== undefined && { cursor: greatest }),
		},
	};
}

/**
 * A time to come is a mistake in one record, or stands for “never”. Asking from there on would find nothing any more.
 * In ms: a day covers each time zone that a date was written down without.
 */
const CLOCKS_DIFFER = 86_400_000;
/** Dates as people and mail headers write them: neither as text nor as numbers are they in the order of time. */
const WITHOUT_ORDER = [
	/^\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b/,
	/^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? /i,
	/^\d{1,2}\.? (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b/i,
	/^(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? \d/i,
];
const INTEGER = /^\d+$/;
const NUMBER = /^-?\d+(?:\.\d+)?$/;
const DATE =
	/^(\d{4}-\d{2}-\d{2})(?:([T ])(\d{2}:\d{2}(?::\d{2})?)(?:\.(\d+))?)?(Z|[+-]\d{2}:?\d{2})?$/i;

/** Less than 0, 0, or more: dates by the moment, numbers by size, anything else by its letters. */
export function compare(one: CursorValue, other: CursorValue): number {
	const [a, b] = [String(one), String(other)];
	if (INTEGER.test(a) && INTEGER.test(b)) {
		return Number(BigInt(a) > BigInt(b)) - Number(BigInt(a) < BigInt(b));
	}
	if (NUMBER.test(a) && NUMBER.test(b)) return Number(a) - Number(b);
	const [from, to] = [momentOf(a), momentOf(b)];
	// Fractions finer than a millisecond are compared as text, where all else is the same.
	if (from !== undefined && to !== undefined && from !== to) return from - to;
	return a < b ? -1 : Number(a > b);
}

function cursorIn({ record }: Found, at: string): CursorValue | undefined {
	const value = valueAt(record, at);
	if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
	return typeof value === 'string' && value !== '' ? value : undefined;
}

/** In ms since 1970; a date without a zone counts as UTC. */
function momentOf(text: string): number | undefined {
	const moment = (DATE.test(text) ? readDate(text) : undefined) ?? NaN;
	return Number.isNaN(moment) ? undefined : moment;
}

/** Written as the API writes it: same parts, same zone, as many digits. */
function earlierDate(text: string, seconds: number): string | undefined {
	const moment = momentOf(text);
	if (moment === undefined) return undefined;
	const [, , separator, time = '', fraction = '', zone = ''] = DATE.exec(text) ?? [];
	const [, sign, hours, minutes] = /^([+-])(\d{2}):?(\d{2})$/.exec(zone) ?? [];
	const offset = sign
		? (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -60_000 : 60_000)
		: 0;
	const local = new Date(moment + offset - seconds * 1000).toISOString();
	const day = local.slice(0, 10);
	if (separator === undefined) return `${day}${zone}`;
	const digits =
		fraction && `.${local.slice(20, 23).padEnd(fraction.length, '0').slice(0, fraction.length)}`;
	return `${day}${separator}${local.slice(11, 11 + time.length)}${digits}${zone}`;
}

function requireOrder(value: CursorValue | undefined, at: string): void {
	if (typeof value !== 'string' || !WITHOUT_ORDER.some((one) => one.test(value))) return;
	throw badInput(
		'Greatest Value Of',
		`names "${at}", which has dates in a form that cannot be put in order: ${value.slice(0, 60)}`,
		'Choose a field with dates such as 2026-03-01T10:05:00Z, or with a number that grows.',
	);
}

function noValue({ record }: Found, at: string): ApiError {
	return badInput(
		'Greatest Value Of',
		`names "${at}", which no record has`,
		`A record has these fields: ${Object.keys(record).slice(0, 20).join(', ')}. Enter the one that grows with each change.`,
	);
}
