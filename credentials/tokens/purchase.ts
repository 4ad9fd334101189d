import type { Environment } from './environment';
import { ApiError } from './errors';
import { boughtInMonth, countLost, countToken, nextMonth } from './ledger';
import { isTokenText, type TokenRecord } from './record';
import type { Failure, Shelves } from './shelf';
import type { Ask, TokenIssuer } from './issuer';
import { type HttpRequest, sendTokenRequest, TOKEN_TIMEOUT } from './transport';
import { inWords, readIssuedToken, readRefusal } from './wire';

/** What became of an attempt: the record to store, and an error where it holds no usable token. */
export interface Outcome {
	readonly record: TokenRecord;
	readonly error?: ApiError;
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

	/** Never throws; never sends more than the issuer's one way in. */
	async obtain(
		issuer: TokenIssuer,
		slot: string,
		stored: TokenRecord,
		want: Want,
		http: HttpRequest,
	): Promise<Outcome> {
		return await this.shelves.of(issuer.owner).purchases.alone(async () => {
			const next = this.consider(issuer, slot, stored, want);
			if (next.kind === 'outcome') return next.outcome;
			const outcome = await this.buy(issuer, slot, next.record, next.replacement, http);
			return next.fallback ? { ...outcome, error: undefined } : outcome;
		});
	}

	/** Whether a token request is the next thing to do; where it is not, what there is instead. Sends nothing. */
	consider(issuer: TokenIssuer, slot: string, stored: TokenRecord, want: Want): Next {
		const shelf = this.shelves.of(issuer.owner);
		const record = this.shelves.merge(stored);
		const now = this.environment.now();
		const decision = this.shelves.decide(issuer, slot, record.tokens[slot], now, want.refused);
		const instead = (error?: ApiError): Next => ({
			kind: 'outcome',
			outcome: { record, error, changed: false },
		});
		if (decision.kind === 'use' && !want.force) return instead();
		if (decision.kind === 'stop' && !want.force) return instead(permissionError(issuer.provider));
		const renews = decision.kind === 'renew';
		const fallback = renews && !want.force && decision.fallback !== undefined;
		const failure = shelf.failures.get(slot);
		const since = this.environment.monotonic();
		const blocked =
			failure !== undefined && since < failure.until
				? waitingError(failure, since)
				: this.overBudget(issuer, record, now);
		if (blocked !== undefined) return instead(fallback ? undefined : blocked);
		return { kind: 'buy', record, fallback, replacement: renews && decision.replacement };
	}

	/** Counts a token that another process may have bought before it went away, by the nonce of its claim. */
	countLost(issuer: TokenIssuer, nonce: string): void {
		const ledger = this.shelves.ledger(issuer.client);
		this.shelves.ledger(issuer.client, countLost(ledger, this.environment.now(), nonce));
	}

	private count(issuer: TokenIssuer): void {
		const ledger = this.shelves.ledger(issuer.client);
		this.shelves.ledger(
			issuer.client,
			countToken(ledger, this.environment.now(), this.processName),
		);
	}

