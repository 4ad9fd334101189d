import { flow, type Step } from '../e2e/support/flows.mts';
import { httpRequest, jsonBody, protectedCall, type Stored } from '../e2e/support/requests.mts';
import { told } from '../e2e/support/start.mts';
import { short } from '../e2e/support/table.mts';
import type { N8n } from '../n8n/instance.mts';
import type { JsonObject } from '../n8n/types.mts';
import { callWebhook } from '../n8n/webhook.mts';
import { startCountingProxy, type CountingProxy } from './countingProxy.mts';
import type { Way } from './server.mts';

export const THROUGH = ['Protected Call', 'HTTP Request'] as const;
/** The node that needs the token: one of this package, or n8n's own. */
export type Through = (typeof THROUGH)[number];

/** What came of one or more executions. */
export interface Seen {
	readonly executions: number;
	/** What went wrong, in the words of n8n; an execution that failed, or one whose items were not good. */
	readonly failures: readonly string[];
	/** All that a person reads, on one line. */
	readonly said: string;
}

/** A node with a credential of its own, in live workflows. */
export interface Consumer {
	readonly through: Through;
	readonly proxy: CountingProxy;
	/** One execution with 20 items. */
	readonly items: () => Promise<Seen>;
	/** One execution with one item. */
	readonly once: () => Promise<Seen>;
	/** Opens the credential and tests it, as a person does in the editor. */
	readonly test: () => Promise<Seen>;
	/** Two executions of 20 items with a second credential, whose secret is wrong. */
	readonly wrongly: () => Promise<Seen>;
	/** Enters the right secret there, and runs once more. */
	readonly putRight: () => Promise<Seen>;
}

let names = 0;
let testing: Promise<unknown> = Promise.resolve();

/** Tests of credentials that run at once end in n8n's "Node not found". */
async function oneAtATime<T>(test: () => Promise<T>): Promise<T> {
	const result = testing.then(test);
	testing = result.catch(() => undefined);
	return await result;
}

/** Puts a counter in front of a server and a node with a credential before that. */
export async function consume(n8n: N8n, origin: () => string, way: Way, through: Through): Promise<Consumer> {
	const proxy = await startCountingProxy(origin, way);
	const fields = await way.fields(proxy.origin);
	const right = await store(n8n, fields);
	const wrong = await store(n8n, { ...fields, ...way.wrong });
	const wrongItems = await live(n8n, way, through, wrong, 20);
	return {
		through,
		proxy,
		items: await live(n8n, way, through, right, 20),
		once: await live(n8n, way, through, right, 1),
		test: async () => {
			const { status, message } = await oneAtATime(async () => await n8n.rest.openCredential(right.id));
			return { executions: 1, failures: status === 'OK' ? [] : [message], said: message };
		},
		wrongly: async () => joined([await wrongItems(), await wrongItems()]),
		putRight: async () => {
			const { id, name, type } = wrong;
			await n8n.rest.updateCredential(id, { name, type, data: fields });
			return await wrongItems();
		},
	};
}

/** What several executions came to together. */
export function joined(all: readonly Seen[]): Seen {
	const failures = all.flatMap((one) => one.failures);
	const executions = all.reduce((sum, one) => sum + one.executions, 0);
	const times = (text: string) => failures.filter((one) => one === text).length;
	const words = [...new Set(failures)].map((text) => `${times(text)} × ${text}`);
	const well = executions - failures.length;
	return { executions, failures, said: [...(well > 0 ? [`✓ ${well} executions`] : []), ...words].join('; ') };
}

async function store(n8n: N8n, fields: JsonObject): Promise<Stored> {
	const name = `Server ${++names}`;
	const { id } = await n8n.rest.createCredential({ name, type: 'customTokenApi', data: fields });
	return { id, name, type: 'customTokenApi', fields };
}

/** A live workflow that hands the node so many items; each call runs it once. */
async function live(n8n: N8n, way: Way, through: Through, credential: Stored, count: number): Promise<() => Promise<Seen>> {
	const webhook = `servers-${++names}`;
	const items = Array.from({ length: count }, (_, number) => ({ number }));
	const { id } = await n8n.rest.createWorkflow(flow(webhook, stepOf(way, through, credential), { webhook, items }));
	await n8n.rest.activateWorkflow(id);
	return async () => {
		const { status, text } = await callWebhook(n8n.url, `/webhook/${webhook}`, { json: {} });
		if (status === 200) return arrived(text, way, count);
		const [newest] = await n8n.rest.listExecutions({ workflowId: id, status: ['error', 'crashed'], limit: 1 });
		const words = newest ? told(await n8n.rest.getExecution(newest.id)) : `${status} ${short(text)}`;
		return { executions: 1, failures: [words], said: words };
	};
}

function stepOf({ api }: Way, through: Through, credential: Stored): Step {
	const given = Object.entries(api.headers ?? {}).map(([name, value]) => ({ name, value }));
	if (through === 'Protected Call') {
		const headers: JsonObject = given.length > 0 ? { headersType: 'fields', headers: { entries: given } } : {};
		const body: JsonObject = api.json ? { method: 'POST', bodyType: 'json', bodyJson: JSON.stringify(api.json) } : {};
		return protectedCall(credential, { path: api.path, ...headers, ...body });
	}
	const headers: JsonObject = given.length > 0 ? { sendHeaders: true, headerParameters: { parameters: given } } : {};
	const body = api.json ? jsonBody(api.json) : {};
	return httpRequest(credential, { url: `${String(credential.fields.baseUrl)}${api.path}`, ...headers, ...body });
}

function arrived(text: string, { proof }: Way, count: number): Seen {
	const items = JSON.parse(text) as unknown[];
	const good = items.filter((item) => JSON.stringify(item).includes(proof)).length;
	const said = good === count ? `✓ ${count} items` : `${good} good items of ${count}: ${short(text)}`;
	return { executions: 1, failures: good === count ? [] : [said], said };
}
