import { ApiError } from '../../../credentials/tokens/errors';
import { readRefusal } from '../../../credentials/tokens/refusal';
import {
	readIssuedToken,
	type IssuedToken,
	type ReplyFields,
	type TokenReply,
} from '../../../credentials/tokens/reply';
import { START } from '../support/virtualTime';

const JWT = (claims: object) =>
	`e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`;
const reply = (body: unknown, headers: Record<string, string> = {}): TokenReply => ({
	status: 200,
	headers,
	text: typeof body === 'string' ? body : JSON.stringify(body),
});
const read = (fields: ReplyFields, body: unknown, headers?: Record<string, string>) =>
	readIssuedToken('api.example.com', reply(body, headers), fields, START, ['s3cr3t-value']);
const thrown = (work: () => unknown): ApiError => {
	try {
		work();
	} catch (error) {
		if (error instanceof ApiError) return error;
	}
	throw new Error('It threw no ApiError');
};
const OAUTH = { token: 'access_token', expiry: 'expires_in', refreshToken: 'refresh_token' };

describe('A token is found in', () => {
	it.each<[string, ReplyFields, unknown, IssuedToken]>([
		[
			'the whole body as text',
			{ token: '', format: 'text' },
			' eyJ0.abc.def \n',
			{ token: 'eyJ0.abc.def' },
		],
		['the whole body as a JSON text', { token: '', format: 'text' }, '"abc"', { token: 'abc' }],
		[
			'a form',
			{ token: 'access_token', expiry: 'expires', format: 'form' },
			'access_token=a%2Bb&expires=60',
			{ token: 'a+b', expiresAt: START + 60_000 },
		],
		[
			'a form where JSON was expected',
			{ token: 'access_token' },
			'access_token=gho_1&token_type=bearer',
			{ token: 'gho_1' },
		],
		['a list', { token: '[0].token' }, [{ token: 't' }], { token: 't' }],
		[
			'a list inside',
			{ token: 'data[0].token', expiry: '$.data[0].ttl' },
			{ data: [{ token: 't', ttl: 5 }] },
			{ token: 't', expiresAt: START + 5_000 },
		],
		['JSON behind a byte order mark', { token: 'token' }, '\ufeff{"token":"t"}', { token: 't' }],
		[
			'XML',
			{ token: 'r.auth.token', expiry: 'r.auth.@ttl', format: 'xml' },
			'<r><auth ttl="60"><token>t</token></auth></r>',
			{ token: 't', expiresAt: START + 60_000 },
		],
		[
			'a field with the scheme in front',
			{ token: 'token' },
			{ token: 'Bearer abc' },
			{ token: 'abc' },
		],
		['a number', { token: 'token' }, { token: 123456 }, { token: '123456' }],
		[
			'other names in a refresh reply',
			{ token: 'accessToken', refreshToken: 'next' },
			{ accessToken: 't', next: 'r' },
			{ token: 't', refreshToken: 'r' },
		],
	])('%s', (_, fields, body, expected) => expect(read(fields, body)).toEqual(expected));

	it('a header, whatever the body is', () => {
		const headers = { 'x-subject-token': 'gAAAA', 'x-expires': '60' };
		const fields = { token: 'header:X-Subject-Token', expiry: 'header:X-Expires' };
		for (const body of ['', '<html></html>', '{"token":{"expires_at":"x"}}']) {
			expect(read(fields, body, headers)).toEqual({ token: 'gAAAA', expiresAt: START + 60_000 });
		}
		expect(
			read(
				{ token: 'header:X-Subject-Token', expiry: 'token.expires_at' },
				{ token: { expires_at: '2026-11-01T01:00:00Z' } },
				headers,
			).expiresAt,
		).toBe(START + 3_600_000);
	});

	it('a cookie, with its age, as one header of several or joined', () => {
		const lines = [
			'lang=en; Expires=Wed, 21 Oct 2026 07:28:00 GMT',
			'AuthSession="YW5uYTo"; Version=1; Expires=Sun, 08 Nov 2026 00:00:00 GMT; Max-Age=600; Path=/',
		];
		const fields = { token: 'cookie:AuthSession' };
		const expected = { token: 'YW5uYTo', expiresAt: START + 600_000 };
		expect(read(fields, '{"ok":true}', { 'set-cookie': lines.join(',') })).toEqual(expected);
		expect(readIssuedToken('P', { ...reply(''), setCookie: lines }, fields, START)).toEqual(
			expected,
		);
		expect(() => read({ token: 'cookie:Auth' }, '{}', { 'set-cookie': lines.join(',') })).toThrow(
			/no token in it/,
		);
	});

	it('a reply with a second token beside it, and none is forgotten', () => {
		const fields = { token: 'sid', extras: { 'X-CSRF-Token': 'csrf', Tenant: 'header:X-Tenant' } };
		expect(read(fields, { sid: 's', csrf: 'c' }, { 'x-tenant': 't7' }).extras).toEqual({
			'X-CSRF-Token': 'c',
			Tenant: 't7',
		});
		expect(thrown(() => read(fields, { sid: 's' }, { 'x-tenant': 't7' })).sentences).toMatch(
			/no “X-CSRF-Token” in it\. It was looked for at “csrf”/,
		);
	});
});

