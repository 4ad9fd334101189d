import { ApiError } from '../../../credentials/tokens/errors';
import type { EndSign } from '../../../nodes/shared/lastPage';
import { entriesAt, listAt } from '../../../nodes/shared/lists';
import { readPages, type PageEnds, type Pagination } from '../../../nodes/shared/pagination';
import type { ApiReply } from '../../../nodes/session/session';
import { apiError, reply } from './fakes';

const byPage: Pagination = { kind: 'page', parameter: { in: 'query', name: 'page' }, first: 1 };
const byOffset: Pagination = {
	kind: 'offset',
	parameter: { in: 'query', name: 'offset' },
	first: 0,
	step: 'entries',
};
const byCursor: Pagination = {
	kind: 'cursor',
	parameter: { in: 'query', name: 'cursor' },
	cursor: { in: 'body', at: 'next' },
};

const records = (count: number, from = 1) =>
	Array.from({ length: count }, (_, index) => ({ id: from + index }));
const page = (count: number, from = 1) => reply(200, { items: records(count, from) });

/** Answers the requests with these, in order. */
async function read(
	pagination: Pagination,
	answers: ReadonlyArray<ApiReply | ApiError>,
	ends: Partial<PageEnds> = {},
	itemsAt = 'items',
) {
	const asked: string[] = [];
	const start = new URL('https://api.example.com/todo');
	const pages = await readPages(
		{ url: start },
		pagination,
		{ maxPages: 20, ...ends },
		{
			send: async ({ url }) => {
				const answer = answers[asked.length];
				asked.push(url.search.slice(1));
				if (answer === undefined) throw new Error('asked for one page too many');
				return answer instanceof ApiError ? await Promise.reject(answer) : answer;
			},
			itemsAt,
		},
	);
	const entries = pages.replies.flatMap(({ body }) => entriesAt(body, itemsAt) ?? []);
	return { asked, count: entries.length, entries, ...pages };
}

