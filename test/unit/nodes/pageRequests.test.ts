import { withParameter, type PageRequest } from '../../../nodes/shared/pageRequest';

const url = new URL('https://api.example.com/v1/todo');
const sent = (
	request: PageRequest,
	place: 'query' | 'body' | 'header' | 'path',
	name: string,
	value: unknown,
) => withParameter(request, { in: place, name }, value);

describe('a parameter in the query', () => {
	it.each([
		['', '?page=2'],
		['?page=1', '?page=2'],
		['?page=1&a=1&page=7', '?page=2&a=1'],
		['?$filter=a%20eq%201&b[]=1', '?$filter=a%20eq%201&b[]=1&page=2'],
		['?pagesize=9', '?pagesize=9&page=2'],
	])('%s becomes %s', (before, after) => {
		const start = { url: new URL(before, url) };
		expect(sent(start, 'query', 'page', 2).url.search).toBe(after);
		expect(start.url.search).toBe(before);
	});

	it('may be called page[number]', () => {
		const start = { url: new URL('?page%5Bnumber%5D=1&page[size]=5', url) };
		expect(sent(start, 'query', 'page[number]', 2).url.search).toBe(
			'?page%5Bnumber%5D=2&page[size]=5',
		);
	});
});

describe('a parameter in the path', () => {
	it('stands where its name is in curly brackets', () => {
		const start = { url: new URL('/customer/index/{page}?range={page}-x', url) };
		expect(sent(start, 'path', 'page', 2).url.href).toBe(
			'https://api.example.com/customer/index/2?range=2-x',
		);
		expect(sent(start, 'path', 'page', 'a/../b').url.pathname).toBe('/customer/index/a%2F..%2Fb');
	});

	it('is left out where there is none yet', () => {
		const start = { url: new URL('/changes/{cursor}', url) };
		expect(sent(start, 'path', 'cursor', undefined).url.pathname).toBe('/changes');
		expect(sent(start, 'path', 'cursor', 'abc').url.pathname).toBe('/changes/abc');
	});

	it('needs its place', () => {
		expect(() => sent({ url }, 'path', 'page', 1)).toThrow('"Path" has no {page}');
	});
});

describe('a parameter in the body', () => {
	const body = (before: PageRequest['body'], name: string, value: unknown) =>
		sent({ url, body: before }, 'body', name, value).body;

	it.each<[PageRequest['body'], string, unknown, unknown]>([
		[undefined, 'cursor', 'a', { cursor: 'a' }],
		[{ limit: 5 }, 'cursor', 'a', { limit: 5, cursor: 'a' }],
		[{ variables: { first: 5 } }, 'variables.after', 'a', { variables: { first: 5, after: 'a' } }],
		['{"limit":5}', 'page', 2, '{"limit":5,"page":2}'],
		['{"page":1}', 'page', 2, '{"page":2}'],
		['{"a.b":1}', 'a.b', 2, '{"a.b":2}'],
		['[{"after":null}]', '0.after', 'x', '[{"after":"x"}]'],
		['{"size":5}', 'search_after', ['2026', 5], '{"size":5,"search_after":["2026",5]}'],
		[
			'{"id":12345678901234567890,"x":1.1,"s":"12345678901234567890"}',
			'page',
			2,
			'{"id":12345678901234567890,"x":1.1,"s":"12345678901234567890","page":2}',
		],
	])('%j with %s', (before, name, value, after) => {
		expect(body(before, name, value)).toEqual(after);
	});

	it('may be a field of a form', () => {
		expect(String(body(new URLSearchParams('a=1&page=1'), 'page', 2))).toBe('a=1&page=2');
	});

	it('changes nothing that it was handed', () => {
		const before = { variables: { first: 5 } };
		body(before, 'variables.after', 'a');
		expect(before).toEqual({ variables: { first: 5 } });
	});

	it.each(['<a/>', '7', Buffer.from('{}')])('cannot be put into %j', (before) => {
		expect(() => body(before, 'page', 2)).toThrow('neither JSON nor a form');
	});
});

describe('a parameter in a header', () => {
	it('is added to the others', () => {
		const start = { url, headers: { 'x-a': '1', 'x-page': '1' } };
		expect(sent(start, 'header', 'X-Page', 2).headers).toEqual({ 'x-a': '1', 'x-page': '2' });
	});

	it.each(['Authorization', 'host', 'Cookie', 'Transfer-Encoding', 'a b'])('cannot be %s', (name) => {
		expect(() => sent({ url }, 'header', name, 2)).toThrow('cannot be the header');
	});
});
