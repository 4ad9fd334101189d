import type { ApiRequest } from '../../../nodes/session/session';
import { governorOf, TooLong } from '../../../nodes/session/governor';
import { sendWithRetries } from '../../../nodes/session/retry';
import { lanesOf, runItems } from '../../../nodes/shared/items';
import { fakeContext } from '../nodes/fakes';
import { calenso, reads } from '../support/credentials';
import {
	atOnce,
	fixedWindow,
	type Limit,
	LimitedApi,
	Processor,
	tokenBucket,
	unlimited,
} from '../support/limitedApi';
import { START, VirtualTime } from '../support/virtualTime';

const issuer = reads.calenso(calenso);
const TARGET = new URL('https://my.calenso.com/api/v1/workers');
const LINE = 5;

/** Jitter that is the same in each run. */
let seed = 1;
beforeEach(() => {
	seed = 1;
	jest.spyOn(Math, 'random').mockImplementation(() => {
		seed = (seed * 48_271) % 2_147_483_647;
		return seed / 2_147_483_647;
	});
});
afterEach(() => jest.restoreAllMocks());

/**
 * One process of n8n on a clock of its own, before one API.
 * @param away In ms: how long n8n does something else at a time; undefined: nothing takes any time there.
 */
function world(limit: Limit, latency = LINE, away?: number) {
	const time = new VirtualTime(START, 60);
	const processor = away === undefined ? undefined : new Processor(time, away);
	const api = new LimitedApi(time, limit, latency, processor);
	const environment = time.process('main');
	const log: string[] = [];
	const send = async (request: Partial<ApiRequest> = {}, signal?: AbortSignal) =>
		await sendWithRetries(
			issuer,
			{ method: 'GET', path: 'workers', ...request },
			TARGET,
			api.answer,
			environment,
			signal,
			{ log: (message) => log.push(message) },
		);
	/** An execution with the node's options as they come. */
	const execution = async (items: number, request: Partial<ApiRequest> = {}) => {
		const context = fakeContext({
			items: Array.from({ length: items }, (_, id) => ({ json: { id } })),
			continueOnFail: true,
		});
		const lanes = lanesOf(context);
		const [outputs] = await runItems(
			context,
			async (id) => {
				const { status } = await send({ ...request, onLimit: (most) => lanes.allow(most) });
				return [{ json: { id, status } }];
			},
			undefined,
			lanes,
		);
		return outputs.map(({ json }) => json);
	};
	const governor = () => governorOf(environment, TARGET.origin, issuer.client);
	return { time, api, log, send, execution, governor, environment };
}

const numbered = (items: number) => Array.from({ length: items }, (_, id) => ({ id, status: 200 }));

