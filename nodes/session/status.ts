import { boughtInMonth } from '../../credentials/tokens/ledger';
import { renewalTime } from '../../credentials/tokens/policy';
import type { TokenRecord } from '../../credentials/tokens/record';
import type { TokenIssuer } from '../../credentials/tokens/issuer';

/** What may be known of a token. Times are ISO 8601 in UTC; `null` where there is none. */
export interface TokenStatus {
	readonly usable: boolean;
	readonly expiresAt: string | null;
	readonly secondsLeft: number;
	readonly nextRenewalAt: string | null;
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
	const token = record.tokens[slot];
	const living = token !== undefined && token.expiresAt > now ? token : undefined;
	const bought = boughtInMonth(record.ledger, now);
	const { budget } = issuer;
	return {
		usable: living !== undefined,
		expiresAt: living ? iso(living.expiresAt) : null,
		secondsLeft: living ? Math.floor((living.expiresAt - now) / 1000) : 0,
		nextRenewalAt: living ? iso(renewalTime(living, budget > 0)) : null,
		tokensThisMonth: bought,
		budget,
		budgetLeft: budget > 0 ? Math.max(0, budget - bought) : null,
		budgetUsedPercent: budget > 0 ? Math.round((bought / budget) * 100) : null,
	};
}

function iso(time: number): string {
	return new Date(time).toISOString();
}
