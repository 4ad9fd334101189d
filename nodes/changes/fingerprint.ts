import { createHash } from 'node:crypto';
import { ApiError } from '../shared/errors';
import { isObject } from '../shared/parameters';

/** Characters of a fingerprint, 6 bits each: one change in a thousand million is not noticed. */
export const FINGERPRINT_LENGTH = 5;

/** Deeper than any record; far from where a recursion ends the process. */
const DEEPEST = 500;

/** A few characters that tell one content from another, whatever order its fields come in. */
export function fingerprint(value: unknown): string {
	return shortHash(canonical(value), FINGERPRINT_LENGTH);
}

/** The beginning of a text's SHA-256 in base64url: 6 bits a character. */
export function shortHash(text: string, length: number): string {
	return createHash('sha256').update(text).digest('base64url').slice(0, length);
}

/**
 * JSON with the fields of each object in one order.
 * @throws ApiError for what is nested deeper than any record is.
 */
export function canonical(value: unknown, depth = 0): string {
	if (depth > DEEPEST) {
		throw new ApiError(
			'reply',
			`A record is nested more than ${DEEPEST} levels deep`,
			'Compare chosen fields instead of the whole record.',
		);
	}
	if (Array.isArray(value)) {
		return `[${value.map((entry) => canonical(entry, depth + 1)).join(',')}]`;
	}
	if (!isObject(value)) return JSON.stringify(value) ?? 'null';
	const fields = Object.keys(value)
		.filter((name) => value[name] !== undefined)
		.sort()
		.map((name) => `${JSON.stringify(name)}:${canonical(value[name], depth + 1)}`);
	return `{${fields.join(',')}}`;
}

/** A copy of a record without the fields at these dotted paths; in a list, without those of each entry. */
export function without(record: unknown, paths: readonly string[]): unknown {
	return paths.reduce<unknown>((left, path) => withoutOne(left, path), record);
}

function withoutOne(value: unknown, path: string): unknown {
	if (Array.isArray(value)) return value.map((entry) => withoutOne(entry, path));
	if (!isObject(value)) return value;
	const copy = Object.fromEntries(Object.entries(value).filter(([name]) => name !== path));
	for (let dot = path.indexOf('.'); dot !== -1; dot = path.indexOf('.', dot + 1)) {
		const name = path.slice(0, dot);
		if (!Object.hasOwn(copy, name)) continue;
		// Defined, since an assignment to "__proto__" would set something else.
		Object.defineProperty(copy, name, {
			value: withoutOne(copy[name], path.slice(dot + 1)),
			configurable: true,
			enumerable: true,
			writable: true,
		});
	}
	return copy;
}
