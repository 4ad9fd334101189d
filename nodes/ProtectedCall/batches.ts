import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { parseExact, stringifyExact } from '../../credentials/tokens/json';
import { ApiError, badInput, toNodeError, withNote } from '../shared/errors';
import type { Output, Task } from '../shared/items';
import { withValueAt } from '../shared/lists';
import { asText, collection, parsedObject, text, type Call } from '../shared/parameters';
import { WITHOUT_BODY } from './bodyFields';
import { sendDraft } from './protectedCall';
import { draftOf, type Draft } from './request';

/** Whether the items are to be sent in batches. */
export function hasBatches(context: IExecuteFunctions): boolean {
	return context.getNodeParameter('options.batches', 0, null) !== null;
}

/** Bodies that can be an entry of a list in JSON. */
const JSON_BODIES = ['fields', 'json'];

/** The request of one item, whose body is an entry of a batch. */
interface Entry {
	readonly call: Call;
	readonly draft: Draft;
	readonly settings: Settings;
}

interface Settings {
	readonly size: number;
	/** Dotted path of the list; '' where it is the body. */
	readonly at: string;
	readonly rest: IDataObject;
}

/**
 * A task for each batch, and one that fails for each item that cannot be sent.
 * @throws NodeApiError or NodeOperationError for such an item, before anything is sent, unless the node continues on
 * fail.
 */
export async function batchTasks(calls: readonly Call[]): Promise<Task[]> {
	const failing: Task[] = [];
	const batches: Entry[][] = [];
	const open = new Map<string, Entry[]>();
	for (const call of calls) {
		try {
			const entry = await entryOf(call);
			const kind = kindOf(entry);
			let batch = open.get(kind);
			if (batch === undefined || batch.length >= entry.settings.size) {
				batch = [];
				batches.push(batch);
				open.set(kind, batch);
			}
			batch.push(entry);
		} catch (error) {
			const { context, index } = call;
			if (!context.continueOnFail()) throw toNodeError(context.getNode(), error, index);
			failing.push({ items: [index], run: async () => await Promise.reject(error as Error) });
		}
	}
	return [...failing, ...batches.map(taskOf)];
}

/** @throws ApiError when the item cannot go into a batch. */
async function entryOf(call: Call): Promise<Entry> {
	const draft = await draftOf(call);
	const inJson =
		text(call, 'request', 'Request') !== 'description' &&
		JSON_BODIES.includes(text(call, 'bodyType', 'Body')) &&
		!WITHOUT_BODY.includes(draft.method);
	if (!inJson) {
		throw badInput(
			'Batches',
			'puts the items into a list in JSON, but this request has no such body',
			'Choose a method with a body, and JSON or Fields as its Body, or remove the option.',
		);
	}
	if (text(call, 'pagination', 'Pagination') !== 'off') {
		throw badInput(
			'Batches',
			'cannot be used together with Pagination',
			'Remove the option, or set Pagination to Off.',
		);
	}
	return { call, draft, settings: settingsOf(call) };
}

function settingsOf(call: Call): Settings {
	const { batch } = collection(call, 'options').batches as IDataObject;
	const { size = 100, at, rest } = (batch ?? {}) as IDataObject;
	if (!Number.isSafeInteger(Number(size)) || Number(size) < 1) {
		throw badInput('Items per Request', 'is not a whole number of 1 or more', 'Enter one.');
	}
	return {
		size: Number(size),
		at: asText(at, 'Put List At'),
		rest: parsedObject(rest, 'Rest of the Body', 'bigint'),
	};
}

/** The same for all items of a batch. */
function kindOf({ draft: { method, url, headers }, settings }: Entry): string {
	return stringifyExact([method, url.href, headers, settings]);
}

function taskOf(batch: readonly Entry[]): Task {
	return {
		items: batch.map(({ call }) => call.index),
		run: async () =>
			await send(batch).catch((error: unknown) => {
				if (!(error instanceof ApiError) || batch.length === 1) throw error;
				throw withNote(error, `It carried ${batch.length} items.`);
			}),
	};
}

async function send(batch: readonly Entry[]): Promise<Output[]> {
	const [{ call, draft, settings }] = batch;
	const list = batch.map(({ draft: { body } }) =>
		// Text is JSON as it was written.
		typeof body === 'string' ? parseExact(body, 'bigint') : body,
	);
	const body = withValueAt(settings.rest, settings.at, list, 'Put List At');
	const outputs = await sendDraft(call, { ...draft, body: body as IDataObject | unknown[] });
	if (outputs.length !== batch.length) return outputs;
	return outputs.map((output, place) => ({ ...output, item: batch[place].call.index }));
}
