import { ApiError } from '../../shared/errors';
import { isObject } from '../../shared/parameters';

/** An API description as it came. It is foreign: nothing in it is trusted to be of the shape that it should have. */
export interface ApiDocument {
	readonly root: Readonly<Record<string, unknown>>;
	readonly format: 'openapi3' | 'swagger2';
	/** Whether what stands beside a `$ref` holds too (OpenAPI 3.1, by JSON Schema 2020-12); before, it is ignored. */
	readonly besideReferences: boolean;
	/** Of the text that it was read from. */
	readonly bytes: number;
}

/** Longer descriptions are refused. */
export const MOST_BYTES = 5 * 1024 * 1024;

/**
 * Reads an OpenAPI 3 or Swagger 2.0 description.
 * @throws ApiError `reply` that says what the text is instead.
 */
export function readDocument(text: string): ApiDocument {
	const bytes = Buffer.byteLength(text);
	if (bytes > MOST_BYTES) throw tooLong();
	const root = parsed(text.replace(/^\uFEFF/, ''));
	if (!isObject(root)) {
		throw notOne('is not a JSON object', 'Enter the address of an OpenAPI or Swagger description.');
	}
	// Some servers write the number without quotes.
	const [openapi, swagger] = [versionIn(root.openapi), versionIn(root.swagger)];
	if (/^3(?:\.|$)/.test(openapi)) {
		return { root, format: 'openapi3', besideReferences: /^3\.[1-9]/.test(openapi), bytes };
	}
	if (/^2(?:\.0)?$/.test(swagger)) {
		return { root, format: 'swagger2', besideReferences: false, bytes };
	}
	throw notOne(
		'is of no version that can be read',
		'OpenAPI 3.0 and 3.1 and Swagger 2.0 can be read, each as JSON.',
	);
}

function versionIn(value: unknown): string {
	return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

export function tooLong(): ApiError {
	return notOne(
		`is longer than ${MOST_BYTES / 1024 / 1024} MB`,
		'Enter the address of a shorter one, or set Request to By Hand.',
	);
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text) as unknown;
	} catch {
		const start = text.slice(0, 2000).trimStart();
		if (start.startsWith('<')) {
			throw notOne(
				'is a web page or XML',
				'Enter the address of the description itself: its text begins with a curly bracket.',
			);
		}
		if (/^(?:%YAML|---|#|(?:openapi|swagger|info|"?paths"?)\s*:)/.test(start)) {
			throw notOne(
				'is YAML, which is not read here',
				'Many APIs serve the same description as JSON: try the address with .json at its end. Otherwise convert it once and publish the JSON.',
			);
		}
		throw notOne('is not JSON', 'Open its address in a browser to see what is there.');
	}
}

function notOne(what: string, next: string): ApiError {
	return new ApiError('reply', `The API description ${what}.`, next);
}
