import fc from 'fast-check';
import { providerWords } from '../../../credentials/tokens/errors';
import { redact } from '../../../credentials/tokens/redact';

const ENTITIES: Readonly<Record<string, string>> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	"'": '&#039;',
};
const percent = (text: string) =>
	[...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');

/** In what dress a provider may hand a text back. */
const dresses: Readonly<Record<string, (text: string) => string>> = {
	'as it is': (text) => text,
	JSON: (text) => JSON.stringify(text).slice(1, -1),
	'JSON of PHP': (text) =>
		JSON.stringify(text)
			.slice(1, -1)
			.replaceAll('/', '\\/')
			.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
	'JSON in JSON': (text) => JSON.stringify(JSON.stringify(text)).slice(3, -3),
	'a text of Python': (text) => text.replace(/[\\']/g, '\\$&').replaceAll('\n', '\\n'),
	'an address': encodeURIComponent,
	'an address in small letters': (text) =>
		encodeURIComponent(text).replace(/%../g, (one) => one.toLowerCase()),
	'an address, all of it': percent,
	'an address in an address': (text) => encodeURIComponent(encodeURIComponent(text)),
	'a form': (text) => new URLSearchParams([['', text]]).toString().slice(1),
	HTML: (text) => text.replace(/[&<>"']/g, (sign) => ENTITIES[sign]),
	'HTML in HTML': (text) =>
		text.replace(/[&<>"']/g, (sign) => ENTITIES[sign].replace('&', '&amp;')),
	'HTML, all of it': (text) =>
		[...text].map((sign) => `&#x${(sign.codePointAt(0) ?? 0).toString(16)};`).join(''),
	'JSON in HTML': (text) => dresses.HTML(dresses.JSON(text)),
	capitals: (text) => text.toUpperCase(),
	'one line': (text) => text.replace(/\s+/g, ' ').trim(),
	'Base64 of a header': (text) => Buffer.from(`user:${text}`).toString('base64'),
};

const SECRETS = [
	'a"b\\c/d',
	'ab/cd/ef',
	'geheimnüß',
	`a&b<c"d'e`,
	'ab/cd+ef=',
	' abcd efgh ',
	'-----BEGIN KEY-----\nMIIB+/=\r\nxyz\n-----END KEY-----\n',
	'.*+?^${}()|[]\\',
	'p%41ss%2Fword',
	'C:\\new\\table',
	'schlüssel🔑key',
	'&amp;&lt;quot;',
];

describe('A secret in a provider’s words is blanked', () => {
	describe.each(Object.entries(dresses))('dressed as %s', (_, dress) => {
		it.each(SECRETS)('%j', (secret) => {
			const dressed = dress(secret).trim();
			for (const shown of [redact, providerWords]) {
				const text = shown(`The value (${dressed}) is wrong`, ['another', secret]);
				expect(text).toMatch(/^The value \(.{0,9}•••.{0,9}\) is wrong$/);
			}
		});
	});

	it('whatever it is, and whatever stands around it', () => {
		const cases = fc.record({
			secret: fc.string({ unit: 'binary', minLength: 6, maxLength: 40 }),
			around: fc.string(),
			dress: fc.constantFrom(...Object.keys(dresses).filter((name) => !/Base64/.test(name))),
		});
		fc.assert(
			fc.property(cases, ({ secret, around, dress }) => {
				// Short, and blanks alone.
				fc.pre(secret.replace(/[\s\p{Cc}+\\%&]/gu, '').length >= 6);
				const dressed = dresses[dress](secret);
				expect(redact(`${around} ${dressed} ${around}`, [secret])).not.toContain(dressed.trim());
			}),
			{ numRuns: 2_000 },
		);
	});

	it('with the tail of another one that overlaps it', () => {
		expect(redact('x abcdefghi y', ['abcdef', 'defghi'])).toBe('x ••• y');
		expect(redact('x defghi abcdef y', ['abcdef', 'defghi'])).toBe('x ••• ••• y');
		expect(redact('abcdefgh abcd', ['abcd', 'abcdefgh', 'cdef'])).toBe('••• •••');
	});

	it('but not where it is too short to be told from a word', () => {
		expect(redact('an answer', ['an'])).toBe('an answer');
		expect(redact('an answer', ['', ' + ', '\\\\\\\\\\'])).toBe('an answer');
	});

	it('in linear time, and nothing of a huge text', () => {
		const long = 'aB3-_'.repeat(20_000);
		for (const sign of ['\\', '%', '&amp;', '%25', '&', '\\u', ' ', 'a', '+']) {
			const from = performance.now();
			redact(sign.repeat(100_000), [sign.repeat(10), long]);
			expect(performance.now() - from).toBeLessThan(5_000);
		}
	});
});
