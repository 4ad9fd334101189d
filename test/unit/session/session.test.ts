import { ApiError } from '../../../nodes/shared/errors';
import type { ApiRequest } from '../../../nodes/session/session';
import { CLAIM_TIMES, patience } from '../../../credentials/tokens/claim';
import { calenso, fusio, reads, TOKEN_URL } from '../support/credentials';
import { execution } from '../support/context';
import { N8n, Row } from '../support/n8n';
import { broken, SimulatedProvider } from '../support/provider';
import { VirtualTime } from '../support/virtualTime';

const DAY = 86_400_000;
const GET: ApiRequest = { method: 'GET', path: 'workers' };
const POST: ApiRequest = { method: 'POST', path: 'appointments', body: { a: 1 } };

function world(fields = {}, workers = 1) {
	const time = new VirtualTime();
	const provider = new SimulatedProvider({ now: () => time.now(), tokenUrl: TOKEN_URL.calenso });
	const row = new Row({ ...calenso, ...fields });
	const processes = Array.from(
		{ length: workers },
		(_, index) => new N8n(time.process(`work${index}`), row, reads.calenso, provider.request),
	);
	const open = async (log?: string[], index = 0) =>
		await execution(processes[index], 'calensoApi', log);
	const ready = async () => {
		const session = await open();
		await time.run(session.send(GET));
		return session;
	};
	const outcome = async (work: Promise<unknown>): Promise<ApiError | undefined> =>
		await time.run(
			work.then(
				() => undefined,
				(error: ApiError) => error,
			),
		);
	return { time, provider, row, processes, open, ready, outcome };
}

describe('An execution of a thousand items', () => {
	it('with a usable token reads the credential once, writes nothing and buys nothing', async () => {
		const { time, provider, row, open, ready } = world();
		await ready();
		const { reads: readsBefore, writes } = row;
		const session = await open();
		await time.run(Promise.all(Array.from({ length: 1_000 }, async () => await session.send(GET))));
		expect(row.reads - readsBefore).toBe(1);
		expect(row.writes).toBe(writes);
		expect(provider.tokenRequests).toHaveLength(1);
		expect(provider.apiRequests).toHaveLength(1_001);
	});

	it.each([
		['with a budget', 31],
		['without one', 0],
	])(
		'on an expired token makes one token request and no refused request, %s',
		async (_, monthlyBudget) => {
			const { time, provider, open, ready } = world({ monthlyBudget });
			await ready();
			time.pass(DAY);
			const session = await open();
			await time.run(
				Promise.all(Array.from({ length: 1_000 }, async () => await session.send(GET))),
			);
			expect(provider.tokenRequests).toHaveLength(2);
			expect(provider.refused).toHaveLength(0);
		},
	);

	it('whose token dies half-way renews it once, without a refused request', async () => {
		const { time, provider, ready } = world();
		const session = await ready();
		time.pass(DAY - 500);
		for (let item = 0; item < 10; item++) {
			await time.run(session.send(GET));
			time.pass(100);
		}
		expect(provider.tokenRequests).toHaveLength(2);
		expect(provider.refused).toHaveLength(0);
	});
});

describe('Executions on four workers at once', () => {
	it('buy one token where a budget is set, and say what they wait for', async () => {
		const { time, provider, open } = world({}, 4);
		provider.onToken = async () => {
			await time.sleep(700);
			return undefined;
		};
		const log: string[] = [];
		const one = async (index: number) => {
			await time.sleep(index * 40);
			const session = await open(log, index % 4);
			return await session.send(GET);
		};
		await time.run(Promise.all(Array.from({ length: 60 }, async (_, index) => await one(index))));
		expect(provider.tokenRequests).toHaveLength(1);
		expect(provider.refused).toHaveLength(0);
		expect(new Set(log)).toEqual(
			new Set(['Waiting for another worker that requests a token from Calenso']),
		);
	});

	it('find the token that the others bought after each of three expiries', async () => {
		const { time, provider, open } = world({}, 4);
		for (let round = 1; round <= 3; round++) {
			const sessions = await Promise.all([0, 1, 2, 3].map(async (index) => await open([], index)));
			await time.run(Promise.all(sessions.map(async (session) => await session.send(GET))));
			expect(provider.tokenRequests).toHaveLength(round);
			time.pass(DAY);
		}
		expect(provider.refused).toHaveLength(0);
	});

	it('wait no longer than patience for one that was killed with its request under way, and its token is counted once', async () => {
		const { time, provider, row, open, processes } = world({}, 3);
		let first = true;
		provider.onToken = async () => {
			if (first) {
				first = false;
				// Killed: the request arrived, the answer finds nobody.
				await new Promise(() => undefined);
			}
			return undefined;
		};
		void (await open([], 0)).send(GET).catch(() => undefined);
		await time.run(time.sleep(CLAIM_TIMES.leastSettle + 500));
		processes[0].restart();
		const from = time.now();
		const [one, two] = [await open([], 1), await open([], 2)];
		await time.run(Promise.all([one.send(GET), two.send(GET)]));
		expect(provider.tokenRequests).toHaveLength(2);
		expect(time.now() - from).toBeLessThanOrEqual(
			// Of an issuer that is given ten seconds and prepares two before.
			patience({ ...CLAIM_TIMES, hold: 12_000 }) + CLAIM_TIMES.mostSettle + 2_000,
		);
		expect(one.status().tokensThisMonth).toBe(2);
		expect(row.text).toContain('token-2');
		expect(row.text).not.toContain('"claim"');
	});
});

