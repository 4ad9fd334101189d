import fc from 'fast-check';
import {
	boughtInMonth,
	countLost,
	countToken,
	emptyLedger,
	type Ledger,
	mergeLedgers,
	monthOf,
	nextMonth,
	readLedger,
	withoutOldMonths,
} from '../../../credentials/tokens/ledger';
import { START } from '../support/virtualTime';

const months = ['2026-10', '2026-11', '2026-12', '2027-01'];
const ledger: fc.Arbitrary<Ledger> = fc.record({
	client: fc.constant('client'),
	months: fc.dictionary(
		fc.constantFrom(...months),
		fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 1, max: 40 }), {
			noNullPrototype: true,
		}),
		{ maxKeys: 2, noNullPrototype: true },
	),
});

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
				const latest = [...Object.keys(a.months), ...Object.keys(b.months)].sort().at(-1);
				fc.pre(latest !== undefined);
				const at = Date.parse(`${latest}-15`);
				const merged = boughtInMonth(mergeLedgers(a, b), at);
				expect(merged).toBeGreaterThanOrEqual(Math.max(boughtInMonth(a, at), boughtInMonth(b, at)));
			}),
		);
	});

	it('of two clients are not mixed', () => {
		const other = countToken(emptyLedger('other'), START, 'a');
		expect(mergeLedgers(emptyLedger('client'), other)).toEqual(emptyLedger('client'));
	});
});

describe('Counting', () => {
	it('finds a crashed worker’s token once, however many others notice, before or after they hear of each other', () => {
		const noticed = ['b', 'c'].map((process) =>
			countToken(countLost(emptyLedger('client'), START, 'nonce of a'), START, process),
		);
		const merged = noticed.reduce(mergeLedgers);
		expect(boughtInMonth(merged, START)).toBe(3);
		expect(countLost(merged, START, 'nonce of a')).toEqual(merged);
		expect(boughtInMonth(countLost(merged, START, 'another nonce'), START)).toBe(4);
	});

	it('finds each token of every process, whoever overwrites whom', () => {
		const step = fc.record({
			process: fc.constantFrom('a', 'b', 'c'),
			reads: fc.boolean(),
			writes: fc.boolean(),
		});
		fc.assert(
			fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
				let row = emptyLedger('client');
				const known = new Map<string, Ledger>();
				for (const { process, reads, writes } of steps) {
					let own = known.get(process) ?? emptyLedger('client');
					if (reads) own = mergeLedgers(own, row);
					own = countToken(own, START, process);
					known.set(process, own);
					if (writes) row = own;
				}
				const all = [...known.values()].reduce(mergeLedgers, row);
				expect(boughtInMonth(all, START)).toBe(steps.length);
			}),
		);
	});

	it('goes by the calendar month in UTC', () => {
		const last = Date.UTC(2026, 10, 30, 23, 59, 59, 999);
		const ledgerOfNovember = countToken(emptyLedger('client'), last, 'a');
		expect(monthOf(last)).toBe('2026-11');
		expect(boughtInMonth(ledgerOfNovember, last)).toBe(1);
		expect(boughtInMonth(ledgerOfNovember, last + 1)).toBe(0);
		expect(nextMonth(last)).toBe(last + 1);
		expect(nextMonth(Date.UTC(2026, 11, 5))).toBe(Date.UTC(2027, 0, 1));
	});

	it('of this month survives clocks that were wrong', () => {
		fc.assert(
			fc.property(fc.array(fc.constantFrom(0, 31, 62, -20_000), { maxLength: 12 }), (days) => {
				let counted = countToken(emptyLedger('client'), START, 'a');
				for (const day of days) {
					const now = START + day * 86_400_000;
					counted = withoutOldMonths(countToken(counted, now, 'b'), now);
					expect(boughtInMonth(counted, now)).toBeGreaterThan(0);
				}
				const now = days.filter((day) => day === 0).length + 1;
				expect(boughtInMonth(counted, START)).toBe(now);
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
		expect(readLedger(stored, 'client').months).toEqual({ '2026-11': { a: 3 } });
		fc.assert(
			fc.property(fc.anything(), (value) =>
				expect(readLedger(value, 'client').client).toBe('client'),
			),
		);
	});
});
