import { emptyLedger, type Ledger, mergeLedgers } from './ledger';
import type { ApiError } from './errors';
import { type Decision, decide } from './policy';
import type { StoredToken, TokenRecord } from './record';
import type { TokenIssuer } from './issuer';

/** A failure that is not to be repeated before `until` (ms of the monotonic clock: a wrong clock must not bar for days). */
export interface Failure {
	readonly error: ApiError;
	readonly until: number;
	/** How many came in a row. */
	readonly count: number;
}

/** What this process knows of one owner's tokens, beside what the credential's row says. */
export class Shelf {
	record?: TokenRecord;
	/** The row that was read last, since most requests find the same one again. */
	decoded?: { readonly text: unknown; readonly record: TokenRecord };
	/** By slot. */
	readonly failures = new Map<string, Failure>();
	/** By slot: the value of a token that the API accepted. */
	readonly proven = new Map<string, string>();
	/** By slot: the value of a token that the API refused, and that no request has to try again. */
	readonly refused = new Map<string, string>();
	/** Whoever buys a token in this process. */
	readonly purchases = new Queue();
	/** Whoever renews a row in this process: it buys, or waits for another process that does. */
	readonly renewals = new Queue();
}

/**
 * Runs tasks one after another. Whoever waits decides again afterwards, which makes one token request of many: the
 * first one buys, the others find what it bought.
 */
export class Queue {
	private tail: Promise<unknown> = Promise.resolve();

	async alone<T>(task: () => Promise<T>): Promise<T> {
		const run = this.tail.then(task);
		this.tail = run.catch(() => undefined);
		return await run;
	}
}

const MOST_SHELVES = 500;

/** All shelves of a process. Ledgers are kept by client, since two credentials of one client share its budget. */
export class Shelves {
	private readonly shelves = new Map<string, Shelf>();
	private readonly ledgers = new Map<string, Ledger>();
	private readonly underway = new Map<string, number>();

	of(owner: string): Shelf {
		const shelf = this.shelves.get(owner) ?? new Shelf();
		// Put last again: the first ones are those unused for longest.
		this.shelves.delete(owner);
		this.shelves.set(owner, shelf);
		if (this.shelves.size > MOST_SHELVES) {
			const [oldest] = this.shelves.keys();
			this.shelves.delete(oldest);
		}
		return shelf;
	}

	forget(owner: string): void {
		const shelf = this.of(owner);
		shelf.record = undefined;
		shelf.failures.clear();
		shelf.proven.clear();
		shelf.refused.clear();
	}

	/** A request for a token of this client is under way until the answer is called. */
	begin(client: string): () => void {
		this.underway.set(client, this.pending(client) + 1);
		return () => this.underway.set(client, this.pending(client) - 1);
	}

	pending(client: string): number {
		return this.underway.get(client) ?? 0;
	}

	ledger(client: string, other?: Ledger): Ledger {
		const known = this.ledgers.get(client) ?? emptyLedger(client);
		const merged = other === undefined ? known : mergeLedgers(known, other);
		this.ledgers.set(client, merged);
		return merged;
	}

	/**
	 * What to do about a token, with what this process knows of its refusals.
	 * @param now Epoch ms.
	 * @param refused Value of a token that the API answered 401 to just now.
	 */
	decide(
		issuer: TokenIssuer,
		slot: string,
		token: StoredToken | undefined,
		now: number,
		refused?: string,
	): Decision {
		const shelf = this.of(issuer.owner);
		return decide({
			now,
			token,
			refused: refused ?? shelf.refused.get(slot),
			proven: shelf.proven.get(slot) === token?.value,
			budgeted: issuer.budget > 0,
		});
	}

	/** What the row says and what this process knows, together: of two tokens for a slot the one bought later. */
	merge(stored: TokenRecord): TokenRecord {
		const known = this.of(stored.owner).record;
		const ledger = this.ledger(stored.ledger.client, stored.ledger);
		if (known === undefined) return { ...stored, ledger };
		const notBefore = Math.max(stored.notBefore ?? 0, known.notBefore ?? 0);
		const tokens: Record<string, StoredToken> = {};
		for (const [slot, token] of [
			...Object.entries(known.tokens),
			...Object.entries(stored.tokens),
		]) {
			if (token.issuedAt < notBefore || token.issuedAt < (tokens[slot]?.issuedAt ?? 0)) continue;
			tokens[slot] = token;
		}
		const refreshToken = [stored.refreshToken, known.refreshToken]
			.filter((token) => token !== undefined && token.issuedAt >= notBefore)
			.sort((a, b) => (b?.issuedAt ?? 0) - (a?.issuedAt ?? 0))[0];
		return {
			...stored,
			tokens,
			ledger,
			refreshToken,
			...(notBefore > 0 ? { notBefore } : {}),
		};
	}
}
