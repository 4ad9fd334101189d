import type { Environment } from './environment';
import type { TokenRecord } from './record';
import { TOKEN_TIMEOUT } from './transport';

/**
 * One token across processes that share nothing but a row which can be read and written whole: Fischer's timed mutual
 * exclusion (L. Lamport, "A fast mutual exclusion algorithm", ACM TOCS 5(1), 1987, section 2).
 *
 * ```
 *   1  read      usable: done · somebody's claim: wait, 1
 *   2  write     own claim, a fresh nonce
 *   3  wait W    longer than any read-to-write-landed time D of the others
 *   4  read      not my nonce: 1 · mine: buy, write token without claim
 * ```
 *
 * At most one process buys as long as D < W. With one register, which is what a row is, nothing can promise more
 * (N. Lynch, N. Shavit, "Timing-based mutual exclusion", RTSS 1992): beyond that bound two tokens may be bought, and
 * both work.
 */
export interface Register {
	read(): Promise<TokenRecord>;
	write(record: TokenRecord): Promise<void>;
}

export interface ClaimTimes {
	/** W, in ms. */
	readonly settle: number;
	/** Longest time in ms that a holder takes from its claim to its publication: older claims are a crashed holder's. */
	readonly patience: number;
	/** Between two looks at somebody's claim, in ms. */
	readonly poll: number;
}

export interface ClaimTask {
	/** The record answers the need: nothing has to be bought. */
	readonly usable: (record: TokenRecord) => boolean;
	/** Buys and writes the record without the claim, in one write; only called by the one holder. */
	readonly buyAndWrite: (record: TokenRecord) => Promise<TokenRecord>;
	/** The holder of this nonce went away after it may have bought; others may notice it as well. */
	readonly countLost: (nonce: string) => void;
	readonly onWait?: () => void;
}

const SETTLE = 1_500;
/** So often a holder starts over because its own write was slow. */
const MOST_LATE = 3;
export const CLAIM_TIMES: ClaimTimes = {
	settle: SETTLE,
	patience: SETTLE + TOKEN_TIMEOUT + 1_000,
	poll: 250,
};

/** Answers the row once it is usable, or what `buyAndWrite` answered. Errors of the task are the caller's. */
export async function buyOnce(
	register: Register,
	environment: Environment,
	task: ClaimTask,
	times: ClaimTimes = CLAIM_TIMES,
): Promise<TokenRecord> {
	const { monotonic, sleep, nonce } = environment;
	let watched: { nonce: string; since: number } | undefined;
	let waiting = false;
	let own: string | undefined;
	let late = 0;
	for (;;) {
		const started = monotonic();
		const seen = await register.read();
		if (task.usable(seen)) return seen;
		if (seen.claim !== undefined && seen.claim.nonce !== own) {
			if (watched?.nonce !== seen.claim.nonce) {
				watched = { nonce: seen.claim.nonce, since: monotonic() };
			}
			if (monotonic() - watched.since <= times.patience) {
				if (!waiting) task.onWait?.();
				waiting = true;
				await sleep(times.poll);
				continue;
			}
			task.countLost(seen.claim.nonce);
		}
		own = nonce();
		await register.write({ ...seen, claim: { nonce: own } });
		// Too slow: others may have read before this write landed and think that they are alone.
		const took = monotonic() - started;
		await sleep(times.settle);
		// With a database that is always so slow this would never end.
		if (took > times.settle && ++late < MOST_LATE) continue;
		const settled = await register.read();
		if (settled.claim?.nonce !== own || task.usable(settled)) continue;
		const published = await task.buyAndWrite(settled);
		const after = await register.read();
		if (!task.usable(after) && task.usable(published)) await register.write(published);
		return published;
	}
}
