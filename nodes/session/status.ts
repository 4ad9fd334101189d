import { boughtInMonth } from '../../credentials/tokens/ledger';
import { renewalTime } from '../../credentials/tokens/policy';
import { tokenIn, type TokenRecord } from '../../credentials/tokens/record';
import type { TokenIssuer } from '../../credentials/tokens/issuer';

/** What may be known of a token. Times are ISO 8601 in UTC; `null` where there is none. */
export interface TokenStatus {
	readonly usable: boolean;
	readonly expiresAt: string | null;
	readonly secondsLeft: number;
	readonly nextRenewalAt: string | null;
	/** What was granted; null where the provider does not tell. */
	readonly scopes: readonly string[] | null;
	/** What was asked for and not granted. */
	readonly missingScopes: readonly string[];
	/** Whether there is a refresh token for the next renewal. */
	readonly refreshToken: boolean;
	/** What is odd about the token, in sentences. */
	readonly notes: readonly string[];
	/** In the calendar month, UTC. */
	readonly tokensThisMonth: number;
	/** 0: none. */
	readonly budget: number;
	readonly budgetLeft: number | null;
	readonly budgetUsedPercent: number | null;
}

export function tokenStatus(
	issuer: TokenIssuer,
	record: TokenRecord,
	slot: string,
	now: number,
): TokenStatus {
	const token = tokenIn(record, slot);
	const living = token !== undefined && token.expiresAt > now ? token : undefined;
	const bought = boughtInMonth(record.ledger, issuer.client, now);
	const { budget, scopes: wished } = issuer;
	const granted = living?.scopes;
	return {
		usable: living !== undefined,
		expiresAt: living ? iso(living.expiresAt) : null,
		secondsLeft: living ? Math.floor((living.expiresAt - now) / 1000) : 0,
		nextRenewalAt: living ? iso(renewalTime(living, budget > 0)) : null,
		scopes: granted ?? null,
		missingScopes: granted ? wished.filter((scope) => !granted.includes(scope)) : [],
		refreshToken: record.refreshToken !== undefined && record.refreshToken.dead !== true,
		notes: [...(living?.doubt ? [living.doubt] : []), ...(living?.notes ?? [])],
		tokensThisMonth: bought,
		budget,
		budgetLeft: budget > 0 ? Math.max(0, budget - bought) : null,
		budgetUsedPercent: budget > 0 ? Math.round((bought / budget) * 100) : null,
	};
}

function iso(time: number): string {
	return new Date(time).toISOString();
}