describe('the page behind the last one', () => {
	it.each<[string, ApiReply | ApiError]>([
		['an empty list', reply(200, { items: [] })],
		['null in place of the list', reply(200, { items: null })],
		['an empty object in place of the list', reply(200, { items: {} })],
		['an object without the list', reply(200, { page: 2 })],
		['null', reply(200, null)],
		['an empty body', reply(200, '')],
		['204', reply(204, undefined)],
		['404', apiError(404, 'Fusio answered 404')],
		['410', apiError(410, 'Fusio answered 410')],
		['416', apiError(416, 'Fusio answered 416')],
		['404 under Never Error', reply(404, { message: 'no' })],
	])('may be %s', async (_, behind) => {
		for (const pagination of [byPage, byOffset]) {
			const { count, asked, capped, doubt } = await read(pagination, [page(3), behind]);
			expect(count).toBe(3);
			expect(asked).toHaveLength(2);
			expect(capped).toBe(false);
			expect(doubt).toBeUndefined();
		}
	});

	it.each<[string, ApiReply | ApiError, string]>([
		['400', apiError(400, 'Fusio answered 400: Invalid page number.'), 'Invalid page number'],
		['422', apiError(422, 'Fusio answered 422: page is too large'), 'page is too large'],
		['an error in a 200', reply(200, { error: 'No such page' }), 'No such page'],
	])('may be %s, in which case the API is quoted', async (_, behind, words) => {
		const { count, doubt } = await read(byPage, [page(3), behind]);
		expect(count).toBe(3);
		expect(doubt).toContain(words);
	});

	it('may be the last page once more', async () => {
		const { count, asked, doubt } = await read(byPage, [page(3), page(2, 4), page(2, 4)]);
		expect(count).toBe(5);
		expect(asked).toHaveLength(3);
		expect(doubt).toContain('Page 3 was the same');
	});

	it('may be the first page once more, as where the API knows no page so high', async () => {
		const { count, asked, doubt } = await read(byPage, [page(3), page(2, 4), page(3)]);
		expect(count).toBe(5);
		expect(asked).toHaveLength(3);
		expect(doubt).toContain('Page 3 was the same as page 1 ');
	});

	it('is none where records without an ID look the same', async () => {
		const same = reply(200, { items: [{ value: 0 }, { value: 0 }] });
		expect((await read(byPage, [same, same, page(0)])).count).toBe(4);
	});

	it('is what the user says', async () => {
		const gone = apiError(403, 'Fusio answered 403');
		expect((await read(byPage, [page(3), gone], { statuses: [403] })).doubt).toBeUndefined();
		const notFound = apiError(404, 'Fusio answered 404');
		await expect(read(byPage, [page(3), notFound], { statuses: [403] })).rejects.toBe(notFound);
	});

	it.each([401, 403, 405, 408, 409, 429, 500, 502, 503])(
		'is not one answered %i',
		async (status) => {
			const error = apiError(status, `Fusio answered ${status}`);
			for (const pagination of [byPage, byOffset]) {
				await expect(read(pagination, [page(3), error])).rejects.toBe(error);
			}
		},
	);

	it('is not one that never came', async () => {
		const error = new ApiError('network', 'Fusio does not answer', 'Try again.');
		await expect(read(byPage, [page(3), error])).rejects.toBe(error);
	});

	it.each([400, 404, 410, 416, 422])('is not the first page, answered %i', async (status) => {
		const error = apiError(status, `Fusio answered ${status}`);
		for (const pagination of [byPage, byOffset, byCursor]) {
			await expect(read(pagination, [error])).rejects.toBe(error);
		}
	});

	it('may be the first one, where the list is empty', async () => {
		for (const empty of [reply(204, undefined), reply(200, null), reply(200, { items: null })]) {
			expect((await read(byPage, [empty])).count).toBe(0);
		}
		await expect(read(byPage, [reply(200, { entries: [] })])).rejects.toThrow('no list at "items"');
	});

	it.each<[string, unknown, string]>([
		["''", { items: '' }, 'items'],
		['false', { items: false }, 'items'],
		['nothing at all', {}, 'items'],
		['left out beside a total of 0', { totalResults: 0, schemas: ['list'] }, 'items'],
		['left out beside a total of 0 further down', { meta: { total: '0' }, links: {} }, 'items'],
		['in an object that is null', { data: null }, 'data.items'],
		['in an object that is empty, from PHP', { data: [] }, 'data.items'],
	])('may be the first one, where the list is %s', async (_, body, itemsAt) => {
		const empty = reply(200, body);
		const answers = [empty, empty];
		expect((await read(byPage, answers, {}, itemsAt)).count).toBe(0);
	});

	it.each([
		{ message: 'No such list' },
		{ id: 1 },
		{ total: 3, entries: [] },
		{ total: 0, entries: [{ id: 1 }] },
	])('is not the first one, where the list is missing from %j', async (body) => {
		await expect(read(byPage, [reply(200, body)])).rejects.toThrow('no list at "items"');
	});

	it('is an error in the words of the API, where that named the page', async () => {
		const first = reply(200, { items: records(3), next: 'a' });
		const failed = reply(200, { errors: [{ message: 'Rate limit exceeded' }], items: undefined });
		await expect(read(byCursor, [first, failed])).rejects.toThrow('Rate limit exceeded');
		await expect(read(byCursor, [failed])).resolves.toBeDefined();
		await expect(read(byPage, [failed])).rejects.toThrow('Rate limit exceeded');
	});

	it('was named by the API, so that its absence is an error, but for 404 with a warning', async () => {
		const first = reply(200, { items: records(3), next: 'a' });
		for (const status of [400, 410]) {
			const expired = apiError(status, 'The cursor has expired');
			await expect(read(byCursor, [first, expired])).rejects.toBe(expired);
		}
		const { count, doubt } = await read(byCursor, [first, apiError(404, 'Fusio answered 404')]);
		expect(count).toBe(3);
		expect(doubt).toContain('answered 404');
	});
});

describe('one record in place of a list, as in JSON that is made from XML', () => {
	const one = reply(200, { items: { id: 4, name: 'x', lines: [{ id: 1 }] } });

	it('is the last page', async () => {
		const { count, doubt } = await read(byPage, [page(3), one, reply(200, { items: '' })]);
		expect(count).toBe(4);
		expect(doubt).toBeUndefined();
	});

	it('is the whole list', async () => {
		const order = reply(200, { items: { id: 4, name: 'x', address: { city: 'y' } } });
		const { entries } = await read(byPage, [order, reply(200, { items: null })]);
		expect(entries).toEqual([{ id: 4, name: 'x', address: { city: 'y' } }]);
		expect(listAt(order.body, 'items')).toHaveLength(1);
	});

	it('is none where the list is further down', async () => {
		const deeper = reply(200, { items: { data: records(3), total: 3 } });
		await expect(read(byPage, [deeper])).rejects.toThrow('no list at "items"');
	});
});