describe('1,000 items on an API with a limit that nobody tuned', () => {
	const perSecond = (rate: number) => (items: number) => (items / rate) * 1000;

	it.each<[string, Limit, number, (items: number) => number]>([
		['20 a second, 429 without a time', tokenBucket(20, 20, START), LINE, perSecond(20)],
		[
			'20 a second, 429 with Retry-After',
			tokenBucket(20, 20, START, { retryAfter: '1' }),
			LINE,
			perSecond(20),
		],
		[
			'20 a second, with what is left on each reply',
			tokenBucket(20, 20, START, { told: true }),
			LINE,
			perSecond(20),
		],
		['20 a second, but 5 at most after a rest', tokenBucket(20, 5, START), LINE, perSecond(20)],
		['20 in each second', fixedWindow(20, 1000, START), LINE, perSecond(20)],
		['8 at once, 503 beyond', atOnce(8), 200, (items) => (items * 190) / 8],
		['3 at once, 503 beyond', atOnce(3), 200, (items) => (items * 190) / 3],
	])(
		'%s: all answered, in order, at 90 %% of it and with 2 %% refused at most',
		async (_, limit, latency, ideal) => {
			const { time, api, execution } = world(limit, latency);
			expect(await time.run(execution(1_000))).toEqual(numbered(1_000));
			expect(ideal(1_000) / (time.now() - START)).toBeGreaterThanOrEqual(0.9);
			expect(api.refusedShare).toBeLessThanOrEqual(0.02);
		},
	);

	it.each<[string, Limit, number, number]>([
		['20 a second', tokenBucket(20, 20, START), LINE, 50_000],
		['8 at once', atOnce(8), 200, (1_000 * 190) / 8],
	])('%s, from two executions at once', async (_, limit, latency, ideal) => {
		const { time, api, execution } = world(limit, latency);
		const both = await time.run(Promise.all([execution(500), execution(500)]));
		expect(both).toEqual([numbered(500), numbered(500)]);
		expect(ideal / (time.now() - START)).toBeGreaterThanOrEqual(0.9);
		expect(api.refusedShare).toBeLessThanOrEqual(0.02);
	});

	describe.each([1, 2, 3])('with an n8n that has other things to do as well (%i)', (run) => {
		it.each<[string, Limit, number, number]>([
			['20 a second', tokenBucket(20, 20, START), LINE, 50],
			[
				'20 a second, with Retry-After',
				tokenBucket(20, 20, START, { retryAfter: '1' }),
				LINE,
				50,
			],
			['8 at once', atOnce(8), 200, 200 / 8],
		])('%s: 600 items are enough for both', async (_, limit, latency, each) => {
			seed = run * 7_919;
			const { time, api, execution } = world(limit, latency, 10);
			expect(await time.run(execution(600))).toEqual(numbered(600));
			expect((600 * each) / (time.now() - START)).toBeGreaterThanOrEqual(0.9);
			expect(api.refusedShare).toBeLessThanOrEqual(0.02);
		});
	});

	it('20 at once: a burst that was accepted beside refused ones does not pass for a limit', async () => {
		const { time, api, execution } = world(atOnce(20), 500);
		expect(await time.run(execution(1_000))).toEqual(numbered(1_000));
		expect((1_000 * 475) / 20 / (time.now() - START)).toBeGreaterThanOrEqual(0.85);
		// Of a window that doubles, the last step may be refused as a whole.
		expect(api.refusedShare).toBeLessThanOrEqual(0.03);
	});

	it('none refused where each reply tells what is left of a window', async () => {
		const { time, api, execution } = world(fixedWindow(100, 60_000, START, { told: true }));
		expect(await time.run(execution(250))).toEqual(numbered(250));
		expect(api.refused).toEqual([]);
		expect(time.now() - START).toBeLessThan(122_000);
	});

	it('100 a minute without a word about the time: all answered', async () => {
		const { time, execution } = world(fixedWindow(100, 60_000, START));
		expect(await time.run(execution(250))).toEqual(numbered(250));
	});

	it('one at a time and strictly apart (nginx limit_req without a burst, 503): all answered', async () => {
		const { time, api, execution } = world(tokenBucket(20, 1, START, { status: 503 }));
		expect(await time.run(execution(1_000))).toEqual(numbered(1_000));
		expect(50_000 / (time.now() - START)).toBeGreaterThanOrEqual(0.6);
		expect(api.refusedShare).toBeLessThanOrEqual(0.02);
	});
});

describe('An API without a limit', () => {
	it('gets 5 at once, then more while its replies come as fast as before, and never more than 50', async () => {
		const { time, api, execution, governor } = world(unlimited, 80);
		let most = 0;
		let underWay = 0;
		const { answer } = api;
		Object.assign(api, {
			answer: async () => {
				most = Math.max(most, ++underWay);
				return await answer().finally(() => underWay--);
			},
		});
		await time.run(execution(1_000));
		expect(most).toBeLessThanOrEqual(50);
		expect(governor().limit).toBe(50);
		// 5 lanes alone would take 16 s, 50 from the start 1.6 s.
		expect(time.now() - START).toBeLessThan(2_200);
	});

	it('whose replies get slower the more come at once gets no more than it stands', async () => {
		const { time, environment, governor } = world(unlimited);
		let underWay = 0;
		const answer = async () => {
			underWay++;
			await time.sleep(Math.max(100, underWay * 20));
			underWay--;
			return { statusCode: 200, headers: {}, body: Buffer.from('{}') };
		};
		const one = async () =>
			await sendWithRetries(issuer, { method: 'GET', path: 'w' }, TARGET, answer, environment);
		await time.run(Promise.all(Array.from({ length: 600 }, one)));
		expect(governor().limit).toBeGreaterThanOrEqual(5);
		expect(governor().limit).toBeLessThanOrEqual(15);
	});

	it('is not slowed down by a fixed number', async () => {
		const { time, api, execution } = world(unlimited, 80);
		await time.run(
			Promise.all(Array.from({ length: 20 }, async () => await execution(5, { concurrency: 5 }))),
		);
		expect(api.arrived.filter((at) => at - START < 80)).toHaveLength(100);
	});
});

