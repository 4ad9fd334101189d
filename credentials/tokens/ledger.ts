/**
 * How many tokens were bought, by client, calendar month in UTC and process: `{ client: { '2026-11': { process: 3 } } }`.
 *
 * Each process only ever raises its own figure, so two ledgers are merged by taking the larger figure of each process
 * and nothing is lost when two processes overwrite each other's record: a grow-only counter (Shapiro et al. 2011,
 * "A comprehensive study of Convergent and Commutative Replicated Data Types", specification 6). A client keeps its
 * count while the credential is used with another one.
 */
export type Ledger = Readonly<Record<string, Months>>;

type Months = Readonly<Record<string, Figures>>;
type Figures = Readonly<Record<string, number>>;

/** Stored beside the month of the clock: a clock that was wrong for a while must not push the true month out. */
const KEPT_MONTHS = 3;
/** Clients of one credential whose counts are stored. */
const KEPT_CLIENTS = 50;

/** `2026-11` for an epoch time in ms, in UTC. */
export function monthOf(now: number): string {
	return new Date(now).toISOString().slice(0, 7);
}

/** The first moment of the next month in UTC, epoch ms. */
export function nextMonth(now: number): number {
	const date = new Date(now);
	return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
}

/** Tokens that a client bought in the month of `now`. */
export function boughtInMonth(ledger: Ledger, client: string, now: number): number {
	return sum(ledger[client]?.[monthOf(now)] ?? {});
}

/** One more token, bought by this process. */
export function countToken(
	ledger: Ledger,
	client: string,
	now: number,
	processName: string,
): Ledger {
	const figures = ledger[client]?.[monthOf(now)] ?? {};
	const raised = { ...figures, [processName]: (figures[processName] ?? 0) + 1 };
	return { ...ledger, [client]: { ...ledger[client], [monthOf(now)]: raised } };
}

/** The token of a claim whose holder went away: one, however many processes notice that it is gone. */
export function countLost(ledger: Ledger, client: string, now: number, nonce: string): Ledger {
	const counted = ledger[client]?.[monthOf(now)]?.[nonce] !== undefined;
	return counted ? ledger : countToken(ledger, client, now, nonce);
}

/** The larger figure of each process. */
export function mergeLedgers(a: Ledger, b: Ledger): Ledger {
	if (a === b) return a;
	return mergeMaps(a, b, (one, other) =>
		mergeMaps(one, other, (figures, others) =>
			mergeMaps(figures, others, (figure, own) => Math.max(figure, own)),
		),
	);
}

function mergeMaps<T>(
	a: Readonly<Record<string, T>>,
	b: Readonly<Record<string, T>>,
	merge: (one: T, other: T) => T,
): Record<string, T> {
	const merged = new Map(Object.entries(a));
	for (const [name, value] of Object.entries(b)) {
		const known = merged.get(name);
		merged.set(name, known === undefined ? value : merge(known, value));
	}
	return Object.fromEntries(merged);
}

/** Reads a stored ledger, also the one of version 1, which had one client alone; what is not one is empty. Never throws. */
export function readLedger(value: unknown): Ledger {
	if (!isMap(value)) return {};
	const { client, months } = value;
	const clients = typeof client === 'string' && isMap(months) ? { [client]: months } : value;
	return mapped(clients, (monthsOfClient) =>
		mapped(monthsOfClient, (figures, month) =>
			/^\d{4}-\d{2}$/.test(month)
				? mapped(figures, (tokens) =>
						Number.isSafeInteger(tokens) && Number(tokens) > 0 ? Number(tokens) : undefined,
					)
				: undefined,
		),
	);
}

/** What is worth storing: the month of `now` and the latest ones; of very many clients those that bought last. */
export function withoutOldMonths(ledger: Ledger, now: number): Ledger {
	const recent = Object.entries(ledger).map(([client, months]): [string, Months] => {
		const latest = Object.keys(months).sort().slice(-KEPT_MONTHS);
		const kept = Object.entries(months).filter(
			([month]) => month === monthOf(now) || latest.includes(month),
		);
		return [client, Object.fromEntries(kept)];
	});
	const lastMonth = ([, months]: [string, Months]) => Object.keys(months).sort().at(-1) ?? '';
	const byUse = recent.sort((a, b) => lastMonth(b).localeCompare(lastMonth(a)));
	return Object.fromEntries(byUse.slice(0, KEPT_CLIENTS));
}

function mapped<T>(
	value: unknown,
	read: (entry: unknown, name: string) => T | undefined,
): Record<string, T> {
	if (!isMap(value)) return {};
	return Object.fromEntries(
		Object.entries(value).flatMap(([name, entry]): Array<[string, T]> => {
			const found = read(entry, name);
			return found === undefined ? [] : [[name, found]];
		}),
	);
}

function isMap(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sum(figures: Figures): number {
	return Object.values(figures).reduce((total, tokens) => total + tokens, 0);
}
