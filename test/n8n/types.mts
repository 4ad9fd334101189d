export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export interface WorkflowNode {
	id: string;
	name: string;
	type: string;
	typeVersion: number;
	position: [number, number];
	parameters: JsonObject;
	webhookId?: string;
	credentials?: { [type: string]: { id: string | null; name: string } };
	[key: string]: unknown;
}

/** A workflow as the editor exports and imports it. */
export interface WorkflowFile {
	name: string;
	description?: string;
	nodes: WorkflowNode[];
	connections: JsonObject;
	settings?: JsonObject;
	meta?: JsonObject | null;
	pinData?: JsonObject;
}

export interface StoredWorkflow extends WorkflowFile {
	readonly id: string;
	readonly versionId: string;
	readonly active: boolean;
}

export interface StoredCredential {
	readonly id: string;
	readonly name: string;
	readonly type: string;
	/** Only as an object if it was asked for; encrypted otherwise, or not there. */
	readonly data?: JsonObject;
}

export interface TestResult {
	readonly status: 'OK' | 'Error';
	readonly message: string;
}

export interface ExecutionSummary {
	readonly id: string;
	readonly workflowId: string;
	readonly status: string;
	readonly mode: string;
}

/** An item as it stands in the execution data. */
export interface Item {
	readonly json: JsonObject;
	readonly binary?: {
		readonly [property: string]: {
			readonly mimeType: string;
			readonly fileName?: string;
			readonly data?: string;
		};
	};
	readonly pairedItem?: unknown;
	readonly error?: unknown;
}

export interface ExecutionError {
	readonly message: string;
	readonly description?: string | null;
	readonly name?: string;
	readonly node?: { readonly name: string };
	readonly [key: string]: unknown;
}

export interface Execution extends ExecutionSummary {
	readonly startedAt: string;
	readonly stoppedAt: string | null;
	readonly lastNode: string | undefined;
	readonly error: ExecutionError | undefined;
	/** Items that a node sent out on its outputs in its last run, in order; of the last node if none is named. */
	items: (node?: string) => Item[];
	/** Error of a node, in its last run. */
	errorOf: (node: string) => ExecutionError | undefined;
	/** All that n8n's REST interface told about it, execution data unfolded. */
	readonly raw: unknown;
}