describe('pages that are no lists', () => {
	const whole = async (pagination: Pagination, answers: readonly ApiReply[]) => {
		const left = [...answers];
		const start = { url: new URL('https://api.example.com/todo') };
		return await readPages(start, pagination, { maxPages: 20 }, {
			send: async () => left.shift() ?? (await Promise.reject(apiError(404, 'Not found'))),
			itemsAt: '',
			wholePages: true,
		});
	};

	it('are read to the one that is empty, or not there', async () => {
		const pages = [reply(200, 'a;b'), reply(200, 'c;d')];
		expect((await whole(byPage, pages)).replies).toEqual(pages);
		expect((await whole(byPage, [...pages, reply(200, '')])).replies).toEqual(pages);
	});

	it('may be files', async () => {
		const file = { ...reply(200, undefined), file: { data: '', mimeType: 'application/pdf' } };
		expect((await whole(byPage, [file, file])).replies).toEqual([file, file]);
	});
});

describe('pages of different lengths', () => {
	const shrinking = [page(3), page(2, 4), page(3, 6), page(0)];

	it('are all read, to the empty one', async () => {
		expect(await read(byPage, shrinking)).toMatchObject({ count: 8, capped: false });
	});

	it.each<[string, EndSign, unknown[], Array<Record<string, string>>]>([
		['a total', { says: 'total', from: { in: 'body', at: 'sign' } }, [8, 8, 8], []],
		['a total in words', { says: 'total', from: { in: 'body', at: 'sign' } }, ['8', '8', '8'], []],
		['the number of pages', { says: 'pages', from: { in: 'body', at: 'sign' } }, [3, 3, 3], []],
		['has_more', { says: 'more', from: { in: 'body', at: 'sign' } }, [true, true, false], []],
		['isLast', { says: 'last', from: { in: 'body', at: 'sign' } }, [false, 'false', 'true'], []],
		[
			'a next that is null',
			{ says: 'more', from: { in: 'body', at: 'sign' } },
			['x', 'y', null],
			[],
		],
		[
			'X-Total-Count',
			{ says: 'total', from: { in: 'header', at: 'X-Total-Count' } },
			[],
			Array.from({ length: 3 }, () => ({ 'x-total-count': '8' })),
		],
		[
			'Content-Range',
			{ says: 'total', from: { in: 'header', at: 'Content-Range' } },
			[],
			Array.from({ length: 3 }, () => ({ 'content-range': 'items 0-2/8' })),
		],
	])('end where %s says so, without one request more', async (_, sign, values, headers) => {
		const answers = shrinking
			.slice(0, 3)
			.map(({ body }, index) =>
				reply(200, { ...(body as object), sign: values[index] }, headers[index]),
			);
		const { count, asked, doubt } = await read(byPage, answers, { signs: [sign] });
		expect(count).toBe(8);
		expect(asked).toHaveLength(3);
		expect(doubt).toBeUndefined();
	});

	it('end at one that is shorter than a full page', async () => {
		expect((await read(byPage, [page(3), page(3, 4), page(1, 7)], { pageSize: 3 })).count).toBe(7);
	});

	it('go on where the API gives fewer entries a page than it was asked for', async () => {
		const { count } = await read(byPage, [page(3), page(3, 4), page(0)], { pageSize: 100 });
		expect(count).toBe(6);
	});

	it('go on where the total says more than a short page', async () => {
		const counted = [3, 2, 3].map((count, index) =>
			reply(200, { items: records(count, index * 3), total: 8 }),
		);
		const signs: EndSign[] = [{ says: 'total', from: { in: 'body', at: 'total' } }];
		expect((await read(byPage, counted, { signs, pageSize: 3 })).count).toBe(8);
	});

	it('go on behind an empty one where the API says that there are more', async () => {
		const flagged = [page(3), page(0), page(2, 4)].map(({ body }, index) =>
			reply(200, { ...(body as object), has_more: index < 2 }),
		);
		const signs: EndSign[] = [{ says: 'more', from: { in: 'body', at: 'has_more' } }];
		expect((await read(byPage, flagged, { signs })).count).toBe(5);
	});

	it('end with a warning where the API said that there were more', async () => {
		const counted = (count: number) => reply(200, { items: records(count), total: 9 });
		const signs: EndSign[] = [{ says: 'total', from: { in: 'body', at: 'total' } }];
		const { doubt } = await read(byPage, [counted(3), counted(0)], { signs });
		expect(doubt).toContain('9 entries, but 3 came');
	});

	it.each([[], {}, 'None', 'null'])('end where more is %j', async (more) => {
		const signs: EndSign[] = [{ says: 'more', from: { in: 'body', at: 'next' } }];
		const last = reply(200, { items: records(2), next: more });
		expect((await read(byPage, [last], { signs })).count).toBe(2);
	});

	it('a sign that is missing, or makes no sense, ends nothing', async () => {
		for (const at of ['nowhere', 'items']) {
			const signs: EndSign[] = [{ says: 'total', from: { in: 'body', at } }];
			expect((await read(byPage, shrinking, { signs })).count).toBe(8);
		}
	});

	it('may be capped, which is said, and is not said where the last page says that it is', async () => {
		expect(await read(byPage, shrinking, { maxPages: 2 })).toMatchObject({
			capped: true,
			doubt: expect.stringContaining('more than 2 pages') as string,
		});
		const signs: EndSign[] = [{ says: 'total', from: { in: 'body', at: 'total' } }];
		const counted = [3, 2].map((count) => reply(200, { items: records(count, count), total: 5 }));
		const whole = await read(byPage, counted, { maxPages: 2, signs });
		expect(whole).toMatchObject({ count: 5, capped: false });
		expect(whole.doubt).toBeUndefined();
	});
});

