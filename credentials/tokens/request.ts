/** A request to a token endpoint, ready to be sent. */
export interface TokenRequest {
	readonly method: 'POST' | 'PUT' | 'PATCH' | 'GET';
	readonly url: string;
	readonly headers: Readonly<Record<string, string>>;
	readonly body?: string;
}

/** By name; those that are undefined are left out, in a form those that are null too, a list repeats its name (RFC 8707, 2), an object is written as JSON. */
export type Parameters = Readonly<Record<string, unknown>>;

type Headers = Readonly<Record<string, string>>;

/** RFC 6749, 4.4.2: parameters as `application/x-www-form-urlencoded`. */
export function formRequest(
	url: string,
	parameters: Parameters,
	headers: Headers = {},
	method: TokenRequest['method'] = 'POST',
): TokenRequest {
	const own = {
		accept: 'application/json',
		'content-type': 'application/x-www-form-urlencoded',
	};
	return { method, url, headers: withHeaders(own, headers), body: formOf(parameters) };
}

/** Parameters as a JSON object; those that are undefined are left out. */
export function jsonRequest(
	url: string,
	parameters: Parameters,
	headers: Headers = {},
	method: TokenRequest['method'] = 'POST',
): TokenRequest {
	const own = { accept: 'application/json', 'content-type': 'application/json' };
	return { method, url, headers: withHeaders(own, headers), body: JSON.stringify(parameters) };
}

/** Parameters in the query, behind the one that the address has. */
export function queryRequest(
	url: string,
	parameters: Parameters,
	headers: Headers = {},
	method: TokenRequest['method'] = 'GET',
): TokenRequest {
	// Only a form has + for a blank: in a query some servers take it as it stands.
	const query = formOf(parameters).replaceAll('+', '%20');
	const joint = !url.includes('?') ? '?' : /[?&]$/.test(url) ? '' : '&';
	return {
		method,
		url: query === '' ? url : `${url}${joint}${query}`,
		headers: withHeaders({ accept: 'application/json' }, headers),
	};
}

/** A body as a person wrote it; whether it is XML or JSON shows at its first sign. */
export function textRequest(
	url: string,
	body: string,
	headers: Headers = {},
	method: TokenRequest['method'] = 'POST',
): TokenRequest {
	const types = { xml: 'text/xml; charset=utf-8', json: 'application/json' };
	const kind = textKind(body);
	const own = {
		accept: '*/*',
		'content-type': kind === 'plain' ? 'text/plain; charset=utf-8' : types[kind],
	};
	return { method, url, headers: withHeaders(own, headers), body };
}

/** What a text is written in. */
export function textKind(text: string): 'xml' | 'json' | 'plain' {
	const first = text.trimStart().slice(0, 1);
	if (first === '<') return 'xml';
	return first === '{' || first === '[' ? 'json' : 'plain';
}

/** RFC 7617. */
export function basicHeader(user: string, password: string): Record<string, string> {
	return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}

/** RFC 6749, 2.3.1: both parts are form-encoded first. Servers differ only in other characters than letters, digits and `-._*`. */
export function encodedBasicHeader(id: string, secret: string): Record<string, string> {
	return basicHeader(formEncoded(id), formEncoded(secret));
}

function formEncoded(text: string): string {
	return new URLSearchParams([['', text]]).toString().slice(1);
}

function formOf(parameters: Parameters): string {
	const form = new URLSearchParams();
	for (const [name, value] of Object.entries(parameters)) {
		for (const one of Array.isArray(value) ? (value as unknown[]) : [value]) {
			if (one !== undefined && one !== null) form.append(name, asText(one));
		}
	}
	return form.toString();
}

function asText(value: unknown): string {
	return typeof value === 'string' ? value : JSON.stringify(value);
}

/** RFC 9110, 5.1: names are the same in any case, so a person's own header takes the place of ours. */
function withHeaders(own: Headers, others: Headers): Headers {
	const taken = new Set(Object.keys(others).map((name) => name.toLowerCase()));
	return {
		...Object.fromEntries(Object.entries(own).filter(([name]) => !taken.has(name))),
		...others,
	};
}
