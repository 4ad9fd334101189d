import { randomUUID } from 'node:crypto';
import type { N8n } from '../n8n/instance.mts';
import type { JsonObject, WorkflowFile } from '../n8n/types.mts';

/** The one node of a workflow that does the work. */
export interface WorkingNode {
	/** Full name, such as `n8n-nodes-tokenkeeper.calenso`. */
	readonly type: string;
	readonly typeVersion?: number;
	readonly parameters: JsonObject;
	/** By credential type. */
	readonly credentials?: { readonly [type: string]: { readonly id: string; readonly name: string } };
}

/** A live workflow: who calls `/webhook/<path>` gets the first item of the node, or a 500. */
export interface LiveWorkflow {
	readonly id: string;
	readonly path: string;
}

/** Stores a workflow of a webhook and one node, and makes it live. */
export async function goLive(n8n: N8n, path: string, node: WorkingNode): Promise<LiveWorkflow> {
	const { id } = await n8n.rest.createWorkflow(webhookThen(path, node));
	await n8n.rest.activateWorkflow(id);
	return { id, path };
}

function webhookThen(path: string, { credentials, ...node }: WorkingNode): WorkflowFile {
	return {
		name: path,
		nodes: [
			{
				id: randomUUID(),
				name: 'Called',
				type: 'n8n-nodes-base.webhook',
				typeVersion: 2,
				position: [0, 0],
				webhookId: randomUUID(),
				parameters: { path, httpMethod: 'GET', responseMode: 'lastNode', options: {} },
			},
			{
				id: randomUUID(),
				name: 'Work',
				position: [240, 0],
				...node,
				typeVersion: node.typeVersion ?? 1,
				...(credentials && { credentials: { ...credentials } }),
			},
		],
		connections: { Called: { main: [[{ node: 'Work', type: 'main', index: 0 }]] } },
		settings: { executionOrder: 'v1' },
	};
}

/** Our nodes, and n8n's own, as the tests use them. */
export const nodes = {
	calenso: (credential: Credential): WorkingNode => ({
		type: 'n8n-nodes-tokenkeeper.calenso',
		parameters: { resource: 'worker', operation: 'getMany', returnAll: false, limit: 1, filters: {}, options: {} },
		credentials: { calensoApi: credential },
	}),
	meister1: (credential: Credential, accountId: string): WorkingNode => ({
		type: 'n8n-nodes-tokenkeeper.meister1',
		parameters: {
			resource: 'ssoUrl', operation: 'generate', accountId,
			backUrl: 'https://www.example.com/account', locale: 'de-de', options: {},
		},
		credentials: { meister1Api: credential },
	}),
	bookingtime: (credential: Credential): WorkingNode => ({
		type: 'n8n-nodes-tokenkeeper.bookingtime',
		parameters: {
			resource: 'organization', operation: 'get',
			organization: { __rl: true, mode: 'list', value: '' }, options: {},
		},
		credentials: { bookingtimeApi: credential },
	}),
	fusio: (credential: Credential): WorkingNode => ({
		type: 'n8n-nodes-tokenkeeper.protectedCall',
		parameters: {
			authentication: 'fusioApi', method: 'GET', path: '/todo', queryType: 'none', headersType: 'none',
			responseFormat: 'json', pagination: 'off', options: {},
		},
		credentials: { fusioApi: credential },
	}),
	/** What is known of the credential's token; buys nothing. */
	calensoStatus: (credential: Credential): WorkingNode => ({
		type: 'n8n-nodes-tokenkeeper.apiToken',
		parameters: { authentication: 'calensoApi', operation: 'getStatus' },
		credentials: { calensoApi: credential },
	}),
	/** n8n's HTTP Request node with our credential. */
	httpRequestWithCalenso: (url: string, credential: Credential): WorkingNode => ({
		type: 'n8n-nodes-base.httpRequest',
		typeVersion: 4.2,
		parameters: { url, authentication: 'predefinedCredentialType', nodeCredentialType: 'calensoApi', options: {} },
		credentials: { calensoApi: credential },
	}),
	/** The same without any credential: what n8n is like by itself. */
	httpRequestAlone: (url: string): WorkingNode => ({
		type: 'n8n-nodes-base.httpRequest',
		typeVersion: 4.2,
		parameters: { url, authentication: 'none', options: {} },
	}),
} as const;

/** A stored credential, as a node names it. */
export interface Credential {
	readonly id: string;
	readonly name: string;
}
