import type { IDataObject } from 'n8n-workflow';
import { findErrorText } from '../../credentials/tokens/errorWords';
import { valueAt, withoutBrackets } from '../../credentials/tokens/json';
import { ApiError, badInput } from './errors';
import { isObject } from './parameters';

/**
 * The entries of the list at a dotted path; undefined where there is no list.
 *
 * Empty lists come in many dresses: no body at all, `null` (Go's and PHP's way), `{}` or `false` in
 * place of `[]`, '' where JSON is made from XML. An object whose values are all records is a list with keys: PHP makes one of a list that
 * it has taken entries out of, others write the id of each record in front of it.
 */
export function entriesAt(body: unknown, at: string): unknown[] | undefined {
	if (isEmptyBody(body)) return [];
	const list = valueAt(body, at);
	if (Array.isArray(list)) return list as unknown[];
	if (list === null || list === false || isEmptyText(list)) return [];
	if (at === '' || !isObject(list)) return undefined;
	const values = Object.values(list);
	return values.every(isObject) ? values : undefined;
}

/**
 * The one record that stands in the place of a list: where JSON is made from XML, a list of one entry is that entry.
 * @param certain There was a list in another reply; else a record that holds a list of records is none, since the path
 * rather ends too early.
 */
export function oneRecordAt(body: unknown, at: string, certain = false): unknown[] | undefined {
	const value = at === '' ? undefined : valueAt(body, at);
	if (!isObject(value) || entriesAt(body, at)) return undefined;
	return certain || !Object.values(value).some(isListOfRecords) ? [value] : undefined;
}

/**
 * Whether a list is left out because it is empty, as Protocol Buffers do it: `{}`, `{ "resultSizeEstimate": 0 }`; or
 * what should hold it is `null`, or PHP's empty object, `[]`.
 */
function isListLeftOut(body: unknown, at: string): boolean {
	if (!isObject(body) || valueAt(body, at) !== undefined) return false;
	const fields = Object.entries(body);
	if (fields.some(([, value]) => Array.isArray(value) && value.length > 0 && isObject(value[0]))) {
		return false;
	}
	const counts = fields.flatMap(([name, value]): Array<[string, unknown]> =>
		isObject(value) ? Object.entries(value) : [[name, value]],
	);
	return fields.length === 0 || endsEarly(body, at) || counts.some(([name, value]) => isCountOfNone(name, value));
}

/** Whether an empty value stands on the way to the path. */
function endsEarly(body: unknown, at: string): boolean {
	const parts = withoutBrackets(at).split('.');
	return parts.slice(1).some((_, index) => {
		const value = valueAt(body, parts.slice(0, index + 1).join('.'));
		return value === null || (Array.isArray(value) && value.length === 0);
	});
}

function isCountOfNone(name: string, value: unknown): boolean {
	return /total|count|results?size/i.test(name) && (value === 0 || value === '0');
}

/**
 * @param words What the API says in a reply that is an error.
 * @throws ApiError, naming the fields that are there, when there is no list.
 */
export function listAt(
	body: unknown,
	at: string,
	words: (body: unknown) => string | undefined = findErrorText,
): unknown[] {
	const entries = entriesAt(body, at) ?? oneRecordAt(body, at);
	if (entries) return entries;
	const wrong = isError(body) ? words(body) : undefined;
	if (wrong === undefined && isListLeftOut(body, at)) return [];
	const missing = at === '' ? 'The reply is not a list' : `The reply has no list at "${at}"`;
	throw new ApiError(
		'reply',
		wrong === undefined ? missing : `${missing}. The API says: ${wrong}`,
		nextStep(body),
	);
}

/** Whether a reply of 200 is an error all the same, as GraphQL's are. */
export function isError(body: unknown): boolean {
	if (!isObject(body)) return false;
	return [body.error, body.errors].some((given) =>
		typeof given === 'object' && given !== null ? Object.keys(given).length > 0 : Boolean(given),
	);
}

function nextStep(body: unknown): string {
	if (isObject(body)) {
		return `It has the fields ${Object.keys(body).slice(0, 20).join(', ') || '(none)'}. Enter the one that holds the list in Items At under Options.`;
	}
	return typeof body === 'string'
		? 'It is text. If the text is JSON, choose JSON as Response Format.'
		: 'Check Items At under Options, and the path of the request.';
}

function isListOfRecords(value: unknown): boolean {
	return Array.isArray(value) && value.every(isObject);
}

export function isEmptyBody(body: unknown): boolean {
	return body === undefined || body === null || isEmptyText(body);
}

function isEmptyText(value: unknown): boolean {
	return typeof value === 'string' && value.trim() === '';
}

/**
 * A copy of the value that holds another one at the dotted path. Paths are read as `valueAt` reads
 * them; objects are made where there are none.
 * @param field The one that the path is written in.
 * @throws ApiError when the path leads through a list by a name.
 */
export function withValueAt(
	value: unknown,
	path: string,
	inner: unknown,
	field = 'Parameter Name',
): unknown {
	const own = isObject(value) && Object.hasOwn(value, path);
	return placed(value, own ? path : withoutBrackets(path), inner, field);
}

function placed(value: unknown, dottedPath: string, inner: unknown, field: string): unknown {
	if (dottedPath === '') return inner;
	const name = ownName(value, dottedPath);
	const rest = dottedPath.slice(name.length + 1);
	const isPhpObject = Array.isArray(value) && value.length === 0 && !/^\d+$/.test(name);
	if (Array.isArray(value) && !isPhpObject) {
		if (!/^\d+$/.test(name)) {
			throw badInput(
				field,
				'leads into a list',
				'Put the number of the entry there, as in items.0.name.',
			);
		}
		const changed = [...(value as unknown[])];
		changed[Number(name)] = placed(changed[Number(name)], rest, inner, field);
		return changed;
	}
	const object: IDataObject = isObject(value) ? value : {};
	return { ...object, [name]: placed(object[name], rest, inner, field) };
}

/** The first part of the path, with the dots in it where a field is called so. */
function ownName(value: unknown, dottedPath: string): string {
	const [first] = dottedPath.split('.', 1);
	if (!isObject(value)) return first;
	if (Object.hasOwn(value, dottedPath)) return dottedPath;
	for (let dot = dottedPath.indexOf('.'); dot !== -1; dot = dottedPath.indexOf('.', dot + 1)) {
		const name = dottedPath.slice(0, dot);
		if (Object.hasOwn(value, name)) return name;
	}
	return first;
}
