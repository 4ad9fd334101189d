import type { IHttpRequestOptions } from 'n8n-workflow';
import { boughtInMonth } from '../../../credentials/tokens/ledger';
import { decodeRecord, encodeRecord, RECORD_PROPERTY } from '../../../credentials/tokens/record';
import type { ApiError } from '../../../nodes/shared/errors';
import type { NodeContext } from '../../../nodes/session/row';
import { type ApiRequest, openSession, type Session } from '../../../nodes/session/session';
import {
	bookingtime,
	calenso,
	custom,
	fusio,
	meister1,
	reads,
	TOKEN_URL,
} from '../support/credentials';
import { contextOf, execution } from '../support/context';
import { N8n, Row } from '../support/n8n';
import { broken, type Reply, SimulatedProvider } from '../support/provider';
import { START, VirtualTime } from '../support/virtualTime';

/** Attacks on the promises: what other clients, clocks, databases, processes and servers do. */

jest.setTimeout(120_000);

const DAY = 86_400_000;
const GET: ApiRequest = { method: 'GET', path: 'workers' };
const FUSIO_TOKENS = 'https://fusio.example/authorization/token';

function world(fields = {}, processes = 1, lifetime?: number) {
	const time = new VirtualTime();
	const clock = { step: 0 };
	const provider = new SimulatedProvider({
		now: () => time.now(),
		tokenUrl: TOKEN_URL.calenso,
		lifetime,
	});
	const row = new Row({ ...calenso, ...fields });
	const all = Array.from({ length: processes }, (_, index) => {
		const environment = time.process(`proc${index}`);
		return new N8n(
			{ ...environment, now: () => environment.now() + clock.step },
			row,
			reads.calenso,
			provider.request,
		);
	});
	const open = async (index = 0) => await execution(all[index], 'calensoApi');
	return { time, clock, provider, row, processes: all, open, outcome: outcomeIn(time) };
}

function fusioWorld(fields = {}) {
	const time = new VirtualTime();
	const provider = new SimulatedProvider({ now: () => time.now(), tokenUrl: FUSIO_TOKENS });
	const row = new Row({ ...fusio, ...fields });
	const n8n = new N8n(time.process('main'), row, reads.fusio, provider.request);
	const open = async () => await execution(n8n, 'fusioApi');
	return { time, provider, row, n8n, open, outcome: outcomeIn(time) };
}

const outcomeIn = (time: VirtualTime) => async (work: Promise<unknown>) =>
	await time.run(
		work.then(
			() => undefined,
			(error: ApiError) => error,
		),
	);

describe('The month’s count', () => {
	it('survives a client id that was mistyped, saved, corrected, and a restart', async () => {
		const { time, provider, row, processes, open, outcome } = world({ monthlyBudget: 4 }, 1, 1);
		const url = 'https://my.calenso.com/api/v1/workers';
		for (let token = 0; token < 4; token++) {
			await time.run((await open()).send(GET));
			time.pass(DAY / 10);
		}
		provider.onToken = ({ body }) =>
			body.includes('typo') ? { status: 401, body: { error: 'access_denied' } } : undefined;
		row.save({ clientId: 'typo' });
		await processes[0].openCredential({ url }).catch(() => undefined);
		row.save({ clientId: calenso.clientId });
		processes[0].restart();
		const before = provider.tokenRequests.length;
		expect(await outcome((await open()).send(GET))).toMatchObject({ kind: 'budget' });
		expect(provider.tokenRequests).toHaveLength(before);
	});

	it('of one API key is not another one’s, at one token URL', () => {
		const clientOf = (key: string) =>
			reads.custom({
				...custom,
				grant: 'ownBody',
				clientId: '',
				clientSecret: key,
				ownBody: '{ "apiKey": "$clientSecret" }',
			}).client;
		expect(clientOf('first key')).toBe(clientOf('first key'));
		expect(clientOf('first key')).not.toBe(clientOf('second key'));
	});

	it('of one client is not another one’s, in one record', () => {
		const one = reads.calenso(calenso);
		const other = reads.calenso({ ...calenso, clientId: 'another' });
		expect(one.client).not.toBe(other.client);
		const record = {
			owner: one.owner,
			tokens: {},
			serial: 1,
			ledger: { [one.client]: { '2026-11': { p: 3 } } },
		};
		const read = decodeRecord(encodeRecord(record, Date.UTC(2026, 10, 2)), other.owner);
		expect(boughtInMonth(read.ledger, one.client, Date.UTC(2026, 10, 2))).toBe(3);
		expect(boughtInMonth(read.ledger, other.client, Date.UTC(2026, 10, 2))).toBe(0);
	});
});

