import type { IDataObject } from 'n8n-workflow';
import { isObject, valueAt } from '../../credentials/tokens/json';
import { shortHash } from './fingerprint';

export type KeyPart = string | number | boolean | null;

/** What tells one record from the others of its list: the values of one or more fields. */
export type Key = readonly KeyPart[];

/** Characters of a key's hash, 66 bits: among 100,000 records, two share one with a chance of 1 in 10,000 million. */
export const KEY_HASH_LENGTH = 11;

/** The values at these dotted paths; undefined when none of them is there. */
export function keyOf(record: IDataObject, paths: readonly string[]): Key | undefined {
	const key = paths.map((path) => partOf(valueAt(record, path)));
	return key.some((part) => part !== null) ? key : undefined;
}

/** The same for 42 and "42": an API may write an id now so, now so. */
export function keyText(key: Key): string {
	return JSON.stringify(key.map((part) => (part === null ? null : String(part))));
}

export function keyHash(key: Key): string {
	return shortHash(keyText(key), KEY_HASH_LENGTH);
}

/** The key's fields where they were in the record: `{"id": 42}`, or `{"user": {"id": 42}}` for `user.id`. */
export function keyFields(key: Key, paths: readonly string[]): IDataObject {
	const fields: IDataObject = {};
	paths.forEach((path, index) => place(fields, path.split('.'), key[index] ?? null));
	return fields;
}

/** A key in few characters that need no escape in JSON; without `,` and `;` but those between its parts. */
export function packKey(key: Key): string {
	return key.map(packPart).join(',');
}

export function unpackKey(packed: string): Key {
	return packed.split(',').map(unpackPart);
}

/** Half of a character, which could not be written down, becomes the sign for a broken one. */
function partOf(value: unknown): KeyPart {
	switch (typeof value) {
		case 'string':
			return value === '' ? null : value.replace(/\p{Surrogate}/gu, '\uFFFD');
		case 'number':
		case 'boolean':
			return value;
		default:
			return null;
	}
}

/** Numbers begin with `#` and other values with `@`, both of which are encoded in a text. */
function packPart(part: KeyPart): string {
	if (typeof part === 'string') return encodeURIComponent(part);
	return typeof part === 'number' ? `#${part}` : `@${part}`;
}

function unpackPart(packed: string): KeyPart {
	if (packed.startsWith('#')) return Number(packed.slice(1));
	if (packed.startsWith('@')) return packed === '@null' ? null : packed === '@true';
	return decodeURIComponent(packed);
}

function place(fields: IDataObject, [name, ...rest]: string[], value: KeyPart): void {
	const inner = Object.hasOwn(fields, name) ? fields[name] : undefined;
	// One of the key's fields may be within another one, which is no value then.
	if (rest.length === 0 && isObject(inner)) return;
	const nested: IDataObject = isObject(inner) ? inner : {};
	if (rest.length > 0) place(nested, rest, value);
	// Defined, since an assignment to "__proto__" would set something else.
	Object.defineProperty(fields, name, {
		value: rest.length > 0 ? nested : value,
		configurable: true,
		enumerable: true,
		writable: true,
	});
}
