import { createRequire } from 'node:module';
import path from 'node:path';
import type {
	ICredentialDataDecryptedObject,
	ICredentialType,
	IDataObject,
	IExecuteFunctions,
	IHttpRequestHelper,
	IHttpRequestOptions,
	ILoadOptionsFunctions,
	IRequestOptionsSimplified,
	INode,
	INodeExecutionData,
	INodeType,
	IWorkflowExecuteAdditionalData,
	IWorkflowSettings,
} from 'n8n-workflow';

const require = createRequire(import.meta.url);
const { ExecuteContext, LoadOptionsContext } = require('n8n-core') as typeof import('n8n-core');
const { ICredentialsHelper, NodeHelpers, Workflow, createEmptyRunExecutionData } =
	require('n8n-workflow') as typeof import('n8n-workflow');

/** The built package as a new process would load it: what an older one remembered is gone. */
export function loadPackage(): Record<string, new () => unknown> {
	const entry = require.resolve('../../index.js');
	const own = path.join(path.dirname(entry), 'dist') + path.sep;
	for (const file of Object.keys(require.cache)) {
		if (file === entry || file.startsWith(own)) delete require.cache[file];
	}
	return require(entry) as Record<string, new () => unknown>;
}

/** One credential in n8n's database. */
export interface Row {
	readonly id: string;
	readonly type: string;
	data: ICredentialDataDecryptedObject;
	reads: number;
	writes: number;
}

export function newRow(type: string, data: IDataObject): Row {
	return {
		id: '1',
		type,
		data: { ...(data as ICredentialDataDecryptedObject) },
		reads: 0,
		writes: 0,
	};
}

/**
 * n8n's credentials helper over a row in memory: the rules of N8N's own helper for reading (declared properties only),
 * for calling the hook (record empty, request refused, credential tested) and for writing (what the hook answers is
 * merged into the row, only if the expirable property is in it). The real one, on a database, is under test in e2e.
 */
class RowCredentialsHelper extends ICredentialsHelper {
	private readonly row: Row;
	private readonly type: ICredentialType;

	constructor(row: Row, type: ICredentialType) {
		super();
		this.row = row;
		this.type = type;
	}

	getParentTypes() {
		return [];
	}

	async authenticate(
		credentials: ICredentialDataDecryptedObject,
		_typeName: string,
		options: IHttpRequestOptions | IRequestOptionsSimplified,
	) {
		if (typeof this.type.authenticate !== 'function') throw new Error('no authenticate');
		return await this.type.authenticate(credentials, options as never);
	}

	async preAuthentication(
		helpers: IHttpRequestHelper,
		credentials: ICredentialDataDecryptedObject,
		_typeName: string,
		node: INode,
		credentialsExpired: boolean,
	) {
		const expirable = this.type.properties.find(
			({ type, typeOptions }) => type === 'hidden' && typeOptions?.expirable === true,
		);
		const tested = node.parameters?.temp === '' && node.type === 'n8n-nodes-base.noOp';
		if (expirable === undefined || this.type.preAuthentication === undefined) return undefined;
		if (credentials[expirable.name] !== '' && !credentialsExpired && !tested) return undefined;
		const output = await this.type.preAuthentication.call(helpers, credentials);
		if (output[expirable.name] === undefined || node.credentials === undefined) return undefined;
		this.row.data = { ...this.row.data, ...(output as ICredentialDataDecryptedObject) };
		this.row.writes++;
		return Object.assign(credentials, output);
	}

	async getDecrypted() {
		this.row.reads++;
		// A database answers later, not at once.
		await new Promise((resolve) => setImmediate(resolve));
		return NodeHelpers.getNodeParameters(
			this.type.properties,
			this.row.data as never,
			true,
			false,
			null,
			null,
		) as ICredentialDataDecryptedObject;
	}

	async getCredentials(): Promise<never> {
		throw new Error('not used');
	}

	async updateCredentials() {}

	async updateCredentialsOauthTokenData() {}

	async runPreAuthentication() {
		return undefined;
	}

	isCredentialUsableByNode() {
		return true;
	}

	getCredentialsProperties() {
		return this.type.properties;
	}
}

