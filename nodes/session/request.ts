import type {
	IBinaryData,
	IDataObject,
	IHttpRequestMethods,
	IHttpRequestOptions,
} from 'n8n-workflow';
import type { TokenIssuer } from '../../credentials/tokens/issuer';
import { stringifyExact, type LongNumbers } from '../../credentials/tokens/json';
import { ApiError } from '../shared/errors';
import { isHeaderName, isHeaderValue, isOfConnection } from '../shared/headers';
import { withQuery } from '../shared/query';
import type { StoreFile } from './receive';
import { StreamedBody } from './upload';

export { readReply } from './reading';

/** In ms. */
export const REQUEST_TIMEOUT = 60_000;

/** One request to a provider's API. */
export interface ApiRequest {
	readonly method: IHttpRequestMethods;
	/** A path below the credential's API base (already encoded), or an absolute URL on one of the credential's own origins. */
	readonly path: string;
	readonly query?: IDataObject;
	readonly headers?: Readonly<Record<string, string>>;
	/** Objects and arrays are sent as JSON, URLSearchParams as a form, strings, Buffers and files as they are. */
	readonly body?: IDataObject | unknown[] | URLSearchParams | string | Buffer | StreamedBody;
	/** How the reply body is read; `json` throws when it is not JSON. Default: `json`. */
	readonly reply?: 'auto' | 'json' | 'text' | 'file';
	/** What becomes of long numbers in a JSON reply. Default: `text`, so that no digit is lost. */
	readonly longNumbers?: LongNumbers;
	/** In ms. Default 60 000. */
	readonly timeout?: number;
	/** Hand a reply of 400 and above to the caller instead of throwing. Default false. */
	readonly neverError?: boolean;
	/** Follow redirects of reading requests; without it, the redirect is the reply. Default true. */
	readonly followRedirects?: boolean;
	/** Follow them to hosts that are not the credential's as well, without token and headers. Default false. */
	readonly foreignRedirects?: boolean;
	/** Sent twice it does no more than sent once, whatever its method is. Default: as its method says. */
	readonly repeatable?: boolean;
	/** Takes a file in as it arrives; without it, a file is held in memory. */
	readonly storeFile?: StoreFile;
	/** Repeat after 429, 503, and for idempotent methods after network errors and 5xx. Default true. */
	readonly retry?: boolean;
	/** Requests at once that somebody fixed; without it as many as the API stands. */
	readonly concurrency?: number;
	/** In ms: the longest that it waits because the API is busy. Default 120 000. */
	readonly maxWait?: number;
	/** Told after each attempt how many requests the API stands at once. */
	readonly onLimit?: (limit: number) => void;
}

/** A provider's reply. */
export interface ApiReply {
	readonly status: number;
	/** Names in lower case. Several Set-Cookie headers are joined here, and apart in `cookies`. */
	readonly headers: Readonly<Record<string, string>>;
	/** Each Set-Cookie header. */
	readonly cookies?: readonly string[];
	/** Parsed JSON, text, or a Buffer, as `ApiRequest.reply` says. */
	readonly body: unknown;
	/** What `storeFile` made of the body. */
	readonly file?: IBinaryData;
	/** The host that answered, where a redirect led to one that is not the credential's: it was shown no token. */
	readonly foreignHost?: string;
	/** How often the request was sent. */
	readonly attempts?: number;
	/** In ms: before it left and between its attempts. */
	readonly waitedMs?: number;
}

/**
 * The URL of a request.
 * @throws ApiError `host` for another origin than the credential's, `field` for a path that cannot be read or climbs.
 */
