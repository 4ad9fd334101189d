import { setTimeout as sleep } from 'node:timers/promises';
import type { N8n } from '../../n8n/instance.mts';
import { until } from '../../n8n/wait.mts';
import { callWebhook } from '../../n8n/webhook.mts';
import type { Bench } from '../bench.mts';
import { contenders, type Contender, type Live } from '../contenders.mts';

export interface RowUse {
	readonly reads: number;
	readonly writes: number;
}

/** How often an execution reads and writes its credential's row: counted in the SQL that n8n itself writes down. */
export async function rowUse(bench: Bench, items: number): Promise<Partial<Record<Contender, RowUse>>> {
	const lives: Array<[Contender, Live]> = [];
	for (const contender of contenders) {
		const live = await bench.workshop.make(contender, 'list', { items });
		if (live.credential !== undefined) lives.push([contender, live]);
		await live.call();
	}
	const idle = await bench.workshop.make('ours', 'list');
	const n8n = await bench.restartWithSqlLog();
	await until('the workflows are live again', 60_000, async () =>
		(await callWebhook(n8n.url, `/webhook/${idle.path}`)).status === 200 ? true : undefined,
	);
	const use: Partial<Record<Contender, RowUse>> = {};
	for (const [contender, live] of lives) use[contender] = await counted(n8n, live);
	return use;
}

async function counted(n8n: N8n, { path }: Live): Promise<RowUse> {
	const before = n8n.logs().length;
	const { status } = await callWebhook(n8n.url, `/webhook/${path}`, { timeoutMs: 120_000 });
	if (status !== 200) throw new Error(`A workflow answered ${status}`);
	await sleep(2000);
	const statements = n8n
		.logs()
		.slice(before)
		// The log is colored.
		.replaceAll(/\u001b\[[\d;]*m/g, '')
		.split('\n');
	const matching = (pattern: RegExp) => statements.filter((statement) => pattern.test(statement)).length;
	return {
		// What reads the fields, not only the name or who may use it.
		reads: matching(/SELECT .*"data".* FROM "credentials_entity"/i),
		writes: matching(/UPDATE "credentials_entity"/i),
	};
}