describe('offsets', () => {
	const total: EndSign[] = [{ says: 'total', from: { in: 'body', at: 'totalResults' } }];
	const counted = (...lengths: number[]) =>
		lengths.map((length, index) =>
			reply(200, { items: records(length, index * 10), totalResults: 7 }),
		);

	it('count entries from 0, as in Fusio, or from 1, as in SCIM', async () => {
		const zero = await read(byOffset, counted(3, 3, 1), { signs: total });
		expect(zero.asked).toEqual(['offset=0', 'offset=3', 'offset=6']);
		const one = await read({ ...byOffset, first: 1 }, counted(3, 3, 1), { signs: total });
		expect(one.asked).toEqual(['offset=1', 'offset=4', 'offset=7']);
		expect(one.doubt).toBeUndefined();
	});

	it('count pages', async () => {
		const { asked } = await read({ ...byOffset, step: 1 }, counted(3, 3, 1), { signs: total });
		expect(asked).toEqual(['offset=0', 'offset=1', 'offset=2']);
	});

	it('count full pages where the API filters them afterwards', async () => {
		const bySize = { ...byOffset, step: 3 } as const;
		const filtered = await read(bySize, counted(3, 0, 1), { signs: total });
		expect(filtered.asked).toEqual(['offset=0', 'offset=3', 'offset=6']);
		expect(filtered.count).toBe(4);
		expect((await read(bySize, [page(3), page(1, 4), page(0)])).count).toBe(4);
	});

	it('may stand in the path', async () => {
		const seen: string[] = [];
		await readPages(
			{ url: new URL('https://api.example.com/todo/{offset}') },
			{ ...byOffset, parameter: { in: 'path', name: 'offset' } },
			{ maxPages: 20 },
			{
				send: async ({ url }) => {
					seen.push(url.pathname);
					return page(seen.length < 3 ? 2 : 0, seen.length * 2);
				},
				itemsAt: 'items',
			},
		);
		expect(seen).toEqual(['/todo/0', '/todo/2', '/todo/4']);
	});

	it('begun in the middle know where the end is', async () => {
		const { asked } = await read({ ...byOffset, first: 5 }, counted(2), { signs: total });
		expect(asked).toEqual(['offset=5']);
	});
});

