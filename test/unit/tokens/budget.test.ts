import fc from 'fast-check';
import { calenso, reads, TOKEN_URL } from '../support/credentials';
import { N8n, Row } from '../support/n8n';
import { broken, SimulatedProvider } from '../support/provider';
import { VirtualTime } from '../support/virtualTime';

/** No real time passes in these tests, but a busy machine is slow. */
jest.setTimeout(120_000);

const DAY = 86_400_000;
const url = 'https://my.calenso.com/api/v1/workers';

/** What can happen to an installation of n8n. */
type Event =
	| { readonly kind: 'requests'; readonly process: number; readonly count: number }
	| { readonly kind: 'time passes'; readonly ms: number }
	| { readonly kind: 'clock step'; readonly ms: number }
	| { readonly kind: 'crash'; readonly process: number }
	| { readonly kind: 'revocation' }
	| { readonly kind: 'secret changed'; readonly to: string }
	| { readonly kind: 'record cut off'; readonly by: number }
	| { readonly kind: 'endpoint'; readonly does: 'answer' | 'reset' | 'no token' };

const process = fc.constantFrom(0, 1);
const event: fc.Arbitrary<Event> = fc.oneof(
	{
		weight: 6,
		arbitrary: fc.record({
			kind: fc.constant('requests' as const),
			process,
			count: fc.integer({ min: 1, max: 4 }),
		}),
	},
	{
		weight: 5,
		arbitrary: fc.record({
			kind: fc.constant('time passes' as const),
			ms: fc.constantFrom(1, 2_000, 61_000, 3_700_000, DAY, 9 * DAY),
		}),
	},
	fc.record({
		kind: fc.constant('clock step' as const),
		ms: fc.constantFrom(-40 * DAY, -DAY, -3_600_000, 3_600_000, DAY, 35 * DAY),
	}),
	fc.record({ kind: fc.constant('crash' as const), process }),
	fc.record({ kind: fc.constant('revocation' as const) }),
	fc.record({
		kind: fc.constant('secret changed' as const),
		to: fc.constantFrom('a-secret', 'b-secret'),
	}),
	fc.record({ kind: fc.constant('record cut off' as const), by: fc.integer({ min: 1, max: 60 }) }),
	fc.record({
		kind: fc.constant('endpoint' as const),
		does: fc.constantFrom('answer', 'reset', 'no token'),
	}),
);

/** The end of a record is lost, but not its ledger: what cannot be read cannot be counted. A second cut takes no more. */
function cutOff(text: string, by: number): string {
	const ledgerEnds = text.indexOf(',"owner"');
	return ledgerEnds < 0 ? text : text.slice(0, Math.max(ledgerEnds, text.length - by));
}

/** Plays a history, and answers how many tokens were asked for in each month of the clock. */
async function play(events: readonly Event[], budget: number): Promise<Map<string, number>> {
	const time = new VirtualTime();
	const clock = { step: 0 };
	const now = () => time.now() + clock.step;
	const asked = new Map<string, number>();
	const provider = new SimulatedProvider({ now, tokenUrl: TOKEN_URL.calenso });
	let endpoint = 'answer';
	provider.onToken = () => {
		const month = new Date(now()).toISOString().slice(0, 7);
		asked.set(month, (asked.get(month) ?? 0) + 1);
		if (endpoint === 'reset') throw broken('ECONNRESET');
		return endpoint === 'no token' ? { status: 200, body: {} } : undefined;
	};
	const row = new Row({ ...calenso, monthlyBudget: budget });
	const processes = [0, 1].map(
		(number) =>
			new N8n({ ...time.process(`proc${number}`), now }, row, reads.calenso, provider.request),
	);
	for (const one of events) {
		switch (one.kind) {
			case 'requests': {
				const request = async () =>
					await processes[one.process].httpRequest({ url }).catch(() => undefined);
				await Promise.all(Array.from({ length: one.count }, request));
				break;
			}
			case 'time passes':
				time.pass(one.ms);
				break;
			case 'clock step':
				clock.step += one.ms;
				break;
			case 'crash':
				processes[one.process].restart();
				break;
			case 'revocation':
				provider.revokeAll();
				break;
			case 'secret changed':
				row.save({ clientSecret: one.to });
				break;
			case 'record cut off':
				row.save({ tokenRecord: cutOff(row.text, one.by) });
				break;
			case 'endpoint':
				endpoint = one.does;
				break;
		}
	}
	return asked;
}

