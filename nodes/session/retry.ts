import type { Environment } from '../../credentials/tokens/environment';
import { lowerCaseNames, networkError } from '../../credentials/tokens/transport';
import { readRetryAfter } from '../../credentials/tokens/retryAfter';
import type { TokenIssuer } from '../../credentials/tokens/issuer';
import type { ApiRequest } from './request';
import { ApiError } from '../shared/errors';
import { retryDelay } from './retryDelay';

/** A reply as n8n hands it over with `returnFullResponse` and `encoding: 'arraybuffer'`. */
export interface RawReply {
	readonly status: number;
	/** Names in lower case. */
	readonly headers: Readonly<Record<string, string>>;
	readonly body: Buffer;
}

export const REQUEST_TIMEOUT = 60_000;

type Outcome =
	| { readonly kind: 'reply'; readonly reply: RawReply }
	/** No reply came. */
	| { readonly kind: 'broken'; readonly error: ApiError }
	/** There is no token to send it with, or the like: sending it again would not help. */
	| { readonly kind: 'final'; readonly error: ApiError };

/**
 * Sends a request until there is a reply that waiting does not better.
 * @param signal Of the execution: nothing is sent again once it is cancelled.
 * @throws ApiError where no reply comes.
 */
export async function sendWithRetries(
	issuer: TokenIssuer,
	request: ApiRequest,
	target: URL,
	send: () => Promise<unknown>,
	environment: Environment,
	signal?: AbortSignal,
): Promise<RawReply> {
	const { method, timeout = REQUEST_TIMEOUT, retry = true } = request;
	for (let count = 1; ; count++) {
		const outcome = await send().then(
			(answer): Outcome => ({ kind: 'reply', reply: asRawReply(answer) }),
			(failure: unknown): Outcome =>
				failure instanceof ApiError
					? { kind: 'final', error: failure }
					: {
							kind: 'broken',
							error: networkError(`${issuer.provider} (${target.host})`, failure, timeout),
						},
		);
		if (outcome.kind === 'final') throw outcome.error;
		const reply = outcome.kind === 'reply' ? outcome.reply : undefined;
		const error = outcome.kind === 'broken' ? outcome.error : undefined;
		const delay = retryDelay(
			{
				method,
				status: reply?.status,
				retryAfter:
					reply && [429, 503].includes(reply.status)
						? readRetryAfter(reply.headers, environment.now())
						: undefined,
				neverSent: error?.kind === 'network' && error.neverSent,
				count,
			},
			Math.random(),
		);
		if (delay === undefined || !retry || error?.kind === 'host' || signal?.aborted) {
			if (reply !== undefined) return reply;
			throw error as ApiError;
		}
		await environment.sleep(delay, signal);
		if (signal?.aborted && error !== undefined) throw error;
		if (signal?.aborted && reply !== undefined) return reply;
	}
}

function asRawReply(reply: unknown): RawReply {
	const { statusCode, headers, body } = reply as {
		statusCode: number;
		headers?: Record<string, unknown>;
		body?: unknown;
	};
	return {
		status: statusCode,
		headers: lowerCaseNames(headers ?? {}),
		body: Buffer.isBuffer(body) ? body : Buffer.from((body ?? '') as string),
	};
}
