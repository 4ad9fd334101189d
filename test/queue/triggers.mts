import { setTimeout as sleep } from 'node:timers/promises';
import { changesOf, everyThreeSeconds } from '../e2e/support/triggers.mts';
import { importExample } from '../n8n/examples.mts';
import { until } from '../n8n/wait.mts';
import type { Stage } from './stage.mts';

/**
 * A trigger in queue mode, where polls run in the main process and executions on the workers: what it handed on before
 * and after the main process was killed, with a change before, one during and one after that.
 */
export async function changesAcrossAKill(stage: Stage): Promise<string[]> {
	const { n8n, sandbox } = stage;
	const { workers } = (await sandbox.settings()).calenso;
	const credentials = new Map([['calensoApi', await stage.newCalenso('Calenso trigger')]]);
	const { stored } = await importExample(n8n, 'calenso-new-workers.json', credentials, everyThreeSeconds);
	const trigger = { workflowId: stored.id, node: 'When a worker is new' };
	await n8n.rest.activateWorkflow(stored.id);

	const handedOn = async (count: number) =>
		await until(`${count} changes are handed on`, 60_000, async () => (await changesOf(n8n, trigger)).length >= count || undefined);
	await sandbox.settings({ calenso: { workers: workers + 1 } });
	await handedOn(1);
	await n8n.kill9();
	await sandbox.settings({ calenso: { workers: workers + 2 } });
	await n8n.restart('kill9');
	await handedOn(2);
	await sandbox.settings({ calenso: { workers: workers + 3 } });
	await handedOn(3);
	// Two more polls, in which nothing may come.
	await sleep(7_000);
	const changes = await changesOf(n8n, trigger);
	await n8n.rest.deactivateWorkflow(stored.id);
	await sandbox.settings({ calenso: { workers } });
	return changes.sort();
}