describe('A request of a session answered 401', () => {
	it('is sent again with one new token', async () => {
		const { time, provider, ready } = world();
		const session = await ready();
		time.pass(3_600_000);
		provider.revokeAll();
		await expect(time.run(session.send(GET))).resolves.toMatchObject({ status: 200 });
		expect(provider.tokenRequests).toHaveLength(2);
		expect(provider.refused).toHaveLength(1);
	});

	it('along with 49 others buys one token for all', async () => {
		const { time, provider, ready } = world();
		const session = await ready();
		time.pass(3_600_000);
		provider.revokeAll();
		await time.run(Promise.all(Array.from({ length: 50 }, async () => await session.send(GET))));
		expect(provider.tokenRequests).toHaveLength(2);
	});

	it('after a purchase buys nothing, and says it in the API’s words with the next step', async () => {
		const { provider, open, outcome } = world();
		provider.onApi = () => ({ status: 401, body: { message: 'You may not' } });
		const error = await outcome((await open()).send(GET));
		expect(error).toMatchObject({ kind: 'permission', httpStatus: 401 });
		expect(error?.message).toBe('Calenso answered 401: You may not.');
		expect(error?.description).toMatch(/No further token was bought/);
		expect(provider.tokenRequests).toHaveLength(1);
	});

	it('for a missing scope of Fusio buys nothing', async () => {
		const time = new VirtualTime();
		const provider = new SimulatedProvider({
			now: () => time.now(),
			tokenUrl: 'https://fusio.example/authorization/token',
		});
		const n8n = new N8n(time.process('main'), new Row(fusio), reads.fusio, provider.request);
		const session = await execution(n8n, 'fusioApi');
		await time.run(session.send({ method: 'GET', path: 'todo' }));
		time.pass(3_600_000);
		provider.onApi = () => ({
			status: 401,
			body: { message: 'Access to this operation is not in the scope of the provided token' },
		});
		await expect(time.run(session.send({ method: 'GET', path: 'todo' }))).rejects.toThrow(
			/not in the scope/,
		);
		expect(provider.tokenRequests).toHaveLength(1);
	});

	it('within the difference of two clocks of its expiry is an expiry: the next token is no replacement', async () => {
		const { time, provider, row, ready } = world();
		const session = await ready();
		time.pass(DAY - 4_000);
		provider.revokeAll();
		await expect(time.run(session.send(GET))).resolves.toMatchObject({ status: 200 });
		expect(row.text).not.toContain('replacement');
	});
});

describe('A workflow in which one request lacks a permission and another one works', () => {
	it('does not drain the budget: a replacement that is refused is not replaced', async () => {
		const { time, provider, open, outcome } = world();
		provider.onApi = ({ url }) =>
			url.endsWith('/forbidden') ? { status: 401, body: { message: 'No' } } : undefined;
		for (let minute = 0; minute < 300; minute++) {
			const session = await open();
			expect(await outcome(session.send(GET))).toBeUndefined();
			const error = await outcome(session.send({ method: 'GET', path: 'forbidden' }));
			expect(error).toMatchObject({ kind: 'permission', httpStatus: 401 });
			time.pass(60_000);
		}
		expect(provider.tokenRequests).toHaveLength(2);
	});
});

describe('Records that are forbidden', () => {
	it('concern themselves alone: each of the others gets its own answer', async () => {
		const { provider, ready, outcome } = world();
		const session = await ready();
		const statuses = [403, 404, 403, 404, 403, 401, 401, 401, 200, 200];
		const seen: Array<number | undefined> = [];
		for (const status of statuses) {
			provider.onApi = () => ({ status, body: { message: 'No' } });
			seen.push((await outcome(session.send(GET)))?.httpStatus);
		}
		expect(seen).toEqual(statuses.map((status) => (status === 200 ? undefined : status)));
	});
});

