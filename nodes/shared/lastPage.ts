import type { ApiReply } from '../session/session';
import { valueFrom, type Source } from './nextPage';

/** What in a reply tells whether another page follows. */
export interface EndSign {
	readonly says: /** How many entries the whole list has. */
	| 'total'
		/** How many pages it has. */
		| 'pages'
		/** Whether there are more pages, as `has_more`. */
		| 'more'
		/** Whether this page is the last, as `isLast`. */
		| 'last';
	readonly from: Source;
}

/** Where the pages that were read end in the whole list; NaN where that is not known. */
export interface Progress {
	readonly entries: number;
	readonly pages: number;
}

export type Verdict =
	| { readonly kind: 'last' }
	/** The API says that another page follows. */
	| { readonly kind: 'more' }
	/** Fewer entries came than the API says that there are. */
	| { readonly kind: 'short'; readonly total: number }
	| { readonly kind: 'unknown' };

/** A sign that is missing in the reply, or makes no sense there, says nothing. */
export function verdictOn(
	reply: ApiReply,
	signs: readonly EndSign[],
	{ entries, pages }: Progress,
): Verdict {
	const verdicts = signs.map(({ says, from }): Verdict => {
		const value = valueFrom(reply, from);
		if (value === undefined) return { kind: 'unknown' };
		if (says === 'more') return { kind: isYes(value) ? 'more' : 'last' };
		if (says === 'last') return { kind: isYes(value) ? 'last' : 'more' };
		const count = countIn(value);
		const read = says === 'pages' ? pages : entries;
		if (count === undefined || Number.isNaN(read)) return { kind: 'unknown' };
		if (says === 'pages') return { kind: pages >= count ? 'last' : 'more' };
		return entries >= count ? { kind: 'last' } : { kind: 'short', total: count };
	});
	const found = (['last', 'short', 'more'] as const).map((kind) =>
		verdicts.find((verdict) => verdict.kind === kind),
	);
	return found.find((verdict) => verdict !== undefined) ?? { kind: 'unknown' };
}

/** Flags come as true and false, 1 and 0, in words, or as a link that is there or `null`. */
function isYes(value: unknown): boolean {
	if (typeof value === 'string') return !/^(?:false|no|n|0|null|none|)$/i.test(value.trim());
	if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
	return Boolean(value);
}

function countIn(value: unknown): number | undefined {
	if (typeof value !== 'number' && typeof value !== 'string') return undefined;
	// `Content-Range: items 0-24/57`
	const text = String(value).replace(/^.*\//, '').trim();
	return /^\d+$/.test(text) ? Number(text) : undefined;
}
