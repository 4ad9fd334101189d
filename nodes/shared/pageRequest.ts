import { parseExact, stringifyExact } from '../../credentials/tokens/json';
import type { ApiRequest } from '../session/session';
import { badInput } from './errors';
import { isHeaderName, isOfConnection } from './headers';
import { withValueAt } from './lists';
import { isObject } from './parameters';
import { withParameter as withQueryParameter } from './query';

/** The parts of a request that can differ from page to page. */
export interface PageRequest {
	readonly url: URL;
	/** Names in lower case. */
	readonly headers?: Readonly<Record<string, string>>;
	readonly body?: ApiRequest['body'];
}

/** Where a page number, offset or cursor is sent. */
export interface Parameter {
	readonly in: 'query' | 'body' | 'header' | 'path';
	/** In a JSON body a dotted path; in the path the word that stands there in curly brackets. */
	readonly name: string;
}

/**
 * The request with the parameter in it; undefined takes a placeholder out of the path and leaves
 * all else as it is.
 * @throws ApiError when the request has no place for it.
 */
export function withParameter(
	request: PageRequest,
	{ in: place, name }: Parameter,
	value: unknown,
): PageRequest {
	if (place === 'path') return { ...request, url: withPlaceholder(request.url, name, value) };
	if (value === undefined) return request;
	switch (place) {
		case 'query':
			return { ...request, url: withQueryParameter(request.url, name, asParameter(value)) };
		case 'header':
			return { ...request, headers: { ...request.headers, ...header(name, asParameter(value)) } };
		case 'body':
			return { ...request, body: withBodyField(request.body, name, value) };
	}
}

/** A cursor may be more than text: Elasticsearch's is a list, DynamoDB's an object. */
function asParameter(value: unknown): string {
	return typeof value === 'object' ? stringifyExact(value) : String(value);
}

function withPlaceholder(url: URL, name: string, value: unknown): URL {
	const written = [`{${name}}`, encodeURIComponent(`{${name}}`), `%7B${name}%7D`];
	if (!written.some((form) => url.href.includes(form))) {
		throw badInput(
			'Path',
			`has no {${name}}`,
			`Write {${name}} where the value belongs, e.g. /customer/index/{${name}}.`,
		);
	}
	const filled = value === undefined ? '' : encodeURIComponent(asParameter(value));
	return new URL(
		written.reduce(
			(href, form) =>
				href.replaceAll(filled === '' ? `/${form}` : form, filled).replaceAll(form, filled),
			url.href,
		),
	);
}

/** Headers that the session sets. */
const NOT_FOR_PAGES = ['authorization', 'cookie'];

function header(name: string, value: string): Record<string, string> {
	const lower = name.toLowerCase();
	const taken = NOT_FOR_PAGES.includes(lower) || isOfConnection(lower) || !isHeaderName(lower);
	if (!taken) return { [lower]: value };
	throw badInput('Parameter Name', `cannot be the header "${lower}"`, 'Choose another one.');
}

function withBodyField(
	body: ApiRequest['body'],
	name: string,
	value: unknown,
): NonNullable<ApiRequest['body']> {
	if (body instanceof URLSearchParams) {
		const changed = new URLSearchParams(body);
		changed.set(name, asParameter(value));
		return changed;
	}
	if (typeof body === 'string') return withJsonField(body, name, value);
	const fields: unknown = body ?? {};
	if (!Array.isArray(fields) && !isPlain(fields)) throw noPlaceInBody();
	const changed = withValueAt(fields, name, value);
	if (Array.isArray(changed)) return changed as unknown[];
	if (isObject(changed)) return changed;
	throw noPlaceInBody();
}

/** Neither a file nor a stream. */
function isPlain(value: unknown): boolean {
	return isObject(value) && [Object.prototype, null].includes(Object.getPrototypeOf(value) as null);
}

/** Numbers that JavaScript would round stay as they are written. */
function withJsonField(json: string, name: string, value: unknown): string {
	let fields: unknown;
	try {
		fields = parseExact(json, 'bigint');
	} catch {
		throw noPlaceInBody();
	}
	if (!isObject(fields) && !Array.isArray(fields)) throw noPlaceInBody();
	return stringifyExact(withValueAt(fields, name, value));
}

function noPlaceInBody(): Error {
	return badInput(
		'Parameter In',
		'is Body, but the body is neither JSON nor a form',
		'Send the body as JSON, Fields or Form, or choose another place for the parameter.',
	);
}
