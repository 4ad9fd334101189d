import { query } from '../n8n/database.mts';
import type { N8n } from '../n8n/instance.mts';
import { callWebhook } from '../n8n/webhook.mts';
import type { LiveWorkflow } from './workflows.mts';

/** How one call of a workflow ended for whoever called it. */
export interface Call {
	/** `ok`: the node's item came back; `failed`: the execution ended with an error; `none`: no answer came. */
	readonly end: 'ok' | 'failed' | 'none';
	/** The body, or why there was none. */
	readonly text: string;
	readonly millis: number;
}

/** Calls a workflow once; never throws. */
export async function callOnce(n8n: N8n, workflow: LiveWorkflow, timeoutMs = 120_000): Promise<Call> {
	const started = performance.now();
	const ended = (end: Call['end'], text: string): Call => ({ end, text, millis: performance.now() - started });
	try {
		const { status, text } = await callWebhook(n8n.url, `/webhook/${workflow.path}`, { timeoutMs });
		return ended(status === 200 ? 'ok' : 'failed', status === 200 ? text : `${status} ${text}`);
	} catch (error) {
		return ended('none', error instanceof Error ? `${error.name}: ${error.message}` : String(error));
	}
}

/** Many calls at once. */
export interface Burst {
	readonly calls: readonly Call[];
	/** Executions that n8n has stored as successful; now and then n8n forgets to answer the caller of one. */
	readonly succeeded: number;
	/** Until the last answer. */
	readonly millis: number;
}

/** Calls a workflow many times at once, in queue mode. */
export async function burst(n8n: N8n, workflow: LiveWorkflow, count: number): Promise<Burst> {
	const before = await successes(n8n, workflow);
	const calls = await Promise.all(Array.from({ length: count }, async () => await callOnce(n8n, workflow, 60_000)));
	const answered = calls.filter(({ end }) => end !== 'none').map(({ millis }) => millis);
	return { calls, succeeded: (await successes(n8n, workflow)) - before, millis: Math.round(Math.max(0, ...answered)) };
}

async function successes(n8n: N8n, { id }: LiveWorkflow): Promise<number> {
	const [row] = await query(n8n, `SELECT count(*) AS successes FROM execution_entity WHERE "workflowId" = '${id}' AND status = 'success'`);
	return Number(row?.successes);
}

/** Calls workflows by turns, one each `everyMs`, answered or not, until that is over; then waits for the answers. */
export async function steadily(
	n8n: N8n,
	workflows: readonly LiveWorkflow[],
	everyMs: number,
	until: Promise<unknown>,
	onCall: (workflow: LiveWorkflow, call: Call) => void,
): Promise<void> {
	const underWay = new Set<Promise<void>>();
	let turn = 0;
	const timer = setInterval(() => {
		const workflow = workflows[turn++ % workflows.length];
		if (workflow === undefined) return;
		const running = callOnce(n8n, workflow, 30_000).then((call) => {
			underWay.delete(running);
			onCall(workflow, call);
		});
		underWay.add(running);
	}, everyMs);
	try {
		await until;
	} finally {
		clearInterval(timer);
		await Promise.all(underWay);
	}
}

export function countEnds(calls: readonly Call[]): Record<Call['end'], number> {
	const ends = { ok: 0, failed: 0, none: 0 };
	for (const { end } of calls) ends[end] += 1;
	return ends;
}

/** Each text that calls ended with other than well, and how often. */
export function troubles(calls: readonly Call[]): string[] {
	const texts = calls.filter(({ end }) => end !== 'ok').map(({ text }) => text.slice(0, 160));
	return counted(texts).map(({ times, error }) => `${times} × ${error}`);
}

/** The errors that executions of a workflow ended with, as n8n stored them. */
export async function errorsOf(n8n: N8n, { id }: LiveWorkflow): Promise<string[]> {
	const failed = await n8n.rest.listExecutions({ workflowId: id, status: ['error', 'crashed'] });
	return await Promise.all(
		failed.map(async (summary) => {
			const { error, status } = await n8n.rest.getExecution(summary.id);
			return error ? [error.name, error.message, error.description].filter(Boolean).join(': ') : status;
		}),
	);
}

/** How often each text is there. */
export function counted(errors: readonly string[]): Array<{ readonly times: number; readonly error: string }> {
	return [...new Set(errors)].map((error) => ({ times: errors.filter((one) => one === error).length, error }));
}
