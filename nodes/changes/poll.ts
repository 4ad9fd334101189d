import type { IDataObject, INodeExecutionData, IPollFunctions } from 'n8n-workflow';
import { ApiError } from '../shared/errors';
import type { Call } from '../shared/parameters';
import type { CredentialName } from '../session/session';
import { pollCall } from './call';
import { askFrom, newer, type CursorValue } from './cursor';
import { allNew, detect, remembered, type Change, type Changes } from './detect';
import { canonical, shortHash } from './fingerprint';
import { keyFields, keyOf } from './key';
import { lossIn, withKnown } from './loss';
import { decodeMemory, encodeMemory, type Memory } from './memory';
import { tellOnce, triggerName } from './outage';
import { recognise, together, type Reading } from './reading';
import type { Listed, Watch } from './watch';

type Outputs = INodeExecutionData[][];

/** The poll of each trigger that has not ended: n8n starts the next one all the same. */
const running = new Map<string, IPollFunctions>();

/**
 * One poll of a trigger: reads the list, compares it with what is remembered, remembers it, and hands on the
 * differences; null when there are none.
 *
 * n8n stores what is remembered together with the hand-over (and after an activation), and before the execution: a
 * process that is killed between the two writes loses the differences of this one poll, where the other order would
 * hand on those of each poll before a restart again. A poll that fails changes nothing, and neither does one that was
 * overtaken: the workflow was switched on anew meanwhile, with what was stored before, so that it finds the same.
 */
export async function pollForChanges(
	context: IPollFunctions,
	credential: CredentialName,
	watchOf: (call: Call) => Watch,
	open: typeof pollCall = pollCall,
	now: () => number = Date.now,
): Promise<Outputs | null> {
	if (context.getMode() === 'manual') {
		return await tellOnce(context, async () => {
			const call = await open(context, credential);
			return await sample(call, watchOf(call));
		});
	}
	const name = triggerName(context);
	if (running.get(name) === context) return null;
	running.set(name, context);
	const isOvertaken = () => running.get(name) !== context;
	try {
		return await tellOnce(context, async () => {
			const call = await open(context, credential);
			return await differences(
				context,
				call,
				{ watch: watchOf(call), credential, now },
				isOvertaken,
			);
		});
	} finally {
		if (!isOvertaken()) running.delete(name);
	}
}

/** A record to build the workflow with. Nothing is remembered. */
async function sample(call: Call, watch: Watch): Promise<Outputs> {
	const { parts } = await watch.read(call, { firstPageOnly: true });
	const record = parts.flatMap(({ pages }) => pages.flat()).at(0);
	if (record === undefined) {
		throw new ApiError(
			'reply',
			'The list is empty, so there is no record to show',
			'Add one in the API, or check what the trigger watches.',
		);
	}
	recognise(parts, watch.by);
	const [change = 'new'] = watch.changes;
	const { key } = watch.by;
	const shown = change === 'gone' ? keyFields(keyOf(record, key) ?? [], key) : record;
	return outputs({ new: [], changed: [], gone: [], [change]: [shown] }, watch) ?? [];
}

interface Wanted {
	readonly watch: Watch;
	readonly credential: CredentialName;
	readonly now: () => number;
}

async function differences(
	context: IPollFunctions,
	call: Call,
	{ watch, credential, now }: Wanted,
	isOvertaken: () => boolean,
): Promise<Outputs | null> {
	const stored = context.getWorkflowStaticData('node');
	const { baseUrl, client } = call.session;
	const { id } = call.context.getNode().credentials?.[credential] ?? {};
	const of = shortHash(
		canonical([credential, id, baseUrl, client, watch.list, watch.by, watch.newer?.at]),
		16,
	);
	const before = decodeMemory(stored.memory, of);
	const found = await (
		watch.newer ? foundNewer(call, watch, of, before, now) : foundInList(call, watch, of, before)
	).catch((error: unknown) => {
		if (!isOvertaken()) throw error;
	});
	if (found === undefined || isOvertaken()) return null;
	if (before === undefined && stored.memory !== undefined) {
		context.logger.info(
			`${context.getNode().name} starts anew: credential, path, key or another setting that says which records it watches is not what it was.`,
		);
	}
	remember(stored, found.memory, watch);
	return before === undefined && !watch.emitsFirst ? null : outputs(found.changes, watch);
}

