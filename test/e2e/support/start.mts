import { startN8n, type N8n } from '../../n8n/instance.mts';
import { packPackage } from '../../n8n/package.mts';
import type { Execution, JsonObject, TestResult } from '../../n8n/types.mts';
import { callWebhook, type WebhookReply } from '../../n8n/webhook.mts';
import { whenThisProcessEnds } from '../../n8n/shutdown.mts';
import { spawnSandbox, type SandboxClient } from '../../sandbox/client.mts';
import type { Counts, Provider } from '../../sandbox/journal.mts';
import type { SettingsChange } from '../../sandbox/settings.mts';
import { clientsOf, manyAccounts, type CredentialType } from './accounts.mts';
import { flow, type FlowOptions, type Step } from './flows.mts';
import { consumersOf, type Consumer, type Stored } from './requests.mts';

/** A real n8n with the package, the providers on loopback, and what a test does with both. */
export interface Stage {
	readonly n8n: N8n;
	readonly sandbox: SandboxClient;
	readonly consumers: Record<CredentialType, Consumer>;
	/** Stores a credential, with a client of its own unless `change` names one. */
	credential: (type: CredentialType, change?: JsonObject) => Promise<Stored>;
	/** Saves over a credential's fields, as a person does who changes one of them. */
	change: (credential: Stored, change: JsonObject) => Promise<Stored>;
	/** Runs a node once, as "Execute workflow" does, and waits for its end. */
	run: (step: Step, options?: FlowOptions) => Promise<Execution>;
	/** Makes a live workflow of a node; each call runs it once by its production URL. */
	publish: (step: Step) => Promise<() => Promise<WebhookReply>>;
	/** What opening a credential in the editor does; one after another, since tests at once end in n8n's "Node not found". */
	open: (credential: Stored) => Promise<TestResult>;
	counts: (provider: Provider) => Promise<Counts>;
	/** The same n8n with providers at other addresses, to which nothing was sent yet; its `stop` ends only these. */
	elsewhere: (settings?: SettingsChange) => Promise<Stage>;
	stop: () => Promise<void>;
}

export interface StageOptions {
	readonly settings?: SettingsChange;
	readonly extraEnv?: Readonly<Record<string, string>>;
}

/** Starts both; needs what `npm run build` makes. */
export async function startStage({ settings, extraEnv }: StageOptions = {}): Promise<Stage> {
	const sandbox = await startSandbox(settings);
	const n8n = await startN8n({ packageTarball: await packPackage(), ...(extraEnv && { extraEnv }) });
	const stop = async () => {
		await n8n.stop();
		await sandbox.stop();
	};
	return { ...stageOf(n8n, sandbox), stop };
}

async function startSandbox(settings?: SettingsChange): Promise<SandboxClient> {
	const sandbox = await spawnSandbox({ accounts: manyAccounts(), ...(settings && { settings }) });
	whenThisProcessEnds({ gently: async () => await sandbox.stop(), atOnce: () => undefined });
	return sandbox;
}

let names = 0;

function stageOf(n8n: N8n, sandbox: SandboxClient): Stage {
	const client = clientsOf(sandbox.info);
	let opening: Promise<unknown> = Promise.resolve();

	async function credential(type: CredentialType, change: JsonObject = {}): Promise<Stored> {
		const fields = { ...client(type), ...change };
		const name = `${type} ${++names}`;
		const { id } = await n8n.rest.createCredential({ name, type, data: fields });
		return { id, name, type, fields };
	}

	return {
		n8n,
		sandbox,
		consumers: consumersOf(sandbox.info),
		credential,
		change: async ({ id, name, type, fields }, change) => {
			const { data } = await n8n.rest.getCredential(id, { includeData: true });
			await n8n.rest.updateCredential(id, { name, type, data: { ...data, ...change } });
			return { id, name, type, fields: { ...fields, ...change } };
		},
		run: async (step, options) => {
			const { id } = await n8n.rest.createWorkflow(flow(`Run ${++names}`, step, options));
			return await n8n.rest.executionResult(await n8n.rest.startWorkflow(id, 'By hand'));
		},
		publish: async (step) => {
			const path = `e2e-${++names}`;
			const { id } = await n8n.rest.createWorkflow(flow(`Published ${names}`, step, { webhook: path }));
			await n8n.rest.activateWorkflow(id);
			return async () => await callWebhook(n8n.url, `/webhook/${path}`, { json: {} });
		},
		open: async ({ id }) => {
			const result = opening.then(async () => await n8n.rest.openCredential(id));
			opening = result.catch(() => undefined);
			return await result;
		},
		counts: async (provider) => (await sandbox.counts())[provider],
		elsewhere: async (settings) => stageOf(n8n, await startSandbox(settings)),
		stop: async () => await sandbox.stop(),
	};
}

/** What a person reads of an execution that failed: message and description. */
export function told({ error }: Execution): string {
	return error === undefined ? '' : [error.message, error.description].filter(Boolean).join(' ');
}
