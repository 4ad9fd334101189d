import fc from 'fast-check';
import {
	decide,
	JUST_BOUGHT,
	type Refusal,
	renewalTime,
	type Situation,
	TRIAL_PAUSES,
} from '../../../credentials/tokens/policy';
import type { StoredToken } from '../../../credentials/tokens/record';
import { START } from '../support/virtualTime';

const DAY = 86_400_000;
const daily: StoredToken = { value: 'token', issuedAt: START, expiresAt: START + DAY, serial: 1 };
const replaced: StoredToken = { ...daily, replaced: 1 };
const twice: StoredToken = { ...daily, replaced: 2 };
const dead: Refusal = { value: 'token', verdict: 'dead' };
const unclear: Refusal = { value: 'token', verdict: 'unclear' };
const forbidden: Refusal = { value: 'token', verdict: 'permission' };

type Answer =
	| 'use'
	| 'use, renew beside'
	| 'renew'
	| `renew, replacement ${number}`
	| 'the same again'
	| 'stop';

function answer(situation: Situation): Answer {
	const decision = decide(situation);
	switch (decision.kind) {
		case 'use':
			return decision.ageing ? 'use, renew beside' : 'use';
		case 'renew':
			return decision.replaced > 0 ? `renew, replacement ${decision.replaced}` : 'renew';
		case 'again':
			return 'the same again';
		case 'stop':
			return 'stop';
	}
}

