import type { IDataObject } from 'n8n-workflow';
import { valueAt } from '../../credentials/tokens/json';
import { ApiError, badInput } from './errors';
import { isObject } from './parameters';

/**
 * The entries of the list at a dotted path; undefined where there is no list.
 *
 * Empty lists come in many dresses: no body at all, `null` (Go's and PHP's way), `{}` in place of
 * `[]`. An object whose values are all records is a list with keys: PHP makes one of a list that
 * it has taken entries out of, others write the id of each record in front of it.
 */
export function entriesAt(body: unknown, at: string): unknown[] | undefined {
	if (isEmptyBody(body)) return [];
	const list = valueAt(body, at);
	if (Array.isArray(list)) return list as unknown[];
	if (list === null) return [];
	if (at === '' || !isObject(list)) return undefined;
	const values = Object.values(list);
	return values.every(isObject) ? values : undefined;
}

/** @throws ApiError, naming the fields that are there, when there is no list. */
export function listAt(body: unknown, at: string): unknown[] {
	const entries = entriesAt(body, at);
	if (entries) return entries;
	throw new ApiError(
		'reply',
		at === '' ? 'The reply is not a list' : `The reply has no list at "${at}"`,
		isObject(body)
			? `It has the fields ${Object.keys(body).slice(0, 20).join(', ') || '(none)'}. Enter the one that holds the list in Items At under Options.`
			: 'Check Items At under Options, and the path of the request.',
	);
}

export function isEmptyBody(body: unknown): boolean {
	return body === undefined || body === null || (typeof body === 'string' && body.trim() === '');
}

/**
 * A copy of the value that holds another one at the dotted path. Paths are read as `valueAt` reads
 * them; objects are made where there are none.
 * @throws ApiError when the path leads through a list by a name.
 */
export function withValueAt(value: unknown, dottedPath: string, inner: unknown): unknown {
	if (dottedPath === '') return inner;
	const name = ownName(value, dottedPath);
	const rest = dottedPath.slice(name.length + 1);
	if (Array.isArray(value)) {
		if (!/^\d+$/.test(name)) {
			throw badInput(
				'Parameter Name',
				'leads into a list',
				'Put the number of the entry there, as in items.0.name.',
			);
		}
		const changed = [...(value as unknown[])];
		changed[Number(name)] = withValueAt(changed[Number(name)], rest, inner);
		return changed;
	}
	const object: IDataObject = isObject(value) ? value : {};
	return { ...object, [name]: withValueAt(object[name], rest, inner) };
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
