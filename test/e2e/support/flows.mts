import type { Json, JsonObject, WorkflowFile, WorkflowNode } from '../../n8n/types.mts';

/** A node to be put into a workflow. */
export interface Step {
	readonly type: string;
	readonly typeVersion?: number;
	readonly parameters: JsonObject;
	readonly credentials?: { readonly [type: string]: { readonly id: string; readonly name: string } };
	readonly onError?: 'stopWorkflow' | 'continueRegularOutput' | 'continueErrorOutput';
}

/** Name of the node that a flow is about. */
export const SUBJECT = 'Subject';

export interface FlowOptions {
	/** Path of a webhook that answers with what came out. */
	readonly webhook?: string;
	/** What goes into the node; one empty item if not given. */
	readonly items?: readonly JsonObject[];
}

/** A workflow around one node: started by hand, or by a webhook that answers with its items. */
export function flow(name: string, step: Step, { webhook, items }: FlowOptions = {}): WorkflowFile {
	const subject = node(SUBJECT, step, 600);
	const source = items ? [given(items), splitUp] : [];
	const chain = [...source, subject];
	const [first] = chain as [WorkflowNode];
	const triggers = [node('By hand', { type: 'n8n-nodes-base.manualTrigger', parameters: {} }, 0)];
	if (webhook !== undefined) {
		const parameters = { path: webhook, httpMethod: 'POST', responseMode: 'lastNode', responseData: 'allEntries', options: {} };
		triggers.push({ ...node('Called', { type: 'n8n-nodes-base.webhook', typeVersion: 2, parameters }, 0), webhookId: webhook });
	}
	const wires = [...triggers.map((trigger) => [trigger, first] as const), ...chain.slice(1).map((to, index) => [chain[index] as WorkflowNode, to] as const)];
	return {
		name,
		nodes: [...triggers, ...chain],
		connections: Object.fromEntries(
			wires.map(([from, to]): [string, Json] => [from.name, { main: [[{ node: to.name, type: 'main', index: 0 }]] }]),
		),
		settings: { executionOrder: 'v1' },
	};
}

let ids = 0;

function node(name: string, { type, typeVersion = 1, parameters, credentials, onError }: Step, x: number): WorkflowNode {
	const id = `e2e00000-0000-4000-8000-${String(++ids).padStart(12, '0')}`;
	return { id, name, type, typeVersion, position: [x, 0], parameters, ...(credentials && { credentials }), ...(onError && { onError }) };
}

function given(items: readonly JsonObject[]): WorkflowNode {
	const parameters = { mode: 'raw', jsonOutput: JSON.stringify({ list: items }), options: {} };
	return node('Given', { type: 'n8n-nodes-base.set', typeVersion: 3.4, parameters }, 200);
}

const splitUp = node('Split up', { type: 'n8n-nodes-base.splitOut', parameters: { fieldToSplitOut: 'list', options: {} } }, 400);
