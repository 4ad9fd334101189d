import type { Bench } from '../bench.mts';
import { contenders, type Contender, type Live } from '../contenders.mts';
import { startDelayingProxy } from '../delayingProxy.mts';
import { floorOf } from '../floor.mts';
import { alternate, type Sample } from '../statistics.mts';

/** Who stands beside the contenders: a bare script, once as it would be written, once without kept connections. */
export type Runner = Contender | 'floor' | 'floorFresh' | 'ours50';
export type PerItem = Partial<Record<Runner, Sample>>;

/** Time per item in ms, over `items` items with a cached token. */
export async function perItem(
	{ workshop, sandbox, client, nodeTime }: Bench,
	task: 'list' | 'customer',
	items: number,
	rounds: number,
): Promise<PerItem> {
	const fields = client(task === 'list' ? 'calensoApi' : 'bookingtimeApi');
	const floor = await floorOf(sandbox.info, task, fields);
	const fresh = await floorOf(sandbox.info, task, fields, { freshConnections: true });
	const runners: Partial<Record<Runner, () => Promise<number>>> = {
		floor: async () => (await floor.run(items)) / items,
		floorFresh: async () => (await fresh.run(items)) / items,
	};
	for (const contender of contenders.filter((one) => workshop.inability(one, task) === undefined)) {
		const live = await workshop.make(contender, task, { items });
		runners[contender] = async () => (await nodeTime(live)) / items;
	}
	const taken = await alternate(runners as Record<Runner, () => Promise<number>>, rounds);
	await Promise.all([floor.close(), fresh.close()]);
	return taken;
}

export interface OverTls {
	readonly time: PerItem;
	/** Connections opened for each item, over all rounds. */
	readonly connections: Partial<Record<Runner, number>>;
}

/** The same for the list, over TLS and a line with a round trip of `roundTrip` ms. */
export async function perItemOverTls(
	{ workshop, sandbox, client, nodeTime, certificate }: Bench,
	items: number,
	rounds: number,
	roundTrip: number,
): Promise<OverTls> {
	const targetPort = Number(new URL(sandbox.info.urls.calenso).port);
	const proxy = await startDelayingProxy({ ...certificate, targetPort, roundTrip });
	const { origin } = proxy;
	const floor = await floorOf(sandbox.info, 'list', client('calensoApi'), { origin, ca: certificate.certificate });
	const opened: Partial<Record<Runner, number>> = {};
	const counted = (name: Runner, run: () => Promise<number>) => async () => {
		const before = await proxy.connections();
		const time = await run();
		opened[name] = (opened[name] ?? 0) + (await proxy.connections()) - before;
		return time / items;
	};
	const runners: Partial<Record<Runner, () => Promise<number>>> = {
		floor: counted('floor', async () => await floor.run(items)),
	};
	const add = (name: Runner, live: Live) => {
		runners[name] = counted(name, async () => await nodeTime(live));
	};
	for (const contender of contenders) add(contender, await workshop.make(contender, 'list', { items, origin }));
	add('ours50', await workshop.make('ours', 'list', { items, origin, concurrency: 50 }));
	const time = await alternate(runners as Record<Runner, () => Promise<number>>, rounds);
	await floor.close();
	await proxy.stop();
	const connections = Object.fromEntries(
		Object.entries(opened).map(([name, count]) => [name, count / (items * (rounds + 1))]),
	);
	return { time, connections };
}