describe('Retry-After', () => {
	/** Refuses once, then lets all through. */
	const onceBusy = (retryAfter: string, status: 429 | 503 = 429): Limit => {
		let refusals = 0;
		return {
			status,
			refuses: () => (refusals++ === 0 ? { 'retry-after': retryAfter } : undefined),
		};
	};

	it.each([429, 503] as const)(
		'on %i stops all requests of all executions for its time',
		async (status) => {
			const { time, api, execution } = world(onceBusy('30', status));
			await time.run(Promise.all([execution(50), execution(50)]));
			const pause = api.arrived.filter((at) => at > api.refused[0] && at < api.refused[0] + 30_000);
			// What was on its way already.
			expect(pause.filter((at) => at > api.refused[0] + LINE)).toEqual([]);
			expect(api.accepted).toHaveLength(100);
		},
	);

	it('of the longest wait that is allowed is waited for: no jitter lifts it over', async () => {
		const { time, send } = world(onceBusy('60'));
		const reply = await time.run(send({ maxWait: 60_000 }));
		expect(reply).toMatchObject({ status: 200, attempts: 2 });
		expect(reply.waitedMs).toBeGreaterThanOrEqual(60_000);
		expect(reply.waitedMs).toBeLessThanOrEqual(60_500);
	});

	it('of more ends at once, says until when, and is not asked again by anybody', async () => {
		const { time, api, send } = world(onceBusy('900'));
		await expect(time.run(send())).rejects.toMatchObject({
			kind: 'busy',
			httpStatus: 429,
			message: 'Calenso answered 429. It asks to wait until 00:15:00 UTC.',
			description:
				"That is longer than this node waits (Max Wait: 120 s). Run it again then, or raise Max Wait in the node's options.",
		});
		await expect(time.run(send())).rejects.toMatchObject({
			kind: 'busy',
			message: 'Not sent: Calenso asks to wait until 00:15:00 UTC.',
		});
		expect(api.arrived).toHaveLength(1);
		expect(time.now() - START).toBeLessThan(1_000);
		time.pass(900_000);
		await expect(time.run(send())).resolves.toMatchObject({ status: 200 });
	});

	it('of more than one request waits for keeps another, more patient one', async () => {
		const { time, send } = world(onceBusy('300'));
		const [short, long] = await time.run(Promise.allSettled([send(), send({ maxWait: 600_000 })]));
		expect(short.status).toBe('rejected');
		expect(long).toMatchObject({ status: 'fulfilled' });
	});

	it('is handed on with Never Error', async () => {
		const { time, send } = world(onceBusy('900'));
		await expect(time.run(send({ neverError: true }))).resolves.toMatchObject({ status: 429 });
	});

	it('names the day where it is another one', async () => {
		const { time, send } = world(onceBusy('86400'));
		await expect(time.run(send())).rejects.toThrow('until 2026-11-02, 00:00:00 UTC');
	});

	it('is told in the log once, not for each request', async () => {
		const { time, log, execution } = world(onceBusy('30'));
		await time.run(execution(100));
		expect(log.filter((line) => line.includes('answered 429'))).toEqual([
			'my.calenso.com answered 429: no request until 00:00:30 UTC',
		]);
	});
});

describe('A reset time', () => {
	it('on a reply that refuses nothing and leaves enough keeps nobody', async () => {
		const { time, execution } = world({
			...unlimited,
			tells: () => ({
				'x-ratelimit-reset': String(START / 1000 + 1800),
				'x-ratelimit-remaining': '4000',
			}),
		});
		await time.run(execution(100));
		expect(time.now() - START).toBeLessThan(1_000);
	});

	it('beside nonsense, as Fusio’s −1, keeps nobody', async () => {
		const { time, execution } = world({
			...unlimited,
			tells: () => ({ 'ratelimit-remaining': '-1', 'ratelimit-reset': '900' }),
		});
		await time.run(execution(100));
		expect(time.now() - START).toBeLessThan(1_000);
	});

	it('farther away than anybody waits is no reason to send nothing: the API says it itself', async () => {
		const { time, execution } = world({
			...unlimited,
			tells: () => ({ 'ratelimit-remaining': '0', 'ratelimit-reset': '900' }),
		});
		expect(await time.run(execution(20))).toEqual(numbered(20));
		expect(time.now() - START).toBeLessThan(1_000);
	});
});

