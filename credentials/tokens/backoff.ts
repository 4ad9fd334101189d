import { ApiError } from './errors';
import type { TokenIssuer } from './issuer';
import { inWords } from './times';

/** A failure that is not to be repeated before `until` (ms of the monotonic clock: a wrong clock must not bar for days). */
export interface Failure {
	readonly error: ApiError;
	readonly until: number;
	/** How many came in a row. */
	readonly count: number;
}

const FIRST_PAUSE = 1_000;
const MOST_PAUSE = 60_000;
const MOST_PAUSE_ON_BUDGET = 3_600_000;
/** Where only a person can help, in ms: once more after this, in case the person helped at the provider. */
const PERSON_PAUSE = 30_000;

/**
 * 1 s, 2 s, 4 s … 60 s; what the provider asks for; 30 s where a person has to change something. With a budget a
 * failure that may have cost a token doubles the pause up to an hour, so that an outage does not use up the month.
 */
export function nextFailure(
	issuer: TokenIssuer,
	last: Failure | undefined,
	error: ApiError,
	now: number,
): Failure {
	const count = (last?.count ?? 0) + 1;
	const costs = issuer.budget > 0 && mayBeIssued(error);
	const step = Math.min(costs ? MOST_PAUSE_ON_BUDGET : MOST_PAUSE, FIRST_PAUSE * 2 ** (count - 1));
	const pause = error.retryAfter === undefined ? PERSON_PAUSE : error.retryAfter || step;
	return { error, count, until: now + pause };
}

/** An answer that was lost or could not be read may have been a token's. */
export function mayBeIssued({ kind, neverSent }: ApiError): boolean {
	return ['network', 'reply'].includes(kind) && !neverSent;
}

/** What whoever wants a token meanwhile is told. */
export function waitingError({ error, until }: Failure, now: number): ApiError {
	const wait = inWords(until - now);
	const next =
		error.kind === 'busy'
			? `Try again in ${wait}.`
			: `${error.description} The next token request is possible in ${wait}.`;
	return new ApiError(error.kind, error.message, next, {
		retryAfter: until - now,
		neverSent: true,
	});
}
