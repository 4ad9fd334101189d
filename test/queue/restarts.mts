import { setTimeout as sleep } from 'node:timers/promises';
import { counted, countEnds, errorsOf, steadily, type Call } from './calls.mts';
import { observe, type Seen } from './observe.mts';
import type { Stage } from './stage.mts';
import { printTable } from './table.mts';
import { nodes } from './workflows.mts';

/** One of the services that n8n stands on, restarted while executions go on. */
export interface Restart {
	readonly seen: Seen;
	readonly ours: readonly Call[];
	/** n8n's own node without a credential, called by turns with ours: what n8n loses by itself. */
	readonly plain: readonly Call[];
	/** Errors that executions of our node ended with, as n8n stored them. */
	readonly ourErrors: readonly string[];
}

/** In ms. Tokens of 4 s make sure that one has to be renewed around the restart. */
const EVERY = 125;
const BEFORE = 6_000;
const AFTER = 9_000;
const LIFETIME_SECONDS = 4;

/** Restarts Redis or Postgres in the middle of a constant load, and prints how the executions ended. */
export async function restartUnderLoad(stage: Stage, what: 'redis' | 'postgres'): Promise<Restart> {
	const credential = await stage.newCalenso(`Calenso, ${what} restarted`);
	const workflows = {
		ours: await stage.live(`${what}-ours`, nodes.calenso(credential)),
		plain: await stage.live(`${what}-plain`, nodes.httpRequestAlone(stage.sandbox.info.urls.foreign)),
	};
	await stage.sandbox.settings({ calenso: { lifetime: LIFETIME_SECONDS } });
	const calls = { ours: [] as Call[], plain: [] as Call[] };
	let down = 0;
	const restart = async () => {
		await sleep(BEFORE);
		const begun = Date.now();
		await stage[what].restart();
		down = Date.now() - begun;
		await sleep(AFTER);
	};
	const [, seen] = await observe(stage.sandbox, 'calenso', async () => {
		await steadily(stage.n8n, [workflows.ours, workflows.plain], EVERY, restart(), (workflow, call) => {
			calls[workflow === workflows.ours ? 'ours' : 'plain'].push(call);
		});
	});
	const errors = { ours: await errorsOf(stage.n8n, workflows.ours), plain: await errorsOf(stage.n8n, workflows.plain) };

	const row = (node: string, made: readonly Call[]) => {
		const { ok, failed, none } = countEnds(made);
		return { node, called: made.length, 'went well': ok, 'ended in an error': failed, 'no answer': none };
	};
	printTable(`${what} restarted under load (away for ${down} ms)`, [
		{
			...row('Calenso', calls.ours), 'token requests': seen.tokenRequests,
			'API requests': seen.apiRequests, refused: seen.refused, 'token died on the way': seen.diedOnTheWay,
		},
		{ ...row('HTTP Request, no credential', calls.plain), 'token requests': '', 'API requests': '', refused: '', 'token died on the way': '' },
	]);
	const why = Object.entries(errors).flatMap(([node, all]) => counted(all).map((one) => ({ node, ...one })));
	printTable('What n8n stored as the reason', why);
	return { seen, ours: calls.ours, plain: calls.plain, ourErrors: errors.ours };
}
