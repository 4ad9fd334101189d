import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { N8n } from './instance.mts';
import { n8nVersion } from './install.mts';
import { repository } from './package.mts';
import { callExample } from './exampleCall.mts';
import type { Execution, JsonObject, StoredWorkflow, WorkflowFile } from './types.mts';
import { until } from './wait.mts';
import type { WebhookReply } from './webhook.mts';

/** An example workflow, imported and live. */
export interface Example {
	/** Its file name without `.json`. */
	readonly file: string;
	readonly name: string;
	/** What it does, in a sentence; its name if it does not say. */
	readonly description: string;
	readonly stored: StoredWorkflow;
}

export interface ExampleRun {
	readonly ok: boolean;
	/** Items that came out of the last node. */
	readonly items: number;
	readonly millis: number;
	readonly error?: string;
	readonly execution?: Execution;
	/** What the caller of its webhook or form got. */
	readonly response?: WebhookReply;
}

const folder = path.join(repository, 'workflows');

/** The example workflows of this repository, by file name. */
export function exampleFiles(): string[] {
	return readdirSync(folder)
		.filter((file) => file.endsWith('.json'))
		.sort();
}

/** Why an example cannot run on the n8n that the tests start; undefined where it can. */
export function cannotRun(file: string): string | undefined {
	const { nodes } = readExample(file);
	const makesTable = nodes.some(
		({ type, parameters }) =>
			type === 'n8n-nodes-base.dataTable' && parameters.resource === 'table',
	);
	return makesTable && n8nVersion.startsWith('1.')
		? 'skipped: the Data Table node of n8n 1.x cannot make a table'
		: undefined;
}

function readExample(file: string): WorkflowFile {
	return JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as WorkflowFile;
}

/** Stores a credential per type that n8n knows; the result says which id each type got. */
export async function createCredentials(
	n8n: N8n,
	credentials: Readonly<Record<string, JsonObject>>,
): Promise<Map<string, { id: string; name: string }>> {
	const created = new Map<string, { id: string; name: string }>();
	const known = new Map(
		(await n8n.rest.credentialTypes()).map(({ name, displayName }) => [name, displayName]),
	);
	for (const [type, data] of Object.entries(credentials)) {
		const displayName = known.get(type);
		if (displayName === undefined) continue;
		const { id, name } = await n8n.rest.createCredential({
			name: `Sandbox: ${displayName}`,
			type,
			data,
		});
		created.set(type, { id, name });
	}
	return created;
}

/** Imports an example with the credentials of this n8n in place of its placeholders; `change` may alter it before. */
export async function importExample(
	n8n: N8n,
	file: string,
	credentials: ReadonlyMap<string, { id: string; name: string }>,
	change?: (workflow: WorkflowFile) => void,
): Promise<Example> {
	const workflow = readExample(file);
	change?.(workflow);
	for (const node of workflow.nodes) {
		for (const type of Object.keys(node.credentials ?? {})) {
			const credential = credentials.get(type);
			if (!credential)
				throw new Error(
					`${file}: "${node.name}" needs a credential of type ${type}, and there is none`,
				);
			node.credentials = { ...node.credentials, [type]: credential };
		}
	}
	const stored = await n8n.rest.createWorkflow(workflow);
	if (callExample(file, stored)) await n8n.rest.activateWorkflow(stored.id);
	const said = workflow.description ?? workflow.meta?.description;
	return {
		file: path.basename(file, '.json'),
		name: workflow.name,
		description: typeof said === 'string' && said !== '' ? said : workflow.name,
		stored,
	};
}

/** Runs an example: calls its webhook or its form, or starts it as the editor does. Never throws. */
export async function runExample(n8n: N8n, example: Example): Promise<ExampleRun> {
	const started = performance.now();
	try {
		const call = callExample(`${example.file}.json`, example.stored);
		const response = await call?.(n8n.url);
		const execution = await n8n.rest.executionResult(
			response
				? await newestExecution(n8n, example)
				: await n8n.rest.startWorkflow(example.stored.id),
		);
		const error = execution.error ? told(execution.error) : undefined;
		const ok = execution.status === 'success' && error === undefined;
		return {
			ok,
			items: execution.items().length,
			millis: Math.round(performance.now() - started),
			...(ok ? {} : { error: error ?? `execution ended as "${execution.status}"` }),
			execution,
			...(response && { response }),
		};
	} catch (error) {
		return {
			ok: false,
			items: 0,
			millis: Math.round(performance.now() - started),
			error: (error as Error).message,
		};
	}
}

/** n8n may answer a caller before it has written the execution down. */
async function newestExecution(n8n: N8n, example: Example): Promise<string> {
	return await until(
		`"${example.name}" was executed`,
		30_000,
		async () => {
			const [newest] = await n8n.rest.listExecutions({ workflowId: example.stored.id, limit: 1 });
			return newest?.id;
		},
		100,
	);
}

function told(error: NonNullable<Execution['error']>): string {
	const where = error.node ? `${error.node.name}: ` : '';
	return `${where}${error.message}${error.description ? ` ${error.description}` : ''}`;
}
