import { ApiError } from './errors';
import { valueAt } from '../../credentials/tokens/json';
import type { ApiReply } from '../session/session';

/** How an API tells, or is asked for, the next page. */
export type Pagination =
	| { readonly kind: 'off' }
	| { readonly kind: 'linkInHeader'; readonly header: string }
	| { readonly kind: 'linkInBody'; readonly at: string }
	| { readonly kind: 'page'; readonly parameter: string; readonly first: number }
	| { readonly kind: 'offset'; readonly parameter: string; readonly first: number }
	| { readonly kind: 'cursor'; readonly parameter: string; readonly at: string };

export interface Pages {
	readonly replies: readonly ApiReply[];
	/** There is another page, but `maxPages` have been read. */
	readonly capped: boolean;
}

export interface PageReader {
	readonly send: (url: URL) => Promise<ApiReply>;
	/** The list in a reply, for the kinds that end at an empty one. */
	readonly listIn: (reply: ApiReply) => readonly unknown[];
}

/** Reads pages one after the other until there is no next one or `maxPages` are read. */
export async function readPages(
	start: URL,
	pagination: Pagination,
	maxPages: number,
	{ send, listIn }: PageReader,
): Promise<Pages> {
	const replies: ApiReply[] = [];
	const seen = new Set<string>();
	let read = 0;
	let longest = 0;
	let url: URL | undefined = firstPage(start, pagination);
	while (url) {
		if (replies.length >= maxPages) return { replies, capped: true };
		if (seen.has(url.href)) throw goesInCircles();
		seen.add(url.href);
		const reply: ApiReply = await send(url);
		replies.push(reply);
		if (pagination.kind === 'off' || reply.status >= 400) break;
		if (pagination.kind === 'page' || pagination.kind === 'offset') {
			const { length } = listIn(reply);
			// A shorter page than one before it is the last one; the size asked for tells less, since
			// an API may cap it.
			if (length === 0 || length < longest) break;
			longest = length;
			read += length;
			const step = pagination.kind === 'page' ? replies.length : read;
			url = withParameter(url, pagination.parameter, pagination.first + step);
		} else {
			url = linkedPage(url, pagination, reply);
		}
	}
	return { replies, capped: false };
}

function firstPage(start: URL, pagination: Pagination): URL {
	return pagination.kind === 'page' || pagination.kind === 'offset'
		? withParameter(start, pagination.parameter, pagination.first)
		: start;
}

type Linked = Extract<Pagination, { kind: 'linkInHeader' | 'linkInBody' | 'cursor' }>;

/** The page that a reply names, or undefined when it names none. */
function linkedPage(url: URL, pagination: Linked, reply: ApiReply): URL | undefined {
	switch (pagination.kind) {
		case 'linkInHeader':
			return resolved(nextInHeader(reply.headers[pagination.header.toLowerCase()]), url);
		case 'linkInBody':
			return resolved(named(valueAt(reply.body, pagination.at)), url);
		case 'cursor': {
			const cursor = named(valueAt(reply.body, pagination.at));
			return cursor === undefined ? undefined : withParameter(url, pagination.parameter, cursor);
		}
	}
}

function named(value: unknown): string | undefined {
	if (typeof value === 'number') return String(value);
	return typeof value === 'string' && value !== '' ? value : undefined;
}

/** RFC 8288: `<https://api.example.com/items?page=2>; rel="next", <…>; rel="last"`. */
function nextInHeader(header: string | undefined): string | undefined {
	if (!header) return undefined;
	if (!header.includes('<')) return header.trim();
	for (const [, target, parameters] of header.matchAll(/<([^>]*)>([^<]*)/g)) {
		if (/;\s*rel\s*=\s*("[^"]*\bnext\b[^"]*"|next\b)/i.test(parameters)) return target;
	}
	return undefined;
}

function resolved(link: string | undefined, url: URL): URL | undefined {
	if (link === undefined) return undefined;
	if (URL.canParse(link, url.href)) return new URL(link, url.href);
	throw new ApiError(
		'reply',
		'The link to the next page is not an address',
		'Check under Pagination where the link is.',
	);
}

function withParameter(url: URL, name: string, value: string | number): URL {
	const changed = new URL(url.href);
	changed.searchParams.set(name, String(value));
	return changed;
}

function goesInCircles(): ApiError {
	return new ApiError(
		'reply',
		'The API led back to a page that was already read',
		'Check the pagination settings: the parameter name, and where the next link or cursor is.',
	);
}
