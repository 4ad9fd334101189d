import { fileURLToPath } from 'node:url';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { clientsOf, manyAccounts, type CredentialType } from '../e2e/support/accounts.mts';
import { startN8n, type N8n } from '../n8n/instance.mts';
import { packPackage } from '../n8n/package.mts';
import { freePort } from '../n8n/process.mts';
import { temporaryFolder, whenThisProcessEnds } from '../n8n/shutdown.mts';
import type { JsonObject } from '../n8n/types.mts';
import { spawnSandbox, type SandboxClient } from '../sandbox/client.mts';
import type { SettingsChange } from '../sandbox/settings.mts';
import { selfSignedCertificate } from './certificate.mts';
import { WORKING, workshop, type Live } from './contenders.mts';
import { inspect, type Inspector } from './inspector.mts';

/** Everything that a measurement needs: a real n8n, the providers on loopback, workflows of each contender. */
export interface Bench {
	readonly quick: boolean;
	readonly n8n: N8n;
	readonly sandbox: SandboxClient;
	readonly workshop: ReturnType<typeof workshop>;
	/** Fields of a credential, with a client that nobody else gets. */
	readonly client: (type: CredentialType) => JsonObject;
	readonly tarball: string;
	readonly certificate: { readonly key: string; readonly certificate: string };
	readonly inspector: Inspector;
	/** Calls a workflow and tells how long the nodes that send requests took, in ms. */
	readonly nodeTime: (live: Live) => Promise<number>;
	/** Stops n8n and starts one on the same data that writes down its SQL. */
	readonly restartWithSqlLog: () => Promise<N8n>;
	readonly stop: () => Promise<void>;
}

/** What keeps the providers out of the way: no bans, no limits, small lists. */
export const forLoad: SettingsChange = {
	calenso: { lifetime: 86_400, monthlyTokenLimit: 0, workers: 3 },
	bookingtime: { accessLifetime: 86_400, customers: 3 },
	fusio: { ban: false, rateLimitWithToken: 1_000_000_000 },
	meister1: { lifetime: 36_000 },
};

/** Credentials in n8n's stock pattern, see there. */
export const stockExtensions = fileURLToPath(new URL('stock', import.meta.url));

/** Starts it all; needs what `npm run build` makes. */
export async function startBench(quick: boolean): Promise<Bench> {
	const sandbox = await spawnSandbox({ accounts: manyAccounts(40), settings: forLoad });
	whenThisProcessEnds({ gently: async () => await sandbox.stop(), atOnce: () => undefined });
	const tarball = await packPackage();
	const { path: userFolder } = temporaryFolder('bench');
	const certificate = selfSignedCertificate();
	const caFile = path.join(userFolder, 'bench.pem');
	writeFileSync(caFile, certificate.certificate);
	const inspectPort = await freePort();
	const env = { N8N_CUSTOM_EXTENSIONS: stockExtensions, NODE_EXTRA_CA_CERTS: caFile, N8N_LOG_LEVEL: 'warn' };
	let n8n = await startN8n({
		packageTarball: tarball,
		userFolder,
		extraEnv: { ...env, NODE_OPTIONS: `--inspect-port=127.0.0.1:${inspectPort}` },
	});
	const inspector = await inspect(n8n.pid, inspectPort);
	const client = clientsOf(sandbox.info);
	return {
		quick,
		n8n,
		sandbox,
		client,
		workshop: workshop(n8n, sandbox.info, client),
		tarball,
		certificate,
		inspector,
		nodeTime: async (live) => await timeOfNodes(n8n, live),
		restartWithSqlLog: async () => {
			inspector.close();
			await n8n.stop();
			n8n = await startN8n({
				userFolder,
				extraEnv: { ...env, DB_LOGGING_ENABLED: 'true', DB_LOGGING_OPTIONS: 'query' },
			});
			return n8n;
		},
		stop: async () => {
			inspector.close();
			await n8n.stop();
			await sandbox.stop();
		},
	};
}

/** As n8n itself counts it, from its execution data; in ms. */
async function timeOfNodes({ rest }: N8n, live: Live): Promise<number> {
	const reply = await live.call();
	if (reply.status !== 200) throw new Error(`A workflow answered ${reply.status}: ${reply.text.slice(0, 300)}`);
	const [newest] = await rest.listExecutions({ workflowId: live.workflowId, limit: 1 });
	if (newest === undefined) throw new Error('n8n knows nothing of the execution');
	const execution = await rest.executionResult(newest.id, 300_000);
	type Runs = { data: { resultData: { runData: Record<string, Array<{ executionTime: number }>> } } };
	const { runData } = (execution.raw as Runs).data.resultData;
	return WORKING.flatMap((name) => runData[name] ?? []).reduce((sum, { executionTime }) => sum + executionTime, 0);
}
