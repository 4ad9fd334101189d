import { valueAt } from '../../../credentials/tokens/json';
import { asText, parsedJson, parsedObject } from '../../../nodes/shared/parameters';
import { freeSegment, idSegment, path } from '../../../nodes/shared/paths';

describe('path', () => {
	it('encodes each parameter', () => {
		expect(path`/organization/${'f6 ü'}/customer/${'a/b?c#d%'}/page/${2}`).toBe(
			'/organization/f6%20%C3%BC/customer/a%2Fb%3Fc%23d%25/page/2',
		);
	});

	it.each(['.', '..'])('refuses %p, which URL parsers resolve even when encoded', (value) => {
		expect(() => freeSegment('Custom ID', value)).toThrow(`"Custom ID" cannot be "${value}"`);
		expect(() => idSegment('Customer ID', value)).toThrow('"Customer ID" cannot be');
	});

	it.each(['a\r\nHost: evil', 'a\0b', 'a\tb'])('refuses control characters (%j)', (value) => {
		expect(() => freeSegment('Custom ID', value)).toThrow('invisible character');
	});

	it('refuses half of a surrogate pair, on which encoding fails', () => {
		expect(() => freeSegment('Custom ID', 'a\ud800')).toThrow('broken character');
	});

	it.each(['a/b', '../admin', 'a\\b', 'a?b', 'a#b', 'a%2fb', 'a b', 'https://evil.example'])(
		'an ID of the provider has none of %p',
		(value) => {
			expect(() => idSegment('Organization', value)).toThrow('"Organization" is not an ID');
		},
	);

	it.each(['CRM/1', 'ÄÖ 12', '{{ $json.id }}', '<script>', 'x'.repeat(5000)])(
		'a custom ID may be %p',
		(value) => {
			expect(decodeURIComponent(path`${freeSegment('Custom ID', value)}`)).toBe(value);
		},
	);
});

describe('asText', () => {
	it.each([
		[undefined, ''],
		[null, ''],
		['  text ', 'text'],
		[42, '42'],
		[0, '0'],
		[false, 'false'],
		[new Date(0), '1970-01-01T00:00:00.000Z'],
		[{ toISO: () => '2026-03-31T10:00:00.000+02:00' }, '2026-03-31T10:00:00.000+02:00'],
	])('makes text of %p', (value, expected) => {
		expect(asText(value, 'Field')).toBe(expected);
	});

	it.each([[{ a: 1 }], [['a']]])('refuses %p', (value) => {
		expect(() => asText(value, 'Email')).toThrow('"Email" is not text');
	});
});

describe('parsedJson', () => {
	it('takes JSON text and what an expression made of it', () => {
		expect(parsedJson('{"a":[1]}', 'JSON')).toEqual({ a: [1] });
		expect(parsedJson({ a: 1 }, 'JSON')).toEqual({ a: 1 });
		expect(parsedJson('  ', 'JSON')).toBeUndefined();
	});

	it('names the field when it is not JSON', () => {
		expect(() => parsedJson("{a: 'b'}", 'Other Fields (JSON)')).toThrow(
			'"Other Fields (JSON)" is not valid JSON',
		);
	});

	it.each(['[1]', '"text"', '7', 'true'])('%s is no object', (json) => {
		expect(() => parsedObject(json, 'JSON')).toThrow('"JSON" is not a JSON object');
	});

	it.each(['', 'null', undefined])('%p is an empty one', (json) => {
		expect(parsedObject(json, 'JSON')).toEqual({});
	});
});

describe('valueAt', () => {
	const body = { data: { items: [{ id: 7 }], 'a.b': { c: 1 } }, empty: null };

	it.each([
		['', body],
		['data.items', [{ id: 7 }]],
		['data.items.0.id', 7],
		['data.items[0].id', 7],
		['$.data.items[0].id', 7],
		["$['data']['items'][0]['id']", 7],
		['$', body],
		['$.empty', null],
		['data.items[0', undefined],
		['data.items[-1].id', undefined],
		['data.a.b.c', 1],
		['empty', null],
		['data.none.x', undefined],
		['data.items.id', undefined],
		['toString', undefined],
		['data.constructor.name', undefined],
		['__proto__', undefined],
	])('%p', (at, expected) => {
		expect(valueAt(body, at)).toEqual(expected);
	});

	it('reads a list that is the whole, and a field whose name has brackets or a dollar in it', () => {
		expect(valueAt([{ token: 't' }], '[0].token')).toBe('t');
		expect(valueAt([{ token: 't' }], '$[0].token')).toBe('t');
		expect(valueAt({ 'a[0]': 1, $: { b: 2 }, $c: 3 }, 'a[0]')).toBe(1);
		expect(valueAt({ $c: 3 }, '$c')).toBe(3);
	});
});
