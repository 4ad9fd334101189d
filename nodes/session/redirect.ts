import { redact } from '../../credentials/tokens/redact';
import { ApiError } from '../shared/errors';
import { asUtf8 } from '../shared/headers';
import type { ApiReply, ApiRequest } from './request';

/** Where a reply sends its request next. */
export type Redirect =
	/** Nowhere: the reply is the answer. */
	| { readonly kind: 'none' }
	/** To an origin of the credential: with token and headers. */
	| { readonly kind: 'own'; readonly target: URL; readonly request: ApiRequest }
	/** To a host that gets the bare request: no token, no cookie, none of its headers. */
	| { readonly kind: 'foreign'; readonly target: URL; readonly request: ApiRequest };

/** Where a request came from, and who may see the token. */
export interface Journey {
	readonly provider: string;
	/** Of the credential. */
	readonly origins: readonly string[];
	readonly from: URL;
	/** A foreign host was on the way: what it names gets no token, wherever that is. */
	readonly strayed: boolean;
	/** Shown to no foreign host and in no error. */
	readonly secrets: readonly string[];
}

/** Methods that change nothing (RFC 9110, 9.2.1; WebDAV's in the IANA registry). */
const SAFE = ['GET', 'HEAD', 'OPTIONS', 'PROPFIND', 'QUERY', 'REPORT', 'SEARCH', 'TRACE'];

export function isSafe(method: string): boolean {
	return SAFE.includes(method.toUpperCase());
}

const REDIRECTS = [301, 302, 303, 307, 308];

/**
 * Decides where a redirect leads (RFC 9110, 15.4). A reading request is followed; any other one only by 303, which
 * says that it was carried out and where its result can be read.
 *
 * @throws ApiError where it leads nowhere that this request may go.
 */
export function redirectOf(
	request: ApiRequest,
	{ status, headers }: Pick<ApiReply, 'status' | 'headers'>,
	{ provider, origins, from, strayed, secrets }: Journey,
): Redirect {
	if (!REDIRECTS.includes(status) || headers.location === undefined) return { kind: 'none' };
	const location = asUtf8(headers.location);
	if (request.followRedirects === false) return { kind: 'none' };
	const fail = (kind: ApiError['kind'], what: string, next: string) =>
		new ApiError(kind, `${provider} ${what} (${status}).`, next, { httpStatus: status });

	const reads = isSafe(request.method);
	if (!reads && status !== 303) {
		if (request.neverError) return { kind: 'none' };
		throw fail(
			'api',
			`redirects this ${request.method} request`,
			'Only reading requests follow redirects. Enter the address that the API really answers at.',
		);
	}
	const target = URL.canParse(location, from.href) ? new URL(location, from.href) : undefined;
	if (target === undefined || !/^https?:$/.test(target.protocol)) {
		throw fail(
			'reply',
			'redirects to something that is not an address',
			'Enter the address that the API really answers at.',
		);
	}
	// With a user name in the address, n8n's HTTP client would send that instead of the token.
	target.username = target.password = '';
	const host = redact(target.host, secrets);
	if (from.protocol === 'https:' && target.protocol === 'http:') {
		throw fail(
			'host',
			`redirects from https to http, to ${host}, where anybody on the way could read along`,
			'Ask the provider for an https address.',
		);
	}
	const keeps = status !== 303 || request.method === 'HEAD' || request.method === 'GET';
	const next = reads && keeps ? request : reading(request);
	if (origins.includes(target.origin) && !strayed) return { kind: 'own', target, request: next };
	if (request.foreignRedirects !== true) {
		const own = origins.map((origin) => new URL(origin).host).join(', ');
		throw fail(
			'host',
			`redirects to ${host}, but this credential's token is for ${own} only`,
			'Turn on Redirects to Other Hosts to follow it without the token.',
		);
	}
	if (!['GET', 'HEAD'].includes(next.method)) {
		throw fail(
			'host',
			`redirects this ${request.method} request to ${host}, which is no host of this credential`,
			'Enter the address that the API really answers at. If that host may see the token, add it to Further Hosts in the credential.',
		);
	}
	return { kind: 'foreign', target: withoutSecrets(target, secrets), request: bare(next) };
}

/** A server that repeats the query of a request repeats a token that is sent there. */
function withoutSecrets(target: URL, secrets: readonly string[]): URL {
	const holdsOne = (part: string) => redact(part, secrets) !== part;
	const query = target.search.slice(1).split('&');
	if (query.some(holdsOne)) target.search = query.filter((part) => !holdsOne(part)).join('&');
	return target;
}

/** RFC 9110, 15.4.4: a GET, without the body and what describes it. */
function reading(request: ApiRequest): ApiRequest {
	const headers = Object.entries(request.headers ?? {}).filter(
		([name]) => !/^content-/i.test(name),
	);
	return { ...request, method: 'GET', body: undefined, headers: Object.fromEntries(headers) };
}

function bare(request: ApiRequest): ApiRequest {
	return { ...request, body: undefined, headers: {} };
}
