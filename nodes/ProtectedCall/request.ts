import type { IHttpRequestMethods } from 'n8n-workflow';
import { badInput } from '../shared/errors';
import { collection, requiredText, text, type Call } from '../shared/parameters';
import { withQuery, type ArrayFormat } from '../shared/query';
import type { ApiRequest } from '../session/session';
import { bodyOf } from './body';
import { describedRequest } from './description/describedRequest';
import { entriesOf, headersOf } from './headers';

/** A request, apart from what all requests of a node have in common. */
export interface Draft {
	readonly method: IHttpRequestMethods;
	readonly url: URL;
	readonly headers: Readonly<Record<string, string>>;
	readonly body?: ApiRequest['body'];
}

/** @throws ApiError when a field cannot be used. */
export async function draftOf(call: Call): Promise<Draft> {
	const described =
		text(call, 'request', 'Request') === 'description' ? await describedRequest(call) : undefined;
	const method = described?.method ?? methodOf(call);
	const { arrayFormat } = collection(call, 'options');
	const format = arrayFormatOf(arrayFormat);
	const address = urlOf(call, described?.path ?? pathOf(call));
	for (const part of described?.query ?? [])
		address.search += `${address.search ? '&' : ''}${part}`;
	const url = withQuery(address, entriesOf(call, 'query', 'Query JSON'), format);
	const headers = headersOf(call, described?.headers);
	const { body, contentType, typeIsFixed } = described ?? (await bodyOf(call, method, format));
	// A multipart form without its boundary can be read by nobody.
	const given = /^multipart\/(?!.*boundary=)/i.test(headers['content-type'] ?? '')
		? undefined
		: headers['content-type'];
	const typed = contentType !== undefined && (given === undefined || typeIsFixed === true);
	return {
		method,
		url,
		headers: typed ? { ...headers, 'content-type': contentType } : headers,
		...(body !== undefined && { body }),
	};
}

function arrayFormatOf(chosen: unknown): ArrayFormat {
	return chosen === 'brackets' || chosen === 'indices' ? chosen : 'repeat';
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

/** Empty for the API base alone, but not by accident: a DELETE would go there. */
function pathOf(call: Call): string {
	const path = text(call, 'path', 'Path');
	const raw: unknown = call.context.getNodeParameter('path', call.index, '', {
		rawExpressions: true,
	});
	if (path !== '' || typeof raw !== 'string' || !raw.startsWith('=')) return path;
	throw badInput(
		'Path',
		'is empty',
		'Its expression gives no value for this item. For the API base alone, write / .',
	);
}

const ABSOLUTE = /^[a-z][a-z\d+.-]*:\/\//i;
const CLIMBS = /(?:^|[/\\])(?:\.|%2e){1,2}(?:[/\\?#]|$)/i;

function urlOf(call: Call, path: string): URL {
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