describe('The token type', () => {
	it.each(['Bearer', 'BearerToken', 'JWT', 'bot', '', 'N_A', 7, null])(
		'%j is sent as the credential says',
		(token_type) => {
			expect(read(OAUTH, { access_token: 't', token_type }).token).toBe('t');
		},
	);

	it.each(['mac', 'DPoP', 'PoP'])(
		'%s needs a proof in each request, unless the person set the prefix',
		(token_type) => {
			expect(() => read(OAUTH, { access_token: 't', token_type })).toThrow(
				/another type than Bearer/,
			);
			expect(read({ ...OAUTH, anyType: true }, { access_token: 't', token_type }).token).toBe('t');
		},
	);
});

describe('The life of a token', () => {
	it('is the shorter one of what reply and token say, and that they differ is told', () => {
		const token = JWT({ iat: 1_000, exp: 1_900 });
		const issued = read(
			{ token: 'access_token', expiry: 'expires' },
			{ access_token: token, expires: 900_000 },
		);
		expect(issued.expiresAt).toBe(START + 900_000);
		expect(issued.notes).toEqual([
			'The reply says that the token lives for 10 days, the token itself says 15 min; the shorter one counts.',
		]);
		const later = read(OAUTH, { access_token: JWT({ iat: 1_000, exp: 9_000 }), expires_in: 300 });
		expect(later.expiresAt).toBe(START + 300_000);
		expect(read(OAUTH, { access_token: token, expires_in: 899 }).notes).toBeUndefined();
	});

	it('in milliseconds is read where the credential or the name of the field says so', () => {
		expect(
			read(
				{ token: 't', expiry: 'expires', expiryUnit: 'milliseconds' },
				{ t: 'a', expires: 900_000 },
			).expiresAt,
		).toBe(START + 900_000);
		expect(
			read({ token: 't', expiry: 'expiresInMs' }, { t: 'a', expiresInMs: 900_000 }).expiresAt,
		).toBe(START + 900_000);
	});

	it.each<[string, unknown, RegExp]>([
		[
			'cannot be read',
			'whenever',
			/“expires_in” could not be read; the lifetime from the credential counts/,
		],
		['is zero', 0, /could not be read/],
		['is longer than a day', 864_000, /lives for 10 days, which is longer than a day/],
	])('that %s is told', (_, expires_in, words) => {
		expect(read(OAUTH, { access_token: 't', expires_in }).notes?.join()).toMatch(words);
	});

	it('that is missing or usual is not worth a word', () => {
		expect(read(OAUTH, { access_token: 't' }).notes).toBeUndefined();
		expect(read(OAUTH, { access_token: 't', expires_in: '' }).notes).toBeUndefined();
		expect(read(OAUTH, { access_token: 't', expires_in: 86_400 }).notes).toBeUndefined();
	});
});

describe('The scope that was granted', () => {
	it.each<[unknown, readonly string[] | undefined]>([
		['a b', ['a', 'b']],
		['a,b', ['a', 'b']],
		['a, b', ['a', 'b']],
		[
			['a', 'b'],
			['a', 'b'],
		],
		['', []],
		[undefined, undefined],
		[7, undefined],
	])('%j', (scope, expected) => {
		expect(read({ ...OAUTH, scope: 'scope' }, { access_token: 't', scope }).scope).toEqual(
			expected,
		);
	});
});

