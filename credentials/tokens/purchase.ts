import type { Environment } from './environment';
import { TokenError } from './errors';
import { boughtInMonth, countLost, countToken, nextMonth } from './ledger';
import { isTokenText, type TokenRecord } from './record';
import type { Failure, Shelves } from './shelf';
import type { Ask, TokenSource } from './source';
import { type HttpRequest, sendTokenRequest, TOKEN_TIMEOUT } from './transport';
import { inWords, readIssuedToken, readRefusal } from './wire';

/** What became of an attempt: the record to store, and an error where it holds no usable token. */
export interface Outcome {
	readonly record: TokenRecord;
	readonly error?: TokenError;
	/** A token was asked for, so the record has news even if there is an error. */
	readonly changed: boolean;
}

export interface Want {
	/** Value of a token that the API answered 401 to. */
	readonly refused?: string;
	/** A person asked for a new token: one is bought though the old one lives. */
	readonly force?: boolean;
}

/** What to do next about a token: send a token request, or settle for what there is. */
export type Next =
	| { readonly kind: 'outcome'; readonly outcome: Outcome }
	| {
			readonly kind: 'buy';
			readonly record: TokenRecord;
			/** The old token still lives and will do if the purchase fails. */
			readonly fallback: boolean;
			readonly replacement: boolean;
	  };

const FIRST_PAUSE = 1_000;
const MOST_PAUSE = 60_000;
const MOST_PAUSE_ON_BUDGET = 3_600_000;
/** Where only a person can help, in ms: once more after this, in case the person helped at the provider. */
const PERSON_PAUSE = 30_000;

/** Buys tokens: one at a time per owner, within the budget, and not again while a failure is fresh. */
export class Purchaser {
	private readonly processName: string;

	constructor(
		private readonly environment: Environment,
		private readonly shelves: Shelves,
	) {
		this.processName = environment.nonce().slice(0, 6);
	}

	/** Never throws; never sends more than the source's one way in. */
	async obtain(
		source: TokenSource,
		slot: string,
		stored: TokenRecord,
		want: Want,
		http: HttpRequest,
	): Promise<Outcome> {
		return await this.shelves.of(source.owner).purchases.alone(async () => {
			const next = this.consider(source, slot, stored, want);
			if (next.kind === 'outcome') return next.outcome;
			const outcome = await this.buy(source, slot, next.record, next.replacement, http);
			return next.fallback ? { ...outcome, error: undefined } : outcome;
		});
	}

	/** Whether a token request is the next thing to do; where it is not, what there is instead. Sends nothing. */
	consider(source: TokenSource, slot: string, stored: TokenRecord, want: Want): Next {
		const shelf = this.shelves.of(source.owner);
		const record = this.shelves.merge(stored);
		const now = this.environment.now();
		const decision = this.shelves.decide(source, slot, record.tokens[slot], now, want.refused);
		const instead = (error?: TokenError): Next => ({
			kind: 'outcome',
			outcome: { record, error, changed: false },
		});
		if (decision.kind === 'use' && !want.force) return instead();
		if (decision.kind === 'stop' && !want.force) return instead(permissionError(source.provider));
		const renews = decision.kind === 'renew';
		const fallback = renews && !want.force && decision.fallback !== undefined;
		const failure = shelf.failures.get(slot);
		const since = this.environment.monotonic();
		const blocked =
			failure !== undefined && since < failure.until
				? waitingError(failure, since)
				: this.overBudget(source, record, now);
		if (blocked !== undefined) return instead(fallback ? undefined : blocked);
		return { kind: 'buy', record, fallback, replacement: renews && decision.replacement };
	}

	/** Counts a token that another process may have bought before it went away, by the nonce of its claim. */
	countLost(source: TokenSource, nonce: string): void {
		const ledger = this.shelves.ledger(source.client);
		this.shelves.ledger(source.client, countLost(ledger, this.environment.now(), nonce));
	}

	private count(source: TokenSource): void {
		const ledger = this.shelves.ledger(source.client);
		this.shelves.ledger(
			source.client,
			countToken(ledger, this.environment.now(), this.processName),
		);
	}

