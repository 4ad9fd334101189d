import type { IHttpRequestOptions } from 'n8n-workflow';
import { bookingtime, calenso, reads, TOKEN_URL } from '../support/credentials';
import { N8n, Row } from '../support/n8n';
import { broken, type Reply, SimulatedProvider } from '../support/provider';
import { VirtualTime } from '../support/virtualTime';

const API = 'https://my.calenso.com/api/v1';
const DAY = 86_400_000;

function world(fields = {}) {
	const time = new VirtualTime();
	const provider = new SimulatedProvider({ now: () => time.now(), tokenUrl: TOKEN_URL.calenso });
	const row = new Row({ ...calenso, ...fields });
	const n8n = new N8n(time.process('main'), row, reads.calenso, provider.request);
	const get = (): IHttpRequestOptions => ({ method: 'GET', url: `${API}/workers` });
	const attempt = async () =>
		await n8n.httpRequest(get()).then(
			() => 'sent',
			(error: Error) => error.message,
		);
	const many = async () => await Promise.all(Array.from({ length: 20 }, attempt));
	const fail = (reply: Reply | Error) => {
		provider.onToken = () => {
			if (reply instanceof Error) throw reply;
			return reply;
		};
	};
	return { time, provider, row, n8n, get, attempt, many, fail };
}

describe('A token endpoint that fails', () => {
	it('is asked once per step of 1, 2, 4 … 60 s, however many ask', async () => {
		const { time, provider, many, fail } = world({ monthlyBudget: 0 });
		fail({ status: 500 });
		const asked: number[] = [];
		for (let second = 0; second <= 250; second++) {
			await many();
			while (asked.length < provider.tokenRequests.length) asked.push(second);
			time.pass(1_000);
		}
		expect(asked).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183, 243]);
	});

	it('is asked again at once when it works again and the step has passed, and starts over at 1 s', async () => {
		const { time, provider, attempt, fail } = world({ monthlyBudget: 0 });
		fail({ status: 502 });
		for (let second = 0; second < 7; second++) {
			await attempt();
			time.pass(1_000);
		}
		provider.onToken = undefined;
		await expect(attempt()).resolves.toBe('sent');
		time.pass(DAY);
		fail({ status: 502 });
		const before = provider.tokenRequests.length;
		await attempt();
		time.pass(1_000);
		await attempt();
		expect(provider.tokenRequests.length - before).toBe(2);
	});

	it('tells every caller the same reason, and when the next request is possible', async () => {
		const { many, fail } = world();
		fail({ status: 500 });
		const messages = new Set([...(await many()), ...(await many())]);
		expect(
			[...messages].every((message) => message.includes('Calenso failed to issue a token (500)')),
		).toBe(true);
		expect(
			[...messages].some((message) => message.includes('next token request is possible in 1 s')),
		).toBe(true);
	});

	it.each([
		['as seconds', { 'retry-after': '90' }],
		['as a date', { 'Retry-After': 'Sun, 01 Nov 2026 00:01:30 GMT' }],
		[
			'as Auth0’s reset time',
			{ 'X-RateLimit-Reset': String(Date.UTC(2026, 10, 1, 0, 1, 30) / 1000) },
		],
	])('and says when to come back, %s, is not asked before', async (_, headers) => {
		const { time, provider, many, fail } = world();
		fail({ status: 429, headers });
		await many();
		time.pass(89_999);
		await many();
		expect(provider.tokenRequests).toHaveLength(1);
		time.pass(1);
		await many();
		expect(provider.tokenRequests).toHaveLength(2);
	});

	it('is asked no longer for days because a clock was set back', async () => {
		const { time, provider, attempt, fail } = world({ monthlyBudget: 0 });
		const clock = { offset: 30 * DAY };
		const environment = { ...time.process('main'), now: () => time.now() + clock.offset };
		const n8n = new N8n(
			environment,
			new Row({ ...calenso, monthlyBudget: 0 }),
			reads.calenso,
			provider.request,
		);
		fail({ status: 500 });
		await expect(n8n.httpRequest({ url: `${API}/workers` })).rejects.toThrow();
		clock.offset = 0;
		time.pass(1_000);
		provider.onToken = undefined;
		await expect(n8n.httpRequest({ url: `${API}/workers` })).resolves.toEqual([]);
		await attempt();
	});
});

