import type { Environment } from '../../credentials/tokens/environment';
import { lowerCaseNames, networkError } from '../../credentials/tokens/transport';
import { readRetryAfter } from '../../credentials/tokens/wire';
import type { TokenSource } from '../../credentials/tokens/source';
import type { ApiRequest } from './apiRequest';
import { ApiError, fromTokenError } from './errors';
import { retryDelay } from './retry';

/** A reply as n8n hands it over with `returnFullResponse` and `encoding: 'arraybuffer'`. */
export interface RawReply {
	readonly status: number;
	/** Names in lower case. */
	readonly headers: Readonly<Record<string, string>>;
	readonly body: Buffer;
}

export const REQUEST_TIMEOUT = 60_000;

interface Outcome {
	readonly reply?: RawReply;
	readonly error?: ApiError;
}

/** Sends a request until there is a reply that waiting does not better. @throws ApiError where none comes. */
export async function sendWithRetries(
	source: TokenSource,
	request: ApiRequest,
	target: URL,
	send: () => Promise<unknown>,
	environment: Environment,
): Promise<RawReply> {
	const { method, timeout = REQUEST_TIMEOUT, retry = true } = request;
	for (let count = 1; ; count++) {
		const { reply, error } = await send().then(
			(answer): Outcome => ({ reply: asRawReply(answer) }),
			(failure: unknown): Outcome => ({
				error:
					failure instanceof ApiError
						? failure
						: fromTokenError(networkError(`${source.provider} (${target.host})`, failure, timeout)),
			}),
		);
		const delay = retryDelay(
			{
				method,
				status: reply?.status,
				retryAfter: reply && readRetryAfter(reply.headers, environment.now()),
				neverSent: error !== undefined && /not found|could not be reached/.test(error.message),
				count,
			},
			Math.random(),
		);
		if (delay === undefined || !retry || (error !== undefined && error.code !== 'network')) {
			if (reply !== undefined) return reply;
			throw error;
		}
		await environment.sleep(delay);
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