describe('A refusal behind a 200', () => {
	it.each<[unknown, string, RegExp]>([
		[
			{ error: 'invalid_client', error_description: 'No such client' },
			'client',
			/refused the client id or secret \(200: “No such client”\)/,
		],
		[{ error: 'invalid_code' }, 'grant', /refused to issue a token \(200: “invalid_code”\)/],
		[{ errcode: 40013, errmsg: 'invalid appid' }, 'grant', /“invalid appid”/],
		[{ ok: false, error: 'invalid_auth' }, 'client', /“invalid_auth”/],
		[
			{ fault: { faultstring: 'Invalid client identifier' } },
			'grant',
			/“Invalid client identifier”/,
		],
		[
			{ success: false, errors: [{ code: '601', message: 'Access token invalid' }] },
			'grant',
			/“Access token invalid”/,
		],
		[{ status: 'error', msg: 'Nope' }, 'grant', /“Nope”/],
		['error=bad_verification_code&error_description=It+expired', 'grant', /“It expired”/],
	])('%j is told in its own words', (body, kind, words) => {
		const error = thrown(() => read(OAUTH, body));
		expect(error.kind).toBe(kind);
		expect(error.message).toMatch(words);
		expect(error.message).toMatch(/^api\.example\.com /);
	});

	it('is none where a token came along', () => {
		expect(
			read(OAUTH, { access_token: 't', error: null, ok: true, errcode: 0, errors: [] }).token,
		).toBe('t');
	});
});

describe('What cannot be read is told so that it can be mended:', () => {
	it.each<[string, ReplyFields, unknown, RegExp]>([
		[
			'the fields that are there',
			OAUTH,
			{ data: { jwt: 'x', user: { name: 'n' } }, 'a b': 1 },
			/looked for at “access_token”\. The reply has “data\.jwt”, “data\.user\.name”\./,
		],
		[
			'the title of a page',
			OAUTH,
			'<!doctype html><html><head><title>Sign in to Example</title>',
			/a web page \(“Sign in to Example”\)/,
		],
		['a list', { token: 'token' }, [{ x: 1 }], /write \[0\]\.token under Token in Reply/],
		['a text', OAUTH, '"abc"', /choose Text under Reply Format/],
		['something else', OAUTH, 'abc', /choose that under Reply Format/],
		['XML', OAUTH, '<a>1</a>', /choose XML under Reply Format/],
		['no XML', { token: 'a', format: 'xml' }, 'abc', /something that is not XML/],
	])('%s', (_, fields, body, words) => {
		const { kind, sentences } = thrown(() => read(fields, body));
		expect(kind).toBe('reply');
		expect(sentences).toMatch(words);
	});

	it('names that hold a secret or are no names are not repeated', () => {
		const body = {
			eyJhbGciOiJIUzI1NiJ9_eyJzdWIiOiIxMjM0NTY3ODkwIn0_x: 1,
			's3cr3t-value': 1,
			fine: 1,
		};
		const { sentences } = thrown(() => read(OAUTH, body));
		expect(sentences).not.toMatch(/eyJ|s3cr3t/);
		expect(sentences).toMatch(/“fine”/);
		const page = '<html><title>s3cr3t-value</title>';
		expect(thrown(() => read(OAUTH, page)).sentences).not.toMatch(/s3cr3t/);
	});
});

describe('A refusal of the token request', () => {
	const refusal = (status: number, text: string, otherProof?: string) =>
		readRefusal('api.example.com', { status, headers: {}, text }, ['s3cr3t-value'], START, {
			otherProof,
		});

	it.each<[string, RegExp]>([
		['<html><head><title>403 Forbidden</title></head></html>', /“403 Forbidden”/],
		[
			'<e:Envelope><e:Body><e:Fault><faultstring>Wrong key</faultstring></e:Fault></e:Body></e:Envelope>',
			/“Wrong key”/,
		],
		['error=invalid_grant&error_description=Too+old', /“Too old”/],
		['\ufeff{"message":"Behind a mark"}', /“Behind a mark”/],
		['{"error":{"errorMessage":"s3cr3t-value is wrong"}}', /“••• is wrong”/],
	])('written as %s is told in its own words', (text, words) => {
		expect(refusal(403, text).message).toMatch(words);
	});

	it('without a word suggests the other way to send the secret', () => {
		const other = 'Then choose Basic Header.';
		expect(refusal(403, '', other).description).toMatch(/Then choose Basic Header\.$/);
		expect(refusal(401, '', other).description).toMatch(/Then choose Basic Header\.$/);
		expect(refusal(403, '{"message":"Not for you"}', other).description).not.toMatch(/Basic/);
	});
});