interface Outcome {
	readonly changes: Changes;
	readonly memory: Memory;
}

async function foundInList(
	call: Call,
	watch: Watch,
	of: string,
	before: Memory | undefined,
): Promise<Outcome> {
	const { parts, paged } = await readAll(call, watch);
	let reading = recognise(parts, watch.by);
	if (before === undefined) return { changes: allNew(reading), memory: remembered(of, reading) };
	if (paged && misses(reading, before)) {
		// A record that was deleted while the pages were read moves each one behind it, and one of them from a page that
		// was still to be read to one that was read already.
		const again = recognise((await readAll(call, watch)).parts, watch.by);
		reading = together(reading, again);
	}
	const changes = detect(before, reading, watch.by.key);
	const loss = watch.believesLosses ? undefined : lossIn(reading, before);
	if (loss === undefined) return { changes, memory: remembered(of, reading) };
	if (watch.changes.includes('gone')) throw loss;
	// When they are back, they are not new.
	return { changes, memory: withKnown(remembered(of, reading), before) };
}

async function foundNewer(
	call: Call,
	watch: Watch,
	of: string,
	before: Memory | undefined,
	now: () => number,
): Promise<Outcome> {
	const settings = watch.newer ?? { at: '', overlap: 0 };
	const from = before?.cursor === undefined ? undefined : askFrom(before.cursor, settings.overlap);
	const { parts } = await readAll(call, watch, from);
	let reading = recognise(parts, watch.by);
	const severalPages = parts.some(
		({ pages }) => pages.filter((page) => page.length > 0).length > 1,
	);
	if (severalPages && (before !== undefined || watch.emitsFirst)) {
		// A record that changed while the pages were read moves to the end, and another one from a page that was still to
		// be read to one that was read already. With time gone on, it would never be asked for again.
		reading = together(reading, recognise((await readAll(call, watch, from)).parts, watch.by));
	}
	const { records, memory } = newer(of, before, reading, settings, now());
	return { changes: { new: records, changed: [], gone: [] }, memory };
}

/** A list that changes while its pages are read may seem cut off, so it is read once more before that is an error. */
async function readAll(call: Call, watch: Watch, from?: CursorValue): Promise<Listed> {
	const wish = { from, firstPageOnly: false };
	return await watch.read(call, wish).catch(async (error: unknown) => {
		if (!(error instanceof ApiError) || error.kind !== 'reply') throw error;
		return await watch.read(call, wish);
	});
}

function misses(reading: Reading, before: Memory): boolean {
	return [...before.parts].some(
		([name, part]) =>
			reading.has(name) && [...part.keys()].some((hash) => !reading.get(name)?.has(hash)),
	);
}

/** n8n takes each assignment for a change. */
function remember(stored: IDataObject, memory: Memory, { changes, newer: asksNewer }: Watch): void {
	const encoded = encodeMemory(memory, changes.includes('gone') && !asksNewer);
	if (canonical(encoded) !== canonical(stored.memory)) stored.memory = encoded;
}

const ORDER: readonly Change[] = ['new', 'changed', 'gone'];

/** One output for each kind of change, up to the last one chosen, so that no choice moves another's connections. */
function outputs(changes: Changes, { changes: chosen, newer: asksNewer }: Watch): Outputs | null {
	const wanted = asksNewer ? ORDER.slice(0, 1) : ORDER.filter((change) => chosen.includes(change));
	if (wanted.every((change) => changes[change].length === 0)) return null;
	const last = ORDER.indexOf(wanted[wanted.length - 1]);
	return ORDER.slice(0, last + 1).map((change) =>
		wanted.includes(change) ? changes[change].map((json) => ({ json })) : [],
	);
}
