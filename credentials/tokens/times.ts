/** Epoch ms of a date as APIs write it; a date without a zone is in UTC. NaN where it is none that exists, undefined where it is no date. */
export function readDate(text: string): number | undefined {
	return isoTime(text) ?? compactTime(text) ?? aspNetTime(text) ?? wordedTime(text);
}

/** In ms: `PT1H`, `1h30m`, `15 minutes`, `01:30:00`. */
export function readDuration(text: string): number | undefined {
	return isoDuration(text) ?? wordedDuration(text) ?? clockDuration(text);
}

/**
 * A duration in words: `90 s`, `15 min`, `24 h`, `30 days`. A wait of minutes is rounded up.
 *
 * @param ms At least a second is said.
 */
export function inWords(ms: number): string {
	const seconds = Math.max(1, Math.ceil(ms / 1000));
	if (seconds <= 120) return `${seconds} s`;
	if (seconds <= 7200) return `${Math.ceil(seconds / 60)} min`;
	return seconds <= 2 * 86_400
		? `${Math.round(seconds / 3600)} h`
		: `${Math.round(seconds / 86_400)} days`;
}

/** Whether it is a date with a time of day that does not say where on earth. */
export function hasNoZone(text: string): boolean {
	const match = ISO.exec(text);
	if (match !== null) return match[4] !== undefined && match[8] === undefined;
	if (YEAR_LAST.test(text)) return !/ (?:GMT|UTC) /.test(text);
	return COMPACT.exec(text)?.[4] !== undefined && !/z$/i.test(text);
}

const ISO =
	/^(\d{4})[-/](\d\d)[-/](\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)? ?(Z|UTC|GMT|[+-]\d\d:?(?:\d\d)?)?(?: UTC|\[[\w/+-]{1,40}\])?$/i;

/** `Date.parse` reads a date without a zone in the zone of the host: two workers would disagree. */
function isoTime(text: string): number | undefined {
	const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '0', zone = 'Z'] =
		ISO.exec(text) ?? [];
	if (year === undefined) return undefined;
	const ms = Number(fraction.slice(0, 3).padEnd(3, '0'));
	return utc(year, month, day, hour, minute, second) + ms - offset(zone);
}

const COMPACT = /^(2\d{3})(\d\d)(\d\d)(?:T?(\d\d)(\d\d)(\d\d)?)?Z?$/i;

/** Digits alone, or the basic form of ISO 8601: `20261101T010000Z`. */
function compactTime(text: string): number | undefined {
	const [, year, month, day, hour = '0', minute = '0', second = '0'] = COMPACT.exec(text) ?? [];
	return year === undefined ? undefined : utc(year, month, day, hour, minute, second);
}

/** NaN where there is no such day or time. */
function utc(...parts: string[]): number {
	const [year, month, day, hour, minute, second] = parts.map(Number);
	const time = Date.UTC(year, month - 1, day, hour, minute, second);
	const real = new Date(time - (hour === 24 ? 1 : 0)).getUTCMonth() === month - 1;
	return real && day > 0 && hour < 25 && minute < 60 && second < 61 ? time : NaN;
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

const WORDED = [
	// RFC 9110, 5.6.7, and RFC 5322: `Sun, 01 Nov 2026 01:00:00 GMT`
	/^[A-Za-z]{3,9}, \d\d?[ -][A-Za-z]{3}[ -]\d{2,4} \d\d:\d\d:\d\d (?:GMT|UTC|[+-]\d{4})$/,
	// JavaScript: `Sun Nov 01 2026 02:00:00 GMT+0100 (Central European Standard Time)`
	/^[A-Za-z]{3} [A-Za-z]{3} \d\d \d{4} \d\d:\d\d:\d\d GMT[+-]\d{4}(?: \([A-Za-z ]{1,40}\))?$/,
];
/** C and Java: `Sun Nov  1 01:00:00 2026`, `Sun Nov 01 01:00:00 UTC 2026` */
const YEAR_LAST =
	/^[A-Za-z]{3} ([A-Za-z]{3}) {1,2}(\d\d?) (\d\d:\d\d:\d\d) (?:(?:GMT|UTC) )?(\d{4})$/;

/** All of them name the zone, or have none but UTC. */
function wordedTime(text: string): number | undefined {
	const [, month, day, time, year] = YEAR_LAST.exec(text) ?? [];
	if (year !== undefined) return Date.parse(`${day} ${month} ${year} ${time} GMT`);
	return WORDED.some((one) => one.test(text)) ? Date.parse(text) : undefined;
}

/** ISO 8601, 4.4.3: `PT1H30M`, `P1DT12H`. Months and years are none that a token lives. */
function isoDuration(text: string): number | undefined {
	const match =
		/^P(?:(\d{1,9})W)?(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?)?$/i.exec(
			text,
		);
	if (match === null || match.slice(1).every((part) => part === undefined)) return undefined;
	const [weeks, days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
	return ((((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
}

const UNITS: ReadonlyArray<readonly [RegExp, number]> = [
	[/^(ms|msecs?|milliseconds?)$/i, 1],
	[/^(s|secs?|seconds?)$/i, 1000],
	[/^(m|mins?|minutes?)$/i, 60_000],
	[/^(h|hrs?|hours?)$/i, 3600_000],
	[/^(d|days?)$/i, 24 * 3600_000],
	[/^(w|weeks?)$/i, 7 * 24 * 3600_000],
];

/** `1h`, `1h0m30s`, `15 minutes`, `3600s`. */
function wordedDuration(text: string): number | undefined {
	const parts = text.split(/(?<=[A-Za-z]) ?(?=\d)/).map((part) => {
		const [, count, word] = /^(\d{1,12}(?:\.\d{1,9})?) ?([A-Za-z]{1,12})$/.exec(part) ?? [];
		const unit = word === undefined ? undefined : UNITS.find(([name]) => name.test(word));
		return unit === undefined ? NaN : Number(count) * unit[1];
	});
	const sum = parts.reduce((all, part) => all + part, 0);
	return Number.isNaN(sum) ? undefined : sum;
}

/** .NET's TimeSpan: `01:30:00`, `1.00:00:00`; without seconds it could be minutes. */
function clockDuration(text: string): number | undefined {
	const [, days = '0', hours, minutes, seconds] =
		/^(?:(\d{1,5})\.)?(\d{1,4}):(\d\d):(\d\d(?:\.\d{1,9})?)$/.exec(text) ?? [];
	if (hours === undefined) return undefined;
	return (((+days * 24 + +hours) * 60 + +minutes) * 60 + +seconds) * 1000;
}
