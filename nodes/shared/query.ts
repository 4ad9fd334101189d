import { stringifyExact } from '../../credentials/tokens/json';
import { asText } from './parameters';

/** How several values of one name are written: `a=1&a=2`, `a[]=1&a[]=2` or `a[0]=1&a[1]=2`. */
export type ArrayFormat = 'repeat' | 'brackets' | 'indices';

type Entries = Iterable<readonly [name: string, value: unknown]>;

/** The URL with parameters added to its query; what is in it already stays as it is written. */
export function withQuery(url: URL, entries: Entries, format: ArrayFormat = 'repeat'): URL {
	const added = pairsOf(entries, format).map(([name, value]) => parameter(name, value));
	return withSearch(url, [...pairsIn(url), ...added]);
}

/** The URL with one value for a parameter, at its place; everything else stays as it is written. */
export function withParameter(url: URL, name: string, value: string | number): URL {
	const pairs = pairsIn(url);
	const at = pairs.findIndex((pair) => nameOf(pair) === name);
	const others = pairs.filter((pair) => nameOf(pair) !== name);
	const place = at === -1 ? others.length : at;
	return withSearch(url, [
		...others.slice(0, place),
		parameter(name, String(value)),
		...others.slice(place),
	]);
}

/** Names and values as text: one pair for each value of a list, none for `null`, JSON for an object. */
export function pairsOf(
	entries: Entries,
	format: ArrayFormat,
): Array<[name: string, value: string]> {
	const named = new Map<string, { isList: boolean; values: unknown[] }>();
	for (const [name, value] of entries) {
		if (value === undefined || value === null) continue;
		const known = named.get(name);
		const values = Array.isArray(value) ? (value as unknown[]) : [value];
		const isList = Array.isArray(value) || known !== undefined;
		named.set(name, { isList, values: [...(known?.values ?? []), ...values] });
	}
	return [...named].flatMap(([name, { isList, values }]) =>
		values
			.filter((value) => value !== undefined && value !== null)
			.map((value, index): [string, string] => [
				isList ? nameInList(name, index, format) : name,
				valueText(name, value),
			]),
	);
}

/** Text goes out as it is, with the blanks around it. */
function valueText(name: string, value: unknown): string {
	if (typeof value === 'string') return value;
	return isPlain(value) ? stringifyExact(value) : asText(value, name);
}

/** A name that has brackets already is meant as it stands. */
function nameInList(name: string, index: number, format: ArrayFormat): string {
	if (format === 'repeat' || name.endsWith(']')) return name;
	return format === 'brackets' ? `${name}[]` : `${name}[${index}]`;
}

function isPlain(value: unknown): boolean {
	if (Array.isArray(value)) return true;
	return Object.prototype.toString.call(value) === '[object Object]' && !hasIso(value);
}

function hasIso(value: unknown): boolean {
	return typeof (value as { toISO?: unknown }).toISO === 'function';
}

/** A blank as %20, which every server reads (a plus is one in forms alone), and `$` as it is: OData looks for it. */
function parameter(name: string, value: string): string {
	return `${encoded(name)}=${encoded(value)}`;
}

function encoded(text: string): string {
	return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\uFFFD')).replaceAll('%24', '$');
}

function pairsIn(url: URL): string[] {
	return url.search === '' ? [] : url.search.slice(1).split('&');
}

function nameOf(pair: string): string | undefined {
	return [...new URLSearchParams(pair).keys()][0];
}

function withSearch(url: URL, pairs: readonly string[]): URL {
	const changed = new URL(url.href);
	changed.search = pairs.join('&');
	return changed;
}
