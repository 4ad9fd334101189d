import type { IDataObject } from 'n8n-workflow';

/** Longer paths name nothing: no field of a person needs one, and none may cost time. */
const LONGEST_PATH = 1000;

/**
 * The one dotted path of this package: `data.items`, `pages.0.list`, `data[0].token`, `$.data['a.b']`; undefined where
 * there is none. A field whose own name has dots or brackets in it is found too, and one within a JSON text.
 */
export function valueAt(value: unknown, path: string): unknown {
	if (path === '') return value;
	if (path.length > LONGEST_PATH) return undefined;
	if (isObject(value) && Object.hasOwn(value, path)) return value[path];
	return follow(value, withoutBrackets(path));
}

function follow(value: unknown, dottedPath: string): unknown {
	if (dottedPath === '') return value;
	if (Array.isArray(value)) {
		const [index, ...rest] = dottedPath.split('.');
		return /^\d+$/.test(index) ? follow(value[Number(index)], rest.join('.')) : undefined;
	}
	// Proxies and older frameworks put one JSON text into another: `{"d": "{…}"}`.
	if (typeof value === 'string' && /^\s{0,20}[{[]/.test(value)) {
		const inner = parseJson(value);
		return typeof inner === 'string' ? undefined : follow(inner, dottedPath);
	}
	if (!isObject(value)) return undefined;
	if (Object.hasOwn(value, dottedPath)) return value[dottedPath];
	for (let dot = dottedPath.indexOf('.'); dot !== -1; dot = dottedPath.indexOf('.', dot + 1)) {
		const name = dottedPath.slice(0, dot);
		if (Object.hasOwn(value, name)) return follow(value[name], dottedPath.slice(dot + 1));
	}
	return undefined;
}

/** As JSONPath writes it (RFC 9535): `$` is the whole, `[0]` and `['name']` are steps. */
export function withoutBrackets(path: string): string {
	return path
		.replace(/\[(?:(\d+)|'([^']*)'|"([^"]*)")\]/g, (_, ...names: Array<string | undefined>) => {
			const [index, single, double] = names;
			return `.${index ?? single ?? double ?? ''}`;
		})
		.replace(/^\$(?=\.|$)/, '')
		.replace(/^\./, '');
}

export function isObject(value: unknown): value is IDataObject {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What becomes of a number that is written longer than a JavaScript number can hold. */
export type LongNumbers =
	/** Its digits as text. */
	| 'text'
	/** The nearest number there is. */
	| 'rounded'
	/** An integer becomes a bigint, which `stringifyExact` writes as it was; anything else becomes text. */
	| 'bigint';

/**
 * Reads JSON without rounding. A number loses digits when its part before the decimal point is beyond 2^53 − 1
 * (RFC 8259, 6), and is lost when it is beyond the largest double; `longNumbers` says what becomes of those.
 *
 * @throws SyntaxError
 */
export function parseExact(json: string, longNumbers: LongNumbers = 'text'): unknown {
	const rounded = JSON.parse(json) as unknown;
	if (longNumbers === 'rounded' || !/\d{16}|e\+?\d{3}/i.test(json)) return rounded;
	if (longNumbers === 'text') return JSON.parse(withLongNumbersQuoted(json, '')) as unknown;
	return JSON.parse(withLongNumbersQuoted(json, MARK), (_name, value: unknown) => {
		if (typeof value !== 'string' || !value.startsWith(MARK)) return value;
		const digits = value.slice(MARK.length);
		return /^-?\d+$/.test(digits) ? BigInt(digits) : digits;
	}) as unknown;
}

/** JSON of a value that `parseExact` read with `bigint`. */
export function stringifyExact(value: unknown): string {
	// Looked at in its holder: libraries give bigints a `toJSON` that comes before.
	return JSON.stringify(value, function (this: Record<string, unknown>, name, part: unknown) {
		const own = this[name];
		return typeof own === 'bigint' ? `${MARK}${own}` : part;
	}).replace(/"\uE000{3}(-?\d+)"/g, '$1');
}

/** A character for private use: no text that people write begins with three of it. */
const MARK = '\uE000\uE000\uE000';

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?/gi;

function withLongNumbersQuoted(json: string, mark: string): string {
	let quoted = '';
	for (let from = 0; from < json.length; ) {
		const opening = json.indexOf('"', from);
		const between = json.slice(from, opening === -1 ? json.length : opening);
		quoted += between.replace(NUMBER, (number) => (isHeld(number) ? number : `"${mark}${number}"`));
		if (opening === -1) break;
		from = endOfString(json, opening);
		quoted += json.slice(opening, from);
	}
	return quoted;
}

function isHeld(number: string): boolean {
	const value = Number(number);
	if (!Number.isFinite(value)) return false;
	return /e/i.test(number) || Number.isSafeInteger(Math.trunc(value));
}

/** Behind the closing quote: the first one that no odd number of backslashes stands before. */
function endOfString(json: string, opening: number): number {
	for (let quote = json.indexOf('"', opening + 1); quote !== -1; ) {
		let escape = quote;
		while (json[escape - 1] === '\\') escape--;
		if ((quote - escape) % 2 === 0) return quote + 1;
		quote = json.indexOf('"', quote + 1);
	}
	return json.length;
}

/** Parsed JSON, or undefined; a byte order mark in front of it is no part of it (RFC 8259, 8.1). */
export function parseJson(text: string): unknown {
	try {
		return parseExact(text.startsWith('\ufeff') ? text.slice(1) : text);
	} catch {
		return undefined;
	}
}
