import { forLoad, type Bench } from '../bench.mts';

/** Highest use of n8n's heap in bytes, over what it was before; garbage is collected before each look. */
export interface ManyItems {
	readonly items: number;
	readonly ours: number;
	/** n8n's own Edit Fields, which makes the same items out of nothing: what n8n needs to have them. */
	readonly n8n: number;
}

/** One execution with very many items, each of which gets a list with one entry. */
export async function manyItems({ workshop, sandbox, inspector }: Bench, items: number): Promise<ManyItems> {
	await sandbox.settings({ calenso: { ...forLoad.calenso, workers: 1 } });
	const ours = await workshop.make('ours', 'list', { items });
	const { text: entry } = await (await workshop.make('ours', 'list')).call();
	const n8n = await workshop.withoutRequests(items, entry);
	const peak = async (live: typeof ours) =>
		await inspector.peakInUse(async () => {
			const { status, text } = await live.call(3_600_000);
			if (status !== 200) throw new Error(`A workflow answered ${status}: ${text.slice(0, 300)}`);
		});
	return { items, n8n: await peak(n8n), ours: await peak(ours) };
}
