import { valueAt } from '../../credentials/tokens/json';
import type { ApiReply } from '../session/session';
import { ApiError } from './errors';
import { withParameter, type PageRequest, type Parameter } from './pageRequest';
import { isObject } from './parameters';

/** Where in a reply a value is: at a dotted path of the body, or in the header of that name. */
export interface Source {
	readonly in: 'body' | 'header';
	readonly at: string;
}

/** How a reply names the next page. */
export type Naming =
	/** `number`: where a page number in place of an address is sent. */
	| { readonly kind: 'linkInHeader'; readonly header: string; readonly number?: Parameter }
	| { readonly kind: 'linkInBody'; readonly at: string; readonly number?: Parameter }
	| { readonly kind: 'cursor'; readonly parameter: Parameter; readonly cursor: Source };

const PAGE: Parameter = { in: 'query', name: 'page' };

/**
 * The request for the page that a reply names; undefined when it names none.
 * @param start The request for the first page, which the number or cursor of the next one is put into.
 * @param from The address of the page that was read, for links that are relative.
 * @throws ApiError when what is there cannot be the next page.
 */
export function namedPage(
	start: PageRequest,
	from: URL,
	naming: Naming,
	reply: ApiReply,
): PageRequest | undefined {
	if (naming.kind === 'cursor') {
		const cursor = cursorOf(valueFrom(reply, naming.cursor), naming.cursor.at);
		return cursor === undefined ? undefined : withParameter(start, naming.parameter, cursor);
	}
	const link =
		naming.kind === 'linkInHeader'
			? linkInHeader(valueFrom(reply, { in: 'header', at: naming.header }))
			: linkIn(valueFrom(reply, { in: 'body', at: naming.at }));
	if (link === undefined) return undefined;
	// `X-Next-Page: 2`: a page, not the address /2.
	if (/^\d+$/.test(link)) return withParameter(start, naming.number ?? PAGE, Number(link));
	return { ...start, url: resolved(link, from) };
}

/** The value at the source, `-1` in a path being the last entry of a list; undefined where there is none. */
export function valueFrom(reply: ApiReply, { in: place, at }: Source): unknown {
	if (place === 'body') return valueBelow(reply.body, at);
	// Some headers come more than once.
	return [reply.headers[at.toLowerCase()]].flat()[0];
}

function valueBelow(body: unknown, at: string): unknown {
	const parts = at.split('.');
	const last = parts.indexOf('-1');
	if (last === -1) return valueAt(body, at);
	const list = valueAt(body, parts.slice(0, last).join('.'));
	if (!Array.isArray(list)) return undefined;
	return valueBelow((list as unknown[]).at(-1), parts.slice(last + 1).join('.'));
}

/** `null`, `false`, '', 0 and -1 are the ways to say that there is no further page, also in words. */
function cursorOf(value: unknown, at: string): unknown {
	switch (typeof value) {
		case 'number':
		case 'bigint':
			return value > 0 ? value : undefined;
		case 'string':
			return ['0', '-1'].includes(value.trim()) || isNone(value) ? undefined : value;
		case 'boolean':
			if (!value) return undefined;
			throw new ApiError(
				'reply',
				`The value at "${at}" is true, which is no cursor`,
				'Enter under Cursor At where the cursor itself is. A flag such as has_more belongs to How the List Ends under Pagination Options.',
			);
		case 'object':
			return value !== null && Object.keys(value).length > 0 ? value : undefined;
		default:
			return undefined;
	}
}

/** HAL and JSON:API write a link as `{ href }`. */
function linkIn(value: unknown): string | undefined {
	const link = isObject(value) ? value.href : value;
	if (typeof link === 'number') return link > 0 ? String(link) : undefined;
	return typeof link === 'string' && !isNone(link) ? link.trim() : undefined;
}

/** What languages make of nothing where they write it into a header or a text. */
function isNone(text: string): boolean {
	return /^(?:null|none|nil|undefined|false|)$/i.test(text.trim());
}

/** RFC 8288: `<https://api.example.com/items?page=2>; rel="next", <…>; rel="last"`. */
function linkInHeader(value: unknown): string | undefined {
	const header = linkIn(value);
	if (!header?.includes('<')) return header;
	for (const link of header.split('<').slice(1)) {
		const end = link.indexOf('>');
		if (end >= 0 && leadsOn(link.slice(end + 1))) return link.slice(0, end);
	}
	return undefined;
}

/** Whether one of a link's relations is `next`: `; rel="next last"`. */
function leadsOn(parameters: string): boolean {
	return parameters.split(';').some((parameter) => {
		const [name, value = ''] = parameter.split('=', 2);
		if (name.trim().toLowerCase() !== 'rel') return false;
		return value
			.toLowerCase()
			.split(/["\s,]/)
			.includes('next');
	});
}

function resolved(link: string, from: URL): URL {
	if (!URL.canParse(link, from.href)) {
		throw new ApiError(
			'reply',
			'The link to the next page is not an address',
			'Check under Pagination where the link is.',
		);
	}
	const next = new URL(link, from.href);
	// An API behind a proxy may not know that it is reached by https.
	if (from.protocol === 'https:' && next.protocol === 'http:' && next.host === from.host) {
		next.protocol = 'https:';
	}
	return next;
}