describe('A token endpoint that fails', () => {
	it('keeps a hundred executions neither waiting nor asking', async () => {
		const { time, provider, row, open, outcome } = world();
		provider.onToken = () => ({ status: 401, body: { error: 'access_denied' } });
		await outcome((await open()).send(GET));
		const from = time.now();
		const { writes } = row;
		const errors = await Promise.all(
			Array.from({ length: 100 }, async () => await outcome((await open()).send(GET))),
		);
		expect(errors.every((error) => error?.kind === 'client')).toBe(true);
		expect(provider.tokenRequests).toHaveLength(1);
		expect(time.now() - from).toBeLessThan(1_000);
		expect(row.writes).toBe(writes);
	});

	it('leaves an ageing token in use', async () => {
		const { time, provider, open, ready, outcome } = world({ monthlyBudget: 0 });
		await ready();
		time.pass(DAY - 20_000);
		provider.onToken = () => ({ status: 500 });
		for (let item = 0; item < 5; item++)
			expect(await outcome((await open()).send(GET))).toBeUndefined();
		await time.run(time.sleep(500));
		expect(provider.tokenRequests).toHaveLength(2);
	});

	it('says how many tokens were bought where the budget is used up, and asks nobody', async () => {
		const { time, provider, open, ready, outcome } = world({ monthlyBudget: 1 });
		await ready();
		time.pass(DAY);
		const error = await outcome((await open()).send(GET));
		expect(error).toMatchObject({ kind: 'budget' });
		expect(error?.message).toMatch(/1 of 1/);
		expect(error?.description).toMatch(/2026-12-01/);
		expect(provider.tokenRequests).toHaveLength(1);
	});
});

describe('A failed request', () => {
	const attempts = async (
		request: ApiRequest,
		fail: () => { status: number; headers?: Record<string, string> },
	) => {
		const { time, provider, ready, outcome } = world();
		const session = await ready();
		const before = provider.apiRequests.length;
		const from = time.now();
		provider.onApi = fail;
		const error = await outcome(session.send(request));
		return { sent: provider.apiRequests.length - before, waited: time.now() - from, error };
	};
	const reset = () => {
		throw broken('ECONNRESET');
	};
	const noConnection = () => {
		throw broken('ECONNREFUSED');
	};

	it('with a key, whose answer was lost, waits while the first attempt is still carried out', async () => {
		const answers = [reset, () => ({ status: 409 }), () => ({ status: 201, body: {} })];
		const next = () => (answers.shift() ?? reset)();
		const { sent, error } = await attempts({ ...POST, repeatable: true }, next);
		expect([sent, error]).toEqual([3, undefined]);
	});

	it.each<[string, ApiRequest, () => { status: number; headers?: Record<string, string> }, number]>(
		[
			['a GET answered 500', GET, () => ({ status: 500 }), 4],
			['a GET answered 429', GET, () => ({ status: 429 }), 4],
			['a GET that broke off', GET, reset, 4],
			['a PUT answered 502', { ...POST, method: 'PUT' }, () => ({ status: 502 }), 4],
			['a DELETE that broke off', { ...GET, method: 'DELETE' }, reset, 4],
			['a GET answered 408', GET, () => ({ status: 408 }), 4],
			['a GET answered 425', GET, () => ({ status: 425 }), 4],
			['a GET answered 403', GET, () => ({ status: 403 }), 1],
			['a GET answered 409', GET, () => ({ status: 409 }), 1],
			['a PROPFIND that broke off', { ...GET, method: 'PROPFIND' as 'GET' }, reset, 4],
			['a POST answered 408', POST, () => ({ status: 408 }), 1],
			['a POST with a key, answered 409', { ...POST, repeatable: true }, () => ({ status: 409 }), 1],
			[
				'a POST answered 403 with the wish to come later',
				POST,
				() => ({ status: 403, headers: { 'retry-after': '1' } }),
				4,
			],
			['a POST answered 500', POST, () => ({ status: 500 }), 1],
			['a POST answered 503 without a time', POST, () => ({ status: 503 }), 1],
			[
				'a POST answered 503 with a time',
				POST,
				() => ({ status: 503, headers: { 'Retry-After': '1' } }),
				4,
			],
			['a POST answered 429', POST, () => ({ status: 429, headers: { 'Retry-After': '1' } }), 4],
			['a POST that may have arrived', POST, reset, 1],
			['a POST that never left', POST, noConnection, 4],
			['a PATCH answered 500', { ...POST, method: 'PATCH' }, () => ({ status: 500 }), 1],
			['a GET answered 404', GET, () => ({ status: 404 }), 1],
			[
				'a GET answered 500 that is not to be repeated',
				{ ...GET, retry: false },
				() => ({ status: 500 }),
				1,
			],
			[
				'a GET told to wait longer than a minute',
				GET,
				() => ({ status: 429, headers: { 'Retry-After': '900' } }),
				1,
			],
		],
	)('%s', async (_, request, fail, times) => {
		const { sent, error } = await attempts(request, fail);
		expect(sent).toBe(times);
		expect(error).toBeInstanceOf(ApiError);
	});

	it('waits as long as Retry-After says, and longer from time to time', async () => {
		const { waited } = await attempts(GET, () => ({
			status: 429,
			headers: { 'Retry-After': '7' },
		}));
		expect(waited).toBeGreaterThanOrEqual(21_000);
		expect(waited).toBeLessThanOrEqual(21_000 + 500 + 1_000 + 2_000);
	});

	it('buys no token', async () => {
		const { time, provider, ready, outcome } = world();
		const session = await ready();
		time.pass(3_600_000);
		for (const status of [400, 403, 404, 409, 422, 500]) {
			provider.onApi = () => ({ status });
			await outcome(session.send({ ...GET, retry: false }));
		}
		expect(provider.tokenRequests).toHaveLength(1);
	});
});

