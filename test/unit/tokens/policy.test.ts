import fc from 'fast-check';
import { decide, JUST_BOUGHT, renewalTime } from '../../../credentials/tokens/policy';
import type { StoredToken } from '../../../credentials/tokens/record';
import { START } from '../support/virtualTime';

const DAY = 86_400_000;
const daily: StoredToken = { value: 'token', issuedAt: START, expiresAt: START + DAY };
const replaced: StoredToken = { ...daily, replacement: true };

type Answer = 'use' | 'renew' | 'renew, the old one in reserve' | 'renew, a replacement' | 'stop';

function answer(situation: Parameters<typeof decide>[0]): Answer {
	const decision = decide(situation);
	if (decision.kind !== 'renew') return decision.kind;
	if (decision.fallback !== undefined) return 'renew, the old one in reserve';
	return decision.replacement ? 'renew, a replacement' : 'renew';
}

describe('What to do about a token', () => {
	// Each row: age in ms, what is known, and the answer without and with a budget.
	const rows: Array<
		[string, number, { token?: StoredToken; refused?: string; proven?: boolean }, Answer, Answer]
	> = [
		['there is none', 0, {}, 'renew', 'renew'],
		['just bought', 0, { token: daily }, 'use', 'use'],
		['fresh to the last ms', DAY - 30_001, { token: daily }, 'use', 'use'],
		['ageing', DAY - 30_000, { token: daily }, 'renew, the old one in reserve', 'use'],
		['in its last ms', DAY - 1, { token: daily }, 'renew, the old one in reserve', 'use'],
		['dead', DAY, { token: daily }, 'renew', 'renew'],
		['long dead', DAY * 40, { token: daily }, 'renew', 'renew'],
		['dead and refused', DAY, { token: daily, refused: 'token' }, 'renew', 'renew'],
		['another one was refused', 5, { token: daily, refused: 'other' }, 'use', 'use'],
		['refused as soon as bought', 5, { token: daily, refused: 'token' }, 'stop', 'stop'],
		[
			'refused within a minute',
			JUST_BOUGHT - 1,
			{ token: daily, refused: 'token' },
			'stop',
			'stop',
		],
		[
			'refused after a minute',
			JUST_BOUGHT,
			{ token: daily, refused: 'token' },
			'renew, a replacement',
			'renew, a replacement',
		],
		[
			'revoked within a minute, but it had worked',
			5,
			{ token: daily, refused: 'token', proven: true },
			'renew, a replacement',
			'renew, a replacement',
		],
		[
			'refused while ageing',
			DAY - 10_000,
			{ token: daily, refused: 'token' },
			'renew, a replacement',
			'renew, a replacement',
		],
		[
			'refused 5 s before its death: a clock differs',
			DAY - 5_000,
			{ token: daily, refused: 'token' },
			'renew',
			'renew',
		],
		['a replacement refused', DAY / 2, { token: replaced, refused: 'token' }, 'stop', 'stop'],
		[
			'a replacement refused 5 s before its death',
			DAY - 5_000,
			{ token: replaced, refused: 'token' },
			'renew',
			'renew',
		],
		[
			'a replacement refused, though it works for other requests',
			DAY / 2,
			{ token: replaced, refused: 'token', proven: true },
			'renew, a replacement',
			'stop',
		],
		[
			'refused, bought by a clock that was a month ahead',
			-30 * DAY,
			{ token: daily, refused: 'token' },
			'renew, a replacement',
			'renew, a replacement',
		],
		[
			'refused as soon as bought, by a worker whose clock is 2 s ahead',
			-2_000,
			{ token: daily, refused: 'token' },
			'stop',
			'stop',
		],
	];

	it.each(rows)('%s', (_, age, known, plain, budgeted) => {
		const now = START + age;
		expect(answer({ now, ...known, budgeted: false })).toBe(plain);
		expect(answer({ now, ...known, budgeted: true })).toBe(budgeted);
	});

	const token = fc
		.record({
			issuedAt: fc.integer({ min: 0, max: START }),
			lifetime: fc.integer({ min: 1, max: 40 * DAY }),
			replacement: fc.boolean(),
		})
		.map(({ issuedAt, lifetime, replacement }): StoredToken => {
			const read = { value: 'token', issuedAt, expiresAt: issuedAt + lifetime };
			return replacement ? { ...read, replacement: true } : read;
		});
	const now = fc.integer({ min: 0, max: START + 50 * DAY });
	const situation = fc.record({
		token,
		now,
		refused: fc.constantFrom(undefined, 'token', 'other'),
		proven: fc.boolean(),
		budgeted: fc.boolean(),
	});

	it('a token of a budget is never replaced while it lives and nobody refused it', () => {
		fc.assert(
			fc.property(token, fc.nat(), fc.boolean(), (one, number, proven) => {
				const at = one.issuedAt + (number % (one.expiresAt - one.issuedAt));
				expect(decide({ now: at, token: one, proven, budgeted: true })).toEqual({
					kind: 'use',
					token: one,
				});
			}),
		);
	});

	it('a dead token is never used, nor kept in reserve', () => {
		fc.assert(
			fc.property(situation, (one) => {
				const decision = decide(one);
				if (one.now < one.token.expiresAt) return;
				expect(decision).toEqual({ kind: 'renew', replacement: false });
			}),
		);
	});

	it('a refused token is neither used nor kept in reserve', () => {
		fc.assert(
			fc.property(situation, (one) => {
				const decision = decide({ ...one, refused: 'token' });
				expect(decision.kind).not.toBe('use');
				if (decision.kind === 'renew') expect(decision.fallback).toBeUndefined();
			}),
		);
	});

	it('renewing starts at the skew: the smaller of 30 s and a tenth of the lifetime, and none with a budget', () => {
		fc.assert(
			fc.property(token, (one) => {
				const skew = one.expiresAt - renewalTime(one, false);
				expect(skew).toBeCloseTo(Math.min(30_000, (one.expiresAt - one.issuedAt) / 10), 3);
				expect(renewalTime(one, true)).toBe(one.expiresAt);
			}),
		);
	});

	it('what is once dead stays dead as time passes', () => {
		fc.assert(
			fc.property(situation, fc.nat({ max: DAY }), (one, later) => {
				const plain = { ...one, refused: undefined };
				const order = ['use', 'renew'];
				const before = order.indexOf(decide(plain).kind);
				const after = order.indexOf(decide({ ...plain, now: plain.now + later }).kind);
				expect(after).toBeGreaterThanOrEqual(before);
			}),
		);
	});
});
