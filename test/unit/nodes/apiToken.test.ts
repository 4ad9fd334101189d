import { ApiToken } from '../../../nodes/ApiToken/ApiToken.node';
import * as sessions from '../../../nodes/session/session';
import type { Session, TokenStatus } from '../../../nodes/session/session';
import { apiError, fakeContext } from './fakes';

const status: TokenStatus = {
	usable: true,
	expiresAt: '2026-03-31T10:00:00.000Z',
	secondsLeft: 60,
	nextRenewalAt: '2026-03-31T10:00:00.000Z',
	scopes: null,
	missingScopes: [],
	refreshToken: false,
	notes: [],
	tokensThisMonth: 25,
	budget: 31,
	budgetLeft: 6,
	budgetUsedPercent: 81,
};

async function run(operation: string, session: Partial<Session>, continueOnFail = false) {
	const opened = jest.spyOn(sessions, 'openSession').mockResolvedValue(session as Session);
	const context = fakeContext({
		items: [{ json: {} }, { json: {} }],
		parameters: { authentication: 'calensoApi', operation },
		continueOnFail,
	});
	try {
		return await new ApiToken().execute.call(context);
	} finally {
		opened.mockRestore();
	}
}

describe('API Token', () => {
	it.each(['getStatus', 'renew', 'forget'])('%s runs once for all items', async (operation) => {
		const done = jest.fn(() => status);
		const async = async () => done();
		const session = {
			status: operation === 'getStatus' ? done : undefined,
			renew: async,
			forget: async,
		};
		const [outputs] = await run(operation, session as Partial<Session>);
		expect(done).toHaveBeenCalledTimes(1);
		expect(outputs).toEqual([
			{ json: { credential: 'calensoApi', ...status }, pairedItem: [{ item: 0 }, { item: 1 }] },
		]);
	});

	it('says why there is no new token', async () => {
		const renew = async () =>
			await Promise.reject(apiError(undefined, 'The budget of 31 tokens is used up.'));
		await expect(run('renew', { renew })).rejects.toThrow('The budget of 31 tokens is used up.');
		const [[{ json }]] = await run('renew', { renew }, true);
		expect(json.error).toBe('The budget of 31 tokens is used up.');
	});
});
