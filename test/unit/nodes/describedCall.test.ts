import type { IDataObject, IHttpRequestOptions, INodeExecutionData } from 'n8n-workflow';
import { protectedCall } from '../../../nodes/ProtectedCall/protectedCall';
import { MOST_BYTES } from '../../../nodes/ProtectedCall/description/document';
import { ApiError } from '../../../credentials/tokens/errors';
import { call, fakeSession, reply } from './fakes';

const defaults = {
	request: 'description',
	authentication: 'customTokenApi',
	method: 'GET',
	path: '',
	queryType: 'none',
	headersType: 'none',
	bodyType: 'none',
	responseFormat: 'auto',
	outputField: 'data',
	pagination: 'off',
	options: {},
};

let addresses = 0;
/** Descriptions are remembered by their address. */
const newAddress = () => `https://docs.example.com/${++addresses}.json`;

/** A body as n8n's helper hands it over with `encoding: 'stream'`. */
/** As n8n's HTTP client hands over a body that is still to come. */
function streamed(pieces: AsyncGenerator<Buffer>) {
	return Object.assign(pieces, { on: () => undefined, destroy: () => undefined });
}

function chunks(...pieces: Array<string | Buffer>) {
	return streamed(
		(async function* () {
			for (const piece of pieces) yield await Promise.resolve(Buffer.from(piece as string));
		})(),
	);
}

interface Given {
	readonly set?: IDataObject;
	readonly url?: string;
	readonly http?: (options: IHttpRequestOptions) => unknown;
	readonly scopes?: readonly string[] | null;
	readonly items?: readonly INodeExecutionData[];
	readonly binary?: Readonly<Record<string, Buffer>>;
	readonly answer?: Parameters<typeof fakeSession>[0];
}

function prepare(description: object | string, apiOperation: string, given: Given) {
	const text = typeof description === 'string' ? description : JSON.stringify(description);
	const asked: string[] = [];
	const fields = { apiDescriptionUrl: given.url ?? newAddress() };
	const session = {
		...fakeSession(given.answer ?? (() => ({ ok: true })), fields),
		credentialHeaders: ['authorization', 'x-key'],
		...(given.scopes !== undefined && { scopes: () => given.scopes ?? null }),
	};
	const made = call(session, {
		parameters: { ...defaults, apiOperation, ...given.set },
		timezone: 'Europe/Berlin',
		items: given.items,
		binary: given.binary,
		http: (options) => {
			asked.push(options.url);
			return given.http ? given.http(options) : { statusCode: 200, body: chunks(text) };
		},
	});
	return { run: async () => await protectedCall(made), sent: session.sent, asked };
}

const values = (value: IDataObject) => ({ value, schema: [] });

async function sentFor(paths: object, apiOperation: string, given: Given = {}) {
	const { run, sent } = prepare({ openapi: '3.0.3', paths }, apiOperation, given);
	await run();
	return sent[0];
}