describe('What to do about a token', () => {
	const MINUTE = 60_000;
	const tried = TRIAL_PAUSES.length;
	// Each row: age in ms, what is known, and the answer without and with a budget.
	const rows: Array<[string, number, Omit<Situation, 'now' | 'budgeted'>, Answer, Answer]> = [
		['there is none', 0, {}, 'renew', 'renew'],
		['just bought', 0, { token: daily }, 'use', 'use'],
		['fresh to the last ms', DAY - 5 * MINUTE - 1, { token: daily }, 'use', 'use'],
		['ageing', DAY - 5 * MINUTE, { token: daily }, 'use, renew beside', 'use'],
		['in its last ms', DAY - 1, { token: daily }, 'use, renew beside', 'use'],
		['dead', DAY, { token: daily }, 'renew', 'renew'],
		['long dead', DAY * 40, { token: daily }, 'renew', 'renew'],
		['dead and refused', DAY, { token: daily, refused: dead }, 'renew', 'renew'],
		[
			'another one was refused',
			5,
			{ token: daily, refused: { ...dead, value: 'other' } },
			'use',
			'use',
		],
		[
			'refused as soon as bought',
			5,
			{ token: daily, refused: unclear },
			'the same again',
			'the same again',
		],
		[
			'refused as soon as bought, and again and again',
			9_000,
			{ token: daily, refused: unclear, trials: tried },
			'stop',
			'stop',
		],
		[
			'refused within ten seconds, after all that it was tried again',
			9_999,
			{ token: daily, refused: unclear, trials: tried },
			'stop',
			'stop',
		],
		[
			'refused within a minute',
			JUST_BOUGHT - 1,
			{ token: daily, refused: unclear },
			'renew, replacement 1',
			'stop',
		],
		[
			'refused after a minute',
			JUST_BOUGHT,
			{ token: daily, refused: unclear },
			'renew, replacement 1',
			'renew, replacement 1',
		],
		[
			'dead in words as soon as bought',
			5,
			{ token: daily, refused: dead },
			'the same again',
			'the same again',
		],
		[
			'dead in words within a minute',
			10_000,
			{ token: daily, refused: dead },
			'renew, replacement 1',
			'renew, replacement 1',
		],
		[
			'revoked within a minute, but it had worked',
			5,
			{ token: daily, refused: unclear, proven: true },
			'renew, replacement 1',
			'renew, replacement 1',
		],
		[
			'refused while ageing',
			DAY - 10_000,
			{ token: daily, refused: unclear },
			'renew, replacement 1',
			'renew, replacement 1',
		],
		[
			'refused 5 s before its death: a clock differs',
			DAY - 5_000,
			{ token: daily, refused: unclear },
			'renew',
			'renew',
		],
		[
			'refused for want of a permission, in words',
			DAY / 2,
			{ token: daily, refused: forbidden },
			'stop',
			'stop',
		],
		[
			'a replacement refused 5 s before its death',
			DAY - 5_000,
			{ token: replaced, refused: unclear },
			'renew',
			'renew',
		],
		[
			'a replacement refused at once, though it works for other requests',
			MINUTE - 1,
			{ token: replaced, refused: unclear, proven: true },
			'stop',
			'stop',
		],
		[
			'a replacement dead in words at once, never accepted',
			MINUTE / 2,
			{ token: replaced, refused: dead },
			'stop',
			'stop',
		],
		[
			'a replacement that worked, dead in words',
			5_000,
			{ token: replaced, refused: dead, proven: true },
			'renew, replacement 2',
			'stop',
		],
		[
			'the fifth one in a row that worked, dead in words',
			MINUTE - 1,
			{ token: { ...daily, replaced: 5 }, refused: dead, proven: true },
			'stop',
			'stop',
		],
		[
			'a replacement refused after a minute',
			MINUTE,
			{ token: replaced, refused: dead },
			'renew, replacement 2',
			'stop',
		],
		[
			'the second one in a row refused after a minute',
			MINUTE,
			{ token: twice, refused: dead },
			'stop',
			'stop',
		],
		[
			'the second one in a row refused after two',
			2 * MINUTE,
			{ token: twice, refused: dead },
			'renew, replacement 3',
			'stop',
		],
		[
			'the tenth in a row refused after an hour',
			60 * MINUTE,
			{ token: { ...daily, replaced: 10 }, refused: dead },
			'renew, replacement 11',
			'stop',
		],
		[
			'refused, bought by a clock that was a month ahead',
			-30 * DAY,
			{ token: daily, refused: unclear },
			'renew, replacement 1',
			'renew, replacement 1',
		],
		[
			'refused as soon as bought, by a worker whose clock is 2 s ahead',
			-2_000,
			{ token: daily, refused: unclear },
			'the same again',
			'the same again',
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
			replaced: fc.nat({ max: 4 }),
		})
		.map(({ issuedAt, lifetime, replaced: chain }): StoredToken => {
			const read = { value: 'token', issuedAt, expiresAt: issuedAt + lifetime, serial: 1 };
			return chain > 0 ? { ...read, replaced: chain } : read;
		});
	const now = fc.integer({ min: 0, max: START + 50 * DAY });
	const situation = fc.record({
		token,
		now,
		refused: fc.constantFrom(undefined, dead, unclear, forbidden, { ...dead, value: 'other' }),
		trials: fc.nat({ max: 5 }),
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
					ageing: false,
				});
			}),
		);
	});

	it('a dead token is never used', () => {
		fc.assert(
			fc.property(situation, (one) => {
				const decision = decide(one);
				if (one.now < one.token.expiresAt) return;
				expect(decision).toEqual({ kind: 'renew', replaced: 0 });
			}),
		);
	});

	it('a refused token is not used as if nothing had been', () => {
		fc.assert(
			fc.property(situation, fc.constantFrom(dead, unclear, forbidden), (one, refused) => {
				expect(decide({ ...one, refused }).kind).not.toBe('use');
			}),
		);
	});

	it('with a budget a token that replaced one is not replaced before it ends', () => {
		fc.assert(
			fc.property(situation, fc.constantFrom(dead, unclear), (one, refused) => {
				const decision = decide({ ...one, refused, budgeted: true });
				if (one.token.replaced !== undefined && decision.kind === 'renew') {
					expect(decision.replaced).toBe(0);
				}
			}),
		);
	});

	it('renewing beside starts in the last tenth of the life, a second to five minutes before its end, and never with a budget', () => {
		fc.assert(
			fc.property(token, (one) => {
				const skew = one.expiresAt - renewalTime(one, false);
				const lifetime = one.expiresAt - one.issuedAt;
				const wished = Math.min(Math.max(lifetime / 10, 1_000), 300_000);
				expect(skew).toBeCloseTo(Math.min(wished, lifetime / 2), 3);
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