describe('A claim', () => {
	it('of a node is not written back by whoever stores something meanwhile', async () => {
		const { row, provider, processes } = world();
		const claimed = {
			...JSON.parse(encodeRecord(decodeRecord('', reads.calenso(calenso).owner), 0)),
		};
		row.save({ [RECORD_PROPERTY]: JSON.stringify({ ...claimed, claim: { nonce: 'a node' } }) });
		await processes[0].legacyRequest({
			method: 'GET',
			uri: 'https://my.calenso.com/api/v1/workers',
		});
		expect(provider.tokenRequests).toHaveLength(1);
		expect(row.text).not.toContain('claim');
	});

	it('ends with an execution that fails, and counts no token', async () => {
		const { provider, row, open, outcome } = world();
		provider.onToken = () => {
			throw broken('ECONNREFUSED');
		};
		expect(await outcome((await open()).send(GET))).toMatchObject({ kind: 'network' });
		expect(row.text).not.toContain('claim');
		expect((await open()).status().tokensThisMonth).toBe(0);
	});
});

describe('A cancelled execution', () => {
	function cancellable(n8n: N8n, controller: AbortController) {
		const getExecutionCancelSignal = () => controller.signal;
		const context = { ...contextOf(n8n, 'calensoApi'), getExecutionCancelSignal };
		return openSession(context as NodeContext, 'calensoApi', n8n.hooks);
	}

	it.each([
		['while its claim settles', 100, 0],
		['while its token is requested', 1_000, 1],
	])('%s ends, and its claim with it', async (_, after, bought) => {
		const { time, provider, row, processes, open, outcome } = world({}, 2);
		provider.onToken = async () => {
			await time.sleep(2_000);
			return undefined;
		};
		const controller = new AbortController();
		const session = await cancellable(processes[0], controller);
		const cancel = time.sleep(after).then(() => controller.abort());
		const [error] = await time.run(
			Promise.all([session.send(GET).catch((thrown: Error) => thrown), cancel]),
		);
		expect(error).toMatchObject({ kind: 'cancelled' });
		await time.run(time.sleep(3_000));
		expect(provider.tokenRequests).toHaveLength(bought);
		expect(row.text).not.toContain('claim');
		// The next one neither waits for a dead holder nor buys what is there.
		const begun = time.now();
		expect(await outcome((await open(1)).send(GET))).toBeUndefined();
		expect(time.now() - begun).toBeLessThan(3_000);
		expect(provider.tokenRequests).toHaveLength(1);
	});

	it('that waits for another worker stops waiting', async () => {
		const { time, provider, processes, open } = world({}, 2);
		provider.onToken = async () => {
			await time.sleep(8_000);
			return undefined;
		};
		const controller = new AbortController();
		const session = await cancellable(processes[1], controller);
		const first = (await open(0)).send(GET);
		const waiting = time
			.sleep(400)
			.then(async () => await session.send(GET))
			.catch((thrown: Error) => thrown)
			.then((error) => ({ error, at: time.now() }));
		const cancel = time.sleep(2_000).then(() => controller.abort());
		const begun = time.now();
		const [, { error, at }] = await time.run(Promise.all([first, waiting, cancel]));
		expect(error).toMatchObject({ kind: 'cancelled' });
		expect(at - begun).toBeLessThan(2_200);
		expect(provider.tokenRequests).toHaveLength(1);
	});
});

describe('On n8n 1', () => {
	it('an edit that is made during a long run is not undone by the next token', async () => {
		const { time, provider, row, processes, open } = world({}, 1, 60);
		processes[0].writesWhole = true;
		const session = await open();
		await time.run(session.send(GET));
		row.save({ monthlyBudget: 20 });
		time.pass(60_000);
		await time.run(session.send(GET));
		expect(provider.tokenRequests).toHaveLength(2);
		expect(row.stored.monthlyBudget).toBe(20);
	});
});

