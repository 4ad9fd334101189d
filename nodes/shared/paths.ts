import { badInput } from './errors';

const CONTROL = /\p{Cc}/u;
const HALF_CHARACTER = /\p{Surrogate}/u;
/** Characters that end a path segment, or that some servers turn into ones that do. */
const SEGMENT_END = /[/\\?#%\s]/;

/** Builds a path, each parameter of it encoded: path`/customer/${id}/show`. */
export function path(
	literals: TemplateStringsArray,
	...parameters: Array<string | number>
): string {
	return literals.reduce(
		(built, literal, index) => built + encodeURIComponent(parameters[index - 1]) + literal,
	);
}

/**
 * A value of the user's own making (such as a custom id) as a path parameter.
 * @throws ApiError for what no encoding makes safe: `.` and `..` (which every URL parser
 * resolves, encoded or not), control characters, half of a surrogate pair.
 */
export function freeSegment(field: string, value: string): string {
	if (value === '.' || value === '..') {
		throw badInput(field, `cannot be "${value}"`, 'It would lead to another address of the API.');
	}
	if (CONTROL.test(value)) {
		throw badInput(field, 'has a line break or another invisible character', 'Remove it.');
	}
	if (HALF_CHARACTER.test(value)) {
		throw badInput(field, 'has a broken character', 'Check where the value comes from.');
	}
	return value;
}

/**
 * An id that the provider gave out, as a path parameter.
 * @throws ApiError also for a slash and its like, which no such id has.
 */
export function idSegment(field: string, value: string): string {
	if (SEGMENT_END.test(value)) {
		throw badInput(
			field,
			`is not an ID: ${JSON.stringify(shortened(value))}`,
			'An ID has no slash, space, question mark, number sign or percent sign. Enter the ID alone, not an address.',
		);
	}
	return freeSegment(field, value);
}

function shortened(value: string): string {
	return value.length > 60 ? `${value.slice(0, 60)}…` : value;
}