describe('the address of an operation', () => {
	const addressOf = async (parameter: object, value: unknown, path = '/a') => {
		const { path: sent } = await sentFor(
			{ [path]: { get: { parameters: [parameter] } } },
			`GET ${path}`,
			{
				set: {
					apiParameters: values({ [`${(parameter as { in: string }).in}:p`]: value as string }),
				},
			},
		);
		return sent.slice('https://api.example.com/v1'.length);
	};
	const list = ['a', 'b,c'];
	const object = { x: 1, y: 'z&' };

	it.each([
		[{}, 'ä &=', '/a?p=%C3%A4%20%26%3D'],
		[{}, list, '/a?p=a&p=b%2Cc'],
		[{ explode: false }, list, '/a?p=a,b%2Cc'],
		[{ style: 'spaceDelimited', explode: false }, list, '/a?p=a%20b%2Cc'],
		[{ style: 'pipeDelimited', explode: false }, list, '/a?p=a%7Cb%2Cc'],
		[{}, object, '/a?x=1&y=z%26'],
		[{ explode: false }, object, '/a?p=x,1,y,z%26'],
		[{ style: 'deepObject' }, object, '/a?p[x]=1&p[y]=z%26'],
		[{ style: 'deepObject' }, { a: { b: { c: 1 } } }, '/a?p[a][b][c]=1'],
		[{ style: 'deepObject' }, { a: ['x', 'y'] }, '/a?p[a]=x&p[a]=y'],
		[{ style: 'deepObject' }, [{ price: 'a' }, { price: 'b' }], '/a?p[0][price]=a&p[1][price]=b'],
		[{ content: { 'text/plain': {} } }, 'a b', '/a?p=a%20b'],
		[{ content: { 'application/json': {} } }, '{"x":[1]}', '/a?p=%7B%22x%22%3A%5B1%5D%7D'],
		[{ content: { 'application/json': {} } }, 'a', '/a?p=%22a%22'],
		[
			{ content: { 'application/json': {} } },
			object,
			'/a?p=%7B%22x%22%3A1%2C%22y%22%3A%22z%26%22%7D',
		],
		[{ style: 'nonsense' }, list, '/a?p=a&p=b%2Cc'],
	])('query, %j: %j', async (how, value, expected) => {
		const type = Array.isArray(value) ? 'array' : typeof value === 'object' ? 'object' : 'string';
		const { content, ...style } = how as { content?: object };
		const parameter = {
			name: 'p',
			in: 'query',
			...style,
			...(content ? { content } : { schema: { type } }),
		};
		expect(
			decodeURI(await addressOf(parameter, value))
				.replaceAll('%5B', '[')
				.replaceAll('%5D', ']'),
		).toBe(decodeURI(expected));
	});

	it.each([
		[{}, 'a/b ü', '/a/a%2Fb%20%C3%BC/x'],
		[{}, list, '/a/a,b%2Cc/x'],
		[{ style: 'label' }, list, '/a/.a.b%2Cc/x'],
		[{ style: 'matrix' }, list, '/a/;p=a,b%2Cc/x'],
		[{ style: 'matrix', explode: true }, list, '/a/;p=a;p=b%2Cc/x'],
		[{ explode: true }, object, '/a/x=1,y=z%26/x'],
		[{}, object, '/a/x,1,y,z%26/x'],
	])('path, %j: %j', async (how, value, expected) => {
		const type = Array.isArray(value) ? 'array' : typeof value === 'object' ? 'object' : 'string';
		const parameter = { name: 'p', in: 'path', required: true, ...how, schema: { type } };
		expect(await addressOf(parameter, value, '/a/{p}/x')).toBe(expected);
	});

	it.each(['..', '.', 'a\r\nb'])('a value such as %j leads nowhere else', async (value) => {
		const parameter = { name: 'p', in: 'path', required: true };
		await expect(addressOf(parameter, value, '/a/{p}/x')).rejects.toMatchObject({ kind: 'field' });
	});

	it('stays below the credential’s base URL, whatever the description says', async () => {
		const servers = [{ url: 'https://evil.example/v9' }];
		const { path } = await sentFor({ '/a': { servers, get: { servers } } }, 'GET /a');
		expect(path).toBe('https://api.example.com/v1/a');
	});

	it('has free parameters beside those of the form', async () => {
		const paths = { '/a?x=1': { get: { parameters: [{ name: 'p', in: 'query' }] } } };
		const { path, headers } = await sentFor(paths, 'GET /a?x=1', {
			set: {
				apiParameters: values({ 'query:p': 'v' }),
				queryType: 'json',
				queryJson: '{"q": [1, 2]}',
				headersType: 'json',
				headersJson: '{"x-free": "1"}',
			},
		});
		expect(path).toBe('https://api.example.com/v1/a?x=1&p=v&q=1&q=2');
		expect(headers).toEqual({ 'x-free': '1' });
	});

	it('is not built while a value is missing', async () => {
		const paths = { '/a/{p}': { get: {} } };
		await expect(sentFor(paths, 'GET /a/{p}')).rejects.toThrow('"p" is empty');
	});
});