describe('The monthly budget', () => {
	it('is never exceeded, whatever happens to clocks, processes, tokens, fields and the record', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.array(event, { minLength: 5, maxLength: 60 }),
				fc.integer({ min: 1, max: 4 }),
				async (events, budget) => {
					for (const tokens of (await play(events, budget)).values()) {
						expect(tokens).toBeLessThanOrEqual(budget);
					}
				},
			),
			{ numRuns: 300 },
		);
	});

	it('would be exceeded in such histories if there were none', async () => {
		const found = await fc.check(
			fc.asyncProperty(fc.array(event, { minLength: 5, maxLength: 60 }), async (events) =>
				[...(await play(events, 0)).values()].every((tokens) => tokens <= 4),
			),
			{ numRuns: 300 },
		);
		expect(found.failed).toBe(true);
	});

	it('used up is said with the count, and with the day from which on a token can be bought', async () => {
		const time = new VirtualTime();
		const provider = new SimulatedProvider({ now: () => time.now(), tokenUrl: TOKEN_URL.calenso });
		const n8n = new N8n(
			time.process('main'),
			new Row({ ...calenso, monthlyBudget: 3 }),
			reads.calenso,
			provider.request,
		);
		const send = async () => await n8n.httpRequest({ url });
		for (let day = 0; day < 3; day++) {
			await send();
			time.pass(DAY);
		}
		await expect(send()).rejects.toThrow(
			/used up: 3 of 3\. No token was requested\. The next one can be bought on 2026-12-01 \(UTC\)/,
		);
		expect(provider.tokenRequests).toHaveLength(3);
		time.passTo(Date.UTC(2026, 10, 30, 23, 59, 59, 999));
		await expect(send()).rejects.toThrow(/used up/);
		time.passTo(Date.UTC(2026, 11, 1));
		await expect(send()).resolves.toEqual([]);
		expect(provider.tokenRequests).toHaveLength(4);
	});

	it('of 31 tokens is enough for Calenso in a month of 31 days, used each hour', async () => {
		const time = new VirtualTime(Date.UTC(2026, 11, 1));
		const provider = new SimulatedProvider({ now: () => time.now(), tokenUrl: TOKEN_URL.calenso });
		const n8n = new N8n(time.process('main'), new Row(calenso), reads.calenso, provider.request);
		for (let hour = 0; hour < 31 * 24; hour++) {
			await n8n.httpRequest({ url });
			time.pass(3_600_000);
		}
		expect(provider.tokenRequests).toHaveLength(31);
		expect(provider.refused).toHaveLength(0);
	});

	it('raised by a person counts from the next request on', async () => {
		const time = new VirtualTime();
		const provider = new SimulatedProvider({ now: () => time.now(), tokenUrl: TOKEN_URL.calenso });
		const row = new Row({ ...calenso, monthlyBudget: 1 });
		const n8n = new N8n(time.process('main'), row, reads.calenso, provider.request);
		await n8n.httpRequest({ url });
		time.pass(DAY);
		await expect(n8n.httpRequest({ url })).rejects.toThrow(/used up: 1 of 1/);
		row.save({ monthlyBudget: 2 });
		await expect(n8n.httpRequest({ url })).resolves.toEqual([]);
	});

	it('is not drained by a request that lacks a permission while others work', async () => {
		const time = new VirtualTime();
		const provider = new SimulatedProvider({ now: () => time.now(), tokenUrl: TOKEN_URL.calenso });
		provider.onApi = ({ url: target }) =>
			target.endsWith('/forbidden') ? { status: 401, body: { message: 'No' } } : undefined;
		const n8n = new N8n(time.process('main'), new Row(calenso), reads.calenso, provider.request);
		for (let minute = 0; minute < 24 * 60; minute++) {
			await n8n.httpRequest({ url }).catch(() => undefined);
			await n8n.httpRequest({ url: `${url}/forbidden` }).catch(() => undefined);
			time.pass(60_000);
		}
		expect(provider.tokenRequests.length).toBeLessThanOrEqual(2);
	});
});
