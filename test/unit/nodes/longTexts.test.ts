import { Fields } from '../../../credentials/tokens/fields';
import { providerWords } from '../../../credentials/tokens/errors';
import { findErrorText } from '../../../credentials/tokens/errorWords';
import { calendarDate } from '../../../nodes/Bookingtime/calendar';
import { checkedBackUrl } from '../../../nodes/Meister1/backUrl';
import { decodeText } from '../../../credentials/tokens/charset';
import { ownTarget } from '../../../nodes/session/request';
import { namedPage } from '../../../nodes/shared/nextPage';
import { parsedJson } from '../../../nodes/shared/parameters';
import { freeSegment, idSegment } from '../../../nodes/shared/paths';
import { momentIn } from '../../../nodes/shared/moment';
import { reads, fusio } from '../support/credentials';

const issuer = reads.fusio(fusio);
const api = new URL(issuer.apiBase);
const reply = (body: unknown, headers: Record<string, string> = {}) =>
	({ status: 200, headers, body }) as Parameters<typeof namedPage>[3];
const start = { url: api, method: 'GET' } as unknown as Parameters<typeof namedPage>[0];
const inHeader = { kind: 'linkInHeader', header: 'link' } as Parameters<typeof namedPage>[2];
const fieldsOf = (text: string) => new Fields('Fusio', { field: text });

/** Whatever text of a person or a provider a node looks at. */
const readers: Record<string, (text: string) => unknown> = {
	'a day': (text) => calendarDate(text, 'Europe/Berlin'),
	'a day and more': (text) => calendarDate(`2026-11-25T10:00:00${text}+01:00`, 'Europe/Berlin'),
	'a moment': (text) => momentIn(`2026-11-25 ${text}`, 'Europe/Berlin'),
	'a back URL': (text) => checkedBackUrl(`https://${text}`, '*.example.com'),
	'allowed hosts': (text) => checkedBackUrl('https://www.example.com/', text),
	'a Link header': (text) => namedPage(start, api, inHeader, reply({}, { link: text })),
	'a Link header with a link': (text) =>
		namedPage(start, api, inHeader, reply({}, { link: `<${text}>; rel="${text}"` })),
	'a web page': (text) => decodeText(Buffer.from(`<meta ${text}`), 'text/html'),
	'a path': (text) => ownTarget(issuer, { path: `/x${text}` }),
	'a part of a path': (text) => freeSegment('Field', text),
	'an ID': (text) => idSegment('Field', text),
	JSON: (text) => parsedJson(`{"a": "${text}`, 'Field'),
	'JSON with a number': (text) => parsedJson(`[${text}1]`, 'Field'),
	'an address in a credential': (text) =>
		fieldsOf(`https://fusio.example${text}`).url('field', 'F'),
	'hosts in a credential': (text) => fieldsOf(text).origins('field', 'F'),
	'words of an error': (text) => providerWords(text, ['secret', text.slice(0, 9)]),
	'an error': (text) => findErrorText({ errors: [{ message: text }] }),
};

const pieces = [
	...[
		'0',
		'9',
		'-',
		'/',
		'//',
		'\\',
		'.',
		'..',
		' ',
		'\t',
		'\n',
		',',
		':',
		';',
		'=',
		'"',
		"'",
		'%',
	],
	...['[', ']', '<', '>', '<a>', '<meta ', ' charset=', ' content="', 'rel=', ' rel="next" next'],
	...[
		'{',
		'}',
		'{"a":',
		'[',
		'[[',
		'1e',
		'\\u',
		'Z',
		'Z[',
		' Z',
		'T ',
		'+01',
		'@',
		'#',
		'?',
		'é',
		'😀',
	],
	...['https://', 'a.', 'xn--', 'next\t'],
];

/** In ms, the least of three: the machine may have had something else to do. */
function time(read: (text: string) => unknown, text: string): number {
	const once = () => {
		const from = performance.now();
		try {
			read(text);
		} catch {
			// That it ends is what counts.
		}
		return performance.now() - from;
	};
	return Math.min(once(), once(), once());
}

describe('Ten times the text takes no more than some ten times the time, as', () => {
	const grown = (read: (text: string) => unknown, piece: string, length = 100_000) => {
		const long = piece.repeat(Math.ceil(length / piece.length));
		const lately = time(read, long);
		// A reader that looks at each character once for each other one takes seconds here.
		return lately < 300 ? 0 : lately / Math.max(1, time(read, long.slice(0, long.length / 10)));
	};

	it('knows a reader that does not keep to it', () => {
		expect(grown((text) => /\/+$/.test(`${text}x`), '/', 30_000)).toBeGreaterThan(25);
	});

	it.each(Object.entries(readers))('%s', (_, read) => {
		// Once more where it seems slow: a machine under load is slow now and then, a reader always.
		const seldom = (piece: string) => [1, 2, 3].some(() => grown(read, piece) < 25);
		for (const piece of pieces) expect([piece, seldom(piece)]).toEqual([piece, true]);
	});
});