describe('headers', () => {
	const parameters = [
		{ name: 'X-List', in: 'header', schema: { type: 'array' } },
		{ name: 'session', in: 'cookie' },
		{ name: 'X-Key', in: 'header', required: true },
		{ name: 'Bad Name', in: 'header' },
	];
	const paths = { '/a': { get: { parameters } } };

	it('and cookies are sent; what the credential sets is left to it', async () => {
		const apiParameters = values({ 'header:X-List': [1, 2], 'cookie:session': 'a;b' });
		expect((await sentFor(paths, 'GET /a', { set: { apiParameters } })).headers).toEqual({
			'x-list': '1,2',
			cookie: 'session=a%3Bb',
		});
	});

	it.each([
		['header:X-List', ['a\r\nX-Evil: 1'], 'line break'],
		['header:Bad%20Name', 'x', 'a name that is not allowed'],
	])('%s: %j is refused', async (id, value, message) => {
		const apiParameters = values({ [id]: value });
		await expect(sentFor(paths, 'GET /a', { set: { apiParameters } })).rejects.toThrow(message);
	});
});

describe('the body of an operation', () => {
	const properties = {
		title: { type: 'string' },
		count: { type: 'integer' },
		done: { type: 'boolean' },
		tags: { type: 'array', items: { type: 'integer' } },
		where: { type: 'object' },
		day: { type: 'string', format: 'date' },
		at: { type: 'string', format: 'date-time' },
		size: { enum: [1, 2] },
		file: { type: 'string', format: 'binary' },
	};
	const sentBody = async (type: string, schema: object, given: IDataObject, more: Given = {}) =>
		await sentFor(
			{ '/a': { post: { requestBody: { required: true, content: { [type]: { schema } } } } } },
			'POST /a',
			{ ...more, set: { apiBody: values(given), apiBodyMore: '', ...more.set } },
		);

	it('has the kinds that the description asks for', async () => {
		const given = {
			title: 'a ',
			count: '7',
			done: 'true',
			tags: '1, 2',
			where: '{"x": 12345678901234567890}',
			size: '2',
			day: '2025-03-01T00:00:00',
			at: '2025-07-01T12:00:00',
		};
		const { body, headers } = await sentBody('application/json', { properties }, given);
		expect(body).toBe(
			'{"title":"a ","count":7,"done":true,"tags":[1,2],"where":{"x":12345678901234567890},"day":"2025-03-01","at":"2025-07-01T12:00:00+02:00","size":2}',
		);
		expect(headers).toEqual({ 'content-type': 'application/json' });
	});

	it.each([
		[{ count: 'x' }, '"count" is not a number'],
		[{ count: 1.5 }, '"count" is not a whole number'],
		[{ done: 'perhaps' }, '"done" is neither true nor false'],
		[{ where: '[1]' }, '"where" is not an object'],
		[{ where: '{oops' }, '"where" is not valid JSON'],
		[{ tags: '[1' }, '"tags" is not valid JSON'],
		[{ tags: 'a' }, '"tags" is not a number'],
	])('does not take %j', async (given, message) => {
		await expect(sentBody('application/json', { properties }, given)).rejects.toThrow(message);
	});

	it('leaves out what is empty', async () => {
		const given = { title: '', count: null, done: false };
		expect((await sentBody('application/json', { properties }, given)).body).toBe('{"done":false}');
		expect((await sentBody('application/json', { properties }, {})).body).toBe('{}');
	});

	it('is added to by free JSON, which goes out as written where it is alone', async () => {
		const set = (apiBodyMore: string) => ({ set: { apiBodyMore } });
		const both = await sentBody(
			'application/json',
			{ properties },
			{ title: 'a' },
			set('{"title": "b", "__proto__": 1}'),
		);
		expect(both.body).toBe('{"title":"b","__proto__":1}');
		const alone = await sentBody('application/vnd.api+json', {}, {}, set('{ "a":  1.0 }'));
		expect(alone).toMatchObject({
			body: '{ "a":  1.0 }',
			headers: { 'content-type': 'application/vnd.api+json' },
		});
		await expect(
			sentBody('application/json', { properties }, { title: 'a' }, set('[1]')),
		).rejects.toThrow('"Additional Body JSON" is not a JSON object');
		await expect(sentBody('application/json', {}, {}, set('{oops'))).rejects.toThrow(
			'"Additional Body JSON" is not valid JSON',
		);
	});

	it('may be a list, a form, a text', async () => {
		expect((await sentBody('application/json', { type: 'array' }, { 'body:': '[1]' })).body).toBe(
			'[1]',
		);
		const form = await sentBody(
			'application/x-www-form-urlencoded',
			{ properties },
			{ title: 'ü', tags: [1, 2] },
		);
		expect(String(form.body)).toBe('title=%C3%BC&tags=1&tags=2');
		const text = await sentBody('application/xml', {}, { 'body:': '<a/>' });
		expect(text).toMatchObject({ body: '<a/>', headers: { 'content-type': 'application/xml' } });
	});

	it.each([
		[{ style: 'deepObject', explode: true }, { a: { b: 1 } }, 'p[a][b]=1'],
		[{ style: 'deepObject', explode: true }, [{ x: 1 }, { x: 2 }], 'p[0][x]=1&p[1][x]=2'],
		[{ style: 'deepObject', explode: true }, ['a', 'b'], 'p[]=a&p[]=b'],
		[{ explode: false }, ['a', 'b'], 'p=a,b'],
		[{ style: 'pipeDelimited' }, ['a', 'b'], 'p=a|b'],
		[undefined, ['a', 'b'], 'p=a&p=b'],
		[undefined, { a: 1 }, 'p={"a":1}'],
		[{ contentType: 'application/json' }, { a: 1 }, 'p={"a":1}'],
	])('writes a form as its encoding says: %j, %j', async (encoding, value, expected) => {
		const schema = { properties: { p: { type: Array.isArray(value) ? 'array' : 'object' } } };
		const media = { schema, ...(encoding && { encoding: { p: encoding } }) };
		const content = { 'application/x-www-form-urlencoded': media };
		const { body } = await sentFor({ '/a': { post: { requestBody: { content } } } }, 'POST /a', {
			set: { apiBody: values({ p: value as IDataObject }), apiBodyMore: '' },
		});
		expect(decodeURIComponent(String(body))).toBe(expected);
	});

	it('of Swagger 2.0 has each field once, and lists as they are to be written', async () => {
		const parameter = { in: 'formData', name: 'tags', type: 'array', items: { type: 'string' } };
		const operation = (more: object) => ({
			swagger: '2.0',
			paths: {
				'/a': { parameters: [parameter], post: { parameters: [{ ...parameter, ...more }] } },
			},
		});
		const bodyOf = async (more: object) => {
			const set = { apiBody: values({ tags: ['a', 'b'] }), apiBodyMore: '' };
			const { run, sent } = prepare(operation(more), 'POST /a', { set });
			await run();
			return decodeURIComponent(String(sent[0].body));
		};
		expect(await bodyOf({})).toBe('tags=a,b');
		expect(await bodyOf({ collectionFormat: 'multi' })).toBe('tags=a&tags=b');
		expect(await bodyOf({ collectionFormat: 'ssv' })).toBe('tags=a+b');
	});

	it('has objects in parts of their own type', async () => {
		const schema = { properties: { meta: { type: 'object' }, title: { type: 'string' } } };
		const { body } = await sentBody('multipart/form-data', schema, {
			meta: { a: 1 } as IDataObject,
			title: 't',
		});
		expect(String(body)).toContain(
			'name="meta"\r\nContent-Type: application/json\r\n\r\n{"a":1}\r\n',
		);
		expect(String(body)).toContain('name="title"\r\n\r\nt\r\n');
	});

	it('may have files of the item', async () => {
		const items = [
			{ json: {}, binary: { photo: { data: '', mimeType: 'image/png', fileName: 'a".png' } } },
		];
		const binary = { photo: Buffer.from('PNG') };
		const { body, headers } = await sentBody(
			'multipart/form-data',
			{ properties },
			{ title: 't', file: 'photo' },
			{ items, binary },
		);
		expect(headers?.['content-type']).toMatch(/^multipart\/form-data; boundary=/);
		expect(String(body)).toContain('name="title"\r\n\r\nt\r\n');
		expect(String(body)).toContain(
			'name="file"; filename="a%22.png"\r\nContent-Type: image/png\r\n\r\nPNG\r\n',
		);
		const whole = await sentBody(
			'application/octet-stream',
			{},
			{ 'body:': 'photo' },
			{ items, binary },
		);
		expect(whole).toMatchObject({ body: binary.photo, headers: { 'content-type': 'image/png' } });
		await expect(
			sentBody('image/*', {}, { 'body:': 'nothing' }, { items, binary }),
		).rejects.toThrow('no such file');
	});
});

