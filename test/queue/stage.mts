import assert from 'node:assert/strict';
import type { N8nProcess } from '../n8n/n8nProcess.mts';
import { packPackage } from '../n8n/package.mts';
import { startQueueSetup, type QueueSetup } from '../n8n/queue.mts';
import { whenThisProcessEnds } from '../n8n/shutdown.mts';
import { inventAccounts } from '../sandbox/accounts.mts';
import { spawnSandbox, type SandboxClient } from '../sandbox/client.mts';
import { callOnce } from './calls.mts';
import { goLive, nodes, type Credential, type LiveWorkflow, type WorkingNode } from './workflows.mts';

/** n8n in queue mode with the package, the providers, and what the tests do with them. */
export interface Stage extends QueueSetup {
	readonly sandbox: SandboxClient;
	/** Workers that have not been killed. */
	running: () => N8nProcess[];
	/** A Calenso credential of a client that has bought no token yet. */
	newCalenso: (name: string) => Promise<Credential & { readonly clientId: string }>;
	newMeister1: () => Promise<Credential>;
	live: (path: string, node: WorkingNode) => Promise<LiveWorkflow>;
	/** What the API Token node says about a Calenso credential, on whichever worker. */
	tokensThisMonth: (credential: Credential) => Promise<number>;
}

const CLIENTS = 12;

export async function startStage(workers: number): Promise<Stage> {
	const { ungranted } = inventAccounts().calenso;
	const clients = Array.from({ length: CLIENTS / 2 }, () => inventAccounts().calenso.clients).flat();
	const sandbox = await spawnSandbox({ accounts: { calenso: { clients, ungranted } } });
	whenThisProcessEnds({ gently: async () => await sandbox.stop(), atOnce: () => undefined });
	const setup = await startQueueSetup({ packageTarball: await packPackage(), workers });
	const { n8n } = setup;
	let used = 0;
	let asked = 0;

	async function store(type: string, name: string, data: object): Promise<Credential> {
		const { id } = await n8n.rest.createCredential({ name, type, data: { ...data } });
		return { id, name };
	}
	const live = async (path: string, node: WorkingNode) => await goLive(n8n, path, node);

	return {
		...setup,
		sandbox,
		live,
		running: () => setup.workers.filter((worker) => worker.isRunning()),
		newCalenso: async (name) => {
			const client = clients[used++];
			assert.ok(client, 'the sandbox has no client left');
			const stored = await store('calensoApi', name, { ...sandbox.info.credentials.calensoApi, ...client });
			return { ...stored, clientId: client.clientId };
		},
		newMeister1: async () => await store('meister1Api', 'Meister1', sandbox.info.credentials.meister1Api),
		tokensThisMonth: async (credential) => {
			const workflow = await live(`status-${++asked}`, nodes.calensoStatus(credential));
			const { end, text } = await callOnce(n8n, workflow);
			assert.equal(end, 'ok', text);
			return (JSON.parse(text) as { tokensThisMonth: number }).tokensThisMonth;
		},
	};
}
