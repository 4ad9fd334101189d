import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { cannotRun, createCredentials, exampleFiles, importExample, runExample, type Example, type ExampleRun } from '../n8n/examples.mts';
import { startN8n, type N8n } from '../n8n/instance.mts';
import { packPackage } from '../n8n/package.mts';
import { sandboxCredentials } from '../n8n/sandboxCredentials.mts';
import { spawnSandbox, type SandboxClient } from '../sandbox/client.mts';
import type { Provider } from '../sandbox/journal.mts';
import { executeByCommand } from './support/cli.mts';

/** What an example asks of its provider, once there is a token. */
interface Asked {
	readonly provider: Provider;
	readonly operations: Readonly<Record<string, number>>;
	readonly items: number;
	readonly check?: (run: ExampleRun, sandbox: SandboxClient) => Promise<void> | void;
}

const examples: Readonly<Record<string, Asked>> = {
	// A trigger that is run by hand shows one record; what it does when it is live, triggers.test.mts tells.
	'bookingtime-changed-customers': { provider: 'bookingtime', operations: { 'customer/index': 1 }, items: 1 },
	'bookingtime-form-to-customer': {
		provider: 'bookingtime',
		operations: { 'customer/add': 1 },
		items: 1,
		check: async (run, sandbox) => {
			const [sent] = await sandbox.requests({ provider: 'bookingtime', operation: 'customer/add' });
			const { firstName, lastName, email } = JSON.parse(sent?.body ?? '{}') as Record<string, string>;
			assert.deepEqual({ firstName, lastName, email }, { firstName: 'Ada', lastName: 'Lovelace', email: 'ada.lovelace@example.com' });
			assert.equal(run.execution?.items()[0]?.json.class, 'CUSTOMER_SHORT');
		},
	},
	// 60 customers and the one that the form's example added: three pages of 25.
	'bookingtime-nightly-sync': { provider: 'bookingtime', operations: { 'customer/index': 3 }, items: 61 },
	'bookingtime-organization': { provider: 'bookingtime', operations: { 'organization/show': 1 }, items: 1 },
	'calenso-new-workers': { provider: 'calenso', operations: { workers: 1 }, items: 1 },
	'calenso-sync-workers': { provider: 'calenso', operations: { workers: 1 }, items: 30 },
	'custom-token-login-json': { provider: 'custom', operations: { items: 3 }, items: 57 },
	'fusio-mirrored-collection': { provider: 'fusio', operations: { 'GET /todo': 1 }, items: 1 },
	'fusio-choose-operation': {
		provider: 'fusio',
		operations: { '/system/generator/spec-openapi': 1, 'POST /todo': 2 },
		items: 2,
		check: async (_, sandbox) => {
			const sent = await sandbox.requests({ provider: 'fusio', operation: 'POST /todo' });
			assert.deepEqual(
				sent.map(({ body }) => JSON.parse(body) as unknown).sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b))),
				['Buy milk', 'Call Ada'].map((title) => ({ title, done: false, priority: 'high' })),
			);
		},
	},
	'fusio-protected-call': { provider: 'fusio', operations: { 'GET /todo': 1 }, items: 16 },
	'meister1-sso-redirect': {
		provider: 'meister1',
		operations: { sso: 1 },
		items: 1,
		check: async ({ response }, sandbox) => {
			assert.equal(response?.status, 302);
			assert.equal(response?.headers.get('cache-control'), 'no-store');
			const grantUrl = new URL(response?.headers.get('location') ?? '');
			assert.equal(grantUrl.origin, sandbox.info.urls.meister1);
			assert.match(await (await fetch(grantUrl)).text(), /Signed in/);
		},
	},
	'token-budget-warning': { provider: 'calenso', operations: {}, items: 1 },
	'tool-find-customer': { provider: 'bookingtime', operations: { 'customer/identify': 1 }, items: 1 },
};

