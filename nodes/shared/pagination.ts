import type { ApiReply } from '../session/session';
import { StreamedBody } from '../session/upload';
import type { EndSign } from './lastPage';
import { doubts, goesInCircles } from './listEnd';
import type { Naming } from './nextPage';
import { PagedList } from './pagedList';
import { withParameter, type PageRequest, type Parameter } from './pageRequest';
import type { Until } from './until';

/** How an API names, or is asked for, the next page. */
export type Pagination = { readonly kind: 'off' } | Paging;

export type Paging =
	| Naming
	| { readonly kind: 'page'; readonly parameter: Parameter; readonly first: number }
	| {
			readonly kind: 'offset';
			readonly parameter: Parameter;
			readonly first: number;
			/** How far a page moves the offset: by as many entries as came, or by a fixed number. */
			readonly step: 'entries' | number;
	  };

/** What ends a list, beside a page that is empty or not there. */
export interface PageEnds {
	readonly maxPages: number;
	/** Entries of a full page: a shorter one after a full one is the last. */
	readonly pageSize?: number;
	readonly signs?: readonly EndSign[];
	/** Answers to a page behind the first that end the list, in place of the usual ones. */
	readonly statuses?: readonly number[];
	readonly until?: Until;
}

export interface PageReader {
	/** @throws ApiError with `httpStatus`, or hands over the reply, where the API answers 400 and above. */
	readonly send: (request: PageRequest) => Promise<ApiReply>;
	/** Dotted path of the list in each reply. */
	readonly itemsAt: string;
	/** The replies are texts or files: whole pages, with no list in them. */
	readonly wholePages?: boolean;
	/** What the API says in a reply, where it says that something is wrong. */
	readonly words?: (body: unknown) => string | undefined;
}

export interface Pages {
	readonly replies: readonly ApiReply[];
	/** `maxPages` have been read, and there may be another page. */
	readonly capped: boolean;
	/** A sentence for the user where it cannot be known that the list was read to its end. */
	readonly doubt?: string;
}

/**
 * Reads pages one after the other until there is no next one or `maxPages` are read.
 * @throws ApiError of the first page, or of one whose answer is no end of a list (401, 429, 5xx …).
 */
export async function readPages(
	start: PageRequest,
	pagination: Pagination,
	ends: PageEnds,
	reader: PageReader,
): Promise<Pages> {
	if (pagination.kind === 'off') return { replies: [await reader.send(start)], capped: false };
	const list = new PagedList(start, pagination, ends, reader);
	const seen = new Set<string>();
	let request = firstPage(start, pagination);
	for (;;) {
		seen.add(nameOf(request));
		const answer = await reader.send(request).catch((error: unknown) => list.refused(error));
		const next = answer && list.take(request, answer);
		if (next === undefined) return { ...list.pages, capped: false };
		if (list.pages.replies.length >= ends.maxPages) {
			return { ...list.pages, capped: true, doubt: doubts.capped(ends.maxPages) };
		}
		if (seen.has(nameOf(next))) {
			// Some APIs repeat the cursor for as long as nothing new is there.
			if (list.endsEmpty) return { ...list.pages, capped: false };
			throw goesInCircles();
		}
		request = next;
	}
}

function firstPage(start: PageRequest, pagination: Paging): PageRequest {
	switch (pagination.kind) {
		case 'page':
		case 'offset':
			return withParameter(start, pagination.parameter, pagination.first);
		case 'cursor':
			return withParameter(start, pagination.parameter, undefined);
		default:
			return start;
	}
}

function nameOf({ url, headers, body }: PageRequest): string {
	const form = body instanceof URLSearchParams ? body.toString() : body;
	const isFile = Buffer.isBuffer(form) || form instanceof StreamedBody;
	return JSON.stringify([url.href, headers, isFile ? '' : form]);
}