export function ownTarget(issuer: TokenIssuer, request: Pick<ApiRequest, 'path' | 'query'>): URL {
	const path = request.path.trim();
	const absolute = /^[a-z][a-z0-9+.-]*:/i.test(path);
	if (!absolute && path.split(/[?#]/)[0].split(/[/\\]/).some(isDotSegment)) {
		throw new ApiError(
			'field',
			'The path holds “.” or “..” between slashes.',
			'Enter the path as the API documents it.',
		);
	}
	const whole = absolute ? path : `${issuer.apiBase}/${path.replace(/^[/\\]+/, '')}`;
	const url = URL.canParse(whole) ? new URL(whole) : undefined;
	if (url === undefined || !/^https?:$/.test(url.protocol)) {
		throw new ApiError(
			'field',
			'The path cannot be read as an address.',
			'Check it for typing errors.',
		);
	}
	if (!issuer.origins.includes(url.origin)) {
		const own = issuer.origins.map((origin) => new URL(origin).host).join(', ');
		throw new ApiError(
			'host',
			`The request would go to ${url.host}, but this credential's token is for ${own} only.`,
			'Enter a path below the API base, or use a credential of that other API.',
		);
	}
	// With a user name in the address, n8n's HTTP client would send that instead of the token.
	url.username = url.password = '';
	return withQuery(url, Object.entries(request.query ?? {}));
}

/** A server that looks at it must not refuse what the request is ready to read. */
const ACCEPT: Readonly<Record<NonNullable<ApiRequest['reply']>, string>> = {
	json: 'application/json',
	auto: 'application/json, text/*;q=0.9, */*;q=0.8',
	text: 'text/*, */*;q=0.9',
	file: '*/*',
};

/** Options for n8n's helper; the token is attached by the credential, and a streamed body by `StreamedBody.sent`. @throws ApiError for headers with a newline. */
export function buildRequest(request: ApiRequest, target: URL): IHttpRequestOptions {
	const { method, body, timeout = REQUEST_TIMEOUT } = request;
	const headers: Record<string, string> = { accept: ACCEPT[request.reply ?? 'json'] };
	const content = encodeBody(body);
	if (content !== undefined) headers['content-type'] = content.type;
	for (const [name, value] of Object.entries(request.headers ?? {})) {
		if (!isHeaderName(name) || !isHeaderValue(value) || isOfConnection(name)) {
			throw new ApiError(
				'field',
				`The header ${JSON.stringify(name.slice(0, 60))} cannot be sent.`,
				'Header names are letters, digits and hyphens; a value has no line break and no character beyond Latin-1. Headers of the connection set themselves.',
			);
		}
		headers[name.toLowerCase()] = value;
	}
	if (body instanceof StreamedBody) {
		headers['content-length'] = String(body.length);
		// n8n's request helper takes apart what has this very type.
		if (headers['content-type'] === FORM) headers['content-type'] = `${FORM}; charset=utf-8`;
	}
	return {
		method,
		url: target.href,
		headers,
		...(content?.body !== undefined && { body: forHelper(content.body, headers['content-type']) }),
		json: false,
		encoding: request.storeFile === undefined ? 'arraybuffer' : 'stream',
		returnFullResponse: true,
		ignoreHttpStatusErrors: true,
		disableFollowRedirect: true,
		timeout,
	};
}

const FORM = 'application/x-www-form-urlencoded';

/** Raw content goes as a Buffer, since n8n's HTTP client re-writes strings that it takes for JSON. */
function encodeBody(
	body: ApiRequest['body'],
): { readonly type: string; readonly body?: string | Buffer } | undefined {
	if (body === undefined) return undefined;
	if (Buffer.isBuffer(body)) return { type: 'application/octet-stream', body };
	if (body instanceof StreamedBody) return { type: 'application/octet-stream' };
	if (typeof body === 'string') return { type: 'text/plain', body: Buffer.from(body) };
	if (body instanceof URLSearchParams) {
		return { type: FORM, body: body.toString() };
	}
	return { type: 'application/json', body: stringifyExact(body) };
}

/** n8n's request helper makes a URLSearchParams of whatever has this very type, and cannot of a Buffer. */
function forHelper(body: string | Buffer, contentType: string): string | Buffer {
	return contentType === FORM ? body.toString() : body;
}

function isDotSegment(segment: string): boolean {
	return /^(\.|%2e){1,2}$/i.test(segment);
}