describe('scopes', () => {
	const openapi = '3.0.3';
	const paths = {
		'/todo': { get: { operationId: 'todo.getAll', security: [{ app: ['todo', 'todo.read'] }] } },
	};
	const fusio = { authentication: 'fusioApi' };
	let servers = 0;
	const run = async (scopes: readonly string[] | null | undefined, authentication = 'fusioApi') => {
		const { run: runIt, sent } = prepare({ openapi, paths }, 'todo.getAll', {
			set: { ...fusio, authentication, serial: ++servers },
			scopes,
		});
		await runIt();
		return sent.length;
	};

	it.each([[['todo']], [['x', 'todo.read']], [['todo.read']], [null], [undefined]])(
		'%j: it is sent',
		async (scopes) => {
			expect(await run(scopes)).toBe(1);
		},
	);

	it.each([[['consumer']], [[]]])('%j: nothing is sent', async (scopes) => {
		await expect(run(scopes)).rejects.toMatchObject({
			kind: 'permission',
			message: expect.stringMatching(
				/^Not sent: todo\.getAll needs the scope todo or todo\.read, and the token has (?:consumer|none)\.$/,
			) as string,
		});
	});

	it('are not held against a token of an API that has rules of its own', async () => {
		expect(await run(['consumer'], 'customTokenApi')).toBe(1);
	});
});

