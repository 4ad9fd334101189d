import type { Keeper } from '../../credentials/tokens/keeper';
import { buyOnce, type ClaimTimes } from '../../credentials/tokens/claim';
import type { ApiError } from '../../credentials/tokens/errors';
import type { Outcome, Want } from '../../credentials/tokens/purchase';
import type { TokenRecord } from '../../credentials/tokens/record';
import type { TokenIssuer } from '../../credentials/tokens/issuer';
import type { TokenRow } from './row';

/** The row after a renewal, or why there is none. */
export interface Renewed {
	readonly record: TokenRecord;
	readonly error?: ApiError;
}

/**
 * Gets a usable token into the row: at most one token request per process, and for a credential with a budget or with
 * a rotating refresh token one across all workers.
 *
 * @param log Told what a waiting execution waits for.
 */
export async function renewRow(
	keeper: Keeper,
	row: TokenRow,
	issuer: TokenIssuer,
	slot: string,
	want: Want,
	log: (message: string) => void,
	times?: ClaimTimes,
): Promise<Renewed> {
	const shelf = keeper.shelves.of(issuer.owner);
	const usable = (record: TokenRecord) => {
		const token = keeper.usable(issuer, record, slot);
		return token !== undefined && token !== want.refused && !stopped(keeper, issuer, record, slot);
	};
	return await shelf.renewals.alone(async () => {
		const stored = await row.read(issuer);
		if (usable(stored) && !want.force) return { record: stored };
		const known = keeper.shelves.merge(stored);
		if (usable(known) && !want.force) {
			await row.write(issuer, { ...known, claim: stored.claim });
			return { record: known };
		}
		// A budget that is used up, a failure that is still fresh: no reason to bother the other workers.
		const next = keeper.purchaser.consider(issuer, slot, stored, want);
		if (next.kind === 'outcome') return next.outcome;
		let outcome: Outcome | undefined;
		const buyAndWrite = async (before: TokenRecord) => {
			await row.writeResult(issuer, before, async (http) => {
				outcome = await keeper.purchaser.obtain(issuer, slot, before, want, http);
				return { ...outcome.record, claim: undefined };
			});
			return outcome?.record ?? before;
		};
		const exclusive = issuer.budget > 0 || issuer.rotates;
		const record = exclusive
			? await buyOnce(
					{
						read: async () => await row.read(issuer),
						write: async (written) => await row.write(issuer, written),
					},
					keeper.environment,
					{
						usable: (seen) => usable(seen) && !(want.force && outcome === undefined),
						buyAndWrite,
						countLost: (nonce) => keeper.purchaser.countLost(issuer, nonce),
						onWait: () =>
							log(`Waiting for another worker that requests a token from ${issuer.provider}`),
					},
					times,
				)
			: await buyAndWrite(stored);
		return { record, error: outcome?.error };
	});
}

/** The token in the record is one that the API refuses for want of a permission. */
function stopped(keeper: Keeper, issuer: TokenIssuer, record: TokenRecord, slot: string): boolean {
	const refused = keeper.shelves.of(issuer.owner).refused.get(slot);
	return refused !== undefined && record.tokens[slot]?.value === refused;
}
