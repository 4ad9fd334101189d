import type { IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';
import {
	type HandOverCheck,
	type Lanes,
	lanesOf,
	type Output,
	runItems,
	runTasks,
	type Task,
} from './items';
import { toNodeError } from './errors';
import type { Call, Client } from './parameters';
import {
	openSession,
	type ApiRequest,
	type CredentialName,
	type Session,
} from '../session/session';

/** One thing that a node can do: its fields and its code. */
export interface Operation {
	readonly name: string;
	readonly value: string;
	readonly action: string;
	readonly description: string;
	readonly fields: readonly INodeProperties[];
	run(call: Call): Promise<readonly Output[]>;
	/** Looks at each output when the node hands all of them on. */
	readonly handOver?: HandOverCheck;
}

export interface Resource {
	readonly name: string;
	readonly value: string;
	readonly operations: readonly Operation[];
}

/** The Resource and Operation selectors and the fields of all operations, each shown where it belongs. */
export function resourceProperties(resources: readonly Resource[]): INodeProperties[] {
	const [{ value: first }] = resources;
	const selector: INodeProperties = {
		displayName: 'Resource',
		name: 'resource',
		type: 'options',
		noDataExpression: true,
		options: resources.map(({ name, value }) => ({ name, value })),
		default: first,
	};
	return [selector, ...resources.flatMap(operationProperties)];
}

function operationProperties({ value: resource, operations }: Resource): INodeProperties[] {
	const [{ value: first }] = operations;
	const selector: INodeProperties = {
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: [resource] } },
		options: operations.map(({ name, value, action, description }) => ({
			name,
			value,
			action,
			description,
		})),
		default: first,
	};
	return [
		selector,
		...operations.flatMap(({ value, fields }) =>
			fields.map((field) => shown(field, { resource: [resource], operation: [value] })),
		),
	];
}

function shown(field: INodeProperties, where: Record<string, string[]>): INodeProperties {
	const { displayOptions } = field;
	return {
		...field,
		displayOptions: { ...displayOptions, show: { ...where, ...displayOptions?.show } },
	};
}

/** Runs the operation that the node is set to, for each item. */
export async function runOperations(
	context: IExecuteFunctions,
	credentialName: CredentialName,
	resources: readonly Resource[],
): Promise<INodeExecutionData[][]> {
	const selected = context.getNodeParameter('resource', 0) as string;
	const action = context.getNodeParameter('operation', 0) as string;
	const operation = resources
		.find(({ value }) => value === selected)
		?.operations.find(({ value }) => value === action);
	if (!operation) {
		throw toNodeError(context.getNode(), new Error(`There is no operation "${action}" here`));
	}
	return await runCalls(context, credentialName, operation.run, operation.handOver);
}

/** Opens the credential once and runs `work` with it for each item. */
export async function runCalls(
	context: IExecuteFunctions,
	credentialName: CredentialName,
	work: (call: Call) => Promise<readonly Output[]>,
	handOver?: HandOverCheck,
): Promise<INodeExecutionData[][]> {
	const lanes = lanesOf(context);
	const session = withOptions(context, await openedSession(context, credentialName), lanes);
	return await runItems(
		context,
		async (index) => await work({ context, session, index }),
		handOver,
		lanes,
	);
}

/** Opens the credential once and runs what `plan` makes of all items. */
export async function runPlanned(
	context: IExecuteFunctions,
	credentialName: CredentialName,
	plan: (calls: readonly Call[]) => Promise<readonly Task[]>,
): Promise<INodeExecutionData[][]> {
	const lanes = lanesOf(context);
	const session = withOptions(context, await openedSession(context, credentialName), lanes);
	const calls = context.getInputData().map((_, index): Call => ({ context, session, index }));
	return await runTasks(context, await plan(calls), undefined, lanes);
}

/** @throws NodeApiError or NodeOperationError when the credential cannot be used. */
export async function openedSession(
	context: IExecuteFunctions,
	credentialName: CredentialName,
): Promise<Session> {
	const opened = await openSession(context, credentialName).catch((error: unknown) =>
		toNodeError(context.getNode(), error),
	);
	if (opened instanceof Error) throw opened;
	return opened;
}

/** The session with the node's options about requests on each of them. */
export function withOptions(context: IExecuteFunctions, session: Session, lanes: Lanes): Client {
	const { timeout, retry, maxWait } = context.getNodeParameter('options', 0, {}) as {
		readonly timeout?: number;
		readonly retry?: boolean;
		readonly maxWait?: number | string;
	};
	const asked: Partial<ApiRequest> = {
		...(Number(timeout) > 0 && { timeout: Number(timeout) * 1000 }),
		...(retry === false && { retry }),
		...(isTime(maxWait) && { maxWait: Number(maxWait) * 1000 }),
		...(lanes.fixed !== undefined && { concurrency: lanes.fixed }),
		onLimit: (limit) => lanes.allow(limit),
	};
	return {
		fields: session.fields,
		baseUrl: session.baseUrl,
		client: session.client,
		credentialHeaders: session.credentialHeaders,
		scopes: () => session.status().scopes,
		words: (body) => session.words(body),
		send: async (request) => await session.send({ ...asked, ...request }),
	};
}

/** Seconds, 0 included; an empty field is none. */
function isTime(value: unknown): boolean {
	return value !== undefined && value !== null && value !== '' && Number(value) >= 0;
}
