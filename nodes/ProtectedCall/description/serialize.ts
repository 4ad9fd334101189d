import { parseJson, stringifyExact } from '../../../credentials/tokens/json';
import { asText, isObject } from '../../shared/parameters';
import { freeSegment } from '../../shared/paths';
import type { Parameter, Style } from './operationParameters';
import type { Shape } from './schema';

/** How the lists and objects in an address are written: OpenAPI 3.1, 4.8.12.4. */

type Written = Pick<Parameter, 'explode' | 'name' | 'shape' | 'style'>;

/** The parts of a query, or of a form, for one parameter, encoded: `tags=a&tags=b` is two of them. */
export function queryParts(parameter: Written, value: unknown): string[] {
	const { name, style, explode, shape } = parameter;
	if (style === 'json') return [named(name, encoded(jsonText(shape, value)))];
	if (style === 'deepObject' && typeof value === 'object') return deepParts(name, value, name);
	if (Array.isArray(value)) {
		const texts = (value as unknown[]).map((entry) => encoded(textOf(entry, name)));
		if (style === 'form' && explode) return texts.map((text) => named(name, text));
		return texts.length === 0 ? [] : [named(name, texts.join(separators[style] ?? ','))];
	}
	if (isObject(value)) {
		const entries = Object.entries(value).filter(([, part]) => part !== undefined && part !== null);
		const pairs = entries.map(([key, part]) => [encoded(key), encoded(textOf(part, name))]);
		if (style === 'form' && explode) return pairs.map(([key, text]) => `${key}=${text}`);
		return pairs.length === 0 ? [] : [named(name, pairs.flat().join(separators[style] ?? ','))];
	}
	return [named(name, encoded(textOf(value, name)))];
}

/**
 * OpenAPI says how an object is written so, and nothing of what is deeper: objects go on in brackets, the values of a
 * list get the name of the list, and its objects their places.
 */
function deepParts(path: string, value: unknown, name: string): string[] {
	if (value === undefined || value === null) return [];
	if (Array.isArray(value)) {
		const list = value as unknown[];
		if (list.some((entry) => typeof entry === 'object')) {
			return list.flatMap((entry, index) => deepParts(`${path}[${index}]`, entry, name));
		}
		const listed = path === name ? `${path}[]` : path;
		return list.flatMap((entry) => deepParts(listed, entry, name));
	}
	if (!isObject(value)) return [named(path, encoded(textOf(value, name)))];
	return Object.entries(value).flatMap(([key, part]) => deepParts(`${path}[${key}]`, part, name));
}

function named(key: string, text: string): string {
	return `${encoded(key)}=${text}`;
}

/** Where the description does not say what it is, a text that is JSON already goes out as it is. */
function jsonText({ kind }: Shape, value: unknown): string {
	const isJson = kind === 'any' && typeof value === 'string' && parseJson(value) !== undefined;
	return isJson ? value : stringifyExact(value);
}

/** The text that stands in a path, encoded. @throws ApiError for a value that would lead to another address. */
export function pathText({ name, style, explode, shape }: Parameter, value: unknown): string {
	const single = (part: unknown) => encodeURIComponent(freeSegment(name, textOf(part, name)));
	const [before, between] = { label: ['.', '.'], matrix: [`;${encoded(name)}=`, ','] }[
		style as string
	] ?? ['', ','];
	if (style === 'json') return single(jsonText(shape, value));
	if (Array.isArray(value)) {
		const parts = (value as unknown[]).map(single);
		if (style === 'matrix' && explode) return parts.map((part) => before + part).join('');
		return before + parts.join(between);
	}
	if (isObject(value)) {
		const pairs = Object.entries(value).map(([key, part]) => [encoded(key), single(part)]);
		if (!explode) return before + pairs.flat().join(between);
		const joined = pairs.map(([key, part]) => `${key}=${part}`);
		if (style === 'matrix') return joined.map((pair) => `;${pair}`).join('');
		return (style === 'label' ? '.' : '') + joined.join(between);
	}
	return before + single(value);
}

/** A header's or a cookie's value: lists are joined by commas. */
export function headerText({ name, style, explode, shape }: Parameter, value: unknown): string {
	if (style === 'json') return jsonText(shape, value);
	if (Array.isArray(value)) return value.map((entry) => textOf(entry, name)).join(',');
	if (!isObject(value)) return textOf(value, name);
	return Object.entries(value)
		.map(([key, part]) => `${key}${explode ? '=' : ','}${textOf(part, name)}`)
		.join(',');
}

const separators: Partial<Record<Style, string>> = {
	pipeDelimited: '%7C',
	spaceDelimited: '%20',
	tabDelimited: '%09',
};

function textOf(value: unknown, name: string): string {
	if (typeof value === 'string') return value;
	return isObject(value) || Array.isArray(value) ? stringifyExact(value) : asText(value, name);
}

function encoded(text: string): string {
	return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\uFFFD'));
}
