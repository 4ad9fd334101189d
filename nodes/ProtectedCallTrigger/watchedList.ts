import type { IDataObject } from 'n8n-workflow';
import { pathsIn, watchedChanges } from '../changes/fields';
import { requireAll, totalIn } from '../changes/total';
import type { Listed, ReadWish, Watch } from '../changes/watch';
import { paginationOf } from '../ProtectedCall/paginationOf';
import { draftOf } from '../ProtectedCall/request';
import { ApiError, badInput } from '../shared/errors';
import { listAt } from '../shared/lists';
import { readPages } from '../shared/pagination';
import {
	asText,
	collection,
	isObject,
	parameter,
	requiredText,
	text,
	type Call,
} from '../shared/parameters';

/** What makes a list another one. */
const LIST = [
	...['method', 'path', 'queryType', 'query', 'queryJson', 'bodyJson'],
	...['headersType', 'headers', 'headersJson', 'finding', 'newerParameter'],
];

/** @throws ApiError when a field is empty or cannot be used. */
export function watchedList(call: Call): Watch {
	const { ignored, ...changes } = watchedChanges(call);
	const { parameters } = call.context.getNode();
	const key = pathsIn(requiredText(call, 'key', 'Key'));
	if (key.length === 0) throw badInput('Key', 'is empty', 'Enter the name of a field.');
	return {
		...changes,
		list: [...LIST.map((name) => parameters[name]), itemsAtAsWritten(parameters.options)],
		by: { key, compared: pathsIn(text(call, 'compared', 'Compare')), ignored },
		...(asksForNewer(call) && {
			newer: { at: requiredText(call, 'newerAt', 'Greatest Value Of'), overlap: overlapOf(call) },
		}),
		read,
	};
}

async function read(call: Call, { from, firstPageOnly }: ReadWish): Promise<Listed> {
	const { method, url, headers, body } = await draftOf(call);
	if (asksForNewer(call)) {
		const value = from ?? text(call, 'newerFirst', 'First Value');
		const name = requiredText(call, 'newerParameter', 'Parameter Name');
		if (value !== '') url.searchParams.set(name, String(value));
	}
	const itemsAt = asText(collection(call, 'options').itemsAt, 'Items At');
	const { pagination, ends } = paginationOf(
		(name, otherwise) => parameter(call, name, otherwise),
		call.context.getTimezone(),
	);
	const maxPages = firstPageOnly ? 1 : ends.maxPages;
	const { replies, doubt } = await readPages(
		{ url, headers, body },
		pagination,
		{ ...ends, maxPages },
		{
			send: async ({ url: page, ...carried }) =>
				await call.session.send({ method, ...carried, path: page.href }),
			itemsAt,
			words: call.session.words,
		},
	);
	const pages = replies.map((reply) => listAt(reply.body, itemsAt).map(asRecord));
	const paged = pagination.kind !== 'off';
	if (!firstPageOnly) {
		// What else is a hint would here be a record that is taken for gone.
		if (doubt !== undefined) throw new ApiError('reply', 'Not all of the list was read', doubt);
		requireAll(pages.flat().length, totalIn(replies.at(-1)?.body), paged);
	}
	return { parts: [{ name: '', pages }], paged };
}

function asksForNewer(call: Call): boolean {
	return text(call, 'finding', 'Find Changes By') === 'newer';
}

function overlapOf({ context, index }: Call): number {
	const overlap = Number(context.getNodeParameter('newerOverlap', index, 0));
	if (Number.isFinite(overlap) && overlap >= 0) return overlap;
	throw badInput('Overlap', 'is not a number of 0 or more', 'Enter one.');
}

function asRecord(entry: unknown): IDataObject {
	return isObject(entry) ? entry : { value: entry as string };
}

function itemsAtAsWritten(options: unknown): unknown {
	return isObject(options) ? options.itemsAt : undefined;
}
