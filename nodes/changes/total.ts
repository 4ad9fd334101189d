import { ApiError } from '../shared/errors';
import { isObject } from '../shared/parameters';

/** Under these names replies say how many records the whole list has. */
const TOTALS = [
	'totalResults',
	'recordTotal',
	'totalCount',
	'total_count',
	'totalItems',
	'total_items',
	'totalRecords',
	'total_records',
];
/** `total` may also be a sum of money; beside one of these it counts records. */
const BESIDE_TOTAL = [
	'page',
	'limit',
	'offset',
	'perPage',
	'per_page',
	'pageSize',
	'page_size',
	'startIndex',
];

/** How many records there are, where a reply says so. */
export function totalIn(body: unknown): number | undefined {
	if (!isObject(body)) return undefined;
	const named = TOTALS.map((name) => (Object.hasOwn(body, name) ? body[name] : undefined));
	const counts = BESIDE_TOTAL.some((name) => Object.hasOwn(body, name));
	return [...named, counts ? body.total : undefined].find(
		(value): value is number => typeof value === 'number' && Number.isSafeInteger(value),
	);
}

/**
 * What is missing must not be taken for gone.
 * @param read How many records were read.
 * @throws ApiError when the list has more.
 */
export function requireAll(read: number, total: number | undefined, paged: boolean): void {
	if (total === undefined || read >= total) return;
	throw new ApiError(
		'reply',
		`The list has ${total} records, but only ${read} of them were read`,
		paged
			? 'Nothing is reported until all of them are. If it stays so, check the fields under Pagination.'
			: 'Choose under Pagination how to get the rest of them.',
	);
}