describe('A claim of a client whose other credential is slow', () => {
	it('is not taken for a dead worker’s', async () => {
		const time = new VirtualTime();
		const provider = new SimulatedProvider({ now: () => time.now(), tokenUrl: TOKEN_URL.calenso });
		provider.onToken = async () => {
			await time.sleep(9_500);
			return undefined;
		};
		const row = new Row({ ...calenso, audience: 'https://other.example' });
		const on = (name: string, where: Row) =>
			new N8n(time.process(name), where, reads.calenso, provider.request);
		const [slow, beside, far] = [on('one', new Row(calenso)), on('one', row), on('two', row)];
		beside.hooks = slow.hooks;
		const send = async (n8n: N8n, after: number) => {
			await time.sleep(after);
			return await (await execution(n8n, 'calensoApi')).send(GET);
		};
		await time.run(Promise.all([send(slow, 0), send(beside, 10), send(far, 400)]));
		expect(provider.tokenRequests).toHaveLength(2);
	});
});

describe('An organization called like something that every object has', () => {
	it.each(['constructor', '__proto__', 'toString', '%5F%5Fproto__', 'valueOf', '0'])(
		'(%s) has a token of its own',
		async (organization) => {
			const time = new VirtualTime();
			const tokenUrl = TOKEN_URL.bookingtime;
			const provider = new SimulatedProvider({ now: () => time.now(), tokenUrl });
			provider.onToken = ({ body }) =>
				body.includes('client_credentials')
					? { status: 200, body: { refresh_token: 'r' } }
					: undefined;
			const row = new Row(bookingtime);
			const n8n = new N8n(time.process('main'), row, reads.bookingtime, provider.request);
			const path = `organization/${organization}/show`;
			for (const restarted of [false, false, true]) {
				if (restarted) n8n.restart();
				const session = await execution(n8n, 'bookingtimeApi');
				await time.run(session.send({ ...GET, path }));
			}
			expect(provider.apiRequests.map(({ token }) => token)).toEqual(Array(3).fill('token-2'));
			expect(provider.tokenRequests).toHaveLength(2);
		},
	);
});

describe('What stands before an API', () => {
	it.each([407, 429, 502, 503])(
		'and answers %i says nothing of a new token: that it is refused for two seconds then costs no other one',
		async (status) => {
			const { time, provider, open } = world();
			let asked = 0;
			provider.onApi = ({ at }) => {
				if (++asked === 1) return { status };
				return at < provider.tokenRequests[0].at + 2_000 ? { status: 401 } : undefined;
			};
			const session = await open();
			await time.run(session.send({ ...GET, neverError: true, retry: false }));
			await expect(time.run(session.send(GET))).resolves.toMatchObject({ status: 200 });
			expect(provider.tokenRequests).toHaveLength(1);
		},
	);

	it.each([504, 524])(
		'and has waited in vain for a token (%i) counts: one may have been issued',
		async (status) => {
			const { provider, open, outcome } = world({ monthlyBudget: 1 });
			provider.onToken = () => ({ status });
			expect((await outcome((await open()).send(GET)))?.message).toMatch(/did not answer in time/);
			expect((await open()).status()).toMatchObject({ tokensThisMonth: 1 });
			provider.onToken = undefined;
			expect((await outcome((await open()).send(GET)))?.kind).toBe('network');
			expect(provider.tokenRequests).toHaveLength(1);
		},
	);

	it('and wants a log-in of its own bans nobody', async () => {
		const { time, provider, open } = fusioWorld();
		provider.onApi = () => ({ status: 407 });
		const session = await open();
		const path = 'todo';
		for (let item = 0; item < 40; item++) {
			await time.run(session.send({ ...GET, path, neverError: true, retry: false }));
		}
		expect(provider.apiRequests).toHaveLength(40);
	});

	it('and wants a log-in of its own is told as that, and no token is counted', async () => {
		const { provider, open, outcome } = world({ monthlyBudget: 1 });
		provider.onToken = () => ({ status: 407, body: '<html><title>Squid</title></html>' });
		const error = await outcome((await open()).send(GET));
		expect(error?.message).toBe(
			'The proxy between n8n and the token endpoint of Calenso wants a user name and a password (407).',
		);
		expect((await open()).status()).toMatchObject({ tokensThisMonth: 0 });
	});
});

