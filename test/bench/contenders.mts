import { randomUUID } from 'node:crypto';
import type { N8n } from '../n8n/instance.mts';
import type { Json, JsonObject, WorkflowFile, WorkflowNode } from '../n8n/types.mts';
import { callWebhook, type WebhookReply } from '../n8n/webhook.mts';
import type { Info } from '../sandbox/info.mts';
import type { CredentialType } from '../e2e/support/accounts.mts';

/** What is compared inside n8n; the floor, a bare script, stands beside it. */
export const contenders = ['ours', 'stock', 'oauth2', 'byHand'] as const;
export type Contender = (typeof contenders)[number];

export const contenderNames: Readonly<Record<Contender, string>> = {
	ours: 'this package',
	stock: 'stock pattern',
	oauth2: 'generic OAuth2',
	byHand: 'made by hand',
};

/** `list`: GET a list; `customer`: POST a customer; `link`: a fresh single sign-on link. */
export type Task = 'list' | 'customer' | 'link';

/** A workflow that is live, and who its provider takes it for. */
export interface Live {
	readonly workflowId: string;
	readonly path: string;
	/** Client id at the provider: no two have the same. */
	readonly client: string;
	readonly credential?: { readonly id: string; readonly type: string };
	/** @param timeoutMs 15 minutes if not given. */
	call: (timeoutMs?: number) => Promise<WebhookReply>;
}

export interface LiveOptions {
	/** Items that go into the node; 1 if not given, without anything in between. */
	readonly items?: number;
	/** Origin of the API instead of the sandbox's own. */
	readonly origin?: string;
	/** Answers the caller with a redirect to what came out. */
	readonly redirects?: boolean;
	/** Items at once, for the node of this package; its default if not given. */
	readonly concurrency?: number;
	/** Batches of the HTTP Request node. */
	readonly batch?: { readonly batchSize: number; readonly batchInterval: number };
	/** Goes on with the next item where one fails. */
	readonly continues?: boolean;
}

/** Name of the node that sends the API requests. */
export const WORK = 'Work';
/** Names of the nodes that send the API requests, and the token requests where they are made by hand. */
export const WORKING: readonly string[] = ['Way in', 'Token', WORK];

type Reference = { readonly [type: string]: { readonly id: string; readonly name: string } };
interface Step {
	readonly name: string;
	readonly type: string;
	readonly typeVersion?: number;
	readonly parameters: JsonObject;
	readonly credentials?: Reference;
	readonly onError?: 'continueRegularOutput';
}

