import type {
	Execution,
	ExecutionSummary,
	JsonObject,
	StoredCredential,
	StoredWorkflow,
	TestResult,
	WorkflowFile,
} from './types.mts';
import { readExecution } from './execution.mts';
import { setActive } from './publish.mts';
import { connect } from './request.mts';
import { until } from './wait.mts';

/** Who signs in to the editor. */
export interface Owner {
	readonly email: string;
	readonly password: string;
	readonly firstName: string;
	readonly lastName: string;
}

/** What the editor does, through the same REST interface. */
export type Rest = ReturnType<typeof connectRest>;

/** Talks to an n8n at `url` as `owner`. Sign in first: it makes the owner if there is none yet. */
export function connectRest(url: string, owner: Owner) {
	const { request, cookie, forget } = connect(url);

	async function signIn(): Promise<void> {
		forget();
		const settings = await request<{ userManagement: { showSetupOnFirstLoad: boolean } }>(
			'GET',
			'/settings',
		);
		if (settings.userManagement.showSetupOnFirstLoad) await request('POST', '/owner/setup', owner);
		await request('POST', '/login', { emailOrLdapLoginId: owner.email, password: owner.password });
	}

	async function getWorkflow(id: string): Promise<StoredWorkflow> {
		return await request<StoredWorkflow>('GET', `/workflows/${id}`);
	}

	async function getExecution(id: string): Promise<Execution> {
		return readExecution(await request<JsonObject>('GET', `/executions/${id}`));
	}

	async function types(
		kind: 'credentials' | 'nodes',
	): Promise<Array<{ name: string; displayName: string }>> {
		const reply = await fetch(`${url}/types/${kind}.json`, { headers: { cookie: cookie() } });
		return (await reply.json()) as Array<{ name: string; displayName: string }>;
	}

	return {
		url,
		request,
		signIn,
		/** The `Cookie` header of the owner's session. */
		cookie,

		/** Stores a credential as the editor's Save does. */
		createCredential: async (credential: { name: string; type: string; data: JsonObject }) =>
			await request<StoredCredential>('POST', '/credentials', credential),
		/** With `includeData`, the fields as the browser gets to see them: secrets blanked. */
		getCredential: async (id: string, options: { includeData?: boolean } = {}) =>
			await request<StoredCredential>(
				'GET',
				`/credentials/${id}${options.includeData ? '?includeData=true' : ''}`,
			),
		/** Saves over a stored one. Fields that hold n8n's blank value keep what is stored. */
		updateCredential: async (
			id: string,
			credential: { name: string; type: string; data: JsonObject },
		) => await request<StoredCredential>('PATCH', `/credentials/${id}`, credential),
		/** Tests fields that are in the form, saved under `id` before. */
		testCredential: async (credential: {
			id: string;
			name: string;
			type: string;
			data: JsonObject;
		}) => await request<TestResult>('POST', '/credentials/test', { credentials: credential }),
		/** What opening a credential in the editor does: read it as the browser may, and test what was read. */
		openCredential: async (id: string): Promise<TestResult> => {
			const { name, type, data } = await request<StoredCredential>(
				'GET',
				`/credentials/${id}?includeData=true`,
			);
			return await request<TestResult>('POST', '/credentials/test', {
				credentials: { id, name, type, data: data ?? {} },
			});
		},
		deleteCredential: async (id: string) => await request('DELETE', `/credentials/${id}`),

		/** Imports a workflow file; its id and state are n8n's own afterwards. */
		createWorkflow: async (workflow: WorkflowFile): Promise<StoredWorkflow> => {
			const { name, description, nodes, connections, settings = {}, meta, pinData } = workflow;
			return await request<StoredWorkflow>('POST', '/workflows', {
				// n8n 1.x has no default for `active`.
				name,
				nodes,
				connections,
				settings,
				active: false,
				...(description && { description }),
				...(meta && { meta }),
				...(pinData && { pinData }),
			});
		},
		/** The credential and node types that n8n has loaded, as its editor lists them. */
		credentialTypes: async () => await types('credentials'),
		nodeTypes: async () => await types('nodes'),

		getWorkflow,
		deleteWorkflow: async (id: string) => {
			await request('POST', `/workflows/${id}/archive`, {});
			await request('DELETE', `/workflows/${id}`);
		},
		/** Makes it live: webhooks, forms and schedules run from here on. */
		activateWorkflow: async (id: string): Promise<void> =>
			await setActive(request, await getWorkflow(id), true),
		deactivateWorkflow: async (id: string): Promise<void> =>
			await setActive(request, await getWorkflow(id), false),

		/** "Execute workflow" from the trigger node of that name (default: the first trigger), without a browser. */
		startWorkflow: async (id: string, trigger?: string): Promise<string> => {
			const workflow = await getWorkflow(id);
			const name = trigger ?? firstTrigger(workflow);
			const started = await request<{ executionId?: string }>('POST', `/workflows/${id}/run`, {
				// n8n 1.x asks for the workflow; 2.x takes the stored one.
				workflowData: workflow,
				triggerToStartFrom: { name },
			});
			if (!started.executionId)
				throw new Error(`"${name}" waits for a webhook; call it instead of running it`);
			return started.executionId;
		},
		getExecution,
		/** Waits until an execution is over, whatever its end. */
		executionResult: async (id: string, timeoutMs = 120_000): Promise<Execution> =>
			await until(
				`execution ${id} is over`,
				timeoutMs,
				async () => {
					const execution = await getExecution(id);
					return ['success', 'error', 'crashed', 'canceled'].includes(execution.status)
						? execution
						: undefined;
				},
				150,
			),
		/** Newest first. */
		listExecutions: async (
			filter: { workflowId?: string; status?: string[]; limit?: number } = {},
		): Promise<ExecutionSummary[]> => {
			const { limit = 100, ...rest } = filter;
			const query = new URLSearchParams({ filter: JSON.stringify(rest), limit: String(limit) });
			return (
				await request<{ results: ExecutionSummary[] }>('GET', `/executions?${query.toString()}`)
			).results;
		},
	};
}

function firstTrigger(workflow: StoredWorkflow): string {
	const trigger = workflow.nodes.find((node) => /trigger|webhook$/i.test(node.type));
	if (!trigger) throw new Error(`"${workflow.name}" has no trigger`);
	return trigger.name;
}