describe('A row that can be read but not written', () => {
	it.each([
		['drops what is written', async () => undefined],
		[
			'refuses to be written',
			async () => {
				throw new Error('SQLITE_READONLY: attempt to write a readonly database');
			},
		],
	])('and %s is told as n8n’s database, after a bounded number of writes', async (_, write) => {
		const { provider, row, open, outcome } = world();
		let writes = 0;
		row.write = async () => {
			if (++writes > 50) throw new Error('It never ends.');
			await write();
		};
		const error = await outcome((await open()).send(GET));
		expect(error).toMatchObject({ kind: 'storage' });
		expect(error?.message).toMatch(/^n8n could not store the token/);
		expect(provider.tokenRequests).toHaveLength(0);
		expect(writes).toBeLessThanOrEqual(8);
	});

	it('does not keep a token that costs nothing from being used', async () => {
		const { time, row, open } = world({ monthlyBudget: 0 });
		row.write = async () => {
			throw new Error('SQLITE_FULL: database or disk is full');
		};
		const session = await open();
		await expect(time.run(session.send(GET))).resolves.toMatchObject({ status: 200 });
	});
});

describe('A database that is away while n8n', () => {
	it('reads the row is not told as a provider that cannot be reached', async () => {
		const { provider, row, open, outcome } = world();
		const session = await open();
		row.pause = async (what) => {
			if (what === 'read') throw Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
		};
		const error = await outcome(session.send(GET));
		expect(error).toMatchObject({ kind: 'storage' });
		expect(error?.message).not.toContain('Calenso');
		expect(provider.apiRequests).toHaveLength(0);
	});

	it.each(['read', 'write'] as const)(
		'%ss the row after the purchase costs no execution',
		async (what) => {
			const { provider, row, open, outcome } = world();
			const session = await open();
			row.pause = async (which) => {
				if (which === what && provider.tokenRequests.length > 0) throw new Error('connect');
			};
			expect(await outcome(session.send(GET))).toBeUndefined();
			expect(await outcome(session.send(GET))).toBeUndefined();
			expect(provider.tokenRequests).toHaveLength(1);
			row.pause = undefined;
			expect((await open()).status()).toMatchObject({ usable: true, tokensThisMonth: 1 });
		},
	);

	it('renews a token that costs nothing keeps nobody from it', async () => {
		const { provider, row, open, outcome } = world({ monthlyBudget: 0 });
		const session = await open();
		row.pause = async () => {
			throw new Error('connect');
		};
		expect(await outcome(session.send(GET))).toBeUndefined();
		expect(await outcome(session.send(GET))).toBeUndefined();
		expect(provider.tokenRequests).toHaveLength(1);
	});
});

describe('An API that answers 401', () => {
	it.each([0, 31])(
		'to every second request costs one replacement (budget %i)',
		async (monthlyBudget) => {
			const { time, provider, open, outcome } = world({ monthlyBudget });
			const session = await open();
			await time.run(session.send(GET));
			time.pass(3_600_000);
			let number = 0;
			provider.onApi = () =>
				++number % 2 === 0 ? { status: 401, body: { message: 'You may not' } } : undefined;
			for (let item = 0; item < 100; item++) await outcome(session.send(GET));
			expect(provider.tokenRequests.length).toBeLessThanOrEqual(2);
		},
	);

	it('for two seconds after issue costs no token and no failed item', async () => {
		const { time, provider, open } = world();
		let bought = Infinity;
		provider.onToken = () => {
			bought = time.now();
			return undefined;
		};
		provider.onApi = () => (time.now() < bought + 2_000 ? { status: 401 } : undefined);
		const session = await open();
		const items = Array.from({ length: 20 }, async () => await session.send(GET));
		const replies = await time.run(Promise.all(items));
		expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
		expect(provider.tokenRequests).toHaveLength(1);
	});

	it('since its server lost all tokens is served again, three times in a row', async () => {
		const { time, provider, open } = fusioWorld();
		provider.onApi = ({ token = '' }): Reply => {
			const alive = (provider.living.get(token) ?? 0) > time.now();
			return alive
				? { status: 200, body: {} }
				: { status: 401, body: { message: 'Invalid access token' } };
		};
		for (let restart = 0; restart < 3; restart++) {
			const session = await open();
			await expect(time.run(session.send({ ...GET, path: 'todo' }))).resolves.toBeDefined();
			provider.revokeAll();
			time.pass(2_000);
		}
		await expect(time.run((await open()).send({ ...GET, path: 'todo' }))).resolves.toBeDefined();
		expect(provider.tokenRequests).toHaveLength(4);
	});
});

