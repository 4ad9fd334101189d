import { parseExact, stringifyExact } from '../../../credentials/tokens/json';
import { readReply } from '../../../nodes/session/reading';
import type { ApiRequest } from '../../../nodes/session/session';

function read(
	body: Buffer | string,
	type: string,
	request: Partial<ApiRequest> = { reply: 'auto' },
	status = 200,
) {
	const reply = { status, headers: { 'content-type': type }, body: Buffer.from(body) };
	return readReply({ method: 'GET', path: '/', ...request }, reply).body;
}

const utf16 = (text: string, bigEndian = false) => {
	const bytes = Buffer.from(text, 'utf16le');
	return bigEndian ? bytes.swap16() : bytes;
};

describe('the text of a reply', () => {
	const latin1 = Buffer.from('Größe', 'latin1');

	it.each<[string, Buffer, string, string]>([
		['UTF-8', Buffer.from('Größe €'), 'text/plain; charset=utf-8', 'Größe €'],
		['a byte order mark', Buffer.from('\uFEFFa;b'), 'text/csv', 'a;b'],
		['ISO-8859-1', latin1, 'text/csv; charset=iso-8859-1', 'Größe'],
		['a quoted charset', latin1, 'text/csv; header=present; charset="ISO-8859-1"', 'Größe'],
		['ISO-8859-15', Buffer.from([0xa4]), 'text/plain;charset=ISO-8859-15', '€'],
		['Windows-1252', Buffer.from([0x80]), 'text/plain; charset=windows-1252', '€'],
		['Shift_JIS', Buffer.from([0x93, 0xfa]), 'text/plain; charset=Shift_JIS', '日'],
		['UTF-16 with a mark', utf16('\uFEFFä', true), 'text/plain; charset=utf-16', 'ä'],
		['UTF-16 without one', utf16('ä'), 'text/plain; charset=utf-16', 'ä'],
		['no charset and no UTF-8', latin1, 'text/plain', 'Größe'],
		['ISO-8859-1 that is said to be UTF-8', latin1, 'text/plain; charset=utf-8', 'Größe'],
		[
			'UTF-8 that was cut off',
			Buffer.from('Größe €').subarray(0, -1),
			'text/plain',
			'Größe \uFFFD',
		],
		['an unknown charset', Buffer.from('ö'), 'text/plain; charset=klingon', 'ö'],
		[
			'an XML declaration',
			Buffer.from('<?xml version="1.0" encoding="ISO-8859-15"?><a>\xA4</a>', 'latin1'),
			'application/xml',
			'<?xml version="1.0" encoding="ISO-8859-15"?><a>€</a>',
		],
		[
			'a meta element',
			Buffer.from('<meta charset="windows-1251">\xC4\xE0', 'latin1'),
			'text/html',
			'<meta charset="windows-1251">Да',
		],
	])('in %s', (_name, body, type, expected) => {
		expect(read(body, type)).toBe(expected);
		expect(read(body, type, { reply: 'text' })).toBe(expected);
	});
});

describe('a reply that is JSON', () => {
	it.each<[string, Buffer | string, string]>([
		['behind a byte order mark', '\uFEFF{"a":"ö"}', 'application/json'],
		['in ISO-8859-15', Buffer.from('{"a":"ö"}', 'latin1'), 'application/json; charset=iso-8859-15'],
		['in ISO-8859-1 without saying so', Buffer.from('{"a":"ö"}', 'latin1'), 'application/json'],
		['in UTF-16 with a mark', utf16('\uFEFF{"a":"ö"}'), 'application/json'],
		['in UTF-16 without one', utf16('{"a":"ö"}', true), 'application/json'],
		['in UTF-8 that is said to be something else', '{"a":"ö"}', 'application/json; charset=iso-8859-1'],
		['of no type', '{"a":"ö"}', ''],
		['of a type of its own', '{"a":"ö"}', 'application/vnd.api+json'],
	])('%s', (_name, body, type) => {
		for (const reply of ['auto', 'json'] as const) {
			expect(read(body, type, { reply })).toEqual({ a: 'ö' });
		}
	});

	it('is text in an error, whatever was asked for', () => {
		expect(read('\uFEFF{"message":"no"}', 'application/json', { reply: 'file' }, 404)).toEqual({
			message: 'no',
		});
		expect(read(Buffer.from('Größe', 'latin1'), 'text/plain', { reply: 'file' }, 500)).toBe(
			'Größe',
		);
	});

	it.each([
		['application/x-ndjson', '{"a":1}\n{"a":2}\n'],
		['application/jsonl', '{"a":1}\r\n\r\n{"a":2}'],
		['application/jsonlines; charset=utf-8', '\uFEFF{"a":1}\n{"a":2}'],
		['application/x-json-lines', '{"a":1}\n{"a":2}'],
		['application/stream+json', '{"a":1}\n{"a":2}'],
		['application/json-seq', '\u001e{"a":1}\n\u001e{\n"a":2}\n'],
		['application/geo+json-seq', '\u001e{"a":1}\n\u001e{"a":2}\n'],
		['application/json', '{"a":1}\n{"a":2}\n'],
	])('%s is a list of its entries', (type, body) => {
		expect(read(body, type)).toEqual([{ a: 1 }, { a: 2 }]);
	});

	it('of one line only is a list as well, and of none nothing', () => {
		expect(read('{"a":1}\n', 'application/x-ndjson')).toEqual([{ a: 1 }]);
		expect(read('\n', 'application/x-ndjson')).toBeUndefined();
	});

	it('with a broken line says which, or is handed on as text', () => {
		const lines = '{"a":1}\n{"a":';
		expect(() => read(lines, 'application/x-ndjson', { reply: 'json' })).toThrow(
			'The API answered something else in entry 2 instead of JSON.',
		);
		expect(read(lines, 'application/x-ndjson')).toBe(lines);
	});
});