describe('the description', () => {
	const openapi = { openapi: '3.0.3', paths: { '/a': { get: {} } } };
	const stream = (text: string) => ({ statusCode: 200, body: chunks(text) });

	it('is fetched once, without a token, for all items', async () => {
		const { run, asked, sent } = prepare(openapi, 'GET /a', {
			url: 'https://docs.example.com/once.json#part',
		});
		await Promise.all([run(), run(), run()]);
		expect(asked).toEqual(['https://docs.example.com/once.json']);
		expect(sent).toHaveLength(3);
	});

	it.each([
		['utf-16le', 'application/json', '\ufeff'],
		['utf-16le', 'application/json; charset=utf-16le', ''],
		['latin1', 'application/json; charset=iso-8859-1', ''],
	] as const)('may be written in %s (%s)', async (encoding, type, mark) => {
		const text = mark + JSON.stringify({ ...openapi, paths: { '/ä': { get: {} } } });
		const body = chunks(Buffer.from(text, encoding));
		const { run, sent } = prepare(openapi, 'GET /ä', {
			http: () => ({ statusCode: 200, body, headers: { 'content-type': type } }),
		});
		await run();
		expect(sent[0].path).toBe('https://api.example.com/v1/%C3%A4');
	});

	it('may have changed since the form was filled in: no value is left out in silence', async () => {
		const parameters = [{ name: 'q', in: 'query' }];
		const schema = { properties: { title: { type: 'string' } } };
		const requestBody = { content: { 'application/json': { schema } } };
		const now = { openapi: '3.0.3', paths: { '/a': { post: { parameters, requestBody } } } };
		const form = (id: string, value: unknown, removed = false) => ({
			value: { [id]: value as string },
			schema: [{ id, displayName: id.split(':').at(-1), removed }],
		});
		const filled = (set: IDataObject, operation = 'POST /a') =>
			prepare(now, operation, { set: { apiBodyMore: '', ...set } });
		const gone = "is not in the API's description any more";
		await expect(filled({ apiParameters: form('query:max', 5) }).run()).rejects.toThrow(
			`"max" ${gone}`,
		);
		await expect(filled({ apiBody: form('name', 'x') }).run()).rejects.toThrow(`"name" ${gone}`);
		// What is empty, was taken out of the form, or is left from another operation, is nobody's loss.
		const harmless = filled({
			apiParameters: form('query:max', ''),
			apiBody: { ...form('name', 'x', true), value: { name: 'x', other: 'y', title: 't' } },
		});
		await harmless.run();
		expect(harmless.sent[0].body).toBe('{"title":"t"}');
	});

	it('is asked for once where it cannot be had', async () => {
		const { run, asked } = prepare(openapi, 'GET /a', {
			http: () => ({ statusCode: 404, body: '' }),
		});
		for (let item = 0; item < 5; item++) {
			await expect(run()).rejects.toThrow(
				/There is no API description at docs\.example\.com\/\d+\.json \(404\)\./,
			);
		}
		expect(asked).toHaveLength(1);
	});

	it('is fetched with the token where the host asks for one', async () => {
		const { run, sent } = prepare(openapi, 'GET /a', {
			http: () => ({ statusCode: 401, body: chunks() }),
			answer: ({ path }) =>
				path.startsWith('https://docs.') ? reply(200, JSON.stringify(openapi)) : { ok: true },
		});
		await run();
		expect(sent.map(({ path }) => path)).toEqual([
			expect.stringContaining('docs.example.com'),
			'https://api.example.com/v1/a',
		]);
	});

	it('is not fetched with the token from a host that must not see it', async () => {
		const { run } = prepare(openapi, 'GET /a', {
			http: () => ({ statusCode: 403, body: chunks() }),
			answer: () => new ApiError('host', 'no', 'no'),
		});
		await expect(run()).rejects.toThrow("the credential's token does not go to that host");
	});

	it('says where its own host led to, when that is what keeps the token back', async () => {
		const { run } = prepare(openapi, 'GET /a', {
			url: '/led-away.json',
			http: () => ({ statusCode: 401, body: chunks() }),
			answer: () => new ApiError('host', 'The API led to evil.example.', 'no'),
		});
		await expect(run()).rejects.toThrow('The API led to evil.example.');
	});

	it.each(['longer than 5 MB', 'with the token'])('is read up to 5 MB: %s', async (how) => {
		let read = 0;
		const withToken = how === 'with the token';
		const endless = async function* () {
			for (;;) {
				read += 65_536;
				yield await Promise.resolve(Buffer.alloc(65_536, ' '));
			}
		};
		const { run } = prepare(openapi, 'GET /a', {
			http: () => ({ statusCode: withToken ? 401 : 200, body: streamed(endless()) }),
			answer: () => reply(200, ' '.repeat(MOST_BYTES + 1)),
		});
		await expect(run()).rejects.toThrow('longer than 5 MB');
		expect(read).toBeLessThan(MOST_BYTES * 1.2);
	});

	it.each([
		['', '"API Description URL" is empty in the credential'],
		['docs', 'is not an address'],
		['ftp://docs.example.com', 'is not an address'],
		['https://me:secret@docs.example.com', 'carries a user name or password'],
	])('is not at %j', async (url, message) => {
		await expect(prepare(openapi, 'GET /a', { url }).run()).rejects.toThrow(message);
	});

	it('may be below the API base', async () => {
		const { run, asked } = prepare(openapi, 'GET /a', { url: '/below/openapi.json' });
		await run();
		expect(asked).toEqual(['https://api.example.com/v1/below/openapi.json']);
	});

	it('of Fusio needs no address; where it is missing, the routes are read', async () => {
		const { run, asked, sent } = prepare('', 'todo.get', {
			set: {
				authentication: 'fusioApi',
				options: { descriptionPart: 'backend' },
				apiParameters: values({ 'path:id': 7 }),
			},
			http: ({ url }) =>
				url.endsWith('/system/route')
					? stream('{"routes":{"/todo/:id":{"GET":"todo.get"}}}')
					: { statusCode: 404, body: '' },
		});
		await run();
		expect(asked).toEqual([
			'https://api.example.com/v1/system/generator/spec-openapi?filter=backend',
			'https://api.example.com/v1/system/route',
		]);
		expect(sent[0].path).toBe('https://api.example.com/v1/todo/7');
	});
});
