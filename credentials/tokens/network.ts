import { ApiError } from './errors';

/**
 * Says in the user's words why no reply came.
 *
 * @param target As it stands in the sentence: `the token endpoint of Calenso`.
 * @param timeout In ms, for the sentence.
 */
export function networkError(target: string, error: unknown, timeout: number): ApiError {
	const code = errorCode(error);
	const name = capital(target);
	switch (code) {
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
		case 'BUG':
			return new ApiError(
				'internal',
				`n8n failed while it sent the request to ${target}, for a reason that is not the network's.`,
				'Check the fields of the node and the credential; if they are right, report it with the version of n8n.',
			);
		default:
			return new ApiError(
				'network',
				/CERT|SELF_SIGNED|SIGNATURE|ALTNAME|SSL/.test(code)
					? `The certificate of ${target} is not trusted (${code}).`
					: `The connection to ${target} broke${code ? ` (${code})` : ''}.`,
				'Check the address in the credential, or try again later.',
				{ retryAfter: 0 },
			);
	}
}

/** What no network throws. */
const BUGS = ['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError'];

/**
 * The first code in a chain of causes; only names made of capitals are handed on. The request helper of n8n 1 drops
 * the cause and keeps its code as `httpCode`.
 */
function errorCode(error: unknown, depth = 0): string {
	if (typeof error !== 'object' || error === null || depth > 5) return '';
	const { code, httpCode, name, message, cause } = error as Record<string, unknown>;
	const known = [code, httpCode].find(
		(one) => typeof one === 'string' && /^[A-Z][A-Z_0-9]{1,60}$/.test(one),
	);
	if (known !== undefined) return known as string;
	if (typeof name === 'string' && name.startsWith('SsrfBlocked')) return 'SSRF';
	if (typeof message === 'string' && message.startsWith('Domain not allowed')) return 'DOMAIN';
	const within = errorCode(cause, depth + 1);
	return within === '' && BUGS.includes(String(name)) ? 'BUG' : within;
}

function capital(text: string): string {
	return text.charAt(0).toUpperCase() + text.slice(1);
}