describe('The last two seconds of a budgeted token', () => {
	it('are used, and prepare the next one, which is bought when the old one ends and not before', async () => {
		const { time, provider, open } = world();
		const session = await open();
		await time.run(session.send(GET));
		const ends = provider.tokenRequests[0].at + DAY;
		time.passTo(ends - 1_500);
		await time.run(session.send(GET));
		expect(provider.tokenRequests).toHaveLength(1);
		// Whoever comes then finds it there: the claim was settled meanwhile.
		await time.run(time.sleep(ends - time.now()));
		const came = time.now();
		await time.run(session.send(GET));
		expect(time.now() - came).toBeLessThan(250);
		expect(provider.tokenRequests).toHaveLength(2);
		expect(provider.tokenRequests[1].at).toBeGreaterThanOrEqual(ends);
		expect(provider.refused).toHaveLength(0);
	});
});

describe('A clock that jumps', () => {
	it('back after Forget costs one token, not one for each item', async () => {
		const { time, clock, provider, open } = world({ monthlyBudget: 0 });
		await time.run((await open()).send(GET));
		clock.step = 600_000;
		await time.run((await open()).forget());
		clock.step = 0;
		time.pass(5_000);
		const session = await open();
		for (let item = 0; item < 30; item++) await time.run(session.send(GET));
		expect(provider.tokenRequests).toHaveLength(2);
	});

	it.each([-DAY, -60_000, 60_000, 2 * DAY])(
		'by %i ms, at any call, costs at most one token',
		async (step) => {
			for (const at of [0, 1, 2, 3, 4, 5, 6, 8, 10]) {
				const { time, clock, provider, open } = world({ monthlyBudget: 0 });
				await time.run((await open()).send(GET));
				let calls = 0;
				provider.onToken = () => {
					if (++calls === 1 && at % 2 === 0) clock.step = step;
					return undefined;
				};
				time.pass(at * DAY * 0.1);
				if (at % 2 === 1) clock.step = step;
				const session = await open();
				for (let item = 0; item < 20; item++) await time.run(session.send(GET));
				expect(provider.tokenRequests.length).toBeLessThanOrEqual(3);
			}
		},
	);
});

describe('A refresh that brings nothing for good', () => {
	it.each<[string, Reply]>([
		['500', { status: 500 }],
		['200 with an error in it', { status: 200, body: { error: 'invalid_code' } }],
		['302', { status: 302, headers: { location: 'https://x.example' } }],
		['400 invalid_grant', { status: 400, body: { error: 'invalid_grant' } }],
		['another refresh token alone', { status: 200, body: { refreshToken: 'another' } }],
		['a token that is an object', { status: 200, body: { accessToken: {}, refreshToken: 'r' } }],
		['a token with blanks in it', { status: 200, body: { accessToken: 'a b' } }],
		['204', { status: 204 }],
		['a page', { status: 200, body: '<html><title>Sign in</title></html>' }],
		['503', { status: 503 }],
	])('(%s) is left after two: the full way in', async (_, reply) => {
		const time = new VirtualTime();
		const provider = new SimulatedProvider({ now: () => time.now(), tokenUrl: TOKEN_URL.meister1 });
		provider.onToken = ({ body }) => {
			if (body.includes('refresh_token')) return reply;
			const token = `token-${provider.tokenRequests.length}`;
			provider.living.set(token, time.now() + 36_000_000);
			return {
				status: 200,
				body: { accessToken: token, expiresIn: 36_000, refreshToken: `r-${token}` },
			};
		};
		const row = new Row(meister1);
		const n8n = new N8n(time.process('main'), row, reads.meister1, provider.request);
		const send = async () =>
			await time.run((await execution(n8n, 'meister1Api')).send({ ...GET, path: 'x' }));
		await send();
		time.pass(36_000_000 - 100_000);
		for (let second = 0; second < 30; second++) {
			await send();
			await time.run(time.sleep(3_000));
		}
		const refreshes = provider.tokenRequests.filter(({ body }) => body.includes('refresh_token'));
		expect(refreshes.length).toBeLessThanOrEqual(2);
		expect(provider.tokenRequests.length - refreshes.length).toBe(2);
		expect(provider.refused).toHaveLength(0);
	});
});