describe('A wrong client secret', () => {
	it('is not tried again within 30 s', async () => {
		const { time, provider, many, fail } = world();
		fail({ status: 401, body: { error: 'access_denied' } });
		await many();
		time.pass(29_999);
		await many();
		expect(provider.tokenRequests).toHaveLength(1);
		time.pass(1);
		await many();
		expect(provider.tokenRequests).toHaveLength(2);
	});

	it('is tried at once when it was changed', async () => {
		const { provider, row, attempt, fail } = world();
		fail({ status: 401 });
		await attempt();
		provider.onToken = undefined;
		row.save({ clientSecret: 'the right one' });
		await expect(attempt()).resolves.toBe('sent');
		expect(provider.tokenRequests).toHaveLength(2);
	});
});

describe('An ageing token', () => {
	const ageing = async () => {
		const all = world({ monthlyBudget: 0 });
		await all.attempt();
		all.time.pass(DAY - 20_000);
		return all;
	};

	it('is renewed before it dies, by one request for all', async () => {
		const { provider, many } = await ageing();
		expect(new Set(await many())).toEqual(new Set(['sent']));
		expect(provider.tokenRequests).toHaveLength(2);
		expect(provider.apiRequests.at(-1)?.token).toBe('token-2');
	});

	it.each<[string, Reply | Error]>([
		['an error', { status: 500 }],
		['a web page', { status: 200, body: '<html>' }],
		['a refusal', { status: 401 }],
		['a broken connection', broken('ECONNRESET')],
	])(
		'is used on when renewing ends with %s, and the endpoint is not asked by everybody',
		async (_, reply) => {
			const { time, provider, many, fail } = await ageing();
			fail(reply);
			expect(new Set(await many())).toEqual(new Set(['sent']));
			expect(provider.tokenRequests).toHaveLength(2);
			expect(provider.refused).toHaveLength(0);
			// The last five seconds are left, since clocks differ.
			time.pass(14_999);
			expect(new Set(await many())).toEqual(new Set(['sent']));
		},
	);

	it('is not used beyond its death', async () => {
		const { time, provider, many, fail } = await ageing();
		fail({ status: 500 });
		await many();
		time.pass(20_000);
		expect(await many()).not.toContain('sent');
		expect(provider.refused).toHaveLength(0);
	});
});

describe('A token request that may have arrived', () => {
	it.each(['ECONNRESET', 'ETIMEDOUT', 'ECONNABORTED', 'EPIPE'])(
		'and ended with %s is not repeated, and counts as bought',
		async (code) => {
			const { provider, row, attempt, fail } = world({ monthlyBudget: 1 });
			fail(broken(code));
			await expect(attempt()).resolves.toMatch(/token endpoint of Calenso/);
			expect(provider.tokenRequests).toHaveLength(1);
			expect(JSON.stringify(Object.values(row.record.ledger)[0])).toMatch(
				/^\{"2026-11":\{"[^"]+":1\}\}$/,
			);
		},
	);

	it('is not repeated by another process either, once the budget says so', async () => {
		const { time, provider, n8n, attempt, fail } = world({ monthlyBudget: 1 });
		fail(broken('ETIMEDOUT'));
		await attempt();
		n8n.restart();
		time.pass(DAY);
		provider.onToken = undefined;
		await expect(attempt()).resolves.toMatch(
			/budget of this Calenso credential is used up: 1 of 1/,
		);
		expect(provider.tokenRequests).toHaveLength(1);
	});

	it('counts although the reply cannot be used', async () => {
		const { row, attempt, fail } = world();
		fail({ status: 200, body: '<html>' });
		await expect(attempt()).resolves.toMatch(/a web page/);
		expect(JSON.stringify(Object.values(row.record.ledger)[0])).toContain(':1}');
	});
});

describe('The first of bookingtime’s two steps', () => {
	it('is kept when the second one fails: it is not paid for again', async () => {
		const time = new VirtualTime();
		const provider = new SimulatedProvider({
			now: () => time.now(),
			tokenUrl: TOKEN_URL.bookingtime,
			lifetime: 300,
			refreshLifetime: 2_592_000,
		});
		const n8n = new N8n(
			time.process('main'),
			new Row(bookingtime),
			reads.bookingtime,
			provider.request,
		);
		const send = async () =>
			await n8n.httpRequest({
				url: 'https://api.bookingtime.com/app/v3/de/organization/f6own/show',
			});
		provider.onToken = ({ body }) =>
			body.includes('grant_type=refresh_token') ? { status: 500 } : undefined;
		await expect(send()).rejects.toThrow();
		provider.onToken = undefined;
		n8n.restart();
		time.pass(1_000);
		await expect(send()).resolves.toEqual([]);
		const grants = provider.tokenRequests.map(({ body }) =>
			new URLSearchParams(body).get('grant_type'),
		);
		expect(grants).toEqual(['client_credentials', 'refresh_token', 'refresh_token']);
	});
});
