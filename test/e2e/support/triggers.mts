import { n8nVersion } from '../../n8n/install.mts';
import type { N8n } from '../../n8n/instance.mts';
import type { Item, Json, JsonObject, WorkflowFile } from '../../n8n/types.mts';

/** A trigger that is switched on. */
export interface LiveTrigger {
	readonly workflowId: string;
	/** Name of its node. */
	readonly node: string;
}

/**
 * n8n refuses to poll more than once a minute by one expression, but takes any number of them: here one for each third
 * second. Requests are not repeated, so that a poll of an API that fails is short.
 */
export function everyThreeSeconds(workflow: WorkflowFile): void {
	const trigger = workflow.nodes.filter(({ type }) => type.endsWith('Trigger'));
	// What comes after the trigger is left out where n8n cannot make a data table.
	if (n8nVersion.startsWith('1.')) Object.assign(workflow, { nodes: trigger, connections: {} });
	for (const node of trigger) {
		const item = Array.from({ length: 20 }, (_, index): Json => ({ mode: 'custom', cronExpression: `${index * 3} * * * * *` }));
		node.parameters.pollTimes = { item };
		node.parameters.options = { ...(node.parameters.options as JsonObject), retry: false };
	}
}

const OUTPUTS = ['New', 'Changed', 'Gone'];

/** All that a trigger has handed on, in all executions: "New 7". */
export async function changesOf(n8n: N8n, { workflowId, node }: LiveTrigger): Promise<string[]> {
	const executions = await n8n.rest.listExecutions({ workflowId });
	const all = await Promise.all(
		executions.map(async ({ id }) => outputsOf((await n8n.rest.getExecution(id)).raw, node)),
	);
	return all.flat().flatMap((items, output) => items.map(({ json }) => `${OUTPUTS[output % 3]} ${String(json.id)}`));
}

/** What a trigger's failed executions say, newest first. */
export async function failuresOf(n8n: N8n, { workflowId, node }: LiveTrigger): Promise<string[]> {
	const failed = await n8n.rest.listExecutions({ workflowId, status: ['error'] });
	const executions = await Promise.all(failed.map(async ({ id }) => await n8n.rest.getExecution(id)));
	return executions.filter(({ lastNode }) => lastNode === node).map(({ error }) => error?.message ?? '');
}

interface Raw {
	readonly data?: {
		readonly resultData?: {
			readonly runData?: { readonly [name: string]: ReadonlyArray<{ readonly data?: { readonly main?: ReadonlyArray<Item[] | null> } }> };
		};
	};
}

/** Items by output, always three of them. */
function outputsOf(raw: unknown, node: string): Item[][] {
	const main = (raw as Raw).data?.resultData?.runData?.[node]?.at(-1)?.data?.main ?? [];
	return OUTPUTS.map((_, output) => main[output] ?? []);
}
