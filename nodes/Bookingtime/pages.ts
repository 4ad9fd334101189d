import type { IDataObject } from 'n8n-workflow';
import { ApiError } from '../shared/errors';
import { isObject } from '../shared/parameters';

/**
 * Reads a paged list (`PAGINATION_LIST`, pages from 1) until the limit is reached, and never a
 * page more than that takes. Also takes an unpaged list (`LIST`) and a bare one.
 */
export async function recordsUpTo(
	limit: number,
	readPage: (page: number) => Promise<unknown>,
): Promise<IDataObject[]> {
	const records: IDataObject[] = [];
	for (let page = 1; ; page++) {
		const content = await readPage(page);
		const list = recordsIn(content);
		records.push(...list);
		if (records.length >= limit) return records.slice(0, limit);
		const pages = isObject(content) ? Number(content.pageTotal ?? 1) : 1;
		if (list.length === 0 || !(page < pages)) return records;
	}
}

/** The records of one page. @throws ApiError when it holds no list. */
export function recordsIn(content: unknown): IDataObject[] {
	const list = isObject(content) ? content.recordList : content;
	if (Array.isArray(list)) return (list as unknown[]).filter(isObject);
	throw new ApiError(
		'reply',
		"bookingtime's reply holds no list of records",
		'Check the organization and the API kind that is set in the credential.',
	);
}
