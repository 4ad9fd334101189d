import fc from 'fast-check';
import { ApiError } from '../../../credentials/tokens/errors';
import { readExpiry, readJwtExpiry } from '../../../credentials/tokens/expiry';
import { valueAt } from '../../../credentials/tokens/json';
import { readIssuedToken, type TokenReply } from '../../../credentials/tokens/reply';
import { basicHeader, formRequest, jsonRequest } from '../../../credentials/tokens/request';
import { inWords } from '../../../credentials/tokens/times';
import { START } from '../support/virtualTime';

const NOW = START;
const YEAR = 365 * 86_400_000;
const FIELDS = { token: 'access_token', expiry: 'expires_in', refreshToken: 'refresh_token' };

const ok = (body: unknown): TokenReply => ({
	status: 200,
	headers: {},
	text: typeof body === 'string' ? body : JSON.stringify(body),
});
const jwt = (claims: object) =>
	`${Buffer.from('{}').toString('base64url')}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.sig`;

describe('An expiry', () => {
	it.each<[string, unknown, number | undefined]>([
		['seconds', 86_400, 86_400_000],
		['seconds as text', '300', 300_000],
		['seconds as text with blanks', ' 300 ', 300_000],
		['a fraction of seconds', 1.5, 1_500],
		['a UNIX time in s (Fusio before 4.0.3)', NOW / 1000 + 60, 60_000],
		['a UNIX time in s as text', String(NOW / 1000 + 60), 60_000],
		['a UNIX time in ms', NOW + 60_000, 60_000],
		['an ISO date in UTC', '2026-11-01T01:00:00Z', 3_600_000],
		['an ISO date with an offset', '2026-11-01T02:00:00+01:00', 3_600_000],
		['ten years: a year', 3e8, YEAR],
		['empty', '', undefined],
		['blank', '  ', undefined],
		['missing', undefined, undefined],
		['null', null, undefined],
		['zero', 0, undefined],
		['negative', -5, undefined],
		['words', 'soon', undefined],
		['the placeholder of a documentation', '<time in s>', undefined],
		['a past date', '2020-01-01T00:00:00Z', undefined],
		['a date that does not exist', '2026-99-99', undefined],
		['a past UNIX time', 1_600_000_000, undefined],
		['an object', { s: 5 }, undefined],
		['a list', [300], undefined],
		['true', true, undefined],
		['not a number', NaN, undefined],
		['endless', Infinity, undefined],
		['a number too large for any clock', 1e300, undefined],
	])('as %s', (_, value, lifetime) => {
		expect(readExpiry(value, NOW)).toBe(lifetime === undefined ? undefined : NOW + lifetime);
	});

	it('is a whole moment in the year ahead, or none, whatever the provider writes', () => {
		fc.assert(
			fc.property(
				fc.oneof(
					fc.anything(),
					fc.double(),
					fc.date().map((date) => (Number.isNaN(date.getTime()) ? '' : date.toISOString())),
					fc.double().map(String),
				),
				(value) => {
					const read = readExpiry(value, NOW);
					if (read === undefined) return;
					expect(Number.isSafeInteger(read)).toBe(true);
					expect(read).toBeGreaterThanOrEqual(NOW);
					expect(read).toBeLessThanOrEqual(NOW + YEAR);
				},
			),
			{ numRuns: 500 },
		);
	});

	it('reads a lifetime the same as number and as text', () => {
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 5e8 }), (seconds) =>
				expect(readExpiry(String(seconds), NOW)).toBe(readExpiry(seconds, NOW)),
			),
		);
	});

	it('of a JWT counts from our own clock where the token tells when it was issued', () => {
		expect(readJwtExpiry(jwt({ iat: 1_000, exp: 1_300 }), NOW)).toBe(NOW + 300_000);
		expect(readJwtExpiry(jwt({ exp: NOW / 1000 + 60 }), NOW)).toBe(NOW + 60_000);
		expect(readJwtExpiry(jwt({ iat: NOW / 1000, exp: NOW / 1000 }), NOW)).toBeUndefined();
		expect(readJwtExpiry(jwt({ exp: 'soon' }), NOW)).toBeUndefined();
		expect(readJwtExpiry('opaque', NOW)).toBeUndefined();
		expect(readJwtExpiry('a.%%%.c', NOW)).toBeUndefined();
	});

	it('of the reply goes before the one of the JWT', () => {
		const token = jwt({ iat: 0, exp: 100 });
		expect(
			readIssuedToken('P', ok({ access_token: token, expires_in: 50 }), FIELDS, NOW).expiresAt,
		).toBe(NOW + 50_000);
		expect(
			readIssuedToken('P', ok({ access_token: token, expires_in: '' }), FIELDS, NOW).expiresAt,
		).toBe(NOW + 100_000);
		expect(
			readIssuedToken('P', ok({ access_token: 'opaque' }), FIELDS, NOW).expiresAt,
		).toBeUndefined();
	});
});

