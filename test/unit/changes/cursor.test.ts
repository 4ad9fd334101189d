import { askFrom, compare, newer } from '../../../nodes/changes/cursor';
import { recognise } from '../../../nodes/changes/reading';

describe('the value to ask from', () => {
	it.each([
		['2026-03-01T10:05:00Z', 60, '2026-03-01T10:04:00Z'],
		['2026-03-01T00:00:30.250Z', 60, '2026-02-28T23:59:30.250Z'],
		['2026-03-01T10:05:00.123456+02:00', 60, '2026-03-01T10:04:00.123000+02:00'],
		['2026-03-01T10:05:00-0530', 3600, '2026-03-01T09:05:00-0530'],
		['2026-03-01 10:05:00', 60, '2026-03-01 10:04:00'],
		['2026-03-01', 60, '2026-02-28'],
		[1_770_000_000, 60, 1_769_999_940],
		['1770000000', 60, '1769999940'],
		['9007199254740993', 2, '9007199254740991'],
		['4.5', 1, '3.5'],
		['anything', 0, 'anything'],
	])('%j less %d is %j, written as it was', (greatest, overlap, from) => {
		expect(askFrom(greatest, overlap)).toBe(from);
		expect(compare(from, greatest)).toBeLessThanOrEqual(0);
	});

	it('cannot be made of something else', () => {
		expect(() => askFrom('2026-W05', 60)).toThrow('neither a date nor a number');
	});
});

describe('the greatest value', () => {
	it.each([
		['2026-03-01T10:05:00+02:00', '2026-03-01T09:00:00Z'],
		['9', '10'],
		[9, '10'],
		['9007199254740992', '9007199254740993'],
		['-2', '1.5'],
		['2026-03-01T10:05:00.123456Z', '2026-03-01T10:05:00.123457Z'],
		['a', 'b'],
	])('%j is less than %j', (less, more) => {
		expect(compare(less, more)).toBeLessThan(0);
		expect(compare(more, less)).toBeGreaterThan(0);
		expect(compare(less, less)).toBe(0);
	});

	it.each([
		'03/01/2026',
		'1.3.2026 10:05',
		'01-03-2026',
		'Sun, 01 Mar 2026 10:05:00 GMT',
		'Sunday, 01-Mar-26 10:05:00 GMT',
		'1 March 2026',
		'Mar 1, 2026',
	])('is not looked for among dates that have no order as text, such as %j', (n) => {
		const reading = recognise([{ name: '', pages: [[{ id: 1, n }]] }], {
			key: ['id'],
			compared: [],
			ignored: [],
		});
		expect(() => newer('x', undefined, reading, { at: 'n', overlap: 0 })).toThrow(
			`"Greatest Value Of" names "n", which has dates in a form that cannot be put in order: ${n}`,
		);
	});

	it.each(['01HX3ZQ4', 'v-0012', '20260301T100500Z', 'March', '/Date(1770000000000)/'])(
		'may be another text, such as %j',
		(n) => {
			const reading = recognise([{ name: '', pages: [[{ id: 1, n }]] }], {
				key: ['id'],
				compared: [],
				ignored: [],
			});
			expect(newer('x', undefined, reading, { at: 'n', overlap: 0 }).memory.cursor).toBe(n);
		},
	);

	it('is asked for where a record has one', () => {
		const reading = (...records: object[]) =>
			recognise([{ name: '', pages: [records as []] }], { key: ['id'], compared: [], ignored: [] });
		expect(() => newer('x', undefined, reading({ id: 1 }), { at: 'updated', overlap: 0 })).toThrow(
			'"Greatest Value Of" names "updated", which no record has',
		);
		const { memory, records } = newer('x', undefined, reading({ id: 1 }, { id: 2, n: 5 }), {
			at: 'n',
			overlap: 0,
		});
		expect(memory.cursor).toBe(5);
		expect(records).toHaveLength(2);
		// One without a value is known as long as it is there.
		expect(
			newer('x', memory, reading({ id: 1 }, { id: 3, n: 6 }), { at: 'n', overlap: 0 }).records,
		).toEqual([{ id: 3, n: 6 }]);
	});
});
