import type {
	IBinaryData,
	IDataObject,
	IExecuteFunctions,
	IHttpRequestOptions,
	INode,
	INodeExecutionData,
	NodeExecutionHint,
} from 'n8n-workflow';
import { ApiError } from '../../../credentials/tokens/errors';
import type { Call, Client } from '../../../nodes/shared/parameters';
import type { ApiReply, ApiRequest } from '../../../nodes/session/session';

export const node: INode = {
	id: 'n1',
	name: 'Node under test',
	type: 'n8n-nodes-tokenkeeper.test',
	typeVersion: 1,
	position: [0, 0],
	parameters: {},
};

export interface Setup {
	readonly parameters?: IDataObject | ((index: number) => IDataObject);
	readonly items?: readonly INodeExecutionData[];
	readonly continueOnFail?: boolean;
	readonly onError?: INode['onError'];
	readonly cancelSignal?: AbortSignal;
	readonly timezone?: string;
	readonly executionId?: string;
	readonly runIndex?: number;
	readonly binary?: Readonly<Record<string, Buffer>>;
	/** Answers requests that are sent without a credential. */
	readonly http?: (options: IHttpRequestOptions) => unknown;
}

export interface FakeContext extends IExecuteFunctions {
	readonly given: { readonly hints: NodeExecutionHint[] };
}

/** As much of n8n's execution context as nodes use, with parameters that are already resolved. */
export function fakeContext(setup: Setup = {}): FakeContext {
	const { parameters = {}, items = [{ json: {} }], timezone = 'UTC' } = setup;
	const of = (index: number) => (typeof parameters === 'function' ? parameters(index) : parameters);
	const hints: NodeExecutionHint[] = [];
	const context = {
		given: { hints },
		getNode: () => ({ ...node, ...(setup.onError && { onError: setup.onError }) }),
		getInputData: () => items,
		continueOnFail: () => setup.continueOnFail ?? setup.onError?.startsWith('continue') ?? false,
		getExecutionCancelSignal: () => setup.cancelSignal,
		getTimezone: () => timezone,
		getNodeParameter: (name: string, index: number, otherwise: unknown, how?: IDataObject) => {
			// As if each was an expression, where each item has its own.
			if (how?.rawExpressions && typeof parameters === 'function') return '=';
			const value = name
				.split('.')
				.reduce<unknown>((found, part) => (found as IDataObject | undefined)?.[part], of(index));
			if (value === undefined && otherwise === undefined) {
				throw new Error(`Could not get parameter "${name}"`);
			}
			const located = value as IDataObject | undefined;
			return how?.extractValue && located?.__rl ? located.value : (value ?? otherwise);
		},
		getExecutionId: () => setup.executionId ?? '1',
		getWorkflowDataProxy: () => ({ $runIndex: setup.runIndex ?? 0 }),
		addExecutionHints: (...added: NodeExecutionHint[]) => void hints.push(...added),
		helpers: {
			httpRequest: async (options: IHttpRequestOptions) => setup.http?.(options),
			assertBinaryData: (index: number, field: string) => {
				const file = (items[index] as INodeExecutionData).binary?.[field];
				if (file === undefined) throw new Error('n8n says so in words of its own');
				return file;
			},
			getBinaryDataBuffer: async (_index: number, field: string) => setup.binary?.[field],
			prepareBinaryData: async (data: Buffer, fileName?: string, mimeType?: string) =>
				({ data: data.toString('base64'), fileName, mimeType }) as IBinaryData,
		},
	};
	return context as unknown as FakeContext;
}

export interface FakeSession extends Client {
	readonly sent: ApiRequest[];
}

/** Answers each request with what `answer` makes of it: a body, a whole reply, or an error to throw. */
export function fakeSession(
	answer: (request: ApiRequest, count: number) => unknown,
	fields: IDataObject = {},
	baseUrl = 'https://api.example.com/v1',
	credentialHeaders = ['authorization'],
): FakeSession {
	const sent: ApiRequest[] = [];
	return {
		sent,
		fields,
		baseUrl,
		credentialHeaders,
		send: async (request) => {
			sent.push(request);
			const answered = answer(request, sent.length);
			if (answered instanceof Error) throw answered;
			const whole = isReply(answered) ? answered : { status: 200, headers: {}, body: answered };
			return Buffer.isBuffer(whole.body) ? await asFile(request, whole, whole.body) : whole;
		},
	};
}

/** As a session does with a file. */
async function asFile(request: ApiRequest, whole: ApiReply, body: Buffer): Promise<ApiReply> {
	const about = { headers: whole.headers, url: new URL(request.path) };
	const file = await request.storeFile?.(body, about);
	return { ...whole, body: undefined, ...(file && { file }) };
}

export function reply(
	status: number,
	body: unknown,
	headers: Record<string, string> = {},
): ApiReply {
	return { status, headers, body };
}

/** An error as `session.send()` throws it. */
export function apiError(
	httpStatus: number | undefined,
	message: string,
	description = 'Next step.',
) {
	return new ApiError('api', message, description, { httpStatus });
}

export function call(session: Client, setup: Setup = {}, index = 0): Call {
	return { context: fakeContext(setup), session, index };
}

function isReply(value: unknown): value is ApiReply {
	return typeof value === 'object' && value !== null && 'status' in value && 'headers' in value;
}
