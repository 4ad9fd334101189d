import { readExpiry, readJwtExpiry, type ExpiryUnit } from '../../../credentials/tokens/expiry';
import { START } from '../support/virtualTime';

const HOUR = 3_600_000;

describe('An expiry of any API', () => {
	it.each<[string, unknown, number, ExpiryUnit?]>([
		['milliseconds, where the credential says so (Directus)', 900_000, 900_000, 'milliseconds'],
		['milliseconds as text', '900000', 900_000, 'milliseconds'],
		['minutes', 20, 20 * 60_000, 'minutes'],
		['hours', '24', 24 * HOUR, 'hours'],
		['a UNIX time in ms, whatever the unit', START + 5_000, 5_000, 'minutes'],
		['a UNIX time in s, whatever the unit', START / 1000 + 5, 5_000, 'seconds'],
		['an RFC 1123 date', 'Sun, 01 Nov 2026 01:00:00 GMT', HOUR],
		['an RFC 850 date', 'Sunday, 01-Nov-26 01:00:00 GMT', HOUR],
		['an ASP.NET date', `/Date(${START + 5_000})/`, 5_000],
		['an ASP.NET date with an offset', `/Date(${START + 5_000}+0200)/`, 5_000],
		['an ISO date without a zone', '2026-11-01T01:00:00', HOUR],
		['an ISO date with a blank and no zone', '2026-11-01 01:00:00', HOUR],
		['an ISO date with UTC in words', '2026-11-01 01:00:00 UTC', HOUR],
		['an ISO date with a short offset', '2026-11-01T03:00:00+0200', HOUR],
		['an ISO date with an offset of hours', '2026-10-31T20:00:00-05', HOUR],
		['an ISO date with seven digits of a second', '2026-11-01T01:00:00.5000000Z', HOUR + 500],
		['a day', '2026-11-02', 24 * HOUR],
		['an ISO duration', 'PT1H', HOUR],
		['a long ISO duration', 'P1DT1H30M5.5S', 25.5 * HOUR + 5_500],
		['an ISO duration of weeks', 'P1W', 7 * 24 * HOUR],
		['a word with h', '1h', HOUR],
		['a word with a blank', '15 minutes', 15 * 60_000],
		['a duration as protobuf writes it', '3600s', HOUR],
		['days in words', '7 days', 7 * 24 * HOUR],
		['a duration as Go writes it', '1h30m0s', 1.5 * HOUR],
		['a duration as Go writes it, with a fraction', '0h0m59.5s', 59_500],
		['a duration as .NET writes it', '01:30:00', 1.5 * HOUR],
		[
			'a duration as .NET writes it, with days and a fraction',
			'2.01:00:00.5000000',
			49 * HOUR + 500,
		],
		['a duration in more hours than a day has (Tableau)', '120:30:00', 120.5 * HOUR],
		['a UNIX time in µs', (START + 5_000) * 1_000, 5_000],
		['a UNIX time in ns (Spring)', String((START + 5_000) * 1_000) + '000', 5_000],
		[
			'a UNIX time in s with nanoseconds behind the point (Jackson)',
			`${START / 1000 + 5}.000000000`,
			5_000,
		],
		['a UNIX time in ms with a fraction', `${START + 5_000}.5`, 5_000],
		['digits alone (SAP, Kiwoom)', '20261101010000', HOUR],
		['digits alone, as a number', 20261101010000, HOUR],
		['digits alone, to the minute', '202611010100', HOUR],
		['the digits of a day', '20261102', 24 * HOUR],
		['the basic form of ISO 8601', '20261101T010000Z', HOUR],
		['a date with slashes', '2026/11/01 01:00:00', HOUR],
		['a date with a zone in brackets (Java)', '2026-11-01T02:00:00+01:00[Europe/Berlin]', HOUR],
		['a date as Go writes it', '2026-11-01 01:00:00.5 +0000 UTC', HOUR + 500],
		['an RFC 1123 date with one digit of a day', 'Sun, 1 Nov 2026 01:00:00 GMT', HOUR],
		['an RFC 1123 date with an offset', 'Sun, 01 Nov 2026 02:00:00 +0100', HOUR],
		['a date as asctime writes it', 'Sun Nov  1 01:00:00 2026', HOUR],
		['a date as Java writes it', 'Sun Nov 01 01:00:00 UTC 2026', HOUR],
		[
			'a date as JavaScript writes it',
			'Sun Nov 01 2026 02:00:00 GMT+0100 (Central European Standard Time)',
			HOUR,
		],
		['a list of its parts (Jackson)', [2026, 11, 1, 1, 0], HOUR],
		[
			'seconds and nanoseconds (protobuf)',
			{ seconds: START / 1000 + 5, nanos: 500_000_000 },
			5_500,
		],
		['never, in ms', 253402300799000, 365 * 24 * HOUR],
		['milliseconds that no seconds can be (15 min)', 900_000, 900_000],
		['milliseconds that no seconds can be (1 h)', '3600000', HOUR],
		['milliseconds that no seconds can be (a day)', 86_400_000, 24 * HOUR],
		['milliseconds that no UNIX time can be (7 days)', 604_800_000, 7 * 24 * HOUR],
		['milliseconds that no UNIX time can be (30 days)', 2_592_000_000, 30 * 24 * HOUR],
		['seconds, where the credential says so', 900_000, 900_000_000, 'seconds'],
		['seconds of whole days', 864_000, 864_000_000],
		['seconds of LinkedIn', 5_183_999, 5_183_999_000],
		['seconds of a year', 31_536_000, 31_536_000_000],
	])('as %s', (_, value, lifetime, ...[unit]) => {
		expect(readExpiry(value, START, unit)).toBe(START + lifetime);
	});

	it.each([
		'P',
		'PT',
		'P1M',
		'1 fortnight',
		'h',
		'2026-13-01',
		'2026-02-30T00:00:00Z',
		'/Date(x)/',
		'Sun, 99 Foo 2026 01:00:00 GMT',
		'Sun Nov 01 01:00:00 CET 2026',
		'Sun Foo 01 01:00:00 UTC 2026',
		'01:00',
		'11/01/2026 01:00:00',
		'2026-11-01T01:00:00 PST',
		'1h30',
		// .NET ticks and Windows file times: counted from another year.
		639_000_000_000_000_000,
		'134380512000000000',
		{ minutes: 5 },
		'1'.repeat(65),
	])('is none as %s', (value) => {
		expect(readExpiry(value, START)).toBeUndefined();
	});

	it('that is a moment is one of the provider’s clock, where that is known', () => {
		const ahead = START + 600_000;
		for (const value of ['2026-11-01T01:10:00Z', START / 1000 + 4_200, START + HOUR + 600_000]) {
			expect(readExpiry(value, START, 'auto', ahead)).toBe(START + HOUR);
		}
		expect(readExpiry(300, START, 'auto', ahead)).toBe(START + 300_000);
	});

	it('without a zone is the same moment on every host', () => {
		// On a host in Berlin `Date.parse` would say an hour less; the pattern asks no host.
		const parse = jest.spyOn(Date, 'parse');
		expect(readExpiry('2026-11-01T01:00:00', START)).toBe(START + HOUR);
		expect(parse).not.toHaveBeenCalled();
		parse.mockRestore();
	});
});

