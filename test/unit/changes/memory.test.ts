import fc from 'fast-check';
import { canonical, fingerprint, without } from '../../../nodes/changes/fingerprint';
import {
	keyFields,
	keyHash,
	keyOf,
	packKey,
	unpackKey,
	type Key,
} from '../../../nodes/changes/key';
import {
	decodeMemory,
	encodeMemory,
	MOST_RECORDS,
	type Memory,
} from '../../../nodes/changes/memory';
import { recognise } from '../../../nodes/changes/reading';
import { detect, remembered } from '../../../nodes/changes/detect';

const by = { key: ['id'], compared: [], ignored: [] };
const reading = (...records: object[]) => recognise([{ name: '', pages: [records as []] }], by);
const stored = (memory: Memory, withKeys: boolean) =>
	JSON.parse(JSON.stringify(encodeMemory(memory, withKeys))) as unknown;

/** As many records as fit, and what remembering them takes, without and with their keys. */
function measured(idOf: (index: number) => string | number) {
	const records = Array.from({ length: MOST_RECORDS }, (_, index) => ({ id: idOf(index) }));
	const found = reading(...records);
	const [hashes, keys] = [false, true].map((withKeys) =>
		JSON.stringify(encodeMemory(remembered('list', found), withKeys)),
	);
	const bytes = (json: string) => Buffer.byteLength(json) / MOST_RECORDS;
	return { found, keys, bytes: [bytes(hashes), bytes(keys)] };
}