describe('A host that bans for refusals', () => {
	const ban = (provider: SimulatedProvider, time: VirtualTime, own: (number: number) => Reply) => {
		const refusals: number[] = [];
		const seen = { banned: 0 };
		provider.onApi = () => {
			const recent = refusals.filter((at) => at > time.now() - 120_000);
			if (recent.length >= 32) {
				seen.banned++;
				return {
					status: 403,
					body: { message: 'Your IP has sent to many requests please try again later' },
				};
			}
			const reply = own(refusals.length);
			if (reply.status >= 400) refusals.push(time.now());
			return reply;
		};
		return seen;
	};

	it.each([404, 400, 403, 422])(
		'is not driven to it by 200 records that answer %i',
		async (status) => {
			const { time, provider, open, outcome } = fusioWorld();
			const seen = ban(provider, time, () => ({ status, body: { message: 'No such record' } }));
			const session = await open();
			const errors = await Promise.all(
				Array.from(
					{ length: 50 },
					async () => await outcome(session.send({ ...GET, path: 'todo' })),
				),
			);
			for (let item = 0; item < 150; item++) {
				errors.push(
					await outcome(session.send({ ...GET, path: 'todo', neverError: item % 2 === 0 })),
				);
			}
			expect(seen.banned).toBe(0);
			expect(errors.at(-1)?.description).toMatch(/Sending goes on at \d\d:\d\d:\d\d UTC/);
			time.pass(121_000);
			provider.onApi = () => ({ status: 200, body: {} });
			expect(await outcome(session.send({ ...GET, path: 'todo' }))).toBeUndefined();
		},
	);

	it('is not driven to it by 40 executions that find a revoked token, ten at once', async () => {
		const { time, provider, open, outcome } = fusioWorld();
		await time.run((await open()).send({ ...GET, path: 'todo' }));
		time.pass(3_600_000);
		const seen = ban(provider, time, () => ({
			status: 401,
			body: { message: 'Missing permission' },
		}));
		for (let round = 0; round < 4; round++) {
			const sessions = await Promise.all(Array.from({ length: 10 }, open));
			await Promise.all(
				sessions.map(
					async (session: Session) => await outcome(session.send({ ...GET, path: 'todo' })),
				),
			);
		}
		expect(seen.banned).toBe(0);
		expect(provider.tokenRequests.length).toBeLessThanOrEqual(2);
	});

	it.each([404, 401, 400])(
		'is not driven to it by the HTTP Request node, 100 items at once answered %i',
		async (status) => {
			const { time, provider, n8n } = fusioWorld();
			const request = { method: 'GET' as const, uri: 'https://fusio.example/todo' };
			await time.run(n8n.legacyRequest(request));
			const seen = ban(provider, time, () => ({ status, body: { message: 'No' } }));
			const send = async () =>
				await n8n.legacyRequest(request).then(
					() => '',
					(error: Error) => error.message,
				);
			const said = await time.run(Promise.all(Array.from({ length: 100 }, send)));
			expect(seen.banned).toBe(0);
			expect(
				said.filter((words) => words.startsWith('Not sent: Fusio bans')).length,
			).toBeGreaterThan(60);
		},
	);

	it('takes good requests of the HTTP Request node all the same', async () => {
		const { time, provider, n8n } = fusioWorld();
		const request = { method: 'GET' as const, uri: 'https://fusio.example/todo' };
		const from = time.now();
		const send = async () => await n8n.legacyRequest(request);
		await time.run(Promise.all(Array.from({ length: 100 }, send)));
		expect(provider.apiRequests).toHaveLength(100);
		expect(provider.tokenRequests).toHaveLength(1);
		expect(time.now() - from).toBeLessThan(6_000);
	});

	it('whose ban is met says so, and is left alone until it ends', async () => {
		const { time, provider, open, outcome } = fusioWorld();
		provider.onApi = () => ({
			status: 403,
			body: { message: 'Your IP has sent to many requests please try again later' },
		});
		const session = await open();
		expect(await outcome(session.send({ ...GET, path: 'todo' }))).toMatchObject({
			kind: 'ban',
			message: expect.stringMatching(/^Fusio has banned this host/) as string,
		});
		await outcome(session.send({ ...GET, path: 'todo' }));
		expect(provider.apiRequests).toHaveLength(1);
		time.pass(300_001);
		provider.onApi = () => ({ status: 200, body: {} });
		expect(await outcome(session.send({ ...GET, path: 'todo' }))).toBeUndefined();
	});
});

