import { deepCopy, type IDataObject, type IExecuteFunctions } from 'n8n-workflow';
import { isObject, parseExact, type LongNumbers } from '../../credentials/tokens/json';
import { badInput } from './errors';

import type { Session } from '../session/session';

export { isObject } from '../../credentials/tokens/json';

/** The part of a session that requests go through. */
export interface Client extends Pick<Session, 'fields' | 'baseUrl' | 'credentialHeaders' | 'send'> {
	readonly client?: Session['client'];
	/** What the token may be used for, where that is known. */
	readonly scopes?: () => readonly string[] | null;
	/** What the API says is wrong in a reply. */
	readonly words?: Session['words'];
}

/** One input item that an operation works on. */
export interface Call {
	readonly context: IExecuteFunctions;
	readonly session: Client;
	readonly index: number;
}

const fixedValues = new WeakMap<IExecuteFunctions, Map<string, unknown>>();

/**
 * The value of a parameter for this item. One without an expression is the same for all items: n8n evaluates and
 * validates it once in an execution, not once for each.
 */
export function parameter(
	{ context, index }: Call,
	name: string,
	otherwise: unknown,
	extractValue = false,
): unknown {
	const fixed = fixedValues.get(context) ?? new Map<string, unknown>();
	fixedValues.set(context, fixed);
	const key = extractValue ? `${name} extracted` : name;
	const known = fixed.get(key);
	// Each item gets objects of its own.
	if (known !== undefined) return copied(known);
	const plain: unknown = context.getNodeParameter(name, index, otherwise);
	// For nothing but a resource locator: n8n looks the field up to extract from it, and finds no hidden one.
	const value: unknown =
		extractValue && isObject(plain) && '__rl' in plain
			? context.getNodeParameter(name, index, otherwise, { extractValue })
			: plain;
	if (!fixed.has(key)) {
		const raw: unknown = context.getNodeParameter(name, index, otherwise, { rawExpressions: true });
		fixed.set(key, hasExpression(raw) ? undefined : copied(value));
	}
	return value;
}

function copied(value: unknown): unknown {
	return typeof value === 'object' && value !== null ? deepCopy(value) : value;
}

/** n8n takes every string that begins with `=` for one. */
function hasExpression(raw: unknown): boolean {
	if (typeof raw === 'string') return raw.startsWith('=');
	return typeof raw === 'object' && raw !== null && Object.values(raw).some(hasExpression);
}

/** The value of a field as text without blanks around it; '' where it is empty. */
export function text(call: Call, name: string, field: string): string {
	return asText(parameter(call, name, '', true), field);
}

/** @throws ApiError when the field is empty. */
export function requiredText(call: Call, name: string, field: string): string {
	const value = text(call, name, field);
	if (value === '') {
		throw badInput(
			field,
			'is empty',
			'Fill it in. If it is an expression, check that it gives a value for this item.',
		);
	}
	return value;
}

/** Expressions hand over numbers, dates and nothing at all where text is wanted. */
export function asText(value: unknown, field: string): string {
	switch (typeof value) {
		case 'undefined':
			return '';
		case 'string':
			return value.trim();
		case 'number':
		case 'boolean':
		case 'bigint':
			return String(value);
		case 'object':
			if (value === null) return '';
			if (value instanceof Date) return value.toISOString();
			// Luxon dates, as `$now` gives them.
			if ('toISO' in value && typeof value.toISO === 'function') return String(value.toISO());
	}
	throw badInput(field, 'is not text', 'Pick a single value of the item, not an object or a list.');
}

export function flag(call: Call, name: string, otherwise = false): boolean {
	const value = parameter(call, name, otherwise);
	return value === true || value === 'true';
}

/** A collection's filled-in fields. */
export function collection(call: Call, name: string): IDataObject {
	return parameter(call, name, {}) as IDataObject;
}

/** How many records a Get Many may return. */
export function limitOf(call: Call): number {
	if (flag(call, 'returnAll')) return Infinity;
	const limit = Number(parameter(call, 'limit', 50));
	if (!Number.isInteger(limit) || limit < 1) {
		throw badInput(
			'Limit',
			'is not a whole number of 1 or more',
			'Enter one, or turn on Return All.',
		);
	}
	return limit;
}

/**
 * A JSON field, given as text or, by an expression, as the thing itself.
 * @param longNumbers What becomes of numbers that JavaScript would round.
 * @throws ApiError when the text is not JSON.
 */
export function parsedJson(
	value: unknown,
	field: string,
	longNumbers: LongNumbers = 'text',
): unknown {
	if (typeof value !== 'string') return value ?? undefined;
	if (value.trim() === '') return undefined;
	const parsed = tryParse(value, longNumbers);
	if ('problem' in parsed) {
		throw badInput(
			field,
			'is not valid JSON',
			`${parsed.problem}. Put names and text in double quotes; to build JSON from item fields, use an expression such as {{ $json }}.`,
		);
	}
	return parsed.value;
}

/** @throws ApiError when the field holds something else than a JSON object. */
export function parsedObject(
	value: unknown,
	field: string,
	longNumbers?: LongNumbers,
): IDataObject {
	const parsed = parsedJson(value, field, longNumbers) ?? {};
	if (!isObject(parsed)) {
		throw badInput(field, 'is not a JSON object', 'Write it as {"name": "value"}.');
	}
	return parsed;
}

function tryParse(
	json: string,
	longNumbers: LongNumbers,
): { readonly value: unknown } | { readonly problem: string } {
	try {
		return { value: parseExact(json, longNumbers) };
	} catch (error) {
		return { problem: error instanceof Error ? error.message : 'It cannot be read' };
	}
}
