import type { Environment } from './environment';
import { ApiError } from './errors';
import type { TokenRecord } from './record';

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
 * both work. W comes from what this database really takes: each claim says in the record how long the slowest write
 * took, and W is four times as long. Whoever finds that its own write took longer than the W that others may have
 * used waits until they are done, and starts over.
 */
export interface Register {
	read(): Promise<TokenRecord>;
	write(record: TokenRecord): Promise<void>;
}

export interface ClaimTimes {
	/** W is at least so long, in ms, and at most so long. */
	readonly leastSettle: number;
	readonly mostSettle: number;
	/** W in slowest writes. */
	readonly factor: number;
	/** In ms: the longest that a holder takes from the end of W to its publication. */
	readonly hold: number;
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
	/** Nobody wants the token any more. */
	readonly signal?: AbortSignal;
}

export const CLAIM_TIMES: Omit<ClaimTimes, 'hold'> = {
	leastSettle: 250,
	mostSettle: 2_000,
	factor: 4,
	poll: 100,
};

/** What a claim may take beyond W and the holder's time, in ms. */
const SLACK = 1_000;
/** So often a claim may vanish from the row before the row is taken for one that cannot be written. */
const MOST_VANISHED = 3;
/** So many holders' times are waited for. */
const MOST_HOLDERS = 8;

/** W, in ms, after the slowest write that is known. */
export function settleTime(slowestWrite: number | undefined, times: ClaimTimes): number {
	return Math.min(
		Math.max((slowestWrite ?? 0) * times.factor, times.leastSettle),
		times.mostSettle,
	);
}

/** Older claims, in ms, are a crashed holder's. */
export function patience(times: ClaimTimes): number {
	return times.mostSettle + times.hold + SLACK;
}

/**
 * Answers the row once it is usable, or what `buyAndWrite` answered. The claim ends with its holder on every way out.
 * @throws ApiError `storage` where the row does not keep what is written, `busy` where others hold the claim for too
 * long, `cancelled`; and whatever the task throws.
 */
export async function buyOnce(
	register: Register,
	environment: Environment,
	task: ClaimTask,
	times: ClaimTimes,
): Promise<TokenRecord> {
	const { monotonic, sleep, nonce } = environment;
	const begun = monotonic();
	let watched: { readonly nonce: string; readonly since: number } | undefined;
	let own: string | undefined;
	let waiting = false;
	let slowestWrite: number | undefined;
	/** Once: a database that is always so slow must not stop it. */
	let startedOver = false;
	let vanished = 0;
	try {
		for (;;) {
			if (task.signal?.aborted) throw cancelled();
			const started = monotonic();
			const seen = await register.read();
			if (task.usable(seen)) return seen;
			const other = seen.claim?.nonce;
			if (other !== undefined && other !== own) {
				if (watched?.nonce !== other) watched = { nonce: other, since: monotonic() };
				if (monotonic() - watched.since <= patience(times)) {
					if (monotonic() - begun > MOST_HOLDERS * patience(times)) throw heldTooLong();
					if (!waiting) task.onWait?.();
					waiting = true;
					await sleep(times.poll, task.signal);
					continue;
				}
				task.countLost(other);
			}
			own = nonce();
			slowestWrite = Math.max(seen.slowestWrite ?? 0, slowestWrite ?? 0) || undefined;
			await register.write({ ...seen, claim: { nonce: own }, slowestWrite });
			const took = monotonic() - started;
			slowestWrite = Math.max(seen.slowestWrite ?? 0, slowestWrite ?? 0, Math.ceil(took));
			// Too slow: others may have read before this write landed, and think that they are alone.
			const late = took > settleTime(seen.slowestWrite, times);
			if (late && !startedOver) {
				startedOver = true;
				await othersDone(register, environment, task, times);
				continue;
			}
			await sleep(settleTime(slowestWrite, times), task.signal);
			const settled = await register.read();
			if (task.usable(settled)) {
				if (settled.claim?.nonce === own) await register.write({ ...settled, claim: undefined });
				own = undefined;
				return settled;
			}
			if (settled.claim?.nonce !== own) {
				own = undefined;
				// Nobody else's claim took its place: it was not stored, or somebody wrote a record without it.
				if (settled.claim?.nonce === other && ++vanished >= MOST_VANISHED) throw notStored();
				continue;
			}
			if (task.signal?.aborted) throw cancelled();
			// A tenth is forgotten each time, so that one slow moment does not slow all renewals to come.
			const published = await task.buyAndWrite({
				...settled,
				slowestWrite: Math.ceil(slowestWrite * 0.9),
			});
			own = undefined;
			await publishAgain(register, published);
			return published;
		}
	} finally {
		if (own !== undefined) await release(register, own);
	}
}

/** Until somebody else has published what is needed, or would have; shorter than the others' patience, since this holder is alive. */
async function othersDone(
	register: Register,
	{ monotonic, sleep }: Environment,
	{ usable, signal }: ClaimTask,
	{ mostSettle, hold, poll }: ClaimTimes,
): Promise<void> {
	const until = monotonic() + mostSettle + hold;
	while (monotonic() < until && !signal?.aborted) {
		await sleep(poll, signal);
		if (usable(await register.read())) return;
	}
}

/** One at a time within one process, where it is easy: tasks run one after another, in the order of the calls. */
export class Queue {
	private tail: Promise<unknown> = Promise.resolve();

	async alone<T>(task: () => Promise<T>): Promise<T> {
		const run = this.tail.then(task);
		this.tail = run.catch(() => undefined);
		return await run;
	}
}

/** A late claim may have overwritten it. The token is there whatever the database does now. */
async function publishAgain(register: Register, published: TokenRecord): Promise<void> {
	try {
		const after = await register.read();
		if (after.serial < published.serial) await register.write(published);
	} catch {
		// It is in the memory of this process, and written with the next record.
	}
}

async function release(register: Register, own: string): Promise<void> {
	try {
		const row = await register.read();
		if (row.claim?.nonce === own) await register.write({ ...row, claim: undefined });
	} catch {
		// The database is away: others take the claim for a crashed holder's after a while.
	}
}

function notStored(): ApiError {
	return new ApiError(
		'storage',
		'n8n could not store the token: what is written to the credential does not stay there.',
		'Look at n8n’s database: a full disk, a read-only replica, or another program that writes the credential. No token was requested.',
		{ retryAfter: 0, neverSent: true },
	);
}

function heldTooLong(): ApiError {
	return new ApiError(
		'busy',
		'Other workers of n8n have been requesting a token for too long.',
		'Try again later; if it goes on, look at the log of the other workers.',
		{ retryAfter: 0, neverSent: true },
	);
}

export function cancelled(): ApiError {
	return new ApiError(
		'cancelled',
		'The execution was cancelled while it waited for a token.',
		'Start it again.',
		{ neverSent: true },
	);
}
