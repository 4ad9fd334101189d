import type { IDataObject, IHttpRequestMethods, INodeProperties } from 'n8n-workflow';
import { badInput } from '../shared/itemError';
import {
	asText,
	isObject,
	parsedObject,
	requiredText,
	text,
	type Call,
} from '../shared/parameters';
import { bodyFields, bodyOf } from './body';

/** A request, apart from what all requests of a node have in common. */
export interface Draft {
	readonly method: IHttpRequestMethods;
	readonly url: URL;
	readonly headers: Readonly<Record<string, string>>;
	readonly body?: IDataObject | unknown[] | URLSearchParams | string | Buffer;
}

function nameAndValue(displayName: string, name: string, what: string): INodeProperties {
	return {
		displayName,
		name,
		type: 'fixedCollection',
		typeOptions: { multipleValues: true },
		placeholder: `Add ${what}`,
		default: {},
		options: [
			{
				displayName: displayName.replace(/s$/, ''),
				name: 'entries',
				values: [
					{ displayName: 'Name', name: 'name', type: 'string', default: '' },
					{ displayName: 'Value', name: 'value', type: 'string', default: '' },
				],
			},
		],
	};
}

export const requestFields: INodeProperties[] = [
	{
		displayName: 'Method',
		name: 'method',
		type: 'options',
		default: 'GET',
		options: [
			{ name: 'Custom', value: 'CUSTOM' },
			{ name: 'DELETE', value: 'DELETE' },
			{ name: 'GET', value: 'GET' },
			{ name: 'HEAD', value: 'HEAD' },
			{ name: 'OPTIONS', value: 'OPTIONS' },
			{ name: 'PATCH', value: 'PATCH' },
			{ name: 'POST', value: 'POST' },
			{ name: 'PUT', value: 'PUT' },
		],
		description: 'The HTTP method of the request',
	},
	{
		displayName: 'Custom Method',
		name: 'customMethod',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. PROPFIND',
		displayOptions: { show: { method: ['CUSTOM'] } },
		description: 'Name of the HTTP method',
	},
	{
		displayName: 'Path',
		name: 'path',
		type: 'string',
		default: '',
		placeholder: 'e.g. /todo',
		description:
			'Address below the API base that is set in the credential, or a full URL on one of its hosts. The token goes to no other host.',
	},
	{
		displayName: 'Query Parameters',
		name: 'queryType',
		type: 'options',
		default: 'none',
		options: [
			{ name: 'Fields Below', value: 'fields' },
			{ name: 'JSON', value: 'json' },
			{ name: 'None', value: 'none' },
		],
		description: 'How to give parameters that are added to the address',
	},
	{
		...nameAndValue('Parameters', 'query', 'parameter'),
		displayOptions: { show: { queryType: ['fields'] } },
	},
	{
		displayName: 'Query JSON',
		name: 'queryJson',
		type: 'json',
		default: '{}',
		displayOptions: { show: { queryType: ['json'] } },
		description: 'The parameters as a JSON object. A list repeats the parameter.',
	},
	{
		displayName: 'Headers',
		name: 'headersType',
		type: 'options',
		default: 'none',
		options: [
			{ name: 'Fields Below', value: 'fields' },
			{ name: 'JSON', value: 'json' },
			{ name: 'None', value: 'none' },
		],
		description: 'How to give headers. The credential adds the token by itself.',
	},
	{
		...nameAndValue('Header Fields', 'headers', 'header'),
		displayOptions: { show: { headersType: ['fields'] } },
	},
	{
		displayName: 'Headers JSON',
		name: 'headersJson',
		type: 'json',
		default: '{}',
		displayOptions: { show: { headersType: ['json'] } },
		description: 'The headers as a JSON object',
	},
	...bodyFields,
];

/** @throws ItemError when a field cannot be used. */
export async function draftOf(call: Call): Promise<Draft> {
	const method = methodOf(call);
	const url = urlOf(call);
	for (const [name, value] of entriesOf(call, 'query', 'Query JSON')) {
		if (value === undefined || value === null) continue;
		for (const single of Array.isArray(value) ? (value as unknown[]) : [value]) {
			url.searchParams.append(
				name,
				isObject(single) ? JSON.stringify(single) : asText(single, name),
			);
		}
	}
	const headers = headersOf(call);
	const { body, contentType } = await bodyOf(call, method);
	const typed = contentType !== undefined && headers['content-type'] === undefined;
	return {
		method,
		url,
		headers: typed ? { ...headers, 'content-type': contentType } : headers,
		...(body !== undefined && { body }),
	};
}