/** Makes live workflows of one shape, each with a client of its own: webhook ▸ (token) ▸ items ▸ request ▸ (redirect). */
export function workshop(n8n: N8n, info: Info, client: (type: CredentialType) => JsonObject) {
	async function stored(type: string, data: JsonObject): Promise<{ id: string; type: string; reference: Reference }> {
		const name = `${type} ${randomUUID().slice(0, 8)}`;
		const { id } = await n8n.rest.createCredential({ name, type, data });
		return { id, type, reference: { [type]: { id, name } } };
	}

	/** A contender cannot do a task: why, in a few words. */
	function inability(contender: Contender, task: Task): string | undefined {
		if (contender !== 'oauth2') return undefined;
		if (task === 'customer') return 'cannot: bookingtime needs two steps';
		return undefined;
	}

	async function live(client: string, steps: readonly Step[], options: LiveOptions, link: string): Promise<Live> {
		const path = `bench-${randomUUID()}`;
		const { id } = await n8n.rest.createWorkflow(workflow(path, steps, options, link));
		await n8n.rest.activateWorkflow(id);
		return {
			workflowId: id,
			path,
			client,
			call: async (timeoutMs = 900_000) => await callWebhook(n8n.url, `/webhook/${path}`, { timeoutMs }),
		};
	}

	/** In the place of the node that sends requests one of n8n's that makes the same items out of nothing. */
	async function withoutRequests(items: number, jsonOutput: string): Promise<Live> {
		const node: Step = { name: WORK, type: 'n8n-nodes-base.set', typeVersion: 3.4, parameters: { mode: 'raw', jsonOutput, options: {} } };
		return await live('', [node], { items }, '');
	}

	async function make(contender: Contender, task: Task, options: LiveOptions = {}): Promise<Live> {
		// Meister1's token reply is none of OAuth2: there, another API takes its place.
		const replaced = contender === 'oauth2' && task === 'link';
		const asked = replaced ? 'list' : task;
		const fields = client(credentialOf[asked]);
		const request = requestOf(info, asked, fields, options.origin);
		const [steps, credential] = await stepsOf(contender, asked, fields, request, options);
		const link = replaced ? 'https://www.example.com/' : LINK[contender];
		return {
			...(await live(String(fields.clientId), steps, options, link)),
			...(credential && { credential: { id: credential.id, type: credential.type } }),
		};
	}

	async function stepsOf(
		contender: Contender,
		task: Task,
		fields: JsonObject,
		request: ApiRequest,
		{ origin, concurrency, batch, continues }: LiveOptions,
	): Promise<[Step[], Awaited<ReturnType<typeof stored>> | undefined]> {
		const goesOn = continues ? ({ onError: 'continueRegularOutput' } as const) : {};
		switch (contender) {
			case 'ours': {
				const credential = await stored(credentialOf[task], {
					...fields,
					...(origin && { baseUrl: `${origin}${new URL(String(fields.baseUrl)).pathname}` }),
				});
				const node = { name: WORK, ...ownNode(task, info, concurrency), ...goesOn, credentials: credential.reference };
				return [[node], credential];
			}
			case 'stock': {
				const credential = await stored(benchCredentialOf[task], fields);
				const options: JsonObject = batch ? { batching: { batch } } : {};
				const node = httpRequest(WORK, { ...request.parameters, options }, credential.reference);
				return [[{ ...node, ...goesOn }], credential];
			}
			case 'oauth2': {
				const credential = await stored('oAuth2Api', {
					grantType: 'clientCredentials',
					accessTokenUrl: String(fields.tokenUrl),
					clientId: String(fields.clientId),
					clientSecret: String(fields.clientSecret),
					scope: '',
					authentication: 'body',
					sendAdditionalBodyProperties: true,
					additionalBodyProperties: JSON.stringify({ audience: fields.audience }),
				});
				return [[httpRequest(WORK, request.parameters, credential.reference)], credential];
			}
			case 'byHand':
				return [[...tokenSteps(task, fields), httpRequest(WORK, withToken(request.parameters, task))], undefined];
		}
	}

	return { make, withoutRequests, inability };
}

const credentialOf = { list: 'calensoApi', customer: 'bookingtimeApi', link: 'meister1Api' } as const;
const benchCredentialOf = {
	list: 'benchCalensoApi',
	customer: 'benchBookingtimeApi',
	link: 'benchMeister1Api',
} as const;

/** Where the link stands in what comes out. */
const LINK: Readonly<Record<Contender, string>> = {
	ours: '={{ $json.headers.location }}',
	stock: '={{ $json.grantUrl }}',
	oauth2: '',
	byHand: '={{ $json.grantUrl }}',
};

interface ApiRequest {
	readonly method: 'GET' | 'POST';
	readonly url: string;
	readonly parameters: JsonObject;
}

/** The request of a task, as the HTTP Request node and the floor send it. */
export function requestOf(info: Info, task: Task, fields: JsonObject, origin?: string): ApiRequest {
	switch (task) {
		case 'list': {
			const url = `${origin ?? info.urls.calenso}/api/v1/workers`;
			return { method: 'GET', url, parameters: { url } };
		}
		case 'customer': {
			const url = `${origin ?? info.urls.bookingtime}/app/v3/de/organization/${String(fields.organizationId)}/customer/add`;
			const jsonBody = `={{ JSON.stringify({ firstName: 'Ada', lastName: 'Lovelace ' + $json.i }) }}`;
			return {
				method: 'POST',
				url,
				parameters: { url, method: 'POST', sendBody: true, specifyBody: 'json', jsonBody },
			};
		}
		case 'link': {
			const url = `${info.urls.meister1}/v1/sso`;
			return { method: 'POST', url, parameters: { url, ...formBody(linkFields(info)) } };
		}
	}
}

function linkFields(info: Info) {
	const [accountId = ''] = info.accounts.meister1.accountIds;
	return { backUrl: 'https://www.example.com/account', accountId, locale: 'de-de' };
}

function ownNode(task: Task, info: Info, concurrency?: number): Pick<Step, 'type' | 'parameters'> {
	const node = (name: string, parameters: JsonObject) => ({
		type: `n8n-nodes-tokenkeeper.${name}`,
		parameters: { options: { ...(concurrency && { concurrency }) }, ...parameters } as JsonObject,
	});
	switch (task) {
		case 'list':
			return node('calenso', { resource: 'worker', operation: 'getMany', returnAll: true, filters: {} });
		case 'customer':
			return node('bookingtime', {
				resource: 'customer',
				operation: 'create',
				organization: { __rl: true, mode: 'list', value: '' },
				firstName: 'Ada',
				lastName: `={{ 'Lovelace ' + $json.i }}`,
				additionalFields: {},
			});
		case 'link':
			return node('meister1', {
				resource: 'ssoUrl',
				operation: 'generate',
				...linkFields(info),
				options: { output: 'redirect' },
			});
	}
}