	private async buy(
		issuer: TokenIssuer,
		slot: string,
		record: TokenRecord,
		replacement: boolean,
		http: HttpRequest,
	): Promise<Outcome> {
		const shelf = this.shelves.of(issuer.owner);
		const askedAt = this.environment.now();
		let { refreshToken: kept } = record;
		try {
			const living =
				kept !== undefined && (kept.expiresAt ?? Infinity) > askedAt ? kept : undefined;
			const ask = this.ask(issuer, record, http);
			const bought = await issuer.buy(slot, living, async (request, fields) => {
				const issued = await ask(request, fields);
				if (issued.token === undefined && issued.refreshToken !== undefined) {
					// The first of two steps: it is kept even if the second one fails.
					kept = { value: issued.refreshToken, issuedAt: askedAt, expiresAt: issued.expiresAt };
				}
				return issued;
			});
			if (!isTokenText(bought.token)) {
				throw new ApiError(
					'reply',
					`${issuer.provider} answered the token request with no token in it.`,
					'Check the URLs in the credential.',
					{ retryAfter: 0 },
				);
			}
			const { refreshToken } = bought;
			const renewed: TokenRecord = {
				...record,
				claim: undefined,
				ledger: this.shelves.ledger(issuer.client),
				tokens: {
					...record.tokens,
					[slot]: {
						value: bought.token,
						issuedAt: askedAt,
						expiresAt: bought.expiresAt ?? askedAt + issuer.lifetime,
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
				error instanceof ApiError
					? error
					: new ApiError(
							'reply',
							`The token request to ${issuer.provider} failed.`,
							'Check the fields of the credential.',
							{ retryAfter: 0 },
						);
			const last = shelf.failures.get(slot);
			const failure = nextFailure(issuer, last, known, this.environment.monotonic());
			shelf.failures.set(slot, failure);
			const ledger = this.shelves.ledger(issuer.client);
			const failed: TokenRecord = { ...record, ledger, refreshToken: kept };
			shelf.record = failed;
			return { record: failed, error: known, changed: true };
		}
	}

	/**
	 * All requests of one purchase share one time-out. A request counts from the moment it leaves, and for good unless
	 * it is known that no token was issued: the provider said no, or there was no connection.
	 */
	private ask(issuer: TokenIssuer, record: TokenRecord, http: HttpRequest): Ask {
		const { now, monotonic } = this.environment;
		const deadline = monotonic() + TOKEN_TIMEOUT;
		const tokens = [...Object.values(record.tokens), record.refreshToken];
		const secrets = [...issuer.secrets, ...tokens.map((token) => token?.value ?? '')];
		return async (request, fields) => {
			const askedAt = now();
			const over = this.overBudget(issuer, record, askedAt);
			if (over !== undefined) throw over;
			const settle = this.shelves.begin(issuer.client);
			const timeout = Math.ceil(Math.max(1_000, deadline - monotonic()));
			const reply = await sendTokenRequest(issuer.provider, http, request, timeout)
				.catch((error: ApiError) => {
					if (!error.neverSent) this.count(issuer);
					throw error;
				})
				.finally(settle);
			if (reply.status < 200 || reply.status > 299) {
				throw readRefusal(issuer.provider, reply, secrets, now());
			}
			this.count(issuer);
			const bearer = /^bearer $/i.test(issuer.header.prefix);
			const issued = readIssuedToken(issuer.provider, reply, fields, askedAt, bearer);
			// The second step's refusal may repeat what the first one brought.
			secrets.push(issued.refreshToken ?? '');
			return issued;
		};
	}

	private overBudget(issuer: TokenIssuer, record: TokenRecord, now: number): ApiError | undefined {
		const ledger = this.shelves.ledger(issuer.client, record.ledger);
		const bought = boughtInMonth(ledger, now) + this.shelves.pending(issuer.client);
		if (issuer.budget === 0 || bought < issuer.budget) return undefined;
		const from = new Date(nextMonth(now)).toISOString().slice(0, 10);
		return new ApiError(
			'budget',
			`The monthly token budget of this ${issuer.provider} credential is used up: ${bought} of ${issuer.budget}.`,
			`No token was requested. The next one can be bought on ${from} (UTC), or raise Monthly Token Budget in the credential if the provider allows more.`,
		);
	}
}

/** A token that should be good is refused: another one would not help. */
export function permissionError(provider: string, words?: string): ApiError {
	return new ApiError(
		'permission',
		`The API refused the token (401) although ${provider === 'The token endpoint' ? 'it' : provider} issued it and it has not expired${words ? `: “${words}”` : ''}.`,
		'No further token was bought, since it would be refused as well. Check which permissions (scope, audience, organization) this client has, and that the API address belongs to the same system.',
	);
}

function waitingError({ error, until }: Failure, now: number): ApiError {
	const wait = inWords(until - now);
	const next =
		error.kind === 'busy'
			? `Try again in ${wait}.`
			: `${error.description} The next token request is possible in ${wait}.`;
	return new ApiError(error.kind, error.message, next, { retryAfter: until - now });
}

/**
 * 1 s, 2 s, 4 s … 60 s; what the provider asks for; 30 s where a person has to change something. With a budget a
 * failure that may have cost a token doubles the pause up to an hour, so that an outage does not use up the month.
 */
function nextFailure(
	issuer: TokenIssuer,
	last: Failure | undefined,
	error: ApiError,
	now: number,
): Failure {
	const count = (last?.count ?? 0) + 1;
	const costs = issuer.budget > 0 && ['network', 'reply'].includes(error.kind) && !error.neverSent;
	const step = Math.min(costs ? MOST_PAUSE_ON_BUDGET : MOST_PAUSE, FIRST_PAUSE * 2 ** (count - 1));
	const pause = error.retryAfter === undefined ? PERSON_PAUSE : error.retryAfter || step;
	return { error, count, until: now + pause };
}