const full = {
	numbers: measured((index) => index),
	UUIDs: measured((index) => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`),
};

describe('the memory', () => {
	const inBytes = Object.entries(full).map(([kind, { bytes }]) => {
		const [hashes, keys] = bytes.map((size) => size.toFixed(2));
		return [kind as keyof typeof full, `${hashes} bytes each, with keys ${keys}`] as const;
	});

	// The title is where the sizes are printed.
	it.each(inBytes)(`holds ${MOST_RECORDS} records with %s for keys in %s`, (kind) => {
		const { found, keys, bytes } = full[kind];
		expect(bytes[0]).toBeCloseTo(16, 1);
		expect(bytes[1]).toBeLessThan(kind === 'numbers' ? 12.01 : 42.01);
		const after = decodeMemory(JSON.parse(keys), 'list');
		expect(detect(after as Memory, found, ['id'])).toEqual({ new: [], changed: [], gone: [] });
	});

	it('says what happens above that', () => {
		const records = Array.from({ length: MOST_RECORDS + 1 }, (_, id) => ({ id }));
		expect(() => reading(...records)).toThrow('The list has 100001 records, more than the 100000');
		const long = Array.from({ length: 9 }, (_, index) => ({ id: `${index}`.repeat(1_000_000) }));
		expect(() => encodeMemory(remembered('list', reading(...long)), true)).toThrow(
			/The keys of the list take \d+ characters/,
		);
		expect(() => encodeMemory(remembered('list', reading(...long)), false)).not.toThrow();
	});

	it('holds neither a record nor a field of one but the key', () => {
		const memory = remembered(
			'list',
			reading({ id: 7, secret: 'hunter2', nested: { token: 'abc123xyz' } }),
		);
		for (const keys of [false, true]) {
			expect(JSON.stringify(stored(memory, keys))).not.toMatch(/hunter2|abc123xyz|secret|token/);
		}
	});

	it('comes back as it was, whatever the keys are', () => {
		const part = fc.oneof(
			fc.string({ unit: 'binary' }).map((text) => text.replace(/\p{Surrogate}/gu, '')),
			fc.double({ noNaN: true, noDefaultInfinity: true }),
			fc.boolean(),
			fc.constant(null),
		);
		fc.assert(
			fc.property(fc.array(fc.tuple(part, part), { maxLength: 20 }), (keys) => {
				const known = new Map(
					keys
						.filter((key) => key.some((value) => value !== null))
						.map((key) => [keyHash(key), { fingerprint: fingerprint(key), key: key as Key }]),
				);
				const memory: Memory = { of: 'x', parts: new Map([['', known]]), cursor: 'c' };
				const back = decodeMemory(stored(memory, true), 'x');
				expect([...(back?.parts.get('') ?? [])].map(([hash]) => hash)).toEqual([...known.keys()]);
				expect(back?.cursor).toBe('c');
			}),
		);
	});

	it.each(['__proto__', 'constructor', 'toString', ';', ',', '#1', '@null', '=', '\ud800', ''])(
		'takes %j for a key like any other',
		(id) => {
			const found = reading({ id, title: 'x' }, { id: 'other' });
			const memory = decodeMemory(stored(remembered('list', found), true), 'list') as Memory;
			expect(detect(memory, found, ['id'])).toEqual({ new: [], changed: [], gone: [] });
			const { gone } = detect(memory, reading({ id: 'other' }), ['id']);
			// A record without a value there cannot be named when it is gone.
			expect(gone).toEqual(id === '' ? [] : [{ id: id === '\ud800' ? '\ufffd' : id }]);
		},
	);

	it.each([
		['another list', { of: 'other' }],
		['another version', { version: 2 }],
		['cut off', { parts: { '': 'abc' } }],
		['cut off', { form: 'keys', parts: { '': 'abcde#1;fg' } }],
		['broken', { form: 'keys', parts: { '': 'abcde%;' } }],
		['no parts', { parts: 'x' }],
	])('is no memory when it is of %s', (_, wrong) => {
		const good = stored(remembered('list', reading({ id: 1 })), false) as object;
		expect(decodeMemory(good, 'list')).toBeDefined();
		expect(decodeMemory({ ...good, ...wrong }, 'list')).toBeUndefined();
	});
});

describe('a key', () => {
	it('is the same for a number and its text, and another for other parts', () => {
		expect(keyHash([42])).toBe(keyHash(['42']));
		expect(keyHash(['1', '23'])).not.toBe(keyHash(['12', '3']));
		expect(keyHash([null, 'a'])).not.toBe(keyHash(['a', null]));
		expect(keyHash(['null', 'a'])).not.toBe(keyHash([null, 'a']));
	});

	it('is found at several paths, and put back there', () => {
		const record = { user: { id: 7, name: 'x' }, shop: 'a' };
		const key = keyOf(record, ['user.id', 'shop']);
		expect(key).toEqual([7, 'a']);
		expect(keyFields(key as Key, ['user.id', 'shop'])).toEqual({ user: { id: 7 }, shop: 'a' });
		expect(keyOf(record, ['user'])).toBeUndefined();
		expect(keyOf(record, ['__proto__', 'constructor.name'])).toBeUndefined();
		const odd = keyFields(['x'], ['__proto__.polluted']);
		expect(({} as Record<string, unknown>).polluted).toBeUndefined();
		expect(Object.keys(odd)).toEqual(['__proto__']);
	});

	it('is put back where one of its fields is within another one', () => {
		const record = { user: { id: 5 } };
		const key = keyOf(record, ['user', 'user.id']);
		expect(key).toEqual([null, 5]);
		expect(keyFields(key ?? [], ['user', 'user.id'])).toEqual({ user: { id: 5 } });
		expect(keyFields(['a', 5], ['user', 'user.id'])).toEqual({ user: { id: 5 } });
	});

	it('is packed without what JSON escapes', () => {
		const packed = packKey(['a"b\\\n;,', 4.5, true, null]);
		expect(JSON.stringify(packed)).toBe(`"${packed}"`);
		expect(unpackKey(packed)).toEqual(['a"b\\\n;,', 4.5, true, null]);
	});
});

describe('recognising records', () => {
	it('does not care for the order of fields, and sees every change', () => {
		expect(canonical({ a: 1, b: { c: [1, { d: 2, e: 3 }] } })).toBe(
			canonical({ b: { c: [1, { e: 3, d: 2 }] }, a: 1 }),
		);
		const one = { a: 1, list: [1, 2] };
		for (const other of [
			{ a: '1', list: [1, 2] },
			{ a: 1, list: [2, 1] },
			{ a: 1 },
			{ a: 1, list: [1, 2], b: null },
		]) {
			expect(fingerprint(other)).not.toBe(fingerprint(one));
		}
	});

	it('compares chosen fields alone, or all but some', () => {
		const record = { id: 1, edited: 5, views: 3, lines: [{ id: 1, seen: 1 }] };
		const seenOften = { ...record, views: 9, lines: [{ id: 1, seen: 7 }] };
		const compare = (some: object) =>
			[record, seenOften].map(
				(entry) =>
					recognise([{ name: '', pages: [[entry]] }], { ...by, ...some })
						.get('')
						?.values()
						.next().value?.fingerprint,
			);
		const same = ([one, other]: unknown[]) => one === other;
		expect(same(compare({}))).toBe(false);
		expect(same(compare({ compared: ['edited'] }))).toBe(true);
		expect(same(compare({ ignored: ['views', 'lines.seen'] }))).toBe(true);
		expect(same(compare({ ignored: ['views'] }))).toBe(false);
		expect(without({ ['__proto__']: { a: 1, b: 2 } }, ['__proto__.a'])).toEqual({
			['__proto__']: { b: 2 },
		});
	});

	it('takes a record that stands on two pages once, as it was read last', () => {
		const found = recognise(
			[{ name: '', pages: [[{ id: 1, v: 1 }], [{ id: 1, v: 2 }, { id: 2 }]] }],
			by,
		);
		expect([...(found.get('')?.values() ?? [])].map(({ record }) => record)).toEqual([
			{ id: 1, v: 2 },
			{ id: 2 },
		]);
	});

	it('refuses a key that two records of a page share, but not the same record twice', () => {
		expect(() => reading({ id: 1, v: 1 }, { id: 1, v: 2 })).toThrow(
			'"Key" does not tell the records apart: two of them have "1"',
		);
		expect(reading({ id: 1, v: 1 }, { id: 1, v: 1 }).get('')?.size).toBe(1);
	});

	it('knows a record without a key by its content, and refuses a key that none has', () => {
		const found = reading({ id: 1 }, { name: 'nobody' });
		const memory = decodeMemory(stored(remembered('list', found), true), 'list') as Memory;
		expect(detect(memory, reading({ id: 1 }, { name: 'nobody' }), ['id']).new).toEqual([]);
		expect(detect(memory, reading({ id: 1 }, { name: 'somebody' }), ['id'])).toEqual({
			new: [{ name: 'somebody' }],
			changed: [],
			gone: [],
		});
		expect(() => reading({ name: 'a' }, { name: 'b' })).toThrow(
			'"Key" names "id", which no record has',
		);
	});

	it('knows a record without a key again when only a field changed that does not count', () => {
		const ignoring = { ...by, ignored: ['seen'] };
		const hashes = (seen: number) => [
			...(recognise([{ name: '', pages: [[{ id: 1 }, { title: 'x', seen }]] }], ignoring)
				.get('')
				?.keys() ?? []),
		];
		expect(hashes(1)).toEqual(hashes(2));
	});

	it.each([
		[{ _id: { $oid: '5f' } }, '"Key" names "_id", which is an object in the records'],
		[{ _id: ['5f'] }, '"Key" names "_id", which is a list in the records'],
	])('says how to name a part of a key that is more than a value: %j', (record, message) => {
		const naming = { ...by, key: ['_id'] };
		expect(() => recognise([{ name: '', pages: [[record]] }], naming)).toThrow(message);
	});

	it('refuses a record that is nested without end', () => {
		let deep: object = {};
		for (let level = 0; level < 100_000; level++) deep = { deep };
		expect(() => reading({ id: 1, deep })).toThrow('nested more than 500 levels deep');
	});
});

describe('a list of several parts', () => {
	const parts = (months: Record<string, object[]>) =>
		recognise(
			Object.entries(months).map(([name, page]) => ({ name, pages: [page as []] })),
			by,
		);

	it('loses nothing when a part is over, when one comes into view, or when a record moves', () => {
		const memory = remembered(
			'x',
			parts({ '2026-11': [{ id: 1 }, { id: 2 }], '2026-12': [{ id: 3 }] }),
		);
		const next = parts({ '2026-12': [{ id: 2, moved: true }], '2027-1': [{ id: 4 }] });
		expect(detect(memory, next, ['id'])).toEqual({
			new: [{ id: 4 }],
			changed: [{ id: 2, moved: true }],
			gone: [{ id: 3 }],
		});
	});
});
