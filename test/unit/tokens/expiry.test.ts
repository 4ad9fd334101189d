import { readExpiry, type ExpiryUnit } from '../../../credentials/tokens/expiry';
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
		'1'.repeat(65),
	])('is none as %s', (value) => {
		expect(readExpiry(value, START)).toBeUndefined();
	});

	it('without a zone is the same moment on every host', () => {
		// On a host in Berlin `Date.parse` would say an hour less; the pattern asks no host.
		const parse = jest.spyOn(Date, 'parse');
		expect(readExpiry('2026-11-01T01:00:00', START)).toBe(START + HOUR);
		expect(parse).not.toHaveBeenCalled();
		parse.mockRestore();
	});
});