	private async buy(
		source: TokenSource,
		slot: string,
		record: TokenRecord,
		replacement: boolean,
		http: HttpRequest,
	): Promise<Outcome> {
		const shelf = this.shelves.of(source.owner);
		const askedAt = this.environment.now();
		let { refreshToken: kept } = record;
		try {
			const living =
				kept !== undefined && (kept.expiresAt ?? Infinity) > askedAt ? kept : undefined;
			const ask = this.ask(source, record, http);
			const bought = await source.buy(slot, living, async (request, fields) => {
				const issued = await ask(request, fields);
				if (issued.token === undefined && issued.refreshToken !== undefined) {
					// The first of two steps: it is kept even if the second one fails.
					kept = { value: issued.refreshToken, issuedAt: askedAt, expiresAt: issued.expiresAt };
				}
				return issued;
			});
			if (!isTokenText(bought.token)) {
				throw new TokenError(
					'reply',
					`${source.provider} answered the token request with no token in it.`,
					'Check the URLs in the credential.',
					0,
				);
			}
			const { refreshToken } = bought;
			const renewed: TokenRecord = {
				...record,
				claim: undefined,
				ledger: this.shelves.ledger(source.client),
				tokens: {
					...record.tokens,
					[slot]: {
						value: bought.token,
						issuedAt: askedAt,
						expiresAt: bought.expiresAt ?? askedAt + source.lifetime,
						...(replacement ? { replacement } : {}),
					},
				},
				refreshToken:
					refreshToken === undefined
						? undefined
						: refreshToken.value === kept?.value
							? kept
							: { ...refreshToken, issuedAt: askedAt },
			};
			shelf.record = renewed;
			shelf.failures.delete(slot);
			shelf.refused.delete(slot);
			return { record: renewed, changed: true };
		} catch (error) {
			// What is not ours to explain is not shown: it may hold the request.
			const known =
				error instanceof TokenError
					? error
					: new TokenError(
							'reply',
							`The token request to ${source.provider} failed.`,
							'Check the fields of the credential.',
							0,
						);
			const last = shelf.failures.get(slot);
			const failure = nextFailure(source, last, known, this.environment.monotonic());
			shelf.failures.set(slot, failure);
			const ledger = this.shelves.ledger(source.client);
			const failed: TokenRecord = { ...record, ledger, refreshToken: kept };
			shelf.record = failed;
			return { record: failed, error: known, changed: true };
		}
	}

	/**
	 * All requests of one purchase share one time-out. A request counts from the moment it leaves, and for good unless
	 * it is known that no token was issued: the provider said no, or there was no connection.
	 */
	private ask(source: TokenSource, record: TokenRecord, http: HttpRequest): Ask {
		const { now, monotonic } = this.environment;
		const deadline = monotonic() + TOKEN_TIMEOUT;
		const tokens = [...Object.values(record.tokens), record.refreshToken];
		const secrets = [...source.secrets, ...tokens.map((token) => token?.value ?? '')];
		return async (request, fields) => {
			const askedAt = now();
			const over = this.overBudget(source, record, askedAt);
			if (over !== undefined) throw over;
			const settle = this.shelves.begin(source.client);
			const timeout = Math.ceil(Math.max(1_000, deadline - monotonic()));
			const reply = await sendTokenRequest(source.provider, http, request, timeout)
				.catch((error: TokenError) => {
					if (!error.neverSent) this.count(source);
					throw error;
				})
				.finally(settle);
			if (reply.status < 200 || reply.status > 299) {
				throw readRefusal(source.provider, reply, secrets, now());
			}
			this.count(source);
			const bearer = /^bearer $/i.test(source.header.prefix);
			const issued = readIssuedToken(source.provider, reply, fields, askedAt, bearer);
			// The second step's refusal may repeat what the first one brought.
			secrets.push(issued.refreshToken ?? '');
			return issued;
		};
	}

	private overBudget(
		source: TokenSource,
		record: TokenRecord,
		now: number,
	): TokenError | undefined {
		const ledger = this.shelves.ledger(source.client, record.ledger);
		const bought = boughtInMonth(ledger, now) + this.shelves.pending(source.client);
		if (source.budget === 0 || bought < source.budget) return undefined;
		const from = new Date(nextMonth(now)).toISOString().slice(0, 10);
		return new TokenError(
			'budget',
			`The monthly token budget of this ${source.provider} credential is used up: ${bought} of ${source.budget}.`,
			`No token was requested. The next one can be bought on ${from} (UTC), or raise Monthly Token Budget in the credential if the provider allows more.`,
		);
	}
}

/** A token that should be good is refused: another one would not help. */
export function permissionError(provider: string, words?: string): TokenError {
	return new TokenError(
		'permission',
		`The API refused the token (401) although ${provider === 'The token endpoint' ? 'it' : provider} issued it and it has not expired${words ? `: “${words}”` : ''}.`,
		'No further token was bought, since it would be refused as well. Check which permissions (scope, audience, organization) this client has, and that the API address belongs to the same system.',
	);
}

function waitingError({ error, until }: Failure, now: number): TokenError {
	const wait = inWords(until - now);
	const next =
		error.kind === 'busy'
			? `Try again in ${wait}.`
			: `${error.next} The next token request is possible in ${wait}.`;
	return new TokenError(error.kind, error.what, next, until - now);
}

/**
 * 1 s, 2 s, 4 s … 60 s; what the provider asks for; 30 s where a person has to change something. With a budget a
 * failure that may have cost a token doubles the pause up to an hour, so that an outage does not use up the month.
 */
function nextFailure(
	source: TokenSource,
	last: Failure | undefined,
	error: TokenError,
	now: number,
): Failure {
	const count = (last?.count ?? 0) + 1;
	const costs = source.budget > 0 && ['network', 'reply'].includes(error.kind) && !error.neverSent;
	const step = Math.min(costs ? MOST_PAUSE_ON_BUDGET : MOST_PAUSE, FIRST_PAUSE * 2 ** (count - 1));
	const pause = error.retryAfter === undefined ? PERSON_PAUSE : error.retryAfter || step;
	return { error, count, until: now + pause };
}
