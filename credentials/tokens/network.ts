import { ApiError } from './errors';

/**
 * Says in the user's words why no reply came.
 *
 * @param target As it stands in the sentence: `the token endpoint of Calenso`.
 * @param url The request's own address, to tell it from a proxy's; undefined where n8n may have followed a redirect.
 * @param timeout In ms, for the sentence.
 */
export function networkError(
	target: string,
	url: URL | undefined,
	error: unknown,
	timeout: number,
): ApiError {
	const failure = failureIn(error);
	const { code, from } = failure;
	const name = capital(target);
	const proxy = proxyIn(from, url);
	if (proxy !== undefined) {
		const what = unconnected(from) === 'ENOTFOUND' ? 'was not found' : 'could not be reached';
		return proxyError(`The proxy ${proxy}, through which n8n goes to ${target}, ${what}.`);
	}
	if (['EMFILE', 'ENFILE', 'EADDRNOTAVAIL'].includes(code)) {
		return new ApiError(
			'network',
			`The host of n8n has no connection left for ${target} (${code}).`,
			'Send fewer requests at once, or ask the administrator of n8n to raise what the host allows.',
			{ retryAfter: 0, neverSent: true },
		);
	}
	switch (unconnected(from) ?? code) {
		case 'ENOTFOUND':
		case 'EAI_AGAIN':
			return new ApiError(
				'network',
				`The host of ${target} was not found.`,
				'Check the address in the credential and the network of n8n.',
				{ retryAfter: 0, neverSent: true },
			);
		case 'ECONNREFUSED':
		case 'EHOSTUNREACH':
		case 'ENETUNREACH':
			return new ApiError(
				'network',
				`${name} could not be reached.`,
				'Check the address in the credential, or try again later.',
				{ retryAfter: 0, neverSent: true },
			);
		case 'ECONNABORTED':
		case 'ETIMEDOUT':
		case 'ERR_CANCELED':
			return new ApiError(
				'network',
				`${name} did not answer within ${Math.round(timeout / 1000)} s.`,
				'Try again later.',
				{ retryAfter: 0 },
			);
		case 'ECONNRESET':
		case 'EPIPE':
			// Without the code: n8n puts a sentence of its own in the place of every text that holds it.
			return new ApiError(
				'network',
				`The connection to ${target} broke off before an answer came.`,
				'Try again later.',
				{ retryAfter: 0 },
			);
		case 'DOMAIN':
			return new ApiError(
				'host',
				`n8n does not let this credential send requests to ${target}.`,
				'Add its host to “Allowed HTTP Request Domains” of the credential.',
				{ neverSent: true },
			);
		case 'SSRF':
			return new ApiError(
				'host',
				`n8n's protection against requests to internal addresses blocked ${target}.`,
				'Ask the administrator of n8n to allow that host.',
				{ neverSent: true },
			);
		case 'TUNNEL':
			return proxyError(`The proxy through which n8n goes to ${target} broke off the connection.`);
		case 'BUG':
			return notTheNetwork(target);
		default:
			return otherError(target, failure);
	}
}

function otherError(target: string, { code, from }: Failure): ApiError {
	if (code === 'EPROTO' || code.startsWith('ERR_SSL')) {
		return new ApiError(
			'network',
			`No secure connection to ${target} came about (${code}).`,
			'Check whether its address begins with http:// instead of https://, and its port. If both are right, the server may want a client certificate, which n8n cannot show it; a proxy in front of it can.',
			// A record that is damaged on the way comes later than the handshake.
			{ neverSent: !/bad.record|decrypt/i.test(`${code} ${String(from.message)}`) },
		);
	}
	if (/CERT|SELF_SIGNED|SIGNATURE|ALTNAME/.test(code)) {
		const next = /EXPIRED|ALTNAME|NOT_YET/.test(code)
			? 'Check the address in the credential; if it is right, the server needs another certificate.'
			: 'If it comes from a certificate authority of your own, or a proxy that reads along, n8n has to know that one: NODE_EXTRA_CA_CERTS names its file. Else check the address in the credential.';
		// It is looked at before anything is sent.
		const what = `The certificate of ${target} is not trusted (${code}).`;
		return new ApiError('network', what, next, { neverSent: true });
	}
	// Node itself refuses to send a header or an address like that.
	if (/^ERR_(?:HTTP_)?(?:INVALID|UNESCAPED)/.test(code)) return notTheNetwork(target, true);
	return new ApiError(
		'network',
		`The connection to ${target} broke${code ? ` (${code})` : ''}.`,
		'Check the address in the credential, or try again later.',
		{ retryAfter: 0 },
	);
}

