/** The parts of a CPU profile in V8's format that are read here. */
export interface CpuProfile {
	readonly nodes: ReadonlyArray<{
		readonly id: number;
		readonly callFrame: { readonly functionName: string; readonly url: string };
		readonly children?: readonly number[];
	}>;
	readonly samples: readonly number[];
	/** In µs. */
	readonly timeDeltas: readonly number[];
}

/** Whose processor time it is: names of `ownerOf`. */
export type Shares = Record<string, number>;

/**
 * Processor time by owner, from 0 to 1, the largest first; waiting is not counted. A function of Node or V8 itself
 * counts for whoever called it.
 */
export function sharesOf(profile: CpuProfile): Shares {
	const owners = new Map<number, string>();
	const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
	const visit = (id: number, caller: string) => {
		const node = nodes.get(id);
		if (node === undefined) return;
		const owner = ownerOf(node.callFrame) ?? caller;
		owners.set(id, owner);
		for (const child of node.children ?? []) visit(child, owner);
	};
	visit(profile.nodes[0]?.id ?? 0, OUTSIDE);
	const times: Shares = {};
	profile.samples.forEach((id, index) => {
		// The profiler's own start.
		if (index === 0) return;
		const owner = owners.get(id) ?? OUTSIDE;
		if (owner !== IDLE) times[owner] = (times[owner] ?? 0) + (profile.timeDeltas[index] ?? 0);
	});
	const all = Object.values(times).reduce((sum, time) => sum + time, 0);
	return Object.fromEntries(
		Object.entries(times)
			.map(([owner, time]): [string, number] => [owner, time / all])
			.sort(([, a], [, b]) => b - a),
	);
}

const IDLE = 'idle';
/** Nothing of JavaScript called it: sockets, timers, promises. */
const OUTSIDE = "Node's event loop";

/** Undefined for what belongs to whoever called it. */
function ownerOf({ functionName, url }: CpuProfile['nodes'][number]['callFrame']): string | undefined {
	if (functionName === '(idle)') return IDLE;
	if (functionName === '(garbage collector)') return 'garbage collection';
	if (url === '' || url.startsWith('node:')) return undefined;
	if (url.includes('/test/bench/stock/')) return 'stock credential';
	if (url.startsWith('evalmachine') || /isolated-vm|expression-runtime|@n8n[/]tournament/.test(url)) return "n8n's expressions";
	const packages = url.split('/node_modules/').slice(1);
	const last = packages.at(-1) ?? '';
	const name = last.split('/').slice(0, last.startsWith('@') ? 2 : 1).join('/');
	if (name === 'n8n-nodes-tokenkeeper') return 'this package';
	return name === '' ? undefined : named[name] ?? (name.startsWith('n8n') || name.startsWith('@n8n') ? name : 'other packages of n8n');
}

const named: Readonly<Record<string, string>> = {
	axios: 'axios, the HTTP client of n8n',
	'follow-redirects': 'axios, the HTTP client of n8n',
};
