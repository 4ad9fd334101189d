import { badInput } from '../../shared/errors';
import { asText, isObject, parsedJson } from '../../shared/parameters';
import type { FormField } from './fields';
import type { Kind, Shape } from './schema';

/**
 * What a person, an expression or a model gave for a field, as the kind that the description asks for. Undefined where
 * nothing was given: an empty field is left out.
 * @throws ApiError when it cannot be read as that kind.
 */
export function valueFor({ name, shape }: FormField, given: unknown, timezone: string): unknown {
	if (given === undefined || given === null || given === '') return undefined;
	const chosen = choiceOf(shape, given);
	return chosen ?? converted(given, shape.kind, shape.entries, name, timezone);
}

/** Expressions and models give texts for choices that are numbers or switches. */
function choiceOf({ choices }: Shape, given: unknown): unknown {
	if (choices.some((choice) => choice === given)) return given;
	return choices.find((choice) => String(choice) === String(given));
}

function converted(
	given: unknown,
	kind: Kind,
	entries: Kind,
	name: string,
	timezone: string,
): unknown {
	switch (kind) {
		case 'array':
			return listOf(given, entries, name, timezone);
		case 'object': {
			const value = parsedJson(given, name, 'bigint');
			if (isObject(value)) return value;
			throw badInput(name, 'is not an object', 'Write it as {"name": "value"}.');
		}
		case 'boolean':
			return switchOf(given, name);
		case 'integer':
		case 'number':
			return numberOf(given, kind, name);
		case 'date':
			return /^\d{4}-\d\d-\d\d(?=T)/.exec(asText(given, name))?.[0] ?? asText(given, name);
		case 'dateTime':
			return withZone(asText(given, name), timezone);
		case 'string':
		case 'file':
			// A blank at the end may be meant, which `asText` would take away.
			return typeof given === 'string' ? given : asText(given, name);
		case 'any':
			return given;
	}
}

function listOf(given: unknown, entries: Kind, name: string, timezone: string): unknown[] {
	const list = typeof given === 'string' ? listInText(given, name) : given;
	return (Array.isArray(list) ? (list as unknown[]) : [list]).map((entry) =>
		['array', 'object'].includes(entries) || isObject(entry)
			? entry
			: converted(entry, entries, 'any', name, timezone),
	);
}

/** JSON, or values separated by commas, as people write short lists. */
function listInText(text: string, name: string): unknown {
	if (/^\s*\[/.test(text)) return parsedJson(text, name, 'bigint');
	return text
		.split(',')
		.map((entry) => entry.trim())
		.filter((entry) => entry !== '');
}

function switchOf(given: unknown, name: string): boolean {
	const text = String(given).trim().toLowerCase();
	if (text === 'true' || text === '1') return true;
	if (text === 'false' || text === '0') return false;
	throw badInput(name, 'is neither true nor false', 'Give one of the two.');
}

/** An integer beyond what JavaScript holds stays exact. */
function numberOf(given: unknown, kind: 'integer' | 'number', name: string): number | bigint {
	const text = asText(given, name);
	const value = Number(text);
	if (text === '' || !Number.isFinite(value)) {
		throw badInput(name, 'is not a number', 'Give one, such as 7.');
	}
	if (/^-?\d+$/.test(text) && !Number.isSafeInteger(value)) return BigInt(text);
	if (kind === 'integer' && !Number.isInteger(value)) {
		throw badInput(name, 'is not a whole number', 'Give one, such as 7.');
	}
	return value;
}

/** n8n's date field leaves the zone out, which RFC 3339 asks for: the workflow's is meant. */
function withZone(text: string, timezone: string): string {
	const local = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d(?:\.\d+)?)?$/.exec(text);
	if (!local) return text;
	const [, day, minute, second = ':00'] = local;
	const plainTime = `${day}T${minute}${second}`;
	const guess = offsetAt(new Date(`${plainTime}Z`), timezone);
	// Near a change of the clock the offset at that very time counts.
	return plainTime + offsetAt(new Date(`${plainTime}${guess}`), timezone);
}

function offsetAt(time: Date, timeZone: string): string {
	if (Number.isNaN(time.getTime())) return 'Z';
	const named = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' })
		.formatToParts(time)
		.find(({ type }) => type === 'timeZoneName')?.value;
	return named?.replace(/^GMT/, '') || 'Z';
}
