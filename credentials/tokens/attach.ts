import type { IHttpRequestOptions } from 'n8n-workflow';
import { ApiError } from './errors';
import { withoutTrailing } from './fields';
import type { Attachment, TokenIssuer } from './issuer';
import type { StoredToken } from './record';
import { redact } from './redact';

/** A request as either of n8n's two request helpers passes it; the legacy one says `uri`, `simple` and so on. */
export type OutgoingRequest = IHttpRequestOptions & {
	uri?: string;
	simple?: boolean;
	resolveWithFullResponse?: boolean;
	followRedirect?: boolean;
	followAllRedirects?: boolean;
	allowedDomains?: string;
};

/** Whether the request goes through n8n's older helper: the HTTP Request node's does. */
export function isLegacy(request: OutgoingRequest): boolean {
	return 'uri' in request || 'simple' in request || 'resolveWithFullResponse' in request;
}

/** @throws ApiError `host` where the request goes to an origin that is not the credential's. */
export function ownUrl(issuer: TokenIssuer, request: OutgoingRequest): URL {
	// Where both are given, n8n sends the request to `url`.
	const target = String(request.url ?? request.uri ?? '');
	const base = request.baseURL && `${withoutTrailing('/', request.baseURL)}/`;
	const whole = base && !/^[a-z]+:\/\//i.test(target) ? base + target.replace(/^\/+/, '') : target;
	const url = URL.canParse(whole) ? new URL(whole) : undefined;
	if (url !== undefined && issuer.origins.includes(url.origin)) return url;
	const where = url === undefined ? 'an address that cannot be read' : url.host;
	throw new ApiError(
		'host',
		`The ${issuer.provider} token must not be sent to ${redact(where, issuer.secrets)}.`,
		`This credential sends it to ${hostsInWords(issuer)} only.`,
	);
}

/** The hosts that may see the token, for a sentence. */
export function hostsInWords({ origins }: TokenIssuer): string {
	return origins.map((origin) => new URL(origin).host).join(', ');
}

/**
 * Puts the token into a request, and closes every way on which n8n's HTTP client would carry it elsewhere. That client
 * keeps the header for a subdomain of the first host, and for https where the first address was http; n8n stops it at
 * hosts that `allowedDomains` does not name.
 */
export function attach(
	issuer: TokenIssuer,
	token: StoredToken,
	request: OutgoingRequest,
): IHttpRequestOptions {
	const { attachments, fixedHeaders } = issuer;
	const fixed = Object.entries(fixedHeaders);
	for (const [name, value] of fixed) setHeader(request, name, value);
	for (const attachment of attachments) put(attachment, token, request);
	request.sendCredentialsOnCrossOriginRedirect = false;
	request.allowedDomains = allowedHosts(issuer, request.allowedDomains);
	const bearerAlone =
		fixed.length === 0 &&
		attachments.every((one) => one.in === 'header' && one.name.toLowerCase() === 'authorization');
	// n8n's client drops no other header on its way to another origin.
	if (!bearerAlone || mayStray(issuer, request)) {
		if (isLegacy(request)) {
			Object.assign(request, { followRedirect: false, followAllRedirects: false });
		} else request.disableFollowRedirect = true;
	}
	return request;
}

/**
 * Whether n8n's client could carry the header to an origin that is not the credential's: it takes http to https of the
 * same host and a host to its subdomains of the same port, and compares with the request's own Host header if there is
 * one; `allowedDomains` knows no ports.
 */
function mayStray(issuer: TokenIssuer, request: OutgoingRequest): boolean {
	const { origins } = issuer;
	const own = origins.map((origin) => new URL(origin));
	const isListed = (hostname: string, port: string) =>
		origins.includes(`https://${hostname}${port && `:${port}`}`);
	return (
		headerOf(request, 'host') !== '' ||
		ownUrl(issuer, request).protocol !== 'https:' ||
		own.some((from) =>
			own.some(
				({ hostname }) => hostname.endsWith(`.${from.hostname}`) && !isListed(hostname, from.port),
			),
		)
	);
}

/** Names of the headers that the credential sets, in lower case. */
export function headersOf({ attachments, fixedHeaders }: TokenIssuer): string[] {
	const names = attachments.flatMap((one) =>
		one.in === 'header' ? [one.name] : one.in === 'cookie' ? ['cookie'] : [],
	);
	return [...names, ...Object.keys(fixedHeaders)].map((name) => name.toLowerCase());
}

function put(attachment: Attachment, token: StoredToken, request: OutgoingRequest): void {
	const { name, prefix, suffix, token: which } = attachment;
	const value = which === '' ? token.value : token.extras?.[which];
	if (value === undefined) return;
	const text = `${prefix}${value}${suffix}`;
	switch (attachment.in) {
		case 'header':
			return setHeader(request, name, text);
		case 'cookie':
			return setHeader(request, 'Cookie', withCookie(headerOf(request, 'cookie'), name, text));
		case 'query':
			return setQuery(request, name, text);
	}
}

/** In the address itself: what n8n makes of `qs` depends on the helper. */
function setQuery(request: OutgoingRequest, name: string, value: string): void {
	const field = request.url === undefined ? 'uri' : 'url';
	const [address, fragment] = cut(String(request[field] ?? ''), '#');
	const [path, query] = cut(address, '?');
	const others = query
		.slice(1)
		.split('&')
		.filter((one) => one !== '' && decoded(cut(one, '=')[0]) !== name);
	const own = `${encodeURIComponent(name)}=${encodeURIComponent(value)}`;
	request[field] = `${path}?${[...others, own].join('&')}${fragment}`;
}

/** In two before the first such sign. */
function cut(text: string, sign: string): [before: string, from: string] {
	const at = text.indexOf(sign);
	return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at)];
}

function decoded(text: string): string {
	try {
		return decodeURIComponent(text.replaceAll('+', ' '));
	} catch {
		return text;
	}
}

function withCookie(cookies: string, name: string, value: string): string {
	const others = cookies
		.split(';')
		.map((cookie) => cookie.trim())
		.filter((cookie) => cookie !== '' && !cookie.startsWith(`${name}=`));
	return [...others, `${name}=${value}`].join('; ');
}

function headerOf(request: OutgoingRequest, name: string): string {
	const found = Object.entries(request.headers ?? {}).find(
		([other]) => other.toLowerCase() === name,
	);
	return found === undefined ? '' : String(found[1]);
}

function setHeader(request: OutgoingRequest, name: string, value: string): void {
	const others = Object.entries(request.headers ?? {}).filter(
		([other]) => other.toLowerCase() !== name.toLowerCase(),
	);
	request.headers = { ...Object.fromEntries(others), [name]: value };
}

/** The credential's own hosts, cut with what the user allows; n8n reads names without ports, separated by commas. */
function allowedHosts({ origins }: TokenIssuer, allowed: string | undefined): string {
	const own = [...new Set(origins.map((origin) => new URL(origin).hostname.replace(/\.$/, '')))];
	const patterns = (allowed ?? '')
		.split(',')
		.map((pattern) => pattern.trim().toLowerCase())
		.filter((pattern) => pattern !== '');
	if (patterns.length === 0) return own.join(',');
	const cut = own.filter((host) =>
		patterns.some((pattern) =>
			pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) : host === pattern,
		),
	);
	// None is left: then the user's own list, and n8n refuses the request by it.
	return cut.length === 0 ? patterns.join(',') : cut.join(',');
}