describe('A redirect', () => {
	const redirect = (location: string) => (sent: { url: string }) =>
		sent.url.endsWith('/workers') ? { status: 302, headers: { Location: location } } : undefined;

	it('to its own origin is followed by a GET, with the token', async () => {
		const { time, provider, open } = world();
		provider.onApi = redirect('/api/v1/people');
		await time.run((await open()).send(GET));
		expect(provider.apiRequests.map(({ url, token }) => [url, token])).toEqual([
			['https://my.calenso.com/api/v1/workers', 'token-1'],
			['https://my.calenso.com/api/v1/people', 'token-1'],
		]);
	});

	it.each(['https://evil.example/', '//evil.example/'])(
		'to %s is followed without the token, or is an error where it may not',
		async (location) => {
			const { time, provider, open, outcome } = world();
			const leads = redirect(location);
			provider.onApi = (sent) => leads(sent) ?? { status: 200, body: [] };
			const moving = { ...GET, foreignRedirects: true, headers: { 'x-own': '1', cookie: 'a=1' } };
			await time.run((await open()).send(moving));
			expect(provider.apiRequests.map(({ url, token }) => [url, token])).toEqual([
				['https://my.calenso.com/api/v1/workers', 'token-1'],
				['https://evil.example/', undefined],
			]);
			expect(Object.keys(provider.apiRequests[1].headers)).toEqual(['accept']);
			const kept = (await open()).send(GET);
			expect(await outcome(kept)).toMatchObject({ kind: 'host' });
			expect(provider.apiRequests).toHaveLength(3);
		},
	);

	it('to http is not followed', async () => {
		const { provider, open, outcome } = world();
		provider.onApi = redirect('http://my.calenso.com/');
		expect(await outcome((await open()).send(GET))).toMatchObject({ kind: 'host' });
		expect(provider.apiRequests).toHaveLength(1);
	});

	it.each([401, 403])('to a foreign host that answers %i costs no token', async (status) => {
		const { provider, open, outcome } = world();
		const leads = redirect('https://storage.example/');
		provider.onApi = (sent) => leads(sent) ?? { status, body: { message: 'Signature expired' } };
		const session = await open();
		for (let count = 1; count <= 4; count++) {
			expect(await outcome(session.send({ ...GET, foreignRedirects: true }))).toMatchObject({
				message: expect.stringContaining('storage.example, where Calenso led to') as string,
				description: expect.stringContaining('was shown no token') as string,
				httpStatus: status,
			});
		}
		expect(provider.apiRequests).toHaveLength(8);
		expect(provider.tokenRequests).toHaveLength(1);
	});

	it('is not followed by a POST', async () => {
		const { provider, open, outcome } = world();
		provider.onApi = redirect('/api/v1/people');
		expect(await outcome((await open()).send({ ...POST, path: 'workers' }))).toMatchObject({
			httpStatus: 302,
		});
		expect(provider.apiRequests).toHaveLength(1);
	});

	it('in a circle is an error', async () => {
		const { provider, open, outcome } = world();
		provider.onApi = redirect('/api/v1/workers');
		expect(await outcome((await open()).send({ ...GET, neverError: true }))).toMatchObject({
			message: 'Calenso redirects again and again.',
		});
		expect(provider.apiRequests).toHaveLength(21);
	});
});

