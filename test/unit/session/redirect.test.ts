import { redirectOf, type Journey } from '../../../nodes/session/redirect';
import type { ApiRequest } from '../../../nodes/session/session';

const journey: Journey = {
	provider: 'Example',
	origins: ['https://api.example.com', 'https://files.example.com'],
	from: new URL('https://api.example.com/v1/files/7?secret=x'),
	strayed: false,
	secrets: ['token/value+1', 'another'],
};
const get: ApiRequest = {
	method: 'GET',
	path: '/files/7',
	foreignRedirects: true,
	headers: { cookie: 'a=1', 'x-own': '1', authorization: 'Basic eA==' },
};
const post: ApiRequest = {
	foreignRedirects: true,
	method: 'POST',
	path: '/files',
	body: { a: 1 },
	headers: { 'content-type': 'application/json', 'x-own': '1' },
};

function follow(
	location: string | undefined,
	request: ApiRequest = get,
	status = 302,
	changes: Partial<Journey> = {},
) {
	const headers: Record<string, string> = location === undefined ? {} : { location };
	return redirectOf(request, { status, headers }, { ...journey, ...changes });
}

describe('a redirect of a reading request', () => {
	it.each([
		['/v2/files/7', 'https://api.example.com/v2/files/7'],
		['8', 'https://api.example.com/v1/files/8'],
		['//files.example.com/7', 'https://files.example.com/7'],
		['https://user:pass@files.example.com/7', 'https://files.example.com/7'],
		['https://files.example.com/7#part', 'https://files.example.com/7#part'],
	])('to %s is followed as it is', (location, expected) => {
		const next = follow(location);
		expect(next).toMatchObject({ kind: 'own', request: get });
		expect(next.kind === 'own' && next.target.href).toBe(expected);
	});

	it.each([
		'https://storage.example.net/7?X-Amz-Signature=abc',
		'https://evil.api.example.com/',
		'https://api.example.com.evil.net/',
		'https://api.example.com:8443/',
		'https://api.example.com@evil.net/',
		'//evil.net/',
	])('to %s is followed without headers', (location) => {
		expect(follow(location)).toMatchObject({
			kind: 'foreign',
			target: { host: new URL(location, journey.from).host, username: '' },
			request: { method: 'GET', headers: {} },
		});
	});

	it('may name its address in bytes of UTF-8', () => {
		const location = Buffer.from('/v1/größe').toString('latin1');
		const next = follow(location);
		expect(next.kind === 'own' && next.target.pathname).toBe('/v1/gr%C3%B6%C3%9Fe');
	});

	it.each(['PROPFIND', 'REPORT', 'QUERY', 'SEARCH', 'OPTIONS'])(
		'may be one of %s, which keeps its body and stays with the own hosts',
		(custom) => {
			const method = custom as ApiRequest['method'];
			const request: ApiRequest = { ...post, method };
			expect(follow('/v1/dav/', request)).toMatchObject({ kind: 'own', request });
			expect(follow('/v1/dav/', request, 303)).toMatchObject({ request: { method: 'GET' } });
			expect(() => follow('https://storage.example.net/', request)).toThrow('no host of this');
		},
	);

	it('is an error where it leads to another host and may not', () => {
		const request = { ...get, foreignRedirects: undefined };
		expect(() => follow('https://storage.example.net/7', request)).toThrow(
			"redirects to storage.example.net, but this credential's token is for api.example.com, files.example.com only (302).",
		);
		expect(follow('/8', request).kind).toBe('own');
	});

	it.each([
		['/x?token=token%2Fvalue%2B1&page=2', '?page=2'],
		['/x?page=2&token=token/value%2b1', '?page=2'],
		['/x?token=token%252Fvalue%252B1', ''],
		['/x?X-Amz-Signature=a%2Fb%2Bc&page=%41', '?X-Amz-Signature=a%2Fb%2Bc&page=%41'],
	])('shows another host no token that stands in the query: %s', (path, search) => {
		const next = follow(`https://cdn.example.net${path}`);
		expect(next.kind === 'foreign' && next.target.search).toBe(search);
		const own = follow(path);
		expect(own.kind === 'own' && own.target.href).toBe(`https://api.example.com${path}`);
	});

	it('names no host that a secret stands in', () => {
		const request = { ...get, foreignRedirects: undefined };
		expect(() => follow('https://ANOTHER.evil.net/', request)).toThrow('to •••.evil.net, but');
		expect(() => follow('http://x-another.evil.net/', request)).toThrow('to x-•••.evil.net, where');
	});

	it('comes back from a foreign host without token and headers', () => {
		const from = new URL('https://evil.net/');
		expect(
			follow('https://api.example.com/v1/admin', { ...get, headers: {} }, 302, {
				from,
				strayed: true,
			}),
		).toMatchObject({ kind: 'foreign', request: { headers: {} } });
	});

	it.each(['http://api.example.com/', 'http://storage.example.net/'])(
		'from https to %s is not followed',
		(location) => {
			expect(() => follow(location)).toThrow('from https to http');
		},
	);

	it('within http is followed', () => {
		const from = new URL('http://127.0.0.1:8080/');
		expect(follow('http://127.0.0.1:9090/', get, 302, { from }).kind).toBe('foreign');
	});

	it.each(['file:///etc/passwd', 'ftp://api.example.com/', 'https://', 'data:text/plain,x'])(
		'to %s is an error',
		(location) => {
			expect(() => follow(location)).toThrow('is not an address (302).');
		},
	);

	it.each([301, 302, 303, 307, 308])('of status %i', (status) => {
		expect(follow('/8', get, status).kind).toBe('own');
		expect(follow('/8', { ...get, method: 'HEAD' }, status)).toMatchObject({
			request: { method: 'HEAD' },
		});
	});

	it('is the answer where it is not to be followed, or names no address', () => {
		expect(follow('/8', { ...get, followRedirects: false }).kind).toBe('none');
		expect(follow(undefined).kind).toBe('none');
		expect(follow('/8', get, 304).kind).toBe('none');
		expect(follow('/8', get, 201).kind).toBe('none');
	});
});

describe('a redirect of a writing request', () => {
	it.each([301, 302, 307, 308])(
		'of status %i is an error, or the answer with Never Error',
		(status) => {
			expect(() => follow('/8', post, status)).toThrow(`redirects this POST request (${status}).`);
			expect(follow('/8', { ...post, neverError: true }, status).kind).toBe('none');
		},
	);

	it('of status 303 reads the result', () => {
		expect(follow('/8', post, 303)).toMatchObject({
			kind: 'own',
			request: { method: 'GET', body: undefined, headers: { 'x-own': '1' } },
		});
		expect(follow('https://storage.example.net/', post, 303)).toMatchObject({
			kind: 'foreign',
			request: { method: 'GET', body: undefined, headers: {} },
		});
	});
});
