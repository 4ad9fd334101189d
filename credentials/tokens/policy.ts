import type { StoredToken } from './record';

/** What to do about one token, decided from the clock and what is known; nothing is sent here. */
export type Decision =
	| { readonly kind: 'use'; readonly token: StoredToken }
	/** `fallback` still lives: it is used where renewing fails. `replacement`: the API refused the one before. */
	| { readonly kind: 'renew'; readonly fallback?: StoredToken; readonly replacement: boolean }
	/** The API refuses a token that should be good; another one would not help. */
	| { readonly kind: 'stop' };

export interface Situation {
	/** Epoch ms. */
	readonly now: number;
	readonly token?: StoredToken;
	/** Value of a token that the API answered 401 to. */
	readonly refused?: string;
	/** The refused token was accepted by the API before, by a request of this process. */
	readonly proven?: boolean;
	/** A monthly budget is set: the token is used to its last moment. */
	readonly budgeted: boolean;
}

/** A token younger than this, in ms, that the API refuses lacks a permission; it was not revoked. */
export const JUST_BOUGHT = 60_000;
/** Clocks of two hosts may differ by this much, in ms: a refusal so close to the expiry is the expiry. */
const CLOCK_DIFFERENCE = 5_000;
const MOST_SKEW = 30_000;

/**
 * ```
 *            issued ─────────── fresh ──────────┬── ageing ──┬── dead
 *   asked                        use            │   renew    │  renew
 *   refused   < 60 s: stop, then renew once     │   renew    │  renew
 * ```
 */
export function decide(situation: Situation): Decision {
	const { now, token, refused, proven, budgeted } = situation;
	if (token === undefined || now >= token.expiresAt) return { kind: 'renew', replacement: false };
	if (refused === token.value) {
		if (now >= token.expiresAt - CLOCK_DIFFERENCE) return { kind: 'renew', replacement: false };
		// Not below 0 alone: the token may have been bought by a clock that was far ahead.
		const justBought = Math.abs(now - token.issuedAt) < JUST_BOUGHT;
		const lacksPermission = token.replacement === true || justBought;
		// With a budget a replacement is not replaced though other requests work: that would be a token per refusal.
		const revoked = proven === true && !(budgeted && token.replacement === true);
		return lacksPermission && !revoked ? { kind: 'stop' } : { kind: 'renew', replacement: true };
	}
	if (now >= renewalTime(token, budgeted)) {
		return { kind: 'renew', fallback: token, replacement: false };
	}
	return { kind: 'use', token };
}

/** From when on, in epoch ms, a token is renewed: skew is min(30 s, 10 % of the lifetime), and none with a budget. */
export function renewalTime(token: StoredToken, budgeted: boolean): number {
	const lifetime = token.expiresAt - token.issuedAt;
	return token.expiresAt - (budgeted ? 0 : Math.min(MOST_SKEW, lifetime * 0.1));
}
