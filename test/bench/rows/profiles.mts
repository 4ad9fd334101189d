import { mkdirSync, writeFileSync } from 'node:fs';
import type { Bench } from '../bench.mts';
import { type CpuProfile, type Shares, sharesOf } from '../profile.mts';

const tasks = ['list', 'customer'] as const;

/** Whose the processor time of n8n is while a node of this package works through items, by task. */
export async function profiles(
	{ workshop, inspector }: Bench,
	items: number,
	folder?: string,
): Promise<Record<(typeof tasks)[number], Shares>> {
	if (folder !== undefined) mkdirSync(folder, { recursive: true });
	const shares = {} as Record<(typeof tasks)[number], Shares>;
	for (const task of tasks) {
		const live = await workshop.make('ours', task, { items });
		await live.call();
		const profile = (await inspector.profile(async () => await live.call())) as CpuProfile;
		if (folder !== undefined) writeFileSync(`${folder}/${task}.cpuprofile`, JSON.stringify(profile));
		shares[task] = sharesOf(profile);
	}
	return shares;
}