function httpRequest(name: string, parameters: JsonObject, credentials?: Reference): Step {
	const [type] = Object.keys(credentials ?? {});
	const generic = type === 'oAuth2Api';
	return {
		name,
		type: 'n8n-nodes-base.httpRequest',
		typeVersion: 4.2,
		parameters: {
			options: {},
			...(type && !generic && { authentication: 'predefinedCredentialType', nodeCredentialType: type }),
			...(generic && { authentication: 'genericCredentialType', genericAuthType: type }),
			...parameters,
		},
		...(credentials && { credentials }),
	};
}

function formBody(fields: Readonly<Record<string, Json>>): JsonObject {
	const parameters = Object.entries(fields).map(([name, value]) => ({ name, value }));
	return { method: 'POST', sendBody: true, contentType: 'form-urlencoded', bodyParameters: { parameters } };
}

/** The token requests of a workflow that somebody made by hand. */
function tokenSteps(task: Task, fields: JsonObject): Step[] {
	const { clientId, clientSecret, tokenUrl, audience, baseUrl, organizationId } = fields as Record<string, string>;
	const token = (name: string, url: string | undefined, form: Record<string, Json | undefined>) =>
		httpRequest(name, { url: url ?? '', ...formBody(form as Record<string, Json>) });
	switch (task) {
		case 'list':
			return [
				token('Token', tokenUrl, {
					grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret, audience,
				}),
			];
		case 'customer':
			return [
				token('Way in', tokenUrl, {
					grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret,
				}),
				token('Token', tokenUrl, {
					grant_type: 'refresh_token', client_id: clientId,
					refresh_token: '={{ $json.refresh_token }}', organization_id: organizationId,
				}),
			];
		case 'link':
			return [token('Token', `${baseUrl}/token`, { clientId, clientSecret, grantType: 'client_credentials' })];
	}
}

function withToken(parameters: JsonObject, task: Task): JsonObject {
	const field = task === 'link' ? 'accessToken' : 'access_token';
	const value = `=Bearer {{ $('Token').first().json.${field} }}`;
	return {
		...parameters,
		sendHeaders: true,
		headerParameters: { parameters: [{ name: 'Authorization', value }] },
	};
}

function workflow(path: string, work: readonly Step[], { items = 1, redirects }: LiveOptions, link: string): WorkflowFile {
	const subject = work.at(-1) as Step;
	const chain: Step[] = [
		{
			name: 'Called',
			type: 'n8n-nodes-base.webhook',
			typeVersion: 2,
			parameters: { path, httpMethod: 'GET', responseMode: redirects ? 'responseNode' : 'lastNode', options: {} },
		},
		...work.slice(0, -1),
		...(items > 1 ? given(items) : []),
		subject,
		...(redirects ? [redirect(link)] : []),
	];
	const nodes = chain.map(({ typeVersion = 1, ...step }, index): WorkflowNode => ({
		id: randomUUID(),
		position: [index * 200, 0],
		typeVersion,
		...step,
		...(index === 0 && { webhookId: randomUUID() }),
	}));
	return {
		name: path,
		nodes,
		connections: Object.fromEntries(
			nodes.slice(1).map(({ name }, index): [string, Json] => [
				(nodes[index] as WorkflowNode).name,
				{ main: [[{ node: name, type: 'main', index: 0 }]] },
			]),
		),
		settings: { executionOrder: 'v1' },
	};
}

function given(items: number): Step[] {
	const list = `={{ JSON.stringify({ list: Array.from({ length: ${items} }, (_, i) => ({ i })) }) }}`;
	return [
		{ name: 'Given', type: 'n8n-nodes-base.set', typeVersion: 3.4, parameters: { mode: 'raw', jsonOutput: list, options: {} } },
		{ name: 'Split up', type: 'n8n-nodes-base.splitOut', parameters: { fieldToSplitOut: 'list', options: {} } },
	];
}

function redirect(redirectURL: string): Step {
	return {
		name: 'Redirect',
		type: 'n8n-nodes-base.respondToWebhook',
		typeVersion: 1.1,
		parameters: { respondWith: 'redirect', redirectURL, options: { responseCode: 302 } },
	};
}
