import assert from 'node:assert/strict';
import { until } from '../n8n/wait.mts';
import type { Fault } from '../sandbox/faults.mts';
import type { RecordedRequest } from '../sandbox/journal.mts';
import { burst, callOnce, countEnds, type Burst } from './calls.mts';
import { claimIn, observe } from './observe.mts';
import type { Stage } from './stage.mts';
import { printTable } from './table.mts';
import { isBusy, waits } from './workers.mts';
import { nodes } from './workflows.mts';

/** A moment at which a worker is killed. */
export interface Moment {
	readonly what: string;
	readonly fault?: Fault;
	readonly hasCome: (tokenRequests: readonly RecordedRequest[], claim: string | undefined) => boolean;
}

export const moments: readonly Moment[] = [
	{
		what: 'it held the claim',
		hasCome: (tokenRequests, claim) => tokenRequests.length === 0 && claim !== undefined,
	},
	{
		what: 'its token request was under way',
		fault: { provider: 'calenso', endpoint: 'token', kind: 'hang', times: 1 },
		hasCome: (tokenRequests) => tokenRequests.length > 0,
	},
];

export interface Crash {
	readonly made: Burst;
	/** Token requests after the kill. */
	readonly after: readonly RecordedRequest[];
	/** From the kill, or from when another worker began to wait if that was later, to the next token request, in ms. */
	readonly waited: number;
	readonly counted: number;
	readonly refused: number;
}

/** Kills, with SIGKILL, the one worker that gets a token, and lets executions on the others need one. */
export async function killWorker(stage: Stage, { what, fault, hasCome }: Moment, executions: number): Promise<Crash> {
	const { sandbox, n8n } = stage;
	const credential = await stage.newCalenso(`Calenso, worker killed while ${what}`);
	const workflow = await stage.live(`killed-while-${what.replaceAll(' ', '-')}`, nodes.calenso(credential));
	await sandbox.settings({ calenso: { lifetime: 3_600 } });
	// The test before may have left a renewal that is to come when its own token dies.
	const tokenRequests = async () =>
		(await sandbox.requests({ provider: 'calenso', endpoint: 'token' })).filter(({ body }) => body.includes(credential.clientId));
	let killedAt = 0;
	let waitingAt = 0;
	const [made, seen] = await observe(sandbox, 'calenso', async () => {
		if (fault) await sandbox.fault(fault);
		// Nobody answers this caller any more: n8n runs it again when it has found out, in a minute or so.
		const victim = callOnce(n8n, workflow, 10_000);
		await until(`the moment at which ${what}`, 60_000, async () => hasCome(await tokenRequests(), await claimIn(n8n, credential.id)) || undefined, 20);
		const [holder, ...others] = stage.running().filter(isBusy);
		assert.ok(holder !== undefined && others.length === 0, 'one worker has the one execution');
		await holder.kill9();
		killedAt = Date.now();
		assert.ok(await claimIn(n8n, credential.id), 'the claim of the killed worker is left behind');
		const running = burst(n8n, workflow, executions);
		waitingAt = await firstWait(stage);
		await victim;
		return await running;
	});
	const asked = await tokenRequests();
	const after = asked.filter(({ time }) => time > killedAt);
	const counted = await stage.tokensThisMonth(credential);
	const next = after[0]?.time ?? Infinity;
	const waited = next - Math.max(killedAt, waitingAt);
	printTable(`A worker killed while ${what}`, [
		{
			'workers left': stage.running().length, executions: made.calls.length, 'went well': made.succeeded, answered: countEnds(made.calls).ok,
			'token requests': asked.length, 'API requests': seen.apiRequests, refused: seen.refused,
			'next token, ms after the kill': next - killedAt, 'ms after another worker needed it': waited,
			'tokens counted this month': counted,
		},
	]);
	return { made, after, waited, counted, refused: seen.refused };
}

/** When a worker said, for the first time from now on, that it waits for another one. */
async function firstWait(stage: Stage): Promise<number> {
	const total = () => stage.running().reduce((sum, worker) => sum + waits(worker), 0);
	const before = total();
	await until('another worker waits', 60_000, () => total() > before || undefined, 20);
	return Date.now();
}