/** Token requests for the first token. */
const first: Partial<Record<Provider, number>> = { bookingtime: 2, calenso: 1, custom: 1, fusio: 1, meister1: 1 };

describe('the example workflows, in a real n8n', { timeout: 900_000 }, () => {
	let n8n: N8n;
	let sandbox: SandboxClient;
	let credentials: Awaited<ReturnType<typeof createCredentials>>;
	const imported = new Map<string, Example>();
	const served = new Set<Provider>();
	before(async () => {
		sandbox = await spawnSandbox();
		n8n = await startN8n({ packageTarball: await packPackage() });
		credentials = await createCredentials(n8n, sandboxCredentials(sandbox.info.credentials));
	});
	after(async () => {
		await n8n?.stop();
		await sandbox?.stop();
	});
	beforeEach(async () => await sandbox.reset());

	for (const file of exampleFiles()) {
		const name = file.replace(/\.json$/, '');
		it(`${name} does what it says`, { skip: cannotRun(file) ?? false }, async () => {
			const asked = examples[name];
			assert.ok(asked, 'say here what this example asks of its provider');
			const { provider, operations, items, check } = asked;
			const example = await importExample(n8n, file, credentials);
			imported.set(name, example);
			const run = await runExample(n8n, example);
			assert.equal(run.error, undefined);
			assert.equal(run.items, items);
			const { tokenRequests, apiRefused } = (await sandbox.counts())[provider];
			const buys = Object.keys(operations).length > 0 && !served.has(provider);
			assert.deepEqual({ tokenRequests, apiRefused }, { tokenRequests: buys ? (first[provider] ?? 1) : 0, apiRefused: 0 });
			served.add(provider);
			assert.deepEqual(await operationsOf(provider), operations);
			for (const [other, counts] of Object.entries(await sandbox.counts())) {
				if (other !== provider) assert.equal(counts.tokenRequests + counts.apiRequests, 0, `${other} was not asked`);
			}
			await check?.(run, sandbox);
		});
	}

	it('all run again without another token', async () => {
		const runs = await Promise.all([...imported.values()].map(async (example) => [example.file, await runExample(n8n, example)] as const));
		for (const [name, { error }] of runs) assert.equal(error, undefined, name);
		for (const [provider, { tokenRequests, apiRefused }] of Object.entries(await sandbox.counts())) {
			assert.deepEqual({ tokenRequests, apiRefused }, { tokenRequests: 0, apiRefused: 0 }, provider);
		}
	});

	it('run from the command line, another process, with the token of the first one', async () => {
		const { stored } = imported.get('fusio-protected-call') as Example;
		const execution = await executeByCommand(n8n, stored.id);
		assert.equal(execution.items().length, 16);
		const { tokenRequests, apiRequests, apiRefused } = (await sandbox.counts()).fusio;
		assert.deepEqual({ tokenRequests, apiRequests, apiRefused }, { tokenRequests: 0, apiRequests: 1, apiRefused: 0 });
	});

	it('the budget warning writes its message from 80 % on', async () => {
		const { id, name } = credentials.get('calensoApi') as { id: string; name: string };
		const { data } = await n8n.rest.getCredential(id, { includeData: true });
		await n8n.rest.updateCredential(id, { name, type: 'calensoApi', data: { ...data, monthlyBudget: 1 } });
		const run = await runExample(n8n, imported.get('token-budget-warning') as Example);
		assert.equal(run.error, undefined);
		assert.equal(run.execution?.lastNode, 'Write message');
		assert.match(String(run.execution?.items()[0]?.json.message), /^1 of 1 tokens of this month are used \(100 %\), 0 are left\.$/);
	});

	/** API requests by what the journal calls them. */
	async function operationsOf(provider: Provider): Promise<Record<string, number>> {
		const found: Record<string, number> = {};
		for (const { operation } of await sandbox.requests({ provider, endpoint: 'api' })) found[operation] = (found[operation] ?? 0) + 1;
		return found;
	}
});
