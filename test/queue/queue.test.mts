import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { packPackage } from '../n8n/package.mts';
import { startQueueSetup, type QueueSetup } from '../n8n/queue.mts';
import { endEverything, whenThisProcessEnds } from '../n8n/shutdown.mts';
import type { JsonObject } from '../n8n/types.mts';
import { until } from '../n8n/wait.mts';
import { inventAccounts } from '../sandbox/accounts.mts';
import { spawnSandbox, type SandboxClient } from '../sandbox/client.mts';
import type { Fault } from '../sandbox/faults.mts';
import { burst, callOnce, countEnds, steadily, troubles, type Call } from './calls.mts';
import { claimIn, observe, untilExpired } from './observe.mts';
import { printTable, type Cell } from './table.mts';
import { isBusy, watch } from './workers.mts';
import { goLive, nodes, type LiveWorkflow } from './workflows.mts';

/** What the README promises for queue mode, on a real n8n: main process, workers, Redis and Postgres. */

const WORKERS = 3;
const ROUNDS = 10;
const AT_ONCE = 60;
/** W, and what a token request may take (claim.ts, transport.ts). In ms. */
const SETTLE = 1_500;
const TOKEN_TIMEOUT = 10_000;
/** The next token after a crash comes within this. */
const AFTER_CRASH = SETTLE + TOKEN_TIMEOUT + 5_000;

interface Crash {
	readonly what: string;
	readonly fault?: Fault;
	/** Whether this is the moment. */
	readonly caught: (sandbox: SandboxClient, claim: string | undefined) => Promise<true | undefined>;
}

const crashes: readonly Crash[] = [
	{
		what: 'it held the claim',
		caught: async (_, claim) => (claim === undefined ? undefined : true),
	},
	{
		what: 'its token request was under way',
		fault: { provider: 'calenso', endpoint: 'token', kind: 'hang', times: 1 },
		caught: async (sandbox) => {
			const requests = await sandbox.requests({ provider: 'calenso', endpoint: 'token' });
			return requests.length > 0 || undefined;
		},
	},
];

type Rows = Array<Record<string, Cell>>;

