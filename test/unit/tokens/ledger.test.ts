import fc from 'fast-check';
import {
	boughtInMonth,
	countLost,
	countToken,
	type Ledger,
	mergeLedgers,
	monthOf,
	nextMonth,
	readLedger,
	withoutOldMonths,
} from '../../../credentials/tokens/ledger';
import { START } from '../support/virtualTime';

const months = ['2026-10', '2026-11', '2026-12', '2027-01'];
const noNullPrototype = true;
const figures = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 1, max: 40 }), {
	noNullPrototype,
});
const monthly = fc.dictionary(fc.constantFrom(...months), figures, { maxKeys: 2, noNullPrototype });
const ledger: fc.Arbitrary<Ledger> = fc.dictionary(fc.constantFrom('client', 'other'), monthly, {
	noNullPrototype,
});
const none: Ledger = {};
const bought = (of: Ledger, now: number) => boughtInMonth(of, 'client', now);
const count = (of: Ledger, now: number, process: string) => countToken(of, 'client', now, process);
const lost = (of: Ledger, now: number, nonce: string) => countLost(of, 'client', now, nonce);

describe('Two ledgers', () => {
	it('merge the same way round and round about', () => {
		fc.assert(
			fc.property(ledger, ledger, (a, b) => expect(mergeLedgers(a, b)).toEqual(mergeLedgers(b, a))),
		);
	});

	it('merge in any order with a third', () => {
		fc.assert(
			fc.property(ledger, ledger, ledger, (a, b, c) =>
				expect(mergeLedgers(mergeLedgers(a, b), c)).toEqual(mergeLedgers(a, mergeLedgers(b, c))),
			),
		);
	});

	it('gain nothing from being merged twice', () => {
		fc.assert(
			fc.property(ledger, ledger, (a, b) => {
				const once = mergeLedgers(a, b);
				expect(mergeLedgers(once, b)).toEqual(once);
				expect(mergeLedgers(once, once)).toEqual(once);
			}),
		);
	});

	it('lose no count of the latest month', () => {
		fc.assert(
			fc.property(ledger, ledger, (a, b) => {
				const latest = [...Object.keys(a.client ?? {}), ...Object.keys(b.client ?? {})]
					.sort()
					.at(-1);
				fc.pre(latest !== undefined);
				const at = Date.parse(`${latest}-15`);
				const merged = bought(mergeLedgers(a, b), at);
				expect(merged).toBeGreaterThanOrEqual(Math.max(bought(a, at), bought(b, at)));
			}),
		);
	});

	it('of two clients are not mixed', () => {
		const other = countToken(none, 'other', START, 'a');
		const both = mergeLedgers(count(none, START, 'a'), other);
		expect(bought(both, START)).toBe(1);
		expect(boughtInMonth(both, 'other', START)).toBe(1);
		expect(bought(other, START)).toBe(0);
	});
});

describe('Counting', () => {
	it('finds a crashed worker’s token once, however many others notice, before or after they hear of each other', () => {
		const noticed = ['b', 'c'].map((process) =>
			count(lost(none, START, 'nonce of a'), START, process),
		);
		const merged = noticed.reduce(mergeLedgers);
		expect(bought(merged, START)).toBe(3);
		expect(lost(merged, START, 'nonce of a')).toEqual(merged);
		expect(bought(lost(merged, START, 'another nonce'), START)).toBe(4);
	});

	it('finds each token of every process, whoever overwrites whom', () => {
		const step = fc.record({
			process: fc.constantFrom('a', 'b', 'c'),
			reads: fc.boolean(),
			writes: fc.boolean(),
		});
		fc.assert(
			fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
				let row: Ledger = none;
				const known = new Map<string, Ledger>();
				for (const { process, reads, writes } of steps) {
					let own = known.get(process) ?? none;
					if (reads) own = mergeLedgers(own, row);
					own = count(own, START, process);
					known.set(process, own);
					if (writes) row = own;
				}
				const all = [...known.values()].reduce(mergeLedgers, row);
				expect(bought(all, START)).toBe(steps.length);
			}),
		);
	});

	it('goes by the calendar month in UTC', () => {
		const last = Date.UTC(2026, 10, 30, 23, 59, 59, 999);
		const ledgerOfNovember = count(none, last, 'a');
		expect(monthOf(last)).toBe('2026-11');
		expect(bought(ledgerOfNovember, last)).toBe(1);
		expect(bought(ledgerOfNovember, last + 1)).toBe(0);
		expect(nextMonth(last)).toBe(last + 1);
		expect(nextMonth(Date.UTC(2026, 11, 5))).toBe(Date.UTC(2027, 0, 1));
	});

	it('of this month survives clocks that were wrong', () => {
		fc.assert(
			fc.property(fc.array(fc.constantFrom(0, 31, 62, -20_000), { maxLength: 12 }), (days) => {
				let counted = count(none, START, 'a');
				for (const day of days) {
					const now = START + day * 86_400_000;
					counted = withoutOldMonths(count(counted, now, 'b'), now);
					expect(bought(counted, now)).toBeGreaterThan(0);
				}
				const now = days.filter((day) => day === 0).length + 1;
				expect(bought(counted, START)).toBe(now);
			}),
		);
	});

	it('takes from a stored ledger only what is a count', () => {
		const stored = {
			client: 'client',
			months: {
				'2026-11': { a: 3, b: -1, c: '7', d: 1.5, e: Infinity },
				'2026-1': { a: 9 },
				x: null,
			},
		};
		const { client, months: stolen } = stored;
		const read = { client: { '2026-11': { a: 3 } } };
		expect(readLedger({ [client]: stolen })).toEqual(read);
		// Version 1 had one client in a record.
		expect(readLedger(stored)).toEqual(read);
		fc.assert(
			fc.property(fc.anything(), (value) =>
				expect(bought(readLedger(value), START)).toBeGreaterThanOrEqual(0),
			),
		);
	});

	it('keeps each client’s count, of very many those that bought last', () => {
		let all = count(none, START, 'a');
		for (let other = 0; other < 200; other++)
			all = countToken(all, `old ${other}`, START - 40 * 86_400_000, 'a');
		const kept = withoutOldMonths(all, START);
		expect(bought(kept, START)).toBe(1);
		expect(Object.keys(kept)).toHaveLength(50);
	});
});
