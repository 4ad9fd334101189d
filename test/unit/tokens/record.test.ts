import fc from 'fast-check';
import { boughtInMonth } from '../../../credentials/tokens/ledger';
import { decodeRecord, encodeRecord, type TokenRecord } from '../../../credentials/tokens/record';
import { START } from '../support/virtualTime';

const OWNER = 'owner';
const CLIENT = 'client';
const NOW = START + 1_000;

const time = fc.integer({ min: 0, max: START * 2 });
const tokenText = fc.stringMatching(/^[\x21-\x7e]{1,40}$/);
const token = fc
	.record({
		value: tokenText,
		issuedAt: time,
		expiresAt: fc.integer({ min: NOW + 1, max: START * 2 }),
		serial: fc.nat(),
	})
	.chain((read) =>
		fc.constantFrom(
			read,
			{ ...read, replaced: 2 },
			{ ...read, scopes: ['a', 'b'], extras: { csrf: 'c' }, notes: ['Odd.'] },
		),
	);
const slot = fc.oneof(
	fc.constant(''),
	fc.stringMatching(/^f6[a-z0-9]{1,8}$/),
	fc.constant('__proto__'),
);
const month = fc
	.integer({ min: 1, max: 12 })
	.map((number) => `2026-${String(number).padStart(2, '0')}`);
const figures = fc.dictionary(
	fc.stringMatching(/^[A-Za-z0-9_-]{6}$/),
	fc.integer({ min: 1, max: 500 }),
	{ noNullPrototype: true },
);

const record: fc.Arbitrary<TokenRecord> = fc.record(
	{
		owner: fc.constant(OWNER),
		tokens: fc
			.array(fc.tuple(slot, token), { maxLength: 5 })
			.map((pairs) => Object.fromEntries(pairs)),
		ledger: fc.dictionary(
			fc.constantFrom(CLIENT, 'another client'),
			fc.dictionary(month, figures, { maxKeys: 2, noNullPrototype: true }),
			{ noNullPrototype: true },
		),
		refreshToken: fc.record(
			{
				value: tokenText,
				issuedAt: time,
				serial: fc.nat(),
				expiresAt: time,
				failed: fc.integer({ min: 1, max: 9 }),
				dead: fc.constant(true as const),
			},
			{ requiredKeys: ['value', 'issuedAt', 'serial'] },
		),
		claim: fc.record({ nonce: fc.string() }),
		serial: fc.nat(),
		forgotten: fc.nat(),
		slowestWrite: fc.nat(),
	},
	{ requiredKeys: ['owner', 'tokens', 'ledger', 'serial'] },
);

const decoded = (stored: unknown, owner = OWNER) => decodeRecord(stored, owner);

describe('A record', () => {
	it('is read as it was written', () => {
		fc.assert(
			fc.property(record, (written) => {
				const read = decoded(encodeRecord(written, NOW));
				expect(JSON.parse(JSON.stringify(read))).toEqual(JSON.parse(JSON.stringify(written)));
			}),
		);
	});

	it('is an empty one, and no error, for anything that is not a record', () => {
		const garbage = fc.oneof(
			fc.anything(),
			fc.string(),
			fc.json(),
			fc.string().map((text) => `{"version":2,"ledger":${text}`),
			fc
				.json()
				.map(
					(text) =>
						`{"version":2,"owner":"owner","ledger":${text},"serial":${text},"tokens":${text},"refreshToken":${text},"claim":${text}}`,
				),
		);
		fc.assert(
			fc.property(garbage, (stored) => {
				const read = decoded(stored);
				expect(read.owner).toBe(OWNER);
				expect(boughtInMonth(read.ledger, CLIENT, NOW)).toBeGreaterThanOrEqual(0);
				for (const { value, expiresAt } of Object.values(read.tokens)) {
					expect(typeof value).toBe('string');
					expect(Number.isSafeInteger(expiresAt)).toBe(true);
				}
			}),
			{ numRuns: 500 },
		);
	});

	it('keeps its count wherever behind the ledger it was cut off', () => {
		fc.assert(
			fc.property(record, fc.double({ min: 0, max: 1, noNaN: true }), (written, part) => {
				const whole = encodeRecord(written, NOW);
				const from = whole.indexOf(',"owner"');
				const cut = whole.slice(0, from + Math.floor((whole.length - from) * part));
				expect(decoded(cut).ledger).toEqual(decoded(whole).ledger);
			}),
		);
	});

	it('cut off anywhere else is no token and no error', () => {
		fc.assert(
			fc.property(record, fc.nat(), (written, at) => {
				const whole = encodeRecord(written, NOW);
				expect(decoded(whole.slice(0, at % whole.length)).tokens).toEqual({});
			}),
		);
	});

	it('of another version is no token, but keeps its count', () => {
		fc.assert(
			fc.property(record, fc.anything(), (written, version) => {
				fc.pre(version !== 2);
				const stored = { ...(JSON.parse(encodeRecord(written, NOW)) as object), version };
				const read = decoded(
					JSON.stringify(stored, (_, value: unknown) => (typeof value === 'bigint' ? 0 : value)),
				);
				expect(read.tokens).toEqual({});
				expect(read.ledger).toEqual(decoded(encodeRecord(written, NOW)).ledger);
			}),
		);
	});

	it('of changed fields gives away neither token nor refresh token nor claim, but its count and its serial', () => {
		fc.assert(
			fc.property(record, (written) => {
				const read = decoded(encodeRecord(written, NOW), 'other owner');
				expect(read.tokens).toEqual({});
				expect(read.refreshToken).toBeUndefined();
				expect(read.claim).toBeUndefined();
				expect(read.serial).toBe(written.serial);
				expect(read.ledger).toEqual(decoded(encodeRecord(written, NOW)).ledger);
			}),
		);
	});

	it('of version 1 keeps its count', () => {
		const stored = `{"version":1,"ledger":{"client":"client","months":{"2026-11":{"a":7}}},"owner":"owner"}`;
		expect(boughtInMonth(decoded(stored).ledger, CLIENT, NOW)).toBe(7);
	});

	it('holds no token that could break a header', () => {
		const text = fc.oneof(
			fc.constantFrom('a b', 'a\r\nHost: evil', 'ä', '', 'a\u0000', '\u007f'),
			fc.string({ unit: 'grapheme' }),
		);
		fc.assert(
			fc.property(text, (value) => {
				const written = encodeRecord(
					{
						owner: OWNER,
						tokens: { '': { value, issuedAt: 1, expiresAt: NOW + 1, serial: 1 } },
						ledger: {},
						serial: 1,
					},
					NOW,
				);
				const [read] = Object.values(decoded(written).tokens);
				if (read !== undefined) expect(read.value).toMatch(/^[\x21-\x7e]+$/);
			}),
		);
	});

	it('is stored without dead tokens, and with no more than a hundred', () => {
		const tokens = Object.fromEntries(
			Array.from({ length: 150 }, (_, index) => [
				`f6${index}`,
				{ value: 't', issuedAt: 0, expiresAt: NOW + index - 10, serial: index },
			]),
		);
		const written = encodeRecord({ owner: OWNER, tokens, ledger: {}, serial: 150 }, NOW);
		const slots = Object.keys(decoded(written).tokens);
		expect(slots).toHaveLength(100);
		expect(slots).toContain('f6149');
		expect(slots).not.toContain('f65');
	});
});