describe('a file', () => {
	it.each([
		['application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
		['application/vnd.oasis.opendocument.text'],
		['image/png'],
		['application/octet-stream'],
	])('of type %s stays as it is', (type) => {
		const bytes = Buffer.from([0x50, 0x4b, 0xff, 0xfe]);
		expect(read(bytes, type)).toEqual(bytes);
	});

	it.each([
		'image/svg+xml',
		'application/xml',
		'application/yaml',
		'application/x-yaml',
		'text/csv',
		'application/atom+xml',
		'application/javascript',
		'',
	])('is not what %j is', (type) => {
		expect(read('a', type)).toBe('a');
	});
});

describe('a reply without a type', () => {
	it.each<[string, Buffer | string]>([
		['a picture', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1])],
		['a PDF', '%PDF-1.7\n'],
	])('is a file where it is %s', (_, body) => {
		expect(read(body, '')).toEqual(Buffer.from(body));
	});

	it.each([['hello'], ['[not json'], ['{{ a template }}'], ['\uFEFFa;b']])(
		'is a text where it is %j',
		(body) => expect(read(body, '')).toBe(body.replace('\uFEFF', '')),
	);
});

describe('a long number', () => {
	it.each([
		['7615917337495251231', '7615917337495251231'],
		['-7615917337495251231', '-7615917337495251231'],
		['9007199254740991', 9007199254740991],
		['9007199254740993', '9007199254740993'],
		['12345678901234567.89', '12345678901234567.89'],
		['0.1234567890123456789', 0.12345678901234568],
		['1e400', '1e400'],
		['1.5E+300', 1.5e300],
		['"7615917337495251231"', '7615917337495251231'],
		['"say \\"7615917337495251231\\""', 'say "7615917337495251231"'],
		['"\\\\"', '\\'],
	])('%s is read as %j', (json, expected) => {
		const wrapped = `{"id": ${json}, "7615917337495251231": [${json},7615917337495251232]}`;
		expect(read(wrapped, 'application/json')).toEqual({
			id: expected,
			'7615917337495251231': [expected, '7615917337495251232'],
		});
	});

	it('is rounded where the request says so', () => {
		expect(
			read('{"id":7615917337495251231}', 'application/json', { longNumbers: 'rounded' }),
		).toEqual({ id: 7615917337495251000 });
	});

	it('goes out again as it came in', () => {
		const json = '{"id":7615917337495251231,"list":[9007199254740993,"9007199254740993",1.5]}';
		expect(stringifyExact(parseExact(json, 'bigint'))).toBe(json);
	});

	it.each(['{7615917337495251231: 1}', '[07615917337495251231]', '[7615917337495251231'])(
		'does not make JSON of %s',
		(text) => {
			expect(() => parseExact(text)).toThrow(SyntaxError);
		},
	);

	// What takes a time that grows with the square of the size would not end within a test.
	it('is found in ten megabytes', () => {
		const entry = '{"id":7615917337495251231,"text":"\\\\\\"' + 'x'.repeat(900) + '"}';
		const list = parseExact(`[${new Array(10_000).fill(entry).join(',')}]`) as unknown[];
		expect(list[9_999]).toMatchObject({ id: '7615917337495251231' });
	}, 60_000);
});