export interface ContextOptions {
	readonly row: Row;
	readonly credential: ICredentialType;
	readonly nodeType?: INodeType;
	readonly parameters?: IDataObject;
	readonly items?: INodeExecutionData[];
	readonly continueOnFail?: boolean;
	/** As n8n runs a credential test: on a no-op node with a parameter `temp`. */
	readonly testing?: boolean;
	readonly typeVersion?: number;
	/** The workflow's settings. */
	readonly settings?: IWorkflowSettings;
}

/** n8n-core's real execution context: its request helpers, its HTTP client, its expressions. */
export function executeContext(options: ContextOptions): IExecuteFunctions {
	const { workflow, node, additionalData } = surroundings(options);
	const items = options.items ?? [{ json: {} }];
	const inputData = { main: [items] };
	return new ExecuteContext(
		workflow,
		node,
		additionalData,
		'manual',
		createEmptyRunExecutionData(),
		0,
		items,
		inputData,
		{ node, data: inputData, source: null },
		[],
	);
}

/** Such a context for Protected Call with a Custom Token API credential, one input item for each JSON. */
export function protectedCallContext(
	loaded: ReturnType<typeof loadPackage>,
	row: Row,
	parameters: IDataObject,
	items: readonly IDataObject[],
	more: Pick<ContextOptions, 'continueOnFail' | 'settings' | 'typeVersion'> = {},
): IExecuteFunctions {
	return executeContext({
		row,
		credential: new (loaded.CustomTokenApi as new () => ICredentialType)(),
		nodeType: new (loaded.ProtectedCall as new () => INodeType)(),
		parameters: { authentication: 'customTokenApi', ...parameters },
		items: items.map((json, item) => ({ json, pairedItem: { item } })),
		...more,
	});
}

/** n8n-core's real context for lists and forms of a node that is being set up; `asTool` as n8n names it for AI agents. */
export function loadOptionsContext(
	options: ContextOptions & { readonly asTool?: boolean },
): ILoadOptionsFunctions {
	const { workflow, node, additionalData } = surroundings(options);
	const { parameters: currentNodeParameters } = node;
	const type = options.asTool ? `${node.type}Tool` : node.type;
	return new LoadOptionsContext(
		workflow,
		{ ...node, type },
		{ ...additionalData, currentNodeParameters },
		'parameters',
	);
}

function surroundings(options: ContextOptions) {
	const { row, credential, testing = false } = options;
	const nodeType = options.nodeType ?? noOp(row.type);
	const node: INode = {
		id: 'node',
		name: 'Node under test',
		type: testing ? 'n8n-nodes-base.noOp' : nodeType.description.name,
		typeVersion: options.typeVersion ?? 1,
		position: [0, 0],
		parameters: (testing ? { temp: '' } : (options.parameters ?? {})) as INode['parameters'],
		credentials: { [row.type]: { id: row.id, name: 'Credential under test' } },
		...(options.continueOnFail ? { onError: 'continueRegularOutput' as const } : {}),
	};
	const nodeTypes = {
		getByName: () => nodeType,
		getByNameAndVersion: () => nodeType,
		getKnownTypes: () => ({}),
	};
	const workflow = new Workflow({ nodes: [node], connections: {}, active: false, nodeTypes, settings: options.settings });
	const additionalData = {
		credentialsHelper: new RowCredentialsHelper(row, credential),
		variables: {},
		restApiUrl: '',
		instanceBaseUrl: '',
		formWaitingBaseUrl: '',
		webhookBaseUrl: '',
		webhookWaitingBaseUrl: '',
		webhookTestBaseUrl: '',
		executionId: '1',
	} as unknown as IWorkflowExecuteAdditionalData;
	return { workflow, node, additionalData };
}

const noOp = (credentialType: string) =>
	({
		description: {
			displayName: 'No Operation',
			name: 'noOp',
			group: ['transform'],
			version: 1,
			description: '',
			defaults: { name: 'No Operation' },
			inputs: ['main'],
			outputs: ['main'],
			credentials: [{ name: credentialType, required: true }],
			properties: [{ displayName: 'Temp', name: 'temp', type: 'string', default: '' }],
		},
	}) as unknown as INodeType;
