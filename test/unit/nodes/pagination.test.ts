import { ApiError } from '../../../credentials/tokens/errors';
import { entriesAt } from '../../../nodes/shared/lists';
import type { PageRequest, Parameter } from '../../../nodes/shared/pageRequest';
import { readPages, type PageEnds, type Pagination } from '../../../nodes/shared/pagination';
import type { ApiReply } from '../../../nodes/session/session';
import { reply } from './fakes';

const query = (name: string): Parameter => ({ in: 'query', name });

const start = new URL('https://api.example.com/v1/todo?done=true');

type Given = Partial<PageEnds> & { readonly itemsAt?: string; readonly body?: PageRequest['body'] };

/** Reads with an API that answers by the request, and says which addresses it saw. */
async function read(
	pagination: Pagination,
	answer: (url: URL, request: PageRequest) => ApiReply | ApiError,
	{ itemsAt = 'first' in pagination ? 'items' : '', body, ...ends }: Given = {},
) {
	const seen: string[] = [];
	const bodies: unknown[] = [];
	const pages = await readPages(
		{ url: start, body },
		pagination,
		{ maxPages: 100, ...ends },
		{
			send: async (request) => {
				seen.push(request.url.pathname + request.url.search);
				bodies.push(request.body);
				const answered = answer(request.url, request);
				return answered instanceof ApiError ? await Promise.reject(answered) : answered;
			},
			itemsAt,
		},
	);
	const entries = pages.replies.flatMap(({ body: page }) => entriesAt(page, itemsAt) ?? []);
	return { seen, bodies, entries, ...pages };
}

/** A list of `total` entries in pages of at most `size`. */
const sliced = (total: number, from: number, size: number) =>
	reply(200, { items: Array.from({ length: Math.max(0, Math.min(size, total - from)) }) });

describe('without pagination', () => {
	it('sends one request, as it is', async () => {
		const { seen, capped } = await read({ kind: 'off' }, () => reply(200, {}));
		expect(seen).toEqual(['/v1/todo?done=true']);
		expect(capped).toBe(false);
	});
});

describe('by page parameter', () => {
	const pagination = { kind: 'page', parameter: query('page'), first: 1 } as const;
	const pagesOf = (total: number, size: number) => (url: URL) =>
		sliced(total, (Number(url.searchParams.get('page')) - 1) * size, size);

	it('ends at an empty page, since a shorter one may not be the last', async () => {
		const { seen } = await read(pagination, pagesOf(57, 25));
		expect(seen).toEqual([1, 2, 3, 4].map((page) => `/v1/todo?done=true&page=${page}`));
	});

	it('ends at an empty page when all pages are full', async () => {
		const { seen, replies } = await read(pagination, pagesOf(50, 25));
		expect(seen).toHaveLength(3);
		expect(replies).toHaveLength(3);
	});

	it('ends at once when the list is empty', async () => {
		expect((await read(pagination, pagesOf(0, 25))).seen).toHaveLength(1);
	});

	it('begins where it is told to', async () => {
		const { seen } = await read({ ...pagination, first: 0 }, () => reply(200, { items: [] }));
		expect(seen).toEqual(['/v1/todo?done=true&page=0']);
	});

	it('reads no more pages than allowed, and says so', async () => {
		const { seen, capped } = await read(pagination, pagesOf(1000, 10), { maxPages: 4 });
		expect(seen).toHaveLength(4);
		expect(capped).toBe(true);
	});

	it('stops at a reply that says error', async () => {
		const { replies } = await read(pagination, ({ searchParams }) =>
			searchParams.get('page') === '1' ? sliced(50, 0, 25) : reply(500, 'broken'),
		);
		expect(replies.map(({ status }) => status)).toEqual([200, 500]);
	});
});

describe('by offset parameter', () => {
	it('skips as many entries as it has got, whatever page size was asked for', async () => {
		const { seen } = await read(
			{ kind: 'offset', parameter: query('offset'), first: 0, step: 'entries' },
			(url) => sliced(57, Number(url.searchParams.get('offset')), 20),
		);
		expect(seen).toEqual([0, 20, 40, 57].map((offset) => `/v1/todo?done=true&offset=${offset}`));
	});
});

describe('by next link in the body', () => {
	const pagination: Pagination = { kind: 'linkInBody', at: 'links.next' };

	it.each([
		['a full address', 'https://api.example.com/v1/todo?page=2'],
		['an absolute path', '/v1/todo?page=2'],
		['a relative path', 'todo?page=2'],
		['a query alone', '?page=2'],
	])('follows %s', async (_, next) => {
		const { seen } = await read(pagination, (url) =>
			reply(200, { links: { next: url.searchParams.has('page') ? null : next } }),
		);
		expect(seen).toEqual(['/v1/todo?done=true', '/v1/todo?page=2']);
	});

	it('ends where there is no link', async () => {
		expect((await read(pagination, () => reply(200, { items: [] }))).seen).toHaveLength(1);
	});

	it('ends with an error when the API leads it in circles', async () => {
		const circles = read(pagination, () => reply(200, { links: { next: '/v1/todo?page=2' } }));
		await expect(circles).rejects.toThrow('led back to a page');
	});
});

describe('by next link in a header', () => {
	const pagination: Pagination = { kind: 'linkInHeader', header: 'Link' };

	it.each([
		'<https://api.example.com/v1/todo?page=2>; rel="next"',
		'</v1/todo?page=9>; rel="last", </v1/todo?page=2>; rel="next"',
		'<?page=2>; title="a, b"; rel=next',
		'</v1/todo?page=2>; rel="next prefetch", </v1/todo>; rel="first"',
		'/v1/todo?page=2',
	])('follows %s', async (link) => {
		const { seen } = await read(pagination, (url) =>
			reply(200, {}, url.searchParams.has('page') ? {} : { link }),
		);
		expect(seen).toEqual(['/v1/todo?done=true', '/v1/todo?page=2']);
	});

	it('does not follow other links', async () => {
		const link = '</v1/todo?page=1>; rel="prev", </v1/next>; rel="nextish"';
		expect((await read(pagination, () => reply(200, {}, { link }))).seen).toHaveLength(1);
	});
});

describe('by cursor', () => {
	const pagination: Pagination = {
		kind: 'cursor',
		parameter: query('cursor'),
		cursor: { in: 'body', at: 'meta.next' },
	};

	it('sends the cursor of each reply with the next request, encoded', async () => {
		const cursors: Record<string, unknown> = { '': 'a b&c=d', 'a b&c=d': 7, '7': null };
		const { seen } = await read(pagination, ({ searchParams }) =>
			reply(200, { meta: { next: cursors[searchParams.get('cursor') ?? ''] } }),
		);
		expect(seen).toEqual([
			'/v1/todo?done=true',
			'/v1/todo?done=true&cursor=a%20b%26c%3Dd',
			'/v1/todo?done=true&cursor=7',
		]);
	});

	it('ends with an error when the cursor never changes', async () => {
		const stuck = read(pagination, () => reply(200, { meta: { next: 'same' } }));
		await expect(stuck).rejects.toThrow('led back to a page');
	});
});
