import type { Environment } from '../../credentials/tokens/environment';
import type { TokenIssuer } from '../../credentials/tokens/issuer';
import { isBusy, readRetryAfter } from '../../credentials/tokens/retryAfter';
import { networkError } from '../../credentials/tokens/network';
import { ApiError } from '../shared/errors';
import { busyError, MOST_WAIT } from './busy';
import { type Ending, type Entrant, governorOf, TooLong } from './governor';
import { asRawReply, type RawReply } from './receive';
import { isSafe } from './redirect';
import { REQUEST_TIMEOUT, type ApiRequest } from './request';

/** The reply that a request ended with, and what it took. */
export interface RetriedReply extends RawReply {
	/** How often the request was sent. */
	readonly attempts: number;
	/** In ms: before it left and between its attempts. */
	readonly waitedMs: number;
}

/** What a session adds to its requests. */
export interface Reporting {
	/** Told why requests wait; each reason now and then, not for each request. */
	readonly log?: (message: string) => void;
	/** Blanked in the API's words; without it an error of this file quotes none. */
	readonly secrets?: () => readonly string[];
}

const MOST_ATTEMPTS = 4;
const FIRST_WAIT = 500;

type Outcome =
	| { readonly kind: 'reply'; readonly reply: RawReply }
	/** No reply came. */
	| { readonly kind: 'broken'; readonly error: ApiError }
	/** There is no token to send it with, or the like: only a person can help. */
	| { readonly kind: 'final'; readonly error: ApiError };

/**
 * Sends a request, when its API's governor lets it leave, until there is a reply that waiting does not better.
 * @param signal Of the execution: every wait ends as soon as it is cancelled.
 * @throws ApiError where no reply comes, `busy` where the API wants a pause that is longer than the request's Max Wait.
 */
export async function sendWithRetries(
	issuer: TokenIssuer,
	request: ApiRequest,
	target: URL,
	send: () => Promise<unknown>,
	environment: Environment,
	signal?: AbortSignal,
	{ log, secrets }: Reporting = {},
): Promise<RetriedReply> {
	const { timeout = REQUEST_TIMEOUT, retry = true, maxWait = MOST_WAIT } = request;
	const governor = governorOf(environment, target.origin, issuer.client);
	const fixed = request.concurrency !== undefined && request.concurrency > 0;
	let waitedMs = 0;
	let busyMs = 0;
	let last: RawReply | undefined;
	for (let attempt = 1; ; attempt++) {
		const from = environment.monotonic();
		const entrant: Entrant = { attempt, patience: maxWait - busyMs, fixed, signal, log };
		const departure = await governor.enter(entrant).catch((error: unknown) => {
			if (!(error instanceof TooLong)) throw error;
			if (last !== undefined && request.neverError) return undefined;
			throw busyError(issuer, last, error.until, maxWait, environment.now(), secrets?.());
		});
		if (departure === undefined) return { ...(last as RawReply), attempts: attempt - 1, waitedMs };
		const queued = environment.monotonic() - from;
		waitedMs += queued;
		// Before its first attempt it stands in a queue that moves.
		if (attempt > 1) busyMs += queued;
		const outcome = await send().then(
			(answer): Outcome => ({ kind: 'reply', reply: asRawReply(answer) }),
			(failure: unknown) => failureOf(issuer, target, failure, timeout),
		);
		const took = environment.monotonic() - departure.at;
		governor.leave(departure, endingOf(outcome, took >= timeout), log);
		request.onLimit?.(governor.limit);
		if (outcome.kind === 'final') throw outcome.error;
		last = outcome.kind === 'reply' ? outcome.reply : undefined;
		const error = outcome.kind === 'broken' ? outcome.error : undefined;
		const next =
			retry && attempt < MOST_ATTEMPTS ? nextStep(request, outcome, attempt, environment) : 'stop';
		if (next === 'wait') {
			const begun = environment.monotonic();
			// Where the API is overloaded, the governor has slowed down all.
			const first = last?.status === 503 ? FIRST_WAIT / 4 : FIRST_WAIT;
			const step = first * 2 ** (attempt - 1);
			await pause(environment, step * (1 + Math.random()), signal);
			waitedMs += environment.monotonic() - begun;
		}
		if (next !== 'stop' && !signal?.aborted) continue;
		if (last === undefined) throw error as ApiError;
		const until = busyUntil(last, environment);
		if (until === undefined || request.neverError) return { ...last, attempts: attempt, waitedMs };
		throw busyError(issuer, last, until, maxWait, environment.now(), secrets?.());
	}
}

/** Why no reply came. */
function failureOf(issuer: TokenIssuer, target: URL, failure: unknown, timeout: number): Outcome {
	if (failure instanceof ApiError) return { kind: 'final', error: failure };
	const error = networkError(`${issuer.provider} (${target.host})`, target, failure, timeout);
	return { kind: error.retryAfter === undefined ? 'final' : 'broken', error };
}

function endingOf(outcome: Outcome, late: boolean): Ending {
	return outcome.kind === 'reply' ? outcome.reply : { timedOut: outcome.kind === 'broken' && late };
}

/**
 * Whether a request is sent again, and who keeps it until then: the governor, which keeps all where the API wants a
 * pause, or a wait of its own. One that may have been carried out is repeated only where that does no harm.
 */
function nextStep(
	request: ApiRequest,
	outcome: Outcome,
	attempt: number,
	environment: Environment,
): 'stop' | 'wait' | 'queue' {
	if (outcome.kind === 'reply') {
		const { status } = outcome.reply;
		if (status === 429 || busyUntil(outcome.reply, environment) !== undefined) return 'queue';
		// The attempt before, whose answer was lost, is still being carried out.
		if (status === 409 && request.repeatable && attempt > 1) return 'wait';
		// RFC 9110, 15.5.9, and RFC 8470, 5.2: the server has not dealt with it.
		const failed = status >= 500 || status === 408 || status === 425;
		return failed && isRepeatable(request) ? 'wait' : 'stop';
	}
	return outcome.error.neverSent || isRepeatable(request) ? 'wait' : 'stop';
}

/** Epoch ms; undefined where the API names no time. */
function busyUntil({ status, headers }: RawReply, environment: Environment): number | undefined {
	const now = environment.now();
	if (!isBusy(status, headers, now)) return undefined;
	const wait = readRetryAfter(headers, now);
	return wait === undefined ? undefined : now + wait;
}

/** RFC 9110, 9.2.2: repeating these does no harm; nor where the API knows a request again. */
function isRepeatable({ method, repeatable = false }: ApiRequest): boolean {
	return repeatable || isSafe(method) || ['PUT', 'DELETE'].includes(method.toUpperCase());
}

/** In ms; ends at once when the signal is aborted. */
async function pause(environment: Environment, ms: number, signal?: AbortSignal): Promise<void> {
	let stop = () => {};
	const aborted = new Promise<void>((resolve) => {
		stop = resolve;
	});
	signal?.addEventListener('abort', stop);
	await Promise.race([environment.sleep(ms, signal), aborted]);
	signal?.removeEventListener('abort', stop);
}
