import { badInput } from '../shared/errors';

/** A day without a time; months count from 1. */
export interface CalendarDate {
	readonly year: number;
	readonly month: number;
	readonly day: number;
}

const WRITTEN = /^(\d{4})-(\d{2})-(\d{2})(?:$|[T ])/;
const ENDS_WITH_ZONE = /(?:Z|[+-]\d{2}:?\d{2})$/i;
const DAY = 24 * 60 * 60 * 1000;

/**
 * The day that an ISO 8601 date names. One without a time zone is taken as written; a moment with
 * one is the day that it falls on in `timezone`.
 * @throws ApiError when it names none.
 */
export function calendarDate(iso: string, timezone: string): CalendarDate {
	// What follows in brackets is the zone's name (RFC 9557).
	const [moment] = iso.split('[', 1);
	const hasZone = /[T ]/.test(moment) && ENDS_WITH_ZONE.test(moment);
	const written = WRITTEN.exec(hasZone ? localDay(moment, timezone) : iso);
	if (written) {
		const [year, month, day] = written.slice(1).map(Number);
		const moment = new Date(Date.UTC(year, month - 1, day));
		if (moment.getUTCMonth() === month - 1 && moment.getUTCDate() === day) {
			return { year, month, day };
		}
	}
	throw badInput(
		'Date',
		`is not a date: ${JSON.stringify(iso.slice(0, 40))}`,
		'Write it as YYYY-MM-DD, or use a date from an expression such as {{ $now }}.',
	);
}

function localDay(iso: string, timezone: string): string {
	const moment = new Date(iso);
	if (Number.isNaN(moment.getTime())) return '';
	const parts = new Intl.DateTimeFormat('en', {
		timeZone: timezone,
		year: 'numeric',
		month: '2-digit',
		day: '2-digit',
	}).formatToParts(moment);
	const part = (type: string) => parts.find((candidate) => candidate.type === type)?.value ?? '';
	return `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}`;
}

/** The week of a day after ISO 8601: weeks begin on Monday and belong to the year of their Thursday. */
export function isoWeek({ year, month, day }: CalendarDate): { year: number; week: number } {
	const date = Date.UTC(year, month - 1, day);
	const weekday = (new Date(date).getUTCDay() + 6) % 7;
	const thursday = new Date(date + (3 - weekday) * DAY);
	const firstDay = Date.UTC(thursday.getUTCFullYear(), 0, 1);
	const week = Math.floor((thursday.getTime() - firstDay) / (7 * DAY)) + 1;
	return { year: thursday.getUTCFullYear(), week };
}