describe('Whole seconds', () => {
	it('refuse no token of four seconds, though the provider counts one less', async () => {
		const time = new VirtualTime();
		const provider = new SimulatedProvider({
			now: () => time.now(),
			tokenUrl: FUSIO_TOKENS,
			lifetime: 4,
		});
		provider.onToken = () => {
			const token = `token-${provider.tokenRequests.length}`;
			const issued = Math.floor(time.now() / 1000) * 1000;
			provider.living.set(token, issued + 4_000);
			return { status: 200, body: { access_token: token, expires_in: 4 } };
		};
		const n8n = new N8n(time.process('main'), new Row(fusio), reads.fusio, provider.request);
		const session = await execution(n8n, 'fusioApi');
		time.pass(700);
		for (let call = 0; call < 400; call++) {
			await time.run(session.send({ ...GET, path: 'todo' }));
			await time.run(time.sleep(100));
		}
		expect(provider.refused).toHaveLength(0);
	});
});

describe('Two credentials of one client with other scopes', () => {
	it('never ask within one second', async () => {
		const time = new VirtualTime();
		const provider = new SimulatedProvider({ now: () => time.now(), tokenUrl: FUSIO_TOKENS });
		const one = new N8n(
			time.process('main'),
			new Row({ ...fusio, scopes: 'todo.read' }),
			reads.fusio,
			provider.request,
		);
		const other = new N8n(
			time.process('main'),
			new Row({ ...fusio, scopes: 'todo' }),
			reads.fusio,
			provider.request,
		);
		other.hooks = one.hooks;
		const url = 'https://fusio.example/todo';
		const send = async (n8n: N8n, options: IHttpRequestOptions) => await n8n.httpRequest(options);
		await time.run(Promise.all([send(one, { url }), send(other, { url })]));
		const [first, second] = provider.tokenRequests.map(({ at }) => Math.floor(at / 1000));
		expect(provider.tokenRequests).toHaveLength(2);
		expect(second).toBeGreaterThan(first);
	});

	it.each<[string, () => Reply]>([
		[
			'was lost',
			() => {
				throw broken('ECONNRESET');
			},
		],
		[
			'did not come in time',
			() => {
				throw broken('ETIMEDOUT');
			},
		],
		['breaks off', () => ({ status: 200, body: '{"access_token":' })],
		['holds no token', () => ({ status: 200, body: {} })],
		['is not kept', () => ({ status: 200, body: { access_token: 'a', token_type: 'DPoP' } })],
	])('nor after an answer that %s', async (_, answer) => {
		const { time, provider, n8n } = fusioWorld({ scopes: 'todo.read' });
		const other = new N8n(
			n8n.environment,
			new Row({ ...fusio, scopes: 'todo' }),
			reads.fusio,
			provider.request,
		);
		other.hooks = n8n.hooks;
		provider.onToken = () => (provider.tokenRequests.length === 1 ? answer() : undefined);
		const url = 'https://fusio.example/todo';
		const send = async (process: N8n) => await process.httpRequest({ url }).catch(() => undefined);
		await time.run(Promise.all([send(n8n), send(other)]));
		const [first, second] = provider.tokenRequests.map(({ at }) => at);
		expect(second - first).toBeGreaterThanOrEqual(1_000);
	});
});

