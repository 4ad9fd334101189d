import { signJwt } from '../../../credentials/tokens/jwt';
import { readKeyFile } from '../../../credentials/tokens/keyFile';
import { readExpiry, readJwtExpiry } from '../../../credentials/tokens/expiry';
import { valueAt } from '../../../credentials/tokens/json';
import { readRefusal } from '../../../credentials/tokens/refusal';
import { readIssuedToken } from '../../../credentials/tokens/reply';
import { readRetryAfter } from '../../../credentials/tokens/retryAfter';
import { parseXml } from '../../../credentials/tokens/xml';
import { START } from '../support/virtualTime';

const LENGTH = 100_000;
const pieces = [
	...[
		'1',
		'-',
		' ',
		'\t',
		'.',
		',',
		':',
		'=',
		'&',
		'<',
		'<a>',
		'<!',
		'<![CDATA[',
		'<a b="',
		"<a b='",
		'<!a[',
		'>',
	],
	...[
		'[',
		"['",
		'[0]',
		'$',
		'\\n',
		'&#',
		'"',
		'{',
		'{"a":',
		'Bearer ',
		'a=',
		'header:',
		'=;',
		'GMT',
		'PT1H',
		'/Date(',
	],
	...['2026-11-01', '-----BEGIN ', 'T', 'x', 'max-age='],
];
const texts = pieces.flatMap((piece) => [
	piece.repeat(Math.ceil(LENGTH / piece.length)),
	`a${piece.repeat(Math.ceil(LENGTH / piece.length))}!`,
]);

/** In ms; what takes more than this for 100 kB, three times in a row, grows faster than the text. */
const MOST = 1_000;

function time(work: () => unknown): number {
	const from = performance.now();
	try {
		work();
	} catch {
		// That it ends is what counts.
	}
	return performance.now() - from;
}

/** The machine may have had something else to do, but not three times. */
function isSlow(work: () => unknown): boolean {
	return [1, 2, 3].every(() => time(work) > MOST);
}

const reply = (text: string) => ({ status: 200, headers: { 'set-cookie': text }, text });
const fields = (format?: 'form' | 'xml' | 'text') => ({
	token: 'a.b',
	expiry: 'c',
	scope: 'd',
	format,
});

describe('100 kB of any kind stop nobody', () => {
	it.each<[string, (text: string) => unknown]>([
		['as an expiry', (text) => readExpiry(text, START)],
		['as a JWT', (text) => readJwtExpiry(text, START)],
		['as a path', (text) => valueAt({ a: { b: 1 } }, text)],
		['as XML', (text) => parseXml(text)],
		['as Retry-After', (text) => readRetryAfter({ 'retry-after': text }, START)],
		['as a reply', (text) => readIssuedToken('P', reply(text), fields(), START)],
		['as a form', (text) => readIssuedToken('P', reply(text), fields('form'), START)],
		['as an XML reply', (text) => readIssuedToken('P', reply(text), fields('xml'), START)],
		[
			'as a token',
			(text) => readIssuedToken('P', reply(text), { token: '', format: 'text' }, START),
		],
		['as a cookie', (text) => readIssuedToken('P', reply(text), { token: 'cookie:a' }, START)],
		[
			'as a field of a reply',
			(text) =>
				readIssuedToken(
					'P',
					reply(JSON.stringify({ token: text, e: text })),
					{ token: 'token', expiry: 'e' },
					START,
				),
		],
		[
			'as a refusal',
			(text) => readRefusal('P', { status: 400, headers: {}, text }, ['secret'], START),
		],
		[
			'as the words of one',
			(text) =>
				readRefusal(
					'P',
					{ status: 400, headers: {}, text: JSON.stringify({ error: text }) },
					['secret'],
					START,
				),
		],
		['as a key', (text) => signJwt({ key: text, algorithm: 'RS256' }, {}, {})],
		[
			'as a secret',
			(text) => signJwt({ key: text, algorithm: 'HS256', encoding: 'base64' }, {}, {}),
		],
		['as a key file', (text) => readKeyFile(text)],
	])('%s', (_, work) => {
		const slow = texts.filter((text) => isSlow(() => work(text))).map((text) => text.slice(0, 12));
		expect(slow).toEqual([]);
	});
});