describe('A token reply', () => {
	it.each<[string, string, RegExp]>([
		[
			'a web page',
			'<!doctype html><title>Log in</title>',
			/answered the token request with a web page/,
		],
		['nothing', '', /an empty reply/],
		['blanks', ' \n', /an empty reply/],
		['words', 'OK', /something that is not JSON/],
		['a list', '[]', /JSON that is not an object/],
		['null', 'null', /JSON that is not an object/],
		['a text', '"token"', /JSON that is not an object/],
		['more than 1 MiB', `{"access_token":"t","x":"${'x'.repeat(1024 * 1024)}"}`, /more than 1 MiB/],
		['no token', '{"ok":true}', /no token in it/],
		['an empty token', '{"access_token":""}', /no token in it/],
		['a token that is an object', '{"access_token":{"a":5}}', /no token in it/],
		['a token with a line break', '{"access_token":"a\\r\\nb"}', /no token in it/],
		['a MAC token', '{"access_token":"t","token_type":"mac"}', /another type than Bearer/],
		['a DPoP token', '{"access_token":"t","tokenType":"DPoP"}', /another type than Bearer/],
	])('with %s is an error that says so', (_, text, words) => {
		const read = () => readIssuedToken('Calenso', ok(text), FIELDS, NOW);
		expect(read).toThrow(ApiError);
		expect(read).toThrow(words);
		expect(read).toThrow(
			expect.objectContaining({
				kind: 'reply',
				description: expect.stringMatching(/Check the (token URL|URLs)/) as string,
			}),
		);
	});

	it('with a token of any spelling of Bearer is read', () => {
		for (const type of ['Bearer', 'bearer', 'BEARER', undefined]) {
			expect(
				readIssuedToken(
					'P',
					ok({ access_token: 't', token_type: type, expires_in: 1 }),
					FIELDS,
					NOW,
				),
			).toEqual({
				token: 't',
				expiresAt: NOW + 1_000,
			});
		}
		expect(
			readIssuedToken(
				'P',
				ok({ access_token: 't', token_type: 'mac' }),
				{ ...FIELDS, anyType: true },
				NOW,
			).token,
		).toBe('t');
	});

	it('of bookingtime brings a refresh token alone', () => {
		const reply = ok({ refresh_token: 'refresh', token_type: 'Bearer', expires_in: '2592000' });
		expect(readIssuedToken('bookingtime', reply, FIELDS, NOW)).toEqual({
			refreshToken: 'refresh',
			expiresAt: NOW + 2_592_000_000,
		});
	});

	it('of Meister1 is read in its own spelling, and one that nests its fields by dotted paths', () => {
		const camel = { token: 'accessToken', expiry: 'expiresIn', refreshToken: 'refreshToken' };
		expect(
			readIssuedToken('P', ok({ accessToken: 'a', expiresIn: 5, refreshToken: 'r' }), camel, NOW),
		).toEqual({
			token: 'a',
			refreshToken: 'r',
			expiresAt: NOW + 5_000,
		});
		const nested = { token: 'data.token', expiry: 'data.expiresAt' };
		expect(
			readIssuedToken('P', ok({ data: { token: 'a', expiresAt: NOW + 7 } }), nested, NOW),
		).toEqual({
			token: 'a',
			expiresAt: NOW + 7,
		});
	});

	it('is a token or a ApiError, whatever comes', () => {
		const text = fc.oneof(
			fc.string(),
			fc.json(),
			fc
				.record({
					access_token: fc.jsonValue(),
					expires_in: fc.jsonValue(),
					refresh_token: fc.jsonValue(),
					token_type: fc.jsonValue(),
				})
				.map((body) => JSON.stringify(body)),
		);
		fc.assert(
			fc.property(text, (body) => {
				try {
					const { token, refreshToken } = readIssuedToken('P', ok(body), FIELDS, NOW);
					expect(token ?? refreshToken).toMatch(/^[\x21-\x7e]+$/);
				} catch (error) {
					expect(error).toBeInstanceOf(ApiError);
				}
			}),
			{ numRuns: 500 },
		);
	});

	it('is not read through the prototype', () => {
		expect(valueAt({}, 'constructor.name')).toBeUndefined();
		expect(valueAt({ a: { b: 1 } }, 'a.b')).toBe(1);
		expect(valueAt('text', 'length')).toBeUndefined();
	});
});

describe('A token request', () => {
	it('as a form survives every character, and leaves out what is undefined', () => {
		fc.assert(
			fc.property(
				fc.dictionary(fc.string({ minLength: 1 }), fc.string({ unit: 'grapheme' }), {
					noNullPrototype: true,
				}),
				(parameters) => {
					const { body, headers } = formRequest('https://auth', {
						...parameters,
						'?gone': undefined,
					});
					expect(Object.fromEntries(new URLSearchParams(body))).toEqual(parameters);
					expect(headers['content-type']).toBe('application/x-www-form-urlencoded');
				},
			),
		);
	});

	it('as JSON leaves out what is undefined', () => {
		expect(jsonRequest('https://auth', { a: 1, b: undefined }, {}, 'PUT')).toEqual({
			method: 'PUT',
			url: 'https://auth',
			headers: { accept: 'application/json', 'content-type': 'application/json' },
			body: '{"a":1}',
		});
	});

	it('carries Basic as RFC 7617 has it, in UTF-8', () => {
		expect(basicHeader('Aladdin', 'open sesame').authorization).toBe(
			'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==',
		);
		expect(basicHeader('test', '123£').authorization).toBe('Basic dGVzdDoxMjPCow==');
	});
});

describe('A wait', () => {
	it('is said in s, min, h or days, never as zero', () => {
		const waits = [0, 1, 1_500, 120_000, 120_001, 900_000, 86_400_000, 30 * 86_400_000];
		expect(waits.map(inWords)).toEqual([
			'1 s',
			'1 s',
			'2 s',
			'120 s',
			'3 min',
			'15 min',
			'24 h',
			'30 days',
		]);
	});
});