describe('Less than was asked for', () => {
	it('is told by the status and by a 403', async () => {
		const { time, provider, open, outcome } = fusioWorld({ scopes: 'todo, report' });
		provider.onToken = () => {
			provider.living.set('t', time.now() + DAY);
			return { status: 200, body: { access_token: 't', expires_in: 86_400, scope: 'todo' } };
		};
		const session = await open();
		await time.run(session.send({ ...GET, path: 'todo' }));
		expect(session.status()).toMatchObject({ scopes: ['todo'], missingScopes: ['report'] });
		provider.onApi = () => ({ status: 403, body: { message: 'No' } });
		const error = await outcome(session.send({ ...GET, path: 'todo' }));
		expect(error?.description).toMatch(
			/The token has the scopes todo; report was asked for and not granted/,
		);
	});

	it.each([
		[{ scope: 'todo report' }],
		[{ scope: 'report,todo,todo' }],
		[{ extraParameters: '{"scope": "todo report"}' }],
		[{ extraParameters: { scope: ['report', 'todo'] } }],
		[{ scope: 'todo', extraParameters: '{"scope": "todo report"}' }],
	])('is noticed whichever field asked: %j', async (fields) => {
		const time = new VirtualTime();
		const provider = new SimulatedProvider({ now: () => time.now(), tokenUrl: TOKEN_URL.custom });
		provider.onToken = () => {
			provider.living.set('t', time.now() + DAY);
			return { status: 200, body: { access_token: 't', expires_in: 86_400, scope: 'todo' } };
		};
		const row = new Row({ ...custom, ...fields } as never);
		const n8n = new N8n(time.process('main'), row, reads.custom, provider.request);
		const session = await execution(n8n, 'customTokenApi');
		await time.run(session.send(GET));
		expect(session.status()).toMatchObject({ scopes: ['todo'], missingScopes: ['report'] });
	});

	it('fails the credential’s test, in words', async () => {
		const { time, provider, n8n } = fusioWorld({ scopes: 'todo, report' });
		provider.onToken = () => {
			provider.living.set('t', time.now() + DAY);
			return { status: 200, body: { access_token: 't', expires_in: 86_400, scope: 'todo' } };
		};
		const test = { baseURL: 'https://fusio.example', url: '/authorization/whoami' };
		await expect(n8n.openCredential(test)).rejects.toThrow(
			/did not grant all.*report was asked for/,
		);
	});
});

describe('What a process remembers', () => {
	it('stays bounded over ten thousand owners', async () => {
		const { processes } = world();
		const { engine } = processes[0].hooks;
		for (let owner = 0; owner < 10_000; owner++) {
			const issuer = {
				...reads.calenso(calenso),
				owner: `owner ${owner}`,
				client: `client ${owner}`,
			};
			engine.current(issuer, decodeRecord('', issuer.owner));
			engine.accepted(issuer, '', 'token', 200);
		}
		expect(engine.memory.size).toBeLessThanOrEqual(1_000);
	});

	it.each([300, 86_400])(
		'stays bounded over organizations whose tokens live %i s',
		async (life) => {
			const time = new VirtualTime(START, 100);
			const tokenUrl = TOKEN_URL.bookingtime;
			const provider = new SimulatedProvider({ now: () => time.now(), tokenUrl, lifetime: life });
			provider.onToken = ({ body }) =>
				body.includes('client_credentials')
					? { status: 200, body: { refresh_token: 'r' } }
					: undefined;
			const n8n = new N8n(
				time.process('main'),
				new Row(bookingtime),
				reads.bookingtime,
				provider.request,
			);
			const session = await execution(n8n, 'bookingtimeApi');
			for (let number = 0; number < 1_200; number++) {
				const path = `organization/number${number}/show`;
				await time.run(session.send({ ...GET, path }));
				time.pass(1_000);
			}
			const { record } = n8n.hooks.engine.memory.owner(reads.bookingtime(bookingtime).owner);
			const { tokens = {} } = record ?? {};
			expect(Object.keys(tokens).length).toBeLessThanOrEqual(life === 300 ? 301 : 1_001);
			expect(Object.keys(n8n.row.record.tokens)).toHaveLength(100);
			expect(tokens['number1199']).toBeDefined();
		},
	);
});