describe('The expiry of a JWT', () => {
	const jwt = (claims: object) =>
		`e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`;
	const now = START / 1000;

	it.each<[string, object, number, number?]>([
		['that is new counts its whole life', { iat: now, exp: now + 3600 }, HOUR],
		[
			'that was handed out before counts what is left',
			{ iat: now - 3000, exp: now + 600 },
			600_000,
		],
		['of a clock behind ours', { iat: now - 3000, exp: now + 600 }, HOUR, START - 3_000_000],
		['of a clock ahead of ours', { iat: now + 3000, exp: now + 6600 }, HOUR, START + 3_000_000],
		['of a clock behind ours, without iat', { exp: now - 2400 }, 600_000, START - 3_000_000],
		['in ms', { iat: START, exp: START + HOUR }, HOUR],
		['in ms, with iat in s', { iat: now, exp: START + HOUR }, HOUR],
		['as text', { iat: String(now), exp: String(now + 60) }, 60_000],
		['of a host whose clock is far away, as far as is known', { iat: 1_000, exp: 1_300 }, 300_000],
		['is never milliseconds', { iat: now, exp: now + 900_000 }, 900_000_000],
	])('%s', (_, claims, lifetime, ...[clock]) => {
		expect(readJwtExpiry(jwt(claims), START, clock)).toBe(START + lifetime);
	});
});
