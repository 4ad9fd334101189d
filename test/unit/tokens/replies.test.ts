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
const DIGITS = '1234567890'.repeat(2);
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
			'an XML element that has attributes too (SOAP)',
			{ token: 'Envelope.Body.loginResponse.loginReturn', format: 'xml' },
			'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><n:loginResponse><loginReturn xsi:type="xsd:string">f1&amp;e2</loginReturn></n:loginResponse></e:Body></e:Envelope>',
			{ token: 'f1&e2' },
		],
		[
			'an expiry that has attributes too',
			{ token: 'r.t', expiry: 'r.x', format: 'xml' },
			'<r><t>a</t><x unit="s"><![CDATA[60]]></x></r>',
			{ token: 'a', expiresAt: START + 60_000 },
		],
		[
			'JSON within a text (a proxy of AWS Lambda)',
			{ token: 'body.token', expiry: 'body.ttl' },
			{ statusCode: 200, body: '{"token":"t","ttl":60}' },
			{ token: 't', expiresAt: START + 60_000 },
		],
		[
			'JSON within a text (ASMX)',
			{ token: 'd[0].token' },
			{ d: '[{"token":"t"}]' },
			{ token: 't' },
		],
		[
			'JSON within XML',
			{ token: 'string.access_token', format: 'xml' },
			'<?xml version="1.0"?><string xmlns="http://tempuri.org/">{"access_token":"t"}</string>',
			{ token: 't' },
		],
		[
			'JSON that is a JSON text',
			{ token: 'token' },
			JSON.stringify('{"token":"t"}'),
			{ token: 't' },
		],
		[
			'a form of lines (ClientLogin)',
			{ token: 'Auth', format: 'form' },
			'SID=s\nLSID=l\nAuth=DQAAA-x=\n',
			{ token: 'DQAAA-x=' },
		],
		[
			'a form whose value has a sign of equality in it',
			{ token: 'access_token' },
			'access_token=a%3D%3D&expires=5',
			{ token: 'a==' },
		],
		[
			'a field with dots in its name',
			{ token: 'auth.token' },
			{ 'auth.token': 't' },
			{ token: 't' },
		],
		['a path in brackets', { token: "$['data']['a.b']" }, { data: { 'a.b': 't' } }, { token: 't' }],
		['a text in a list', { token: '[0]' }, ['t'], { token: 't' }],
		['a text of UTF-8 behind blanks', { token: 'token' }, ' \r\n {"token":"t"}', { token: 't' }],
		['a long number', { token: 'token' }, `{"token":${DIGITS}}`, { token: DIGITS }],
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

	it.each([0, -1, 1.5, true, false, null, {}, [], ' '])('no token is %j', (token) => {
		expect(() => read({ token: 'token' }, { token })).toThrow(/no token in it/);
	});

	it('a body that is the token, and not in one that is something else', () => {
		const text = (body: string) => thrown(() => read({ token: '', format: 'text' }, body));
		expect(text('{"error":"wrong_password"}').message).toMatch(/refused.*“wrong_password”/);
		expect(text('{"token":"abc"}').sentences).toMatch(/JSON.*choose JSON under Reply Format/);
		expect(text('["abc"]').sentences).toMatch(/choose JSON under Reply Format/);
		expect(text('<html><title>Sign in</title></html>').message).toMatch(/a web page \(“Sign in”\)/);
		expect(text('<session>abc</session>').sentences).toMatch(/choose XML under Reply Format/);
		expect(text('Login failed, sorry').sentences).toMatch(/no token in it.*blank/);
		expect(text('Login failed, sorry').sentences).not.toMatch(/“”|sorry/);
	});

	it('a header or cookie, but not in one beside a refusal', () => {
		const setCookie = ['session_id=anonymous; Max-Age=600'];
		const body = {
			jsonrpc: '2.0',
			error: { code: 200, message: 'Odoo Server Error', data: { message: 'Access Denied' } },
		};
		const cookie = () =>
			readIssuedToken('P', { ...reply(body), setCookie }, { token: 'cookie:session_id' }, START);
		expect(thrown(cookie).message).toMatch(/refused to issue a token \(200: “Odoo Server Error”\)/);
		const header = () =>
			read({ token: 'header:X-Token' }, { success: false, message: 'No' }, { 'x-token': 'x' });
		expect(thrown(header).message).toMatch(/“No”/);
	});

	it.each<[string, string[], string, number?]>([
		[
			'that was first deleted (PHP)',
			['SID=deleted; Expires=Thu, 01-Jan-1970 00:00:01 GMT; Max-Age=0', 'SID=new; path=/'],
			'new',
		],
		['that was set twice: the last one', ['SID=old; path=/', 'SID=new; path=/'], 'new'],
		[
			'that was set and deleted in another path',
			['SID=new', 'SID=; Max-Age=0; path=/admin'],
			'new',
		],
		['with a date alone', ['SID=a; Expires=Sun, 01 Nov 2026 00:10:00 GMT'], 'a', 600_000],
		[
			'with age and date: the age',
			['SID=a; expires=Sun, 08 Nov 2026 00:00:00 GMT; MAX-AGE=60'],
			'a',
			60_000,
		],
		[
			'with blanks and a sign of equality in it',
			[' SID=PVE:root@pam:4EEC61E2::a+b/c== ;Secure'],
			'PVE:root@pam:4EEC61E2::a+b/c==',
		],
		['in another case than it was typed', ['sid=a'], 'a'],
	])('a cookie %s', (_, setCookie, token, ...[life]) => {
		const issued = readIssuedToken(
			'P',
			{ ...reply(''), setCookie },
			{ token: 'cookie:SID' },
			START,
		);
		expect(issued.token).toBe(token);
		expect(issued.expiresAt).toBe(life === undefined ? undefined : START + life);
	});

	it('a cookie, and the shorter one of its age and what the body says', () => {
		const setCookie = ['SID=a; Max-Age=60'];
		const fields = { token: 'cookie:SID', expiry: 'expires_in' };
		const life = (expires_in: number) =>
			readIssuedToken('P', { ...reply({ expires_in }), setCookie }, fields, START).expiresAt;
		expect([life(30), life(90)]).toEqual([START + 30_000, START + 60_000]);
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
		const fields = { token: 'access_token', expiry: 'expires' };
		const issued = read(fields, { access_token: token, expires: 864_000 });
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

	it.each([
		['expires_in_minutes', 20, 20 * 60_000],
		['validityMins', 20, 20 * 60_000],
		['ttlHours', 2, 7_200_000],
		['timeoutSeconds', 900_000, 900_000_000],
		['EXPIRES_IN_SECS', 900_000, 900_000_000],
		['expiresInMillis', 60, 60],
	])('is counted as the name of its field says: %s', (expiry, value, life) => {
		const issued = read({ token: 't', expiry }, { t: 'a', [expiry]: value });
		expect(issued).toMatchObject({ expiresAt: START + life });
		expect(issued.doubt).toBeUndefined();
	});

	it('in milliseconds of which nobody says so is doubted, and the shorter one counts', () => {
		const fields = { token: 'data.access_token', expiry: 'data.expires' };
		const directus = (access_token: string) => ({ data: { access_token, expires: 900_000 } });
		const issued = read(fields, directus('opaque'));
		expect(issued.expiresAt).toBe(START + 900_000);
		expect(issued.doubt).toBe(
			'“data.expires” is 900000: as seconds that is 10 days, as milliseconds 15 min, which is what counts for now. Choose one of the two under Expiry Counts.',
		);
		const told = read(fields, directus(JWT({ iat: 1_000, exp: 1_900 })));
		expect(told.expiresAt).toBe(START + 900_000);
		expect(told.doubt).toBeUndefined();
		const chosen = read({ ...fields, expiryUnit: 'seconds' }, directus('opaque'));
		expect(chosen.expiresAt).toBe(START + 900_000_000);
		expect(chosen.doubt).toBeUndefined();
	});

	it.each<[unknown]>([
		['whenever'],
		['11/01/2026 01:00:00'],
		[{ minutes: 5 }],
		['2020-01-01'],
		[START - 1],
	])('that cannot be read is doubted: %j', (expires_in) => {
		const { expiresAt, doubt } = read(OAUTH, { access_token: 't', expires_in });
		expect(expiresAt).toBeUndefined();
		expect(doubt).toMatch(
			/^The expiry at “expires_in” could not be read as a time that lies ahead; the lifetime from the credential counts\. .*none under Expiry in Reply/,
		);
		const jwt = read(OAUTH, { access_token: JWT({ iat: 1_000, exp: 1_900 }), expires_in });
		expect(jwt.doubt).toBeUndefined();
		expect(jwt.expiresAt).toBe(START + 900_000);
	});

	it.each<[unknown]>([[0], [-1], ['0'], ['-1'], ['never'], [false], ['null']])(
		'without an end is worth a word alone: %j',
		(expires_in) => {
			const issued = read(OAUTH, { access_token: 't', expires_in });
			expect(issued.doubt).toBeUndefined();
			expect(issued.notes?.join()).toMatch(/“expires_in” names no end/);
		},
	);

	it('that is longer than a day is told', () => {
		expect(read(OAUTH, { access_token: 't', expires_in: 864_000 }).notes?.join()).toMatch(
			/lives for 10 days, which is longer than a day/,
		);
	});

	it('that is missing or usual is not worth a word', () => {
		expect(read(OAUTH, { access_token: 't' }).notes).toBeUndefined();
		expect(read(OAUTH, { access_token: 't', expires_in: '' }).notes).toBeUndefined();
		expect(read(OAUTH, { access_token: 't', expires_in: 86_400 }).notes).toBeUndefined();
	});

	it.each<[string, ReplyFields, object, number]>([
		['expiresIn', OAUTH, { access_token: 't', expiresIn: 60 }, 60_000],
		['expires_at', OAUTH, { access_token: 't', expires_at: '2026-11-01T00:01:00Z' }, 60_000],
		['.expires', OAUTH, { access_token: 't', '.expires': 'Sun, 01 Nov 2026 00:01:00 GMT' }, 60_000],
		[
			'accessTokenExpiresAt',
			OAUTH,
			{ access_token: 't', accessTokenExpiresAt: START + 60_000 },
			60_000,
		],
		[
			'data.expires',
			{ ...OAUTH, token: 'data.token' },
			{ data: { token: 't', expires: 60 } },
			60_000,
		],
		[
			'validUntil',
			{ ...OAUTH, token: 'data[0].token' },
			{ validUntil: '2026-11-01T00:01:00Z', data: [{ token: 't' }] },
			60_000,
		],
		[
			'auth.lease_duration',
			{ ...OAUTH, token: 'auth.client_token' },
			{ lease_duration: 0, auth: { client_token: 't', lease_duration: 60 } },
			60_000,
		],
		['expire', OAUTH, { access_token: 't', expire: 60, expires_at: START + 90_000 }, 60_000],
	])(
		'is found under another name beside the token, and that is told: %s',
		(name, fields, body, life) => {
			const issued = read(fields, body);
			expect(issued.expiresAt).toBe(START + life);
			expect(issued.notes?.join()).toMatch(
				new RegExp(
					`no “expires_in” in the reply; “${name.replace('.', '\\.')}”.* was read instead`,
				),
			);
		},
	);

	it.each<[string, ReplyFields, object]>([
		[
			'of the refresh token',
			OAUTH,
			{ access_token: 't', refresh_expires_in: 60, refreshTokenExpiresAt: START + 60_000 },
		],
		[
			'of something else',
			OAUTH,
			{ access_token: 't', license: { expires_at: '2026-11-01T00:01:00Z' } },
		],
		[
			'where the person wants none',
			{ ...OAUTH, expiry: 'none' },
			{ access_token: 't', expires: 60 },
		],
	])('is not the one %s', (_, fields, body) => {
		const issued = read(fields, body);
		expect(issued.expiresAt).toBeUndefined();
		expect(issued.doubt).toBeUndefined();
	});

	it('without a zone is read as UTC, and that is told', () => {
		const at = (expires_in: string) => read(OAUTH, { access_token: 't', expires_in }).notes?.join();
		expect(at('2026-11-01 01:00:00')).toMatch(
			/“expires_in” names no time zone and was read as UTC/,
		);
		expect(at('20261101010000')).toMatch(/no time zone/);
		expect(at('2026-11-01T01:00:00Z')).toBeUndefined();
		expect(at('3600')).toBeUndefined();
	});

	it('that is a moment is one of the provider’s clock, which the reply’s Date tells', () => {
		const late = { date: 'Sat, 31 Oct 2026 23:00:00 GMT' };
		const at = (body: object, headers: Record<string, string>) =>
			read(OAUTH, body, headers).expiresAt;
		expect(at({ access_token: 't', expires_in: '2026-10-31T23:30:00Z' }, late)).toBe(
			START + 1_800_000,
		);
		expect(at({ access_token: JWT({ exp: START / 1000 - 1800 }) }, late)).toBe(START + 1_800_000);
		expect(at({ access_token: JWT({ iat: START / 1000 - 3600, exp: START / 1000 }) }, late)).toBe(
			START + 3_600_000,
		);
		expect(at({ access_token: 't', expires_in: 60 }, late)).toBe(START + 60_000);
		// A request takes its time, and the header counts whole seconds.
		const slow = { date: 'Sun, 01 Nov 2026 00:00:09 GMT' };
		expect(at({ access_token: 't', expires_in: '2026-11-01T00:30:00Z' }, slow)).toBe(
			START + 1_800_000,
		);
		expect(at({ access_token: 't', expires_in: '2026-11-01T00:30:00Z' }, { date: 'x' })).toBe(
			START + 1_800_000,
		);
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
		[
			'fields that lie deep',
			{ token: 'token', format: 'xml' },
			'<Envelope><Body><loginResponse><result><sessionId>s</sessionId></result></loginResponse></Body></Envelope>',
			/The reply has “Envelope\.Body\.loginResponse\.result\.sessionId”\./,
		],
		[
			'the cookies that came',
			{ token: 'cookie:SID' },
			'{}',
			/looked for at “cookie:SID”\. The reply has the cookies “JSESSIONID”, “lang”\./,
		],
		[
			'the headers that came',
			{ token: 'header:X-Token' },
			'{}',
			/looked for at “header:X-Token”\. The reply has the headers “set-cookie”, “x-auth-token”\./,
		],
		[
			'what the provider says in a shape of its own',
			OAUTH,
			{ code: 10001, msg: 'invalid app_id or secret', data: null },
			/no token in it: “invalid app_id or secret”\./,
		],
		[
			'a token with a blank',
			OAUTH,
			{ access_token: 'a b' },
			/blank or another sign that no token has/,
		],
		['a list', { token: 'token' }, [{ x: 1 }], /write \[0\]\.token under Token in Reply/],
		['a text', OAUTH, '"abc"', /choose Text under Reply Format/],
		['something else', OAUTH, 'abc', /choose that under Reply Format/],
		['XML', OAUTH, '<a>1</a>', /choose XML under Reply Format/],
		['no XML', { token: 'a', format: 'xml' }, 'abc', /something that is not XML/],
	])('%s', (_, fields, body, words) => {
		const headers = {
			'set-cookie': 'JSESSIONID=j, lang=en; Path=/',
			'x-auth-token': 't',
			date: 'Sun, 01 Nov 2026 00:00:00 GMT',
		};
		const { kind, sentences } = thrown(() => read(fields, body, headers));
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

	it('does not repeat a JWT that was signed for the request', () => {
		const jwt = JWT({ iss: 'me' }).replace('e30', 'eyJhbGciOiJIUzI1NiJ9');
		const text = JSON.stringify({ error_description: `The assertion ${jwt} is too old` });
		expect(refusal(400, text).message).toMatch(/“The assertion ••• is too old”/);
	});

	it('without a word suggests the other way to send the secret', () => {
		const other = 'Then choose Basic Header.';
		expect(refusal(403, '', other).description).toMatch(/Then choose Basic Header\.$/);
		expect(refusal(401, '', other).description).toMatch(/Then choose Basic Header\.$/);
		expect(refusal(403, '{"message":"Not for you"}', other).description).not.toMatch(/Basic/);
	});
});
