import type { TokenIssuer } from '../../credentials/tokens/issuer';
import { parseJson } from '../../credentials/tokens/json';
import { inWords } from '../../credentials/tokens/times';
import { ApiError, fromReply } from '../shared/errors';
import type { RawReply } from './receive';

/** In ms: the longest that a request waits where the node does not say otherwise. */
export const MOST_WAIT = 120_000;

/**
 * The API wants a pause that is not waited for.
 *
 * @param reply That said so; undefined where it was the reply to another request, and this one was not sent.
 * @param until Epoch ms.
 * @param secrets Blanked in the API's words; undefined: none are quoted.
 */
export function busyError(
	issuer: TokenIssuer,
	reply: RawReply | undefined,
	until: number,
	maxWait: number,
	now: number,
	secrets?: readonly string[],
): ApiError {
	const { provider } = issuer;
	const body = secrets && reply ? parseJson(reply.body.toString('utf8')) : undefined;
	const said =
		reply === undefined
			? `Not sent: ${provider} asks to wait until ${clock(until, now)}.`
			: `${fromReply(provider, reply.status, body, secrets ?? []).message.replace(/\.$/, '')}. It asks to wait until ${clock(until, now)}.`;
	const next =
		until - now > maxWait
			? `That is longer than this node waits (Max Wait: ${inWords(maxWait)}). Run it again then, or raise Max Wait in the node's options.`
			: 'Run it again then.';
	return new ApiError('busy', said, next, {
		httpStatus: reply?.status ?? 429,
		retryAfter: until - now,
	});
}

/** `10:45:12 UTC`, with the day where it is another one. */
export function clock(time: number, now: number): string {
	const [day, moment] = new Date(time).toISOString().split('T');
	const today = new Date(now).toISOString().startsWith(day);
	return `${today ? '' : `${day}, `}${moment.slice(0, 8)} UTC`;
}
