import fc from 'fast-check';
import { isBusy, readRateLimit, readRetryAfter } from '../../../credentials/tokens/retryAfter';

const NOW = Date.UTC(2026, 10, 1);
const DAY = 86_400_000;

describe('Retry-After', () => {
	it.each<[string, Record<string, string>, number | undefined]>([
		['as seconds', { 'retry-after': '30' }, 30_000],
		['as seconds with blanks', { 'retry-after': ' 30 ' }, 30_000],
		['as parts of a second', { 'retry-after': '0.5' }, 500],
		['as 0', { 'retry-after': '0' }, 0],
		['as a date', { 'retry-after': 'Sun, 01 Nov 2026 00:00:20 GMT' }, 20_000],
		[
			'as a date on a clock that is an hour ahead',
			{ 'retry-after': 'Sun, 01 Nov 2026 01:00:20 GMT', date: 'Sun, 01 Nov 2026 01:00:00 GMT' },
			20_000,
		],
		['as a past date', { 'retry-after': 'Sun, 01 Nov 2020 00:00:20 GMT' }, undefined],
		['of a week is a day', { 'retry-after': '604800' }, DAY],
		['in words', { 'retry-after': 'soon' }, undefined],
		['negative', { 'retry-after': '-1' }, undefined],
		[
			'empty, beside Auth0’s reset time',
			{ 'retry-after': '', 'x-ratelimit-reset': String(NOW / 1000 + 9) },
			9_000,
		],
		['missing, beside Auth0’s reset time', { 'x-ratelimit-reset': String(NOW / 1000 + 9) }, 9_000],
		['missing, beside a reset time in ms', { 'x-ratelimit-reset': String(NOW + 9_000) }, 9_000],
		['missing, beside seconds until the reset', { 'ratelimit-reset': '9' }, 9_000],
		['missing, beside a date', { 'x-rate-limit-reset': '2026-11-01T00:00:09Z' }, 9_000],
		['goes before a reset time', { 'retry-after': '3', 'ratelimit-reset': '9' }, 3_000],
		['missing', {}, undefined],
		['as a UNIX time', { 'retry-after': String(NOW / 1000 + 9) }, 9_000],
		['as a UNIX time in ms', { 'retry-after': String(NOW + 9_000) }, 9_000],
		['with its unit', { 'retry-after': '30s' }, 30_000],
		['in words with a number', { 'retry-after': '30 seconds' }, 30_000],
		['in ms with the unit', { 'retry-after': '1500ms' }, 1_500],
		['in quotes', { 'retry-after': '"30"' }, 30_000],
		['with a plus', { 'retry-after': '+30' }, 30_000],
		['twice', { 'retry-after': '30,60' }, 60_000],
		['as Azure has it', { 'retry-after': '2', 'retry-after-ms': '1500' }, 1_500],
		['as Cosmos DB has it', { 'x-ms-retry-after-ms': '1500' }, 1_500],
		['with an X', { 'x-retry-after': '30' }, 30_000],
		['missing, beside a reset time in µs', { 'x-ratelimit-reset': `${NOW + 9_000}000` }, 9_000],
		['missing, beside minutes and seconds', { 'x-ratelimit-reset': '1m20s' }, 80_000],
	])('%s', (_, headers, wait) => expect(readRetryAfter(headers, NOW)).toBe(wait));

	it('is never negative nor more than a day, whatever is written', () => {
		const header = fc.oneof(fc.string(), fc.integer().map(String), fc.double().map(String));
		fc.assert(
			fc.property(header, header, header, (retry, reset, date) => {
				const headers = { 'retry-after': retry, 'x-ratelimit-reset': reset, date };
				const wait = readRetryAfter(headers, NOW);
				if (wait !== undefined) expect(wait >= 0 && wait <= DAY).toBe(true);
			}),
		);
	});
});

describe('A busy reply', () => {
	it.each<[number, Record<string, string>, boolean]>([
		[429, {}, true],
		[503, {}, true],
		[403, { 'retry-after': '60' }, true],
		[403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW / 1000 + 9) }, true],
		[403, { 'x-ratelimit-remaining': '7', 'x-ratelimit-reset': String(NOW / 1000 + 9) }, false],
		[403, {}, false],
		[404, { 'retry-after': '60' }, false],
		[200, { 'retry-after': '60', 'x-ratelimit-remaining': '0' }, false],
	])('%i with %j: %j', (status, headers, busy) => {
		expect(isBusy(status, headers, NOW)).toBe(busy);
	});
});

describe('A limit', () => {
	it.each<[string, Record<string, string>, unknown]>([
		[
			'as the draft had it first',
			{ 'ratelimit-limit': '100', 'ratelimit-remaining': '7', 'ratelimit-reset': '30' },
			{ remaining: 7, reset: 30_000 },
		],
		[
			'as a dictionary',
			{ ratelimit: 'limit=100, remaining=50, reset=30' },
			{ remaining: 50, reset: 30_000 },
		],
		['as an item', { ratelimit: '"default";r=50;t=30' }, { remaining: 50, reset: 30_000 }],
		[
			'as items, of which the tightest counts',
			{ ratelimit: '"day";r=900;t=80000, "minute"; r=2; t=12' },
			{ remaining: 2, reset: 12_000 },
		],
		[
			'as GitHub has it',
			{ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW / 1000 + 60) },
			{ remaining: 0, reset: 60_000 },
		],
		[
			'as Discord has it',
			{ 'x-ratelimit-remaining': '1', 'x-ratelimit-reset-after': '1.5' },
			{ remaining: 1, reset: 1_500 },
		],
		['as Fusio has it, below zero', { 'ratelimit-limit': '60', 'ratelimit-remaining': '-1' }, {}],
		['that cannot be read', { 'x-ratelimit-remaining': 'many', 'x-ratelimit-reset': '' }, {}],
		['that is not told', { 'content-type': 'application/json' }, undefined],
	])('%s', (_, headers, limit) => expect(readRateLimit(headers, NOW)).toEqual(limit));
});