describe('A cancelled execution', () => {
	it.each<[string, Limit]>([
		['a pause', { status: 429, refuses: () => ({ 'retry-after': '60' }) }],
		['a wait of its own', { status: 503, refuses: () => ({}) }],
	])('ends %s at once, and keeps nobody else', async (_, limit) => {
		const { time, send, governor } = world(limit);
		const controller = new AbortController();
		const cancelled = send({}, controller.signal).then(
			() => 'a reply',
			(error: Error) => error.message,
		);
		await time.run(time.sleep(50));
		controller.abort();
		const from = time.now();
		expect(await time.run(cancelled)).toMatch(/The execution was cancelled|a reply/);
		expect(time.now()).toBe(from);
		expect(governor().limit).toBeGreaterThanOrEqual(1);
	});

	it('leaves the line to the others', async () => {
		const { time, environment } = world(unlimited);
		const governor = governorOf(environment, 'https://api.example', 'client');
		const controller = new AbortController();
		const entrant = { attempt: 1, patience: 1_000 };
		const inside = await time.run(
			Promise.all(Array.from({ length: 5 }, async () => await governor.enter(entrant))),
		);
		const cancelled = governor.enter({ ...entrant, signal: controller.signal });
		const next = governor.enter(entrant);
		controller.abort();
		await expect(cancelled).rejects.toMatchObject({ kind: 'cancelled' });
		governor.leave(inside[0], { status: 200 });
		await expect(time.run(next)).resolves.toMatchObject({ beside: 5 });
	});
});

describe('A time-out', () => {
	it('halves the number at once, once for all that left before', async () => {
		const { time, environment } = world(unlimited);
		const governor = governorOf(environment, 'https://api.example', 'client');
		const inside = await time.run(
			Promise.all(
				Array.from({ length: 5 }, async () => await governor.enter({ attempt: 1, patience: 0 })),
			),
		);
		time.pass(60_000);
		for (const departure of inside) governor.leave(departure, { timedOut: true });
		expect(governor.limit).toBe(2);
	});
});

describe('What is known of an API', () => {
	it('is kept for each client and origin, by the process', () => {
		const time = new VirtualTime();
		const [one, two] = [time.process('one'), time.process('two')];
		const governor = governorOf(one, 'https://api.example', 'a');
		expect(governorOf(one, 'https://api.example', 'a')).toBe(governor);
		expect(governorOf(one, 'https://api.example', 'b')).not.toBe(governor);
		expect(governorOf(one, 'https://other.example', 'a')).not.toBe(governor);
		expect(governorOf(two, 'https://api.example', 'a')).not.toBe(governor);
	});

	it('does not grow with the number of origins, and a pause is not forgotten for it', async () => {
		const time = new VirtualTime();
		const environment = time.process('main');
		const busy = governorOf(environment, 'https://busy.example', 'a');
		const departure = await time.run(busy.enter({ attempt: 1, patience: 0 }));
		busy.leave(departure, { status: 429, headers: { 'retry-after': '600' } });
		const first = governorOf(environment, 'https://api0.example', 'a');
		for (let host = 0; host < 1_000; host++)
			governorOf(environment, `https://api${host}.example`, 'a');
		expect(governorOf(environment, 'https://api0.example', 'a')).not.toBe(first);
		await expect(
			governorOf(environment, 'https://busy.example', 'a').enter({ attempt: 1, patience: 0 }),
		).rejects.toBeInstanceOf(TooLong);
	});

	it('is forgotten after ten minutes without a request', async () => {
		const { time, send, execution, governor } = world(tokenBucket(20, 20, START));
		await time.run(execution(100));
		expect(governor().limit).toBeLessThan(5);
		time.pass(600_000);
		await time.run(send());
		expect(governor().limit).toBe(5);
	});

	it('of a long run is told in the log', async () => {
		const { time, log, execution } = world(tokenBucket(20, 20, START));
		await time.run(execution(1_000));
		expect(
			log.filter((line) => /: up to \d+ requests at once, (19|2\d)(\.\d)? a second$/.test(line)),
		).toHaveLength(1);
	});
});