function notTheNetwork(target: string, neverSent = false): ApiError {
	return new ApiError(
		'internal',
		`n8n failed while it sent the request to ${target}, for a reason that is not the network's.`,
		'Check the fields of the node and the credential; if they are right, report it with the version of n8n.',
		{ neverSent },
	);
}

const PROXY_SETTING =
	'Ask the administrator of n8n: HTTP_PROXY, HTTPS_PROXY or ALL_PROXY names it, and NO_PROXY the hosts that are reached without it.';

/** In a sentence. */
export function tokenEndpoint(provider: string): string {
	return `the token endpoint of ${provider}`;
}

/** A proxy wants to know who n8n is (RFC 9110, 15.5.8): no server was asked. */
export function proxyLogInError(target: string): ApiError {
	return new ApiError(
		'network',
		`The proxy between n8n and ${target} wants a user name and a password (407).`,
		`${PROXY_SETTING} Its address can hold both: http://name:password@host.`,
		{ retryAfter: 0, neverSent: true, httpStatus: 407 },
	);
}

function proxyError(what: string): ApiError {
	return new ApiError('network', what, PROXY_SETTING, { retryAfter: 0, neverSent: true });
}

/** Where a connection was tried that is not the request's own host and port: n8n goes through a proxy. */
function proxyIn(from: Failure['from'], url: URL | undefined): string | undefined {
	if (url === undefined) return undefined;
	if (from.syscall === 'getaddrinfo' && typeof from.hostname === 'string') {
		return from.hostname === url.hostname ? undefined : from.hostname;
	}
	if (from.syscall !== 'connect' || typeof from.port !== 'number') return undefined;
	const own = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
	if (from.port === own) return undefined;
	const address = String(from.address);
	return `${address.includes(':') ? `[${address}]` : address}:${from.port}`;
}

/**
 * Whatever went wrong, there was no address yet, or no connection, over TLS none that is secure: nothing was sent. The
 * code that stands for it, or undefined.
 */
function unconnected({ syscall, message }: Failure['from']): string | undefined {
	if (syscall === 'getaddrinfo' || /^query[A-Z]/.test(String(syscall))) return 'ENOTFOUND';
	return syscall === 'connect' || /before secure TLS connection/.test(String(message))
		? 'ECONNREFUSED'
		: undefined;
}

/** What no network throws. */
const BUGS = ['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError'];

interface Failure {
	/** Made of capitals; `''` where there is none. */
	readonly code: string;
	/** What the code stood in. */
	readonly from: Readonly<Record<string, unknown>>;
}

/**
 * The first code in a chain of causes; only names made of capitals are handed on. The request helper of n8n 1 drops
 * the cause and keeps its code as `httpCode`.
 */
function failureIn(error: unknown, depth = 0): Failure {
	if (typeof error !== 'object' || error === null || depth > 5) return { code: '', from: {} };
	const from = error as Record<string, unknown>;
	const { code, httpCode, name, message, cause, errors } = from;
	const known = [code, httpCode].find(
		(one) => typeof one === 'string' && /^[A-Z][A-Z_0-9]{1,60}$/.test(one),
	);
	// The agent of n8n's HTTP client gives it no code.
	if (/before receiving CONNECT response/.test(String(message))) return { code: 'TUNNEL', from };
	if (known !== undefined) {
		// Of a host with several addresses, each was tried.
		const [first] = Array.isArray(errors) ? (errors as unknown[]) : [];
		const within = failureIn(first ?? cause, depth + 1);
		const exact = from.syscall === undefined && within.from.syscall !== undefined;
		return { code: known as string, from: exact ? within.from : from };
	}
	if (typeof name === 'string' && name.startsWith('SsrfBlocked')) return { code: 'SSRF', from };
	if (typeof message === 'string' && message.startsWith('Domain not allowed')) {
		return { code: 'DOMAIN', from };
	}
	const within = failureIn(cause, depth + 1);
	return within.code === '' && BUGS.includes(String(name)) ? { code: 'BUG', from } : within;
}

export function capital(text: string): string {
	return text.charAt(0).toUpperCase() + text.slice(1);
}
