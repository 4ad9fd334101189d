import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { cannotRun, createCredentials, importExample } from '../n8n/examples.mts';
import { startN8n, type N8n } from '../n8n/instance.mts';
import { packPackage } from '../n8n/package.mts';
import { sandboxCredentials } from '../n8n/sandboxCredentials.mts';
import { spawnSandbox, type SandboxClient } from '../sandbox/client.mts';
import { until } from '../n8n/wait.mts';
import { People } from './support/people.mts';
import { changesOf, failuresOf, everyThreeSeconds, type LiveTrigger } from './support/triggers.mts';

const todoList = { provider: 'fusio', endpoint: 'api', operation: 'GET /todo' } as const;

/**
 * The promise of the triggers, on the example workflows that use them: every change is handed on, and once, also when
 * n8n is killed in the middle of a poll and when an API fails.
 */
describe('triggers, in a real n8n', { timeout: 600_000 }, () => {
	let n8n: N8n;
	let sandbox: SandboxClient;
	let people: People;
	const live: Partial<Record<'customers' | 'workers' | 'mirror', LiveTrigger>> = {};
	/** What each trigger has to have handed on by now. */
	const expected = { customers: [] as string[], workers: [] as string[], mirror: [] as string[] };

	before(async () => {
		sandbox = await spawnSandbox();
		await sandbox.settings({ fusio: { todos: 40 }, bookingtime: { customers: 30 }, calenso: { workers: 5 } });
		people = new People(sandbox);
		n8n = await startN8n({ packageTarball: await packPackage() });
		const credentials = await createCredentials(n8n, sandboxCredentials(sandbox.info.credentials));
		for (const [name, file] of [
			['customers', 'bookingtime-changed-customers.json'],
			['workers', 'calenso-new-workers.json'],
			['mirror', 'fusio-mirrored-collection.json'],
		] as const) {
			const { stored } = await importExample(n8n, file, credentials, everyThreeSeconds);
			const trigger = stored.nodes.find(({ type }) => type.endsWith('Trigger'));
			live[name] = { workflowId: stored.id, node: trigger?.name ?? '' };
		}
	});
	after(async () => {
		await n8n?.stop();
		await sandbox?.stop();
	});

	it('remember what is there when they are switched on, or hand it on where that is chosen', async () => {
		for (const { workflowId } of Object.values(live)) await n8n.rest.activateWorkflow(workflowId);
		expected.mirror = Array.from({ length: 40 }, (_, index) => `New ${index + 1}`);
		await allIsHandedOn();
	});

	it('hand on what is new, changed and gone, and nothing twice', async () => {
		const todo = await people.addTodo('Water the plants');
		await people.editTodo(3, 'Todo three');
		await people.deleteTodo(7);
		expected.mirror.push(`New ${todo}`, 'Changed 3', 'Gone 7');
		const customer = await people.addCustomer('Ada', 'Lovelace');
		await people.editCustomer(customer, 'Augusta');
		const first = await people.someCustomer();
		await people.editCustomer(first, 'Renamed');
		expected.customers.push(`New ${customer}`, `Changed ${first}`);
		await sandbox.settings({ calenso: { workers: 7 } });
		expected.workers.push('New 6', 'New 7');
		await allIsHandedOn();
	});

	it('lose nothing and repeat nothing when n8n is killed in the middle of a poll', async () => {
		// The list has three pages, so that the next poll hangs at the first or at the second one.
		await sandbox.fault({ ...todoList, kind: 'delay', ms: 60_000, skip: 1 });
		const added = await people.addTodo('While n8n is busy');
		await sleep(5_000);
		await n8n.kill9();
		await sandbox.clearFaults('fusio');
		await people.deleteTodo(1);
		await people.editTodo(added, 'Edited meanwhile');
		const customer = await people.addCustomer('Grace', 'Hopper');
		await sandbox.settings({ calenso: { workers: 8 } });
		await n8n.restart('kill9');
		expected.mirror.push(`New ${added}`, 'Gone 1');
		expected.customers.push(`New ${customer}`);
		expected.workers.push('New 8');
		await allIsHandedOn();
	});

	it('tell of an outage once, in the words of the API, and once more after a restart', async () => {
		const { mirror } = live;
		assert.ok(mirror);
		await sandbox.fault({ ...todoList, kind: 'status', status: 503 });
		await fails(mirror, 1);
		const added = await people.addTodo('During the outage');
		await n8n.restart('kill9');
		await fails(mirror, 2);
		await sandbox.clearFaults('fusio');
		expected.mirror.push(`New ${added}`);
		await allIsHandedOn();
		assert.equal((await failuresOf(n8n, mirror)).length, 2, 'nothing was told of again');
	});

	it('took one token each', async () => {
		const { calenso, fusio } = await sandbox.counts();
		assert.deepEqual([calenso.tokenRequests, fusio.tokenRequests], [1, 1]);
	});

	it('keep a data table equal to the collection', { skip: cannotRun('fusio-mirrored-collection.json') ?? false }, async () => {
		const todos = await people.todos();
		const rows = await until('the table has all of them', 20_000, async () => {
			const found = await people.rows(n8n, 'fusio-todo');
			return found.length === todos.length ? found : undefined;
		});
		assert.deepEqual(
			rows.map(({ todoId, title }) => `${String(todoId)} ${String(title)}`).sort(),
			todos.map(({ id, title }) => `${String(id)} ${String(title)}`).sort(),
		);
	});

	/** Waits until everything expected has come out, and two more polls of each, in which nothing may. */
	async function allIsHandedOn(): Promise<void> {
		for (const [name, trigger] of Object.entries(live)) {
			const wanted = expected[name as keyof typeof expected];
			await until(`${name}: all changes are handed on`, 40_000, async () => (await changesOf(n8n, trigger)).length >= wanted.length || undefined, 500);
		}
		await sleep(7_000);
		for (const [name, trigger] of Object.entries(live)) {
			const wanted = expected[name as keyof typeof expected];
			assert.deepEqual((await changesOf(n8n, trigger)).sort(), [...wanted].sort(), name);
		}
	}

	/** Waits for the so manieth failure, and for three more polls that fail without one. */
	async function fails(trigger: LiveTrigger, count: number): Promise<void> {
		const errors = await until(`failure ${count} is told of`, 40_000, async () => {
			const found = await failuresOf(n8n, trigger);
			return found.length >= count ? found : undefined;
		});
		const before = await todoReads();
		await until('three more polls', 30_000, async () => (await todoReads()) >= before + 3 || undefined);
		assert.equal((await failuresOf(n8n, trigger)).length, count);
		for (const error of errors) assert.match(error, /^Fusio answered 503/);
	}

	async function todoReads(): Promise<number> {
		return (await sandbox.requests(todoList)).length;
	}
});
