/**
 * How many tokens a client bought, by calendar month in UTC and by process.
 *
 * Each process only ever raises its own figure, so two ledgers are merged by taking the larger figure of each process
 * and nothing is lost when two processes overwrite each other's record: a grow-only counter (Shapiro et al. 2011,
 * "A comprehensive study of Convergent and Commutative Replicated Data Types", specification 6).
 */
export interface Ledger {
	/** Fingerprint of token URL and client id: another client starts at none. */
	readonly client: string;
	/** `{ '2026-11': { processName: tokens } }`. */
	readonly months: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Stored beside the month of the clock: a clock that was wrong for a while must not push the true month out. */
const KEPT_MONTHS = 3;

export function emptyLedger(client: string): Ledger {
	return { client, months: {} };
}

/** `2026-11` for an epoch time in ms, in UTC. */
export function monthOf(now: number): string {
	return new Date(now).toISOString().slice(0, 7);
}

/** The first moment of the next month in UTC, epoch ms. */
export function nextMonth(now: number): number {
	const date = new Date(now);
	return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
}

/** Tokens bought in the month of `now`. */
export function boughtInMonth(ledger: Ledger, now: number): number {
	return Object.values(ledger.months[monthOf(now)] ?? {}).reduce((sum, tokens) => sum + tokens, 0);
}

/** One more token, bought by this process. */
export function countToken(ledger: Ledger, now: number, processName: string): Ledger {
	const month = monthOf(now);
	const figures = ledger.months[month] ?? {};
	const own = (figures[processName] ?? 0) + 1;
	return {
		...ledger,
		months: { ...ledger.months, [month]: { ...figures, [processName]: own } },
	};
}

/** The token of a claim whose holder went away: one, however many processes notice that it is gone. */
export function countLost(ledger: Ledger, now: number, nonce: string): Ledger {
	return ledger.months[monthOf(now)]?.[nonce] === undefined
		? countToken(ledger, now, nonce)
		: ledger;
}

/** Ledgers of another client are ignored. */
export function mergeLedgers(a: Ledger, b: Ledger): Ledger {
	if (a === b || a.client !== b.client) return a;
	const months: Record<string, Record<string, number>> = {};
	for (const [month, figures] of [...Object.entries(a.months), ...Object.entries(b.months)]) {
		const merged = (months[month] ??= {});
		for (const [name, tokens] of Object.entries(figures)) {
			merged[name] = Math.max(merged[name] ?? 0, tokens);
		}
	}
	return { client: a.client, months };
}

/** Reads a stored ledger; what is not one, or another client's, is an empty one. Never throws. */
export function readLedger(value: unknown, client: string): Ledger {
	const { client: storedClient, months } = (value ?? {}) as Record<string, unknown>;
	if (storedClient !== client || typeof months !== 'object' || months === null) {
		return emptyLedger(client);
	}
	const read: Record<string, Record<string, number>> = {};
	for (const [month, figures] of Object.entries(months)) {
		if (!/^\d{4}-\d{2}$/.test(month) || typeof figures !== 'object' || figures === null) continue;
		const tokens = Object.entries(figures as Record<string, unknown>).filter(
			(entry): entry is [string, number] => Number.isSafeInteger(entry[1]) && Number(entry[1]) > 0,
		);
		read[month] = Object.fromEntries(tokens);
	}
	return { client, months: read };
}

/** What is worth storing: the month of `now`, and the latest ones. */
export function withoutOldMonths(ledger: Ledger, now: number): Ledger {
	const latest = Object.keys(ledger.months).sort().slice(-KEPT_MONTHS);
	const months = Object.entries(ledger.months).filter(
		([month]) => month === monthOf(now) || latest.includes(month),
	);
	return { client: ledger.client, months: Object.fromEntries(months) };
}
