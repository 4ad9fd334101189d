import { ApiError } from './errors';
import type { Verdict } from './lastPage';

/** Statuses of a page that is not there, where the page's number was ours. */
const BEHIND_THE_LAST = [400, 404, 410, 416, 422];
/** These are also said of a request that is wrong, or of a list that the API does not read to its end. */
const AMBIGUOUS = [400, 422];

/**
 * Whether an answer of 400 and above, to another page than the first, ends the list, and what
 * speaks against it; undefined where it is an error.
 * @param named The API itself named the page: that it is gone afterwards is an error, but for the
 * APIs that name one page too many and answer it 404.
 * @param given Statuses that the user says are the end.
 */
export function endBy(
	status: number,
	{ named, given }: { readonly named: boolean; readonly given?: readonly number[] },
): { readonly certain: boolean } | undefined {
	if (given) return given.includes(status) ? { certain: true } : undefined;
	if (named) return status === 404 ? { certain: false } : undefined;
	return BEHIND_THE_LAST.includes(status) ? { certain: !AMBIGUOUS.includes(status) } : undefined;
}

/** The sentences for a list that may be longer than what was read. */
export const doubts = {
	capped: (pages: number) =>
		`There may be more than ${pages} ${pages === 1 ? 'page' : 'pages'}. Raise Max Pages to read them all.`,
	refused: (page: number, said: string) =>
		`Page ${page} was taken for the end of the list: ${said.replace(/\.$/, '')}.`,
	noList: (page: number, words: string | undefined) =>
		words === undefined
			? undefined
			: `Page ${page} was taken for the end of the list, since it has none: ${words}`,
	repeated: (page: number, first: number) =>
		`Page ${page} was the same as ${first === page - 1 ? 'the page before it' : `page ${first}`} and is left out. If the list is longer, check Parameter Name under Pagination.`,
	unsorted:
		'The list does not begin with the newest record, so that Until may have ended it too early. Ask the API to sort it, the newest first.',
	missing: (verdict: Verdict, read: number) => {
		if (verdict.kind === 'more') {
			return 'The API said that another page follows, but there was none. Check the settings under Pagination.';
		}
		if (verdict.kind !== 'short') return undefined;
		return `The API says that the list has ${verdict.total} entries, but ${read} came. Check the settings under Pagination.`;
	},
};

/** The API named this page itself, so that an answer without a list is no end of it. */
export function noListOn(page: number, words: string): ApiError {
	return new ApiError(
		'reply',
		`Page ${page} has no list, but says: ${words}`,
		'The pages before it are not handed on, since the list would be cut off. Run it again, or ask for smaller pages.',
	);
}

export function goesInCircles(): ApiError {
	return new ApiError(
		'reply',
		'The API led back to a page that was already read',
		'Check the pagination settings: the parameter name, and where the next link or cursor is.',
	);
}