describe('A request to somewhere else', () => {
	it.each<[string, string]>([
		['https://evil.example/x', 'host'],
		['https://my.calenso.com@evil.example/x', 'host'],
		['http://my.calenso.com/api/v1/x', 'host'],
		['javascript:alert(1)', 'field'],
		['../admin', 'field'],
		['a/%2e%2e/b', 'field'],
		['a\\..\\b', 'field'],
	])('%s is refused before a token is bought', async (path, kind) => {
		const { provider, open, outcome } = world();
		expect(await outcome((await open()).send({ method: 'GET', path }))).toMatchObject({ kind });
		expect(provider.tokenRequests).toHaveLength(0);
		expect(provider.apiRequests).toHaveLength(0);
	});

	it('//evil.example/x is a path below the API', async () => {
		const { time, provider, open } = world();
		await time.run((await open()).send({ method: 'GET', path: '//evil.example/x' }));
		expect(provider.apiRequests[0].url).toBe('https://my.calenso.com/api/v1/evil.example/x');
	});
});

describe('The status of a token', () => {
	it('tells times and counts, never the token, and sends nothing', async () => {
		const { time, provider, open, ready } = world();
		await ready();
		time.pass(3_600_000);
		const status = (await open()).status();
		expect(status).toEqual({
			usable: true,
			expiresAt: expect.stringMatching(/^2026-11-02T00:00:0/) as string,
			secondsLeft: expect.any(Number) as number,
			nextRenewalAt: expect.stringMatching(/^2026-11-02T00:00:0/) as string,
			scopes: null,
			missingScopes: [],
			refreshToken: false,
			notes: [],
			tokensThisMonth: 1,
			budget: 31,
			budgetLeft: 30,
			budgetUsedPercent: 3,
		});
		expect(JSON.stringify(status)).not.toContain('token-1');
		expect(provider.tokenRequests).toHaveLength(1);
	});

	it('of an empty record is none', async () => {
		const { open } = world({ monthlyBudget: 0 });
		expect((await open()).status()).toMatchObject({
			usable: false,
			expiresAt: null,
			secondsLeft: 0,
			tokensThisMonth: 0,
			budget: 0,
			budgetLeft: null,
			budgetUsedPercent: null,
		});
	});
});

describe('Renewing by hand', () => {
	it('buys a token though the old one lives, and counts it', async () => {
		const { time, provider, open, ready } = world();
		await ready();
		const session = await open();
		const status = await time.run(session.renew());
		expect(status).toMatchObject({ usable: true, tokensThisMonth: 2 });
		await time.run(session.send(GET));
		expect(provider.apiRequests.at(-1)?.token).toBe('token-2');
	});

	it('stays within the budget', async () => {
		const { provider, ready, outcome } = world({ monthlyBudget: 1 });
		const session = await ready();
		expect(await outcome(session.renew())).toMatchObject({ kind: 'budget' });
		expect(provider.tokenRequests).toHaveLength(1);
	});
});

describe('Forgetting the token', () => {
	it('leaves the count, and no memory of it in any process', async () => {
		const { time, provider, row, open, ready } = world({}, 2);
		const session = await ready();
		const other = await open([], 1);
		await time.run(other.send(GET));
		time.pass(1_000);
		expect(await time.run(session.forget())).toMatchObject({ usable: false, tokensThisMonth: 1 });
		expect(row.text).not.toContain('token-1');
		time.pass(1_000);
		await time.run((await open([], 1)).send(GET));
		expect(provider.apiRequests.at(-1)?.token).toBe('token-2');
		await time.run((await open([], 0)).send(GET));
		expect(provider.apiRequests.at(-1)?.token).toBe('token-2');
		expect((await open()).status().tokensThisMonth).toBe(2);
	});
});

describe('A credential with a field that cannot be used', () => {
	it('ends the execution before anything is sent', async () => {
		const { provider, open } = world({ clientSecret: '' });
		await expect(open()).rejects.toThrow(
			expect.objectContaining({
				message: 'Calenso credential: The field Client Secret is empty.',
				description: 'Fill it in.',
			}),
		);
		expect(provider.tokenRequests).toHaveLength(0);
	});

	it('shows a node no secret of the credential', async () => {
		const { open } = world();
		const { fields } = await open();
		expect(JSON.stringify(fields)).not.toMatch(/secret|token/i);
	});
});