describe('cursors', () => {
	const at = (next: unknown) => reply(200, { items: records(1), next });

	it.each([null, '', ' ', false, 0, '0', -1, [], {}, undefined, 'null', 'None', 'false'])('%j is none', async (next) => {
		expect((await read(byCursor, [at(next)])).asked).toHaveLength(1);
	});

	it.each([
		[7, 'cursor=7'],
		['a b', 'cursor=a%20b'],
		[['2026', 5], 'cursor=%5B%222026%22%2C5%5D'],
	])('%j is one', async (next, sent) => {
		expect((await read(byCursor, [at(next), at(null)])).asked).toEqual(['', sent]);
	});

	it('a flag is none, and the error says so', async () => {
		await expect(read(byCursor, [at(true)])).rejects.toThrow('no cursor');
	});

	it('may be the ID of the last record, and end by a flag', async () => {
		const fromLast: Pagination = { ...byCursor, cursor: { in: 'body', at: 'items.-1.id' } };
		const signs: EndSign[] = [{ says: 'more', from: { in: 'body', at: 'has_more' } }];
		const answers = [true, false].map((more, index) =>
			reply(200, { items: records(2, index * 2 + 1), has_more: more }),
		);
		const { asked, count } = await read(fromLast, answers, { signs });
		expect(asked).toEqual(['', 'cursor=2']);
		expect(count).toBe(4);
	});

	it('may be in a header', async () => {
		const inHeader: Pagination = { ...byCursor, cursor: { in: 'header', at: 'X-Next-Page' } };
		const answers = ['2', ''].map((next) => reply(200, { items: [] }, { 'x-next-page': next }));
		expect((await read(inHeader, answers)).asked).toEqual(['', 'cursor=2']);
	});

	it('that repeats with an empty page ends the list, with records it is an error', async () => {
		const stuck = reply(200, { items: [], next: 'a' });
		expect((await read(byCursor, [at('a'), stuck])).count).toBe(1);
		await expect(read(byCursor, [at('a'), at('a')])).rejects.toThrow('led back to a page');
	});

	it('goes on behind an empty page', async () => {
		const empty = reply(200, { items: [], next: 'b' });
		expect((await read(byCursor, [at('a'), empty, at(null)])).count).toBe(2);
	});

	it('ends with a warning where the total says more', async () => {
		const signs: EndSign[] = [{ says: 'total', from: { in: 'body', at: 'total' } }];
		const { doubt } = await read(byCursor, [reply(200, { items: records(2), total: 9 })], {
			signs,
		});
		expect(doubt).toContain('9 entries, but 2 came');
	});
});

describe('next links', () => {
	const inHeader: Pagination = { kind: 'linkInHeader', header: 'X-Next-Page' };
	const inBody: Pagination = { kind: 'linkInBody', at: 'next' };
	const link = (next: unknown) => reply(200, { items: records(1), next });

	it('that are a number are sent as the page', async () => {
		const answers = ['2', ''].map((next) => reply(200, { items: [] }, { 'x-next-page': next }));
		expect((await read(inHeader, answers)).asked).toEqual(['', 'page=2']);
		expect((await read(inBody, [link(2), link(null)])).asked).toEqual(['', 'page=2']);
		const named = { ...inBody, number: { in: 'query', name: 'p' } } as const;
		expect((await read(named, [link('2'), link(0)])).asked).toEqual(['', 'p=2']);
	});

	it('may be an object with href', async () => {
		expect((await read(inBody, [link({ href: '?b=1' }), link(null)])).asked).toEqual(['', 'b=1']);
	});

	it.each([null, '', false, 0, undefined, {}, 'null', 'None'])('%j is none', async (next) => {
		expect((await read(inBody, [link(next)])).asked).toHaveLength(1);
	});
});

describe('lists', () => {
	it.each<[unknown, string, unknown[] | undefined]>([
		[[1, 2], '', [1, 2]],
		[{ items: { 17: { a: 1 }, 18: { a: 2 } } }, 'items', [{ a: 1 }, { a: 2 }]],
		[{ entities: { Q42: { a: 1 } } }, 'entities', [{ a: 1 }]],
		[{ item: { name: 'x', address: {} } }, 'item', undefined],
		[{ a: { b: 1 } }, '', undefined],
		[{ items: 'none' }, 'items', undefined],
		[undefined, 'items', []],
		['text', '', undefined],
	])('%j at "%s" is %j', (body, at, entries) => {
		expect(entriesAt(body, at)).toEqual(entries);
	});
});
