import { bookingtime, calenso, reads, TOKEN_URL } from '../support/credentials';
import { execution } from '../support/context';
import { N8n, Row } from '../support/n8n';
import { SimulatedProvider } from '../support/provider';
import { VirtualTime } from '../support/virtualTime';

/** No real time passes in these tests, but a busy machine is slow. */
jest.setTimeout(120_000);

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** December 2026 has 31 days. */
const MONTH_BEGINS = Date.UTC(2026, 11, 1);
const WORKER_CLOCKS = [2_000, -2_000, 700, -1_300];
/** Two clocks of ±2 s. */
const CLOCKS_DIFFER = 4_000;

interface Month {
	readonly credential: 'calenso' | 'bookingtime';
	readonly path: (minute: number) => string;
	readonly lifetime: number;
	readonly refreshLifetime?: number;
	/** Every quarter of an hour the workflow starts on all workers in the same moment. */
	readonly together: boolean;
}

/** Numbers from 0 to `below`, the same in each run. */
function chance(seed: number) {
	let state = seed;
	return (below: number) => {
		state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
		return Math.floor((state / 2 ** 32) * below);
	};
}

/**
 * A month of one installation: a workflow every minute on one of four workers, the credential opened 20 times a day, three restarts of a process a day, and a deployment that restarts all.
 */
async function month({ credential, path, lifetime, refreshLifetime, together }: Month) {
	const time = new VirtualTime(MONTH_BEGINS);
	const provider = new SimulatedProvider({
		now: () => time.now(),
		tokenUrl: TOKEN_URL[credential],
		lifetime,
		refreshLifetime,
	});
	const deaths = new Map<string, number>();
	provider.onApi = ({ token = '' }) => {
		const death = provider.living.get(token);
		if (death !== undefined) deaths.set(token, death);
		return undefined;
	};
	const fields = { calenso, bookingtime }[credential];
	const name = credential === 'calenso' ? 'calensoApi' : 'bookingtimeApi';
	const row = new Row(fields);
	const process = (offset: number, index: number) =>
		new N8n(time.process(`p${index}`, offset), row, reads[credential], provider.request);
	const workers = WORKER_CLOCKS.map(process);
	const editor = process(0, 9);
	const random = chance(20_261_201);
	let executions = 0;
	let openings = 0;

	const execute = async (worker: N8n, minute: number) => {
		executions++;
		await (await execution(worker, name)).send({ method: 'GET', path: path(minute) });
	};
	const open = async (minute: number) => {
		openings++;
		const base =
			credential === 'calenso'
				? 'https://my.calenso.com/api/v1'
				: 'https://api.bookingtime.com/app/v3/de';
		await editor.openCredential({ url: `${base}/${path(minute)}` });
	};

	for (let minute = 0; minute < 31 * 24 * 60; minute++) {
		const begin = MONTH_BEGINS + minute * MINUTE;
		time.passTo(begin);
		if (minute % 1440 === 2 * 60 + 7) for (const each of [...workers, editor]) each.restart();
		if (minute % 480 === 333) workers[random(4)].restart();
		time.passTo(begin + random(20_000));
		await time.run(
			together && minute % 15 === 0
				? Promise.all(workers.map(async (worker) => await execute(worker, minute)))
				: Promise.all([execute(workers[random(4)], minute)]),
		);
		// What runs beside the requests ends before anybody else looks.
		if (!together) await time.run(time.sleep(0));
		if (minute % 72 === 35) await time.run(open(minute));
	}
	return { provider, deaths, executions, openings, row };
}

describe('A month of 31 days on four workers', () => {
	it('costs Calenso exactly 31 tokens, and no refused request beyond what the clocks explain', async () => {
		const { provider, deaths, executions, openings } = await month({
			credential: 'calenso',
			path: () => 'workers',
			lifetime: 86_400,
			together: true,
		});
		expect(executions).toBeGreaterThan(44_640);
		expect(openings).toBe(31 * 20);
		expect(provider.tokenRequests).toHaveLength(31);
		const late = provider.refused.map(({ at, token = '' }) => at - (deaths.get(token) ?? Infinity));
		for (const ms of late) {
			expect(ms).toBeGreaterThanOrEqual(0);
			expect(ms).toBeLessThanOrEqual(CLOCKS_DIFFER);
		}
		// One of each expiry at most, were a workflow to run in just those seconds each day.
		expect(late.length).toBeLessThanOrEqual(31);
		expect(provider.apiRequests).toHaveLength(executions + openings + late.length);
	});

	it('costs bookingtime two refresh tokens, and one access token for each 5 minutes and organization in use', async () => {
		const organizations = ['f6own', 'f6other'];
		const { provider } = await month({
			credential: 'bookingtime',
			path: (minute) => `organization/${organizations[Math.floor(minute / 20) % 2]}/show`,
			lifetime: 300,
			refreshLifetime: 2_592_000,
			together: false,
		});
		const sent = provider.tokenRequests.map(({ body, at }) => ({
			form: new URLSearchParams(body),
			at,
		}));
		const refreshTokens = sent.filter(
			({ form }) => form.get('grant_type') === 'client_credentials',
		);
		expect(refreshTokens).toHaveLength(2);
		const windows = new Map<string, number>();
		for (const { form, at } of sent.filter(
			({ form: one }) => one.get('grant_type') === 'refresh_token',
		)) {
			const window = `${form.get('organization_id')} ${Math.floor((at - MONTH_BEGINS) / (5 * MINUTE))}`;
			windows.set(window, (windows.get(window) ?? 0) + 1);
		}
		// The organization changes every 20 minutes, so each window of 5 minutes uses one of them.
		expect(windows.size).toBe(31 * 24 * 12);
		expect(new Set(windows.values())).toEqual(new Set([1]));
		expect(provider.refused).toHaveLength(0);
	});
});

describe('A workflow that runs in the very seconds in which two clocks disagree about an expiry', () => {
	it('is refused once, gets the next token, and the day costs no token more', async () => {
		const time = new VirtualTime(MONTH_BEGINS);
		const provider = new SimulatedProvider({ now: () => time.now(), tokenUrl: TOKEN_URL.calenso });
		const row = new Row(calenso);
		const [ahead, behind] = [2_000, -2_000].map(
			(offset) => new N8n(time.process(`p${offset}`, offset), row, reads.calenso, provider.request),
		);
		await time.run((await execution(ahead, 'calensoApi')).send({ method: 'GET', path: 'workers' }));
		const [death] = provider.living.values();
		time.passTo(death + 1_000);
		await time.run(
			(await execution(behind, 'calensoApi')).send({ method: 'GET', path: 'workers' }),
		);
		expect(provider.refused).toHaveLength(1);
		expect(provider.tokenRequests).toHaveLength(2);
		expect(row.text).not.toContain('replacement');
		time.pass(DAY - 10_000);
		await time.run((await execution(ahead, 'calensoApi')).send({ method: 'GET', path: 'workers' }));
		expect(provider.tokenRequests).toHaveLength(2);
	});
});