const METHOD = /^[A-Z][A-Z-]{0,30}$/;

function methodOf(call: Call): IHttpRequestMethods {
	const chosen = requiredText(call, 'method', 'Method').toUpperCase();
	const method =
		chosen === 'CUSTOM'
			? requiredText(call, 'customMethod', 'Custom Method').toUpperCase()
			: chosen;
	if (!METHOD.test(method)) {
		throw badInput(
			'Method',
			'is not an HTTP method',
			'Use letters and hyphens only, e.g. PROPFIND.',
		);
	}
	// CONNECT opens a tunnel; the answer to TRACE is the request, token included.
	if (method === 'CONNECT' || method === 'TRACE') {
		throw badInput('Method', `cannot be ${method}`, 'Choose another one.');
	}
	// n8n sends any method; its type lists only some.
	return method as IHttpRequestMethods;
}

const ABSOLUTE = /^[a-z][a-z\d+.-]*:\/\//i;
const CLIMBS = /(?:^|[/\\])(?:\.|%2e){1,2}(?:[/\\?#]|$)/i;

function urlOf(call: Call): URL {
	const path = text(call, 'path', 'Path');
	if (/\p{Cc}/u.test(path)) {
		throw badInput('Path', 'has a line break or another invisible character', 'Remove it.');
	}
	if (path.startsWith('//') || path.includes('\\')) {
		throw badInput('Path', 'begins with two slashes or has a backslash', 'Write it as /todo/1.');
	}
	if (CLIMBS.test(path.split(/[?#]/, 1)[0])) {
		throw badInput(
			'Path',
			'has "." or ".." as a part',
			'It would lead to another address than it shows. Check the values that go into it, and wrap them in encodeURIComponent().',
		);
	}
	const { baseUrl } = call.session;
	const address = ABSOLUTE.test(path)
		? path
		: path === ''
			? baseUrl
			: `${baseUrl}/${path.replace(/^\//, '')}`;
	// A fragment never leaves the computer, so a number sign in a path is meant as a character.
	const whole = address.replaceAll('#', '%23');
	if (URL.canParse(whole)) return new URL(whole);
	throw badInput('Path', 'is not an address', 'Write it as /todo/1, or as a full URL.');
}

/** Names and values of the query or of the headers, given as fields or as JSON. */
function entriesOf(
	call: Call,
	name: 'query' | 'headers',
	jsonField: string,
): Array<[string, unknown]> {
	const { context, index } = call;
	switch (text(call, `${name}Type`, 'Parameters')) {
		case 'json': {
			const json: unknown = context.getNodeParameter(`${name}Json`, index, '{}');
			return Object.entries(parsedObject(json, jsonField));
		}
		case 'fields': {
			const entries: unknown = context.getNodeParameter(`${name}.entries`, index, []);
			return (entries as IDataObject[])
				.map((entry): [string, unknown] => [asText(entry.name, 'Name'), entry.value])
				.filter(([entryName]) => entryName !== '');
		}
		default:
			return [];
	}
}

/** RFC 9110, section 5.6.2. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~\dA-Za-z-]+$/;
const LINE_BREAK = /[\r\n\0]/;
/** Headers that belong to the connection, or that would change where a request goes. */
const NOT_YOURS = ['connection', 'content-length', 'host', 'transfer-encoding', 'upgrade'];

/** Names in lower case. */
function headersOf(call: Call): Record<string, string> {
	const headers: Record<string, string> = {};
	for (const [given, value] of entriesOf(call, 'headers', 'Headers JSON')) {
		const name = given.toLowerCase();
		if (!HEADER_NAME.test(name)) {
			throw badInput(
				'Headers',
				`has a name that is not allowed: ${JSON.stringify(given.slice(0, 60))}`,
				'Use letters, digits and hyphens, without spaces and line breaks.',
			);
		}
		if (NOT_YOURS.includes(name)) {
			throw badInput('Headers', `cannot set "${given}"`, 'Remove it; it is set by itself.');
		}
		if (name === 'authorization') {
			throw badInput(
				'Headers',
				'cannot set "Authorization"',
				'Remove it; the credential adds the token.',
			);
		}
		const content = asText(value, `Header ${given}`);
		if (LINE_BREAK.test(content)) {
			throw badInput(
				'Headers',
				`has a line break in the value of "${given}"`,
				'Remove the line break.',
			);
		}
		if (content !== '') headers[name] = content;
	}
	return headers;
}
