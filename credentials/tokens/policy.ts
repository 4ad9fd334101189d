import type { Verdict } from './issuer';
import type { StoredToken } from './record';

/** What to do about one token, decided from the clock and what is known; nothing is sent here. */
export type Decision =
	/** `ageing`: a new one is got beside the request that this one goes with. */
	| { readonly kind: 'use'; readonly token: StoredToken; readonly ageing: boolean }
	/** A new one is needed first. `replaced`: so many in a row were refused before their time. */
	| { readonly kind: 'renew'; readonly replaced: number }
	/** It may be too young for the API: the same once more, after so many ms. */
	| { readonly kind: 'again'; readonly token: StoredToken; readonly after: number }
	/** The API refuses a token that should be good; another one would not help. */
	| { readonly kind: 'stop'; readonly token: StoredToken };

/** A token that the API refused. */
export interface Refusal {
	readonly value: string;
	readonly verdict: Exclude<Verdict, 'accepted'>;
}

export interface Situation {
	/** Epoch ms. */
	readonly now: number;
	readonly token?: StoredToken;
	readonly refused?: Refusal;
	/** The API accepted this token before, from a request of this process. */
	readonly proven?: boolean;
	/** So often the token was tried again because it is young. */
	readonly trials?: number;
	/** A monthly budget is set: the token is used to its last moment. */
	readonly budgeted: boolean;
}

/** In ms: after a refusal a young token is tried again after these pauses (`nbf`, a replica that lags, a clock). */
export const TRIAL_PAUSES = [500, 1_000, 2_000, 4_000] as const;
/** In ms: with a budget, a token that was never accepted and is younger lacks a permission; it was not revoked. */
export const JUST_BOUGHT = 60_000;
/** In ms: clocks of two hosts may differ by so much, or a tenth of a short life; a refusal so close to the expiry is the expiry. */
const MOST_CLOCK_DIFFERENCE = 5_000;
const LEAST_CLOCK_DIFFERENCE = 1_000;
/** In ms: a token that took the place of a refused one is itself replaced only after this, then after twice as much … */
const FIRST_REPLACEMENT_PAUSE = 60_000;
const MOST_REPLACEMENT_PAUSE = 3_600_000;
const QUICK_REPLACEMENTS = 4;
const YOUNG = 10_000;
const LEAST_SKEW = 1_000;
const MOST_SKEW = 300_000;

/**
 * ```
 *            issued ───────── fresh ──────────┬── ageing ──────────────┬── dead
 *   asked                      use            │  use, renew beside     │  renew
 *   refused   again … stop, then renew once   │  renew once            │  renew
 * ```
 */
export function decide(situation: Situation): Decision {
	const { now, token, refused, budgeted } = situation;
	if (token === undefined || now >= token.expiresAt) return { kind: 'renew', replaced: 0 };
	if (refused !== undefined && refused.value === token.value) {
		return afterRefusal(situation, token, refused);
	}
	return { kind: 'use', token, ageing: now >= renewalTime(token, budgeted) };
}

function afterRefusal(situation: Situation, token: StoredToken, { verdict }: Refusal): Decision {
	const { now, proven = false, trials = 0, budgeted } = situation;
	if (verdict === 'permission') return { kind: 'stop', token };
	if (now >= token.expiresAt - clockDifference(token)) return { kind: 'renew', replaced: 0 };
	// Not below 0 alone: the token may have been bought by a clock that was far ahead.
	const age = Math.abs(now - token.issuedAt);
	if (!proven) {
		// Also where the words say that it is dead: a replica that lags does not know it yet.
		if (age < YOUNG && trials < TRIAL_PAUSES.length) {
			return { kind: 'again', token, after: TRIAL_PAUSES[trials] };
		}
		if (age < (budgeted && verdict !== 'dead' ? JUST_BOUGHT : YOUNG)) return { kind: 'stop', token };
	}
	const { replaced = 0 } = token;
	// A token that worked and is dead by the API's own words was revoked; that may happen some times in a row.
	const free = verdict === 'dead' && proven ? QUICK_REPLACEMENTS : 0;
	const pause =
		replaced <= free
			? 0
			: Math.min(FIRST_REPLACEMENT_PAUSE * 2 ** (replaced - free - 1), MOST_REPLACEMENT_PAUSE);
	// With a budget a token that replaced another one is never replaced: that would be a token per refusal.
	const replaceable = budgeted ? replaced === 0 : age >= pause;
	return replaceable ? { kind: 'renew', replaced: replaced + 1 } : { kind: 'stop', token };
}

function clockDifference({ issuedAt, expiresAt }: StoredToken): number {
	return Math.min(
		MOST_CLOCK_DIFFERENCE,
		Math.max(LEAST_CLOCK_DIFFERENCE, (expiresAt - issuedAt) * 0.1),
	);
}

/**
 * From when on, in epoch ms, a token is renewed beside the requests: the last tenth of its life, at least a second and
 * at most five minutes. A tenth is long enough for some attempts of a failing renewal, and five minutes outlast most
 * restarts of a provider; with a budget it is none, since renewing early costs a token in the end.
 */
export function renewalTime(token: StoredToken, budgeted: boolean): number {
	if (budgeted) return token.expiresAt;
	const lifetime = token.expiresAt - token.issuedAt;
	const skew = Math.min(Math.max(lifetime * 0.1, LEAST_SKEW), MOST_SKEW);
	return token.expiresAt - Math.min(skew, lifetime / 2);
}
