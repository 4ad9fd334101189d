/** How one attempt ended. */
export interface Attempt {
	readonly method: string;
	/** Of the reply; undefined where none came. */
	readonly status?: number;
	/** In ms, from Retry-After. */
	readonly retryAfter?: number;
	/** No reply came, and the request did not even leave (refused connection, unknown host). */
	readonly neverSent?: boolean;
	/** From 1. */
	readonly count: number;
}

const MOST_ATTEMPTS = 4;
const MOST_WAIT = 60_000;
const FIRST_WAIT = 500;

/** RFC 9110, 9.2.2: repeating these does no harm. */
export function isIdempotent(method: string): boolean {
	return ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE'].includes(method.toUpperCase());
}

/**
 * How long to wait before the request is sent again, in ms; undefined: it is not. A request that may have been carried
 * out is repeated only where that does no harm.
 *
 * @param random From 0 to 1, for the jitter: many items must not come back at once.
 */
export function retryDelay(attempt: Attempt, random: number): number | undefined {
	const { method, status, retryAfter, neverSent, count } = attempt;
	if (count >= MOST_ATTEMPTS) return undefined;
	const asked = status === 429 || (status === 503 && retryAfter !== undefined);
	const failed = status === undefined || status >= 500;
	if (!asked && !neverSent && !(failed && isIdempotent(method))) return undefined;
	const step = FIRST_WAIT * 2 ** (count - 1);
	const wait = (retryAfter ?? step) + step * random;
	return wait <= MOST_WAIT ? wait : undefined;
}