describe('several workers', { timeout: 1_800_000 }, () => {
	let sandbox: SandboxClient;
	let setup: QueueSetup;
	let clients = 0;

	before(async () => {
		const { clients: _, ...calenso } = inventAccounts().calenso;
		const many = Array.from({ length: 6 }, () => inventAccounts().calenso.clients).flat();
		sandbox = await spawnSandbox({ accounts: { calenso: { ...calenso, clients: many } } });
		whenThisProcessEnds({ gently: async () => await sandbox.stop(), atOnce: () => undefined });
		setup = await startQueueSetup({ packageTarball: await packPackage(), workers: WORKERS });
	});
	after(async () => await endEverything());

	/** A Calenso credential of a client that has bought no token yet. */
	async function newCalenso(name: string, change: JsonObject = {}): Promise<{ id: string; name: string }> {
		const client = sandbox.info.accounts.calenso.clients[clients++];
		assert.ok(client, 'the sandbox has no client left');
		const data = { ...sandbox.info.credentials.calensoApi, ...client, ...change };
		const { id } = await setup.n8n.rest.createCredential({ name, type: 'calensoApi', data });
		return { id, name };
	}

	const live = async (path: string, node: Parameters<typeof goLive>[2]) => await goLive(setup.n8n, path, node);
	const running = () => setup.workers.filter((worker) => worker.isRunning());

	async function tokensThisMonth(status: LiveWorkflow): Promise<number> {
		const { end, text } = await callOnce(setup.n8n, status);
		assert.equal(end, 'ok', text);
		return (JSON.parse(text) as { tokensThisMonth: number }).tokensThisMonth;
	}

	it(`buys one token at expiry, ${AT_ONCE} executions at once, ${ROUNDS} times in a row`, async () => {
		const calenso = await newCalenso('Calenso');
		const data = sandbox.info.credentials.meister1Api;
		const { id } = await setup.n8n.rest.createCredential({ name: 'Meister1', type: 'meister1Api', data });
		const [accountId = ''] = sandbox.info.accounts.meister1.accountIds;
		const subjects = [
			{ provider: 'calenso', workflow: await live('calenso', nodes.calenso(calenso)) },
			{ provider: 'meister1', workflow: await live('meister1', nodes.meister1({ id, name: 'Meister1' }, accountId)) },
		] as const;
		const status = await live('calenso-status', nodes.calensoStatus(calenso));

		const rows: Rows = [];
		const wrong: string[] = [];
		// A token has to outlive its round, however slow this machine is, and to die soon afterwards.
		let slowest = 12_000;
		for (let round = 1; round <= ROUNDS; round++) {
			for (const { provider, workflow } of subjects) {
				await untilExpired(sandbox, provider);
				const lifetime = Math.ceil((slowest * 1.5 + 2_000) / 1_000);
				await sandbox.settings({ [provider]: { lifetime } });
				const onWorkers = watch(running());
				const begun = Date.now();
				const [calls, seen] = await observe(sandbox, provider, async () => await burst(setup.n8n, workflow, AT_ONCE));
				const millis = Date.now() - begun;
				slowest = round === 1 ? Math.min(slowest, Math.max(4_000, millis)) : Math.max(slowest, millis);
				const { spread, waited } = onWorkers();
				rows.push({
					round, provider, executions: calls.length, 'went well': countEnds(calls).ok,
					'on each worker': spread, 'workers that waited': waited,
					'token requests': seen.tokenRequests, 'API requests': seen.apiRequests, refused: seen.refused,
					'token after ms': seen.firstTokenRequest === undefined ? '' : seen.firstTokenRequest - begun,
					'all done after ms': millis,
				});
				const name = `round ${round}, ${provider}`;
				if ((seen.lastApiRequest ?? 0) >= (seen.expiresAt ?? 0)) wrong.push(`${name}: took longer than its token lived`);
				if (seen.tokenRequests !== 1) wrong.push(`${name}: ${seen.tokenRequests} token requests`);
				if (seen.refused > 0) wrong.push(`${name}: ${seen.refused} refused API requests`);
				wrong.push(...troubles(calls).map((trouble) => `${name}: ${trouble}`));
			}
		}
		printTable(`At expiry, ${AT_ONCE} executions at once on ${WORKERS} workers`, rows);
		assert.deepEqual(wrong, []);
		assert.equal(await tokensThisMonth(status), ROUNDS, 'tokens that the credential has counted');
	});

	it("n8n's HTTP Request node buys one token per worker at most", async () => {
		const credential = await newCalenso('Calenso over HTTP Request');
		const url = `${sandbox.info.urls.calenso}/api/v1/workers`;
		const workflow = await live('http-request', nodes.httpRequestWithCalenso(url, credential));
		const rows: Rows = [];
		for (let round = 1; round <= 3; round++) {
			await sandbox.settings({ calenso: { lifetime: 10 } });
			const onWorkers = watch(running());
			const [calls, seen] = await observe(sandbox, 'calenso', async () => await burst(setup.n8n, workflow, AT_ONCE));
			rows.push({
				round, executions: calls.length, 'went well': countEnds(calls).ok, 'on each worker': onWorkers().spread,
				'token requests': seen.tokenRequests, 'API requests': seen.apiRequests, refused: seen.refused,
			});
			await untilExpired(sandbox, 'calenso');
		}
		printTable("The same with n8n's HTTP Request node, which takes part in no claim", rows);
		for (const row of rows) {
			assert.ok(Number(row['token requests']) <= WORKERS, 'more than one token per worker');
			assert.equal(row.refused, 0);
			assert.equal(row['went well'], AT_ONCE);
		}
	});

	for (const what of ['Redis', 'Postgres'] as const) {
		it(`loses nothing by a restart of ${what} that n8n does not lose`, async () => {
			const credential = await newCalenso(`Calenso, ${what} restarted`);
			const path = `restart-${what.toLowerCase()}`;
			const ours = await live(`${path}-ours`, nodes.calenso(credential));
			const plain = await live(`${path}-plain`, nodes.httpRequestAlone(sandbox.info.urls.foreign));
			await sandbox.settings({ calenso: { lifetime: 4 } });
			const calls = { ours: [] as Call[], plain: [] as Call[] };
			let down = 0;
			const load = async () => {
				await sleep(6_000);
				const begun = Date.now();
				await (what === 'Redis' ? setup.redis : setup.postgres).restart();
				down = Date.now() - begun;
				await sleep(9_000);
			};
			const [, seen] = await observe(sandbox, 'calenso', async () => {
				await steadily(setup.n8n, [ours, plain], 125, load(), (workflow, call) => {
					calls[workflow === ours ? 'ours' : 'plain'].push(call);
				});
			});
			const row = (name: string, made: readonly Call[]) => {
				const { ok, failed, none } = countEnds(made);
				return { executions: name, begun: made.length, 'went well': ok, 'ended in an error': failed, 'no answer': none };
			};
			printTable(`${what} restarted under load (${down} ms)`, [
				{ ...row('Calenso node', calls.ours), 'token requests': seen.tokenRequests, 'API requests': seen.apiRequests, refused: seen.refused, 'died on the way': seen.diedOnTheWay },
				{ ...row('HTTP Request node, no credential', calls.plain), 'token requests': '', 'API requests': '', refused: '', 'died on the way': '' },
			]);
			for (const [name, made] of Object.entries(calls)) {
				for (const trouble of troubles(made)) process.stdout.write(`  ${name}: ${trouble}\n`);
			}
			assert.equal(seen.refused, seen.diedOnTheWay, 'API requests with a wrong token');
		});
	}

	for (const { what, fault, caught } of crashes) {
		it(`goes on after a worker was killed while ${what}`, async () => {
			const credential = await newCalenso(`Calenso, killed while ${what}`);
			const workflow = await live(`killed-${clients}`, nodes.calenso(credential));
			const status = await live(`killed-${clients}-status`, nodes.calensoStatus(credential));
			await sandbox.settings({ calenso: { lifetime: 3_600 } });
			const alive = running().length;
			let killedAt = 0;
			const [calls, seen] = await observe(sandbox, 'calenso', async () => {
				if (fault) await sandbox.fault(fault);
				const victim = callOnce(setup.n8n, workflow, 5_000);
				await until(`a worker is killed while ${what}`, 30_000, async () => await caught(sandbox, await claimIn(setup.n8n, credential.id)), 20);
				const [holder, ...others] = running().filter(isBusy);
				assert.ok(holder !== undefined && others.length === 0, 'one worker has the one execution');
				await holder.kill9();
				killedAt = Date.now();
				assert.ok(await claimIn(setup.n8n, credential.id), 'the claim of the killed worker is left');
				const made = await burst(setup.n8n, workflow, 20);
				await victim;
				return made;
			});
			const requests = await sandbox.requests({ provider: 'calenso', endpoint: 'token' });
			const next = requests.find(({ time }) => time > killedAt);
			const counted = await tokensThisMonth(status);
			printTable(`A worker killed while ${what}`, [
				{
					'workers left': running().length, executions: calls.length, 'went well': countEnds(calls).ok,
					'token requests': seen.tokenRequests, 'next token after ms': next === undefined ? 'never' : next.time - killedAt,
					'counted this month': counted, refused: seen.refused,
				},
			]);
			assert.equal(running().length, alive - 1);
			assert.deepEqual(troubles(calls), []);
			assert.equal(requests.filter(({ time }) => time > killedAt).length, 1);
			assert.ok(next && next.time - killedAt <= AFTER_CRASH, 'the next token came too late');
			assert.equal(seen.refused, 0);
			assert.equal(counted, 2, 'the token that may have been bought is counted, once, and the next one');
			await setup.addWorker();
		});
	}
});
