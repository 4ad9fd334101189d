import type { IDataObject } from 'n8n-workflow';
import { protectedCall } from '../../../nodes/ProtectedCall/protectedCall';
import type { ApiRequest } from '../../../nodes/session/session';
import { call, fakeSession, reply, type Setup } from './fakes';

const defaults = {
	method: 'GET',
	path: '/todo',
	queryType: 'none',
	headersType: 'none',
	bodyType: 'none',
	responseFormat: 'auto',
	outputField: 'data',
	pagination: 'off',
	options: {},
};

async function run(
	set: IDataObject,
	answer: (request: ApiRequest, count: number) => unknown = () => ({ ok: true }),
	setup: Setup = {},
) {
	const session = fakeSession(answer);
	const made = call(session, { ...setup, parameters: { ...defaults, ...set } });
	const outputs = await protectedCall(made);
	return {
		sent: session.sent,
		outputs,
		found: outputs.map(({ json }) => json),
		context: made.context,
	};
}

const sentFor = async (set: IDataObject, setup?: Setup) =>
	(await run(set, undefined, setup)).sent[0];
const entries = (...pairs: Array<[string, unknown]>) => ({
	entries: pairs.map(([name, value]) => ({ name, value })),
});

describe('address', () => {
	it.each([
		['/todo', 'https://api.example.com/v1/todo'],
		['todo', 'https://api.example.com/v1/todo'],
		['', 'https://api.example.com/v1'],
		['/todo?done=true', 'https://api.example.com/v1/todo?done=true'],
		['/todo/ü b', 'https://api.example.com/v1/todo/%C3%BC%20b'],
		['/todo#1', 'https://api.example.com/v1/todo%231'],
		['/todo/..%2Fadmin', 'https://api.example.com/v1/todo/..%2Fadmin'],
		['/todo/{{ 1 }}', 'https://api.example.com/v1/todo/%7B%7B%201%20%7D%7D'],
		['https://api.example.com/v2/todo', 'https://api.example.com/v2/todo'],
	])('%j goes to %s', async (path, expected) => {
		expect((await sentFor({ path })).path).toBe(expected);
	});

	it.each([
		'/todo/../admin',
		'..',
		'/./todo',
		'/todo/%2e%2E/admin',
		'/todo/.%2e',
		'https://api.example.com/v1/../admin',
		'/todo\r\nHost: evil.example',
		'//evil.example/todo',
		'/\\evil.example',
		'https://',
	])('%j is refused', async (path) => {
		await expect(sentFor({ path })).rejects.toThrow('"Path"');
	});

	it('has the query added, repeated for lists, without what is missing', async () => {
		const query = JSON.stringify({ a: [1, 2], b: 'x y&z', c: null, d: { e: 1 }, f: false, g: '' });
		expect((await sentFor({ path: '/todo?z=0', queryType: 'json', queryJson: query })).path).toBe(
			'https://api.example.com/v1/todo?z=0&a=1&a=2&b=x%20y%26z&d=%7B%22e%22%3A1%7D&f=false&g=',
		);
		const fields = { queryType: 'fields', query: entries(['a', 1], ['a', 2], ['', 'no name']) };
		expect((await sentFor(fields)).path).toBe('https://api.example.com/v1/todo?a=1&a=2');
	});
});

describe('a path from an expression', () => {
	const sendTo = async (path: string | undefined) => {
		const session = fakeSession(() => ({}));
		const setup: Setup = { parameters: () => ({ ...defaults, method: 'DELETE', path }) };
		await protectedCall(call(session, setup));
		return session.sent[0].path;
	};

	it('that gives nothing is an error, and no request to the API base', async () => {
		await expect(sendTo('')).rejects.toThrow('"Path" is empty');
		expect(await sendTo('/')).toBe('https://api.example.com/v1/');
	});
});

describe('query', () => {
	const search = async (set: IDataObject) =>
		(await sentFor(set)).path.replace('https://api.example.com/v1/todo', '');
	const fields = (...pairs: Array<[string, unknown]>) => ({
		queryType: 'fields',
		query: entries(...pairs),
	});

	it.each<[string, IDataObject, string]>([
		[
			'has blanks as %20 and dollar signs as they are',
			fields(['$filter', "name eq 'a b'"], ['$top', 5]),
			'?$filter=name%20eq%20%27a%20b%27&$top=5',
		],
		[
			'keeps what the path has, as written',
			{ path: '/todo?$a=b%20c+d', ...fields(['e', 1]) },
			'?$a=b%20c+d&e=1',
		],
		['keeps a dollar sign in the path', { path: "/todo/$count('a b')" }, "/$count('a%20b')"],
		['repeats a name', fields(['a', 1], ['b', 0], ['a', 2]), '?a=1&a=2&b=0'],
		[
			'repeats a name with brackets',
			{ ...fields(['a', 1], ['b', 0], ['a', 2]), options: { arrayFormat: 'brackets' } },
			'?a%5B%5D=1&a%5B%5D=2&b=0',
		],
		[
			'repeats a name with indices',
			{ ...fields(['a', [1, 2]], ['a', 3]), options: { arrayFormat: 'indices' } },
			'?a%5B0%5D=1&a%5B1%5D=2&a%5B2%5D=3',
		],
		[
			'leaves brackets that are there',
			{ ...fields(['a[]', 1], ['a[]', 2]), options: { arrayFormat: 'brackets' } },
			'?a%5B%5D=1&a%5B%5D=2',
		],
		['keeps blanks around a value', fields(['a', ' b ']), '?a=%20b%20'],
		['has a plus sign as one', fields(['a', '1+1&=#?']), '?a=1%2B1%26%3D%23%3F'],
		[
			'is not rounded when it is JSON',
			{
				queryType: 'json',
				queryJson:
					'{"id": 7615917337495251231, "ids": [7615917337495251232], "where": {"id": 7615917337495251233}}',
			},
			'?id=7615917337495251231&ids=7615917337495251232&where=%7B%22id%22%3A7615917337495251233%7D',
		],
	])('%s', async (_name, set, expected) => {
		expect(await search(set)).toBe(expected);
	});
});

describe('method', () => {
	it.each(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'])('%s', async (method) => {
		expect((await sentFor({ method })).method).toBe(method);
	});

	it('may be one of the unusual ones', async () => {
		expect((await sentFor({ method: 'CUSTOM', customMethod: 'propfind' })).method).toBe('PROPFIND');
	});

	it.each(['', 'GET /x HTTP/1.1', 'A\r\nB', 'TRACE', 'CONNECT'])(
		'is not %j',
		async (customMethod) => {
			await expect(sentFor({ method: 'CUSTOM', customMethod })).rejects.toThrow('Method"');
		},
	);
});

describe('headers', () => {
	it('may be Authorization where the token travels in another header', async () => {
		const session = fakeSession(() => ({}), {}, undefined, ['x-api-token']);
		const headers = (...pairs: Array<[string, unknown]>) =>
			protectedCall(
				call(session, {
					parameters: { ...defaults, headersType: 'fields', headers: entries(...pairs) },
				}),
			);
		await headers(['Authorization', 'Basic Z2F0ZTp3YXk=']);
		expect(session.sent[0].headers).toEqual({ authorization: 'Basic Z2F0ZTp3YXk=' });
		await expect(headers(['X-API-Token', 'mine'])).rejects.toThrow('cannot set "X-API-Token"');
	});

	const withHeaders = async (...pairs: Array<[string, unknown]>) =>
		(await sentFor({ headersType: 'fields', headers: entries(...pairs) })).headers;

	it('are sent with names in lower case, without empty ones', async () => {
		expect(await withHeaders(['X-Trace', 7], ['Accept-Language', 'de'], ['X-Empty', ''])).toEqual({
			'x-trace': '7',
			'accept-language': 'de',
		});
	});

	it.each([
		['X-A\r\nX-B', '1', 'a name that is not allowed'],
		['X A', '1', 'a name that is not allowed'],
		['X-Ü', '1', 'a name that is not allowed'],
		['X-A', '1\r\nX-B: 2', 'a line break in the value of "X-A"'],
		['Authorization', 'Bearer mine', 'cannot set "Authorization"'],
		['HOST', 'evil.example', 'cannot set "HOST"'],
		['Content-Length', '0', 'cannot set "Content-Length"'],
		['Trailer', 'x', 'cannot set "Trailer"'],
		['X-A', '日本', 'a character in the value of "X-A"'],
		['X-A', 'a\u0001b', 'a character in the value of "X-A"'],
	])('%j: %j is refused', async (name, value, message) => {
		await expect(withHeaders([name, value])).rejects.toThrow(message);
	});

	it('are an object when given as JSON', async () => {
		await expect(sentFor({ headersType: 'json', headersJson: '["a"]' })).rejects.toThrow(
			'"Headers JSON" is not a JSON object',
		);
	});
});

describe('body', () => {
	const post = async (set: IDataObject, setup?: Setup) =>
		await sentFor({ method: 'POST', ...set }, setup);

	it('as JSON goes out as written, so that long numbers stay as they are', async () => {
		const bodyJson = '{"id": 12345678901234567890}';
		expect(await post({ bodyType: 'json', bodyJson })).toMatchObject({
			body: bodyJson,
			headers: { 'content-type': 'application/json' },
		});
	});

	it.each([
		[{ a: 1 }, '{"a":1}'],
		[[1, 2], '[1,2]'],
		['7', '7'],
	])('as JSON takes %j', async (bodyJson, body) => {
		expect((await post({ bodyType: 'json', bodyJson })).body).toBe(body);
	});

	it.each([
		['{oops', '"JSON" is not valid JSON'],
		['', '"JSON" is empty'],
	])('as JSON refuses %j', async (bodyJson, message) => {
		await expect(post({ bodyType: 'json', bodyJson })).rejects.toThrow(message);
	});

	it('as fields keeps the types of expressions', async () => {
		const bodyFields = entries(['title', 'Milk'], ['done', false], ['count', 3], ['', 'x']);
		expect((await post({ bodyType: 'fields', bodyFields })).body).toEqual({
			title: 'Milk',
			done: false,
			count: 3,
		});
	});

	it('as a form may repeat a name', async () => {
		const { body } = await post({ bodyType: 'form', bodyFields: entries(['a', 1], ['a', 'ü &']) });
		expect(String(body)).toBe('a=1&a=%C3%BC+%26');
	});

	it('as a form writes lists as Array Format says', async () => {
		const bodyFields = entries(['a', [1, 2]], ['b', ' c '], ['a', 3]);
		const form = async (arrayFormat: string) =>
			String((await post({ bodyType: 'form', bodyFields, options: { arrayFormat } })).body);
		expect(await form('repeat')).toBe('a=1&a=2&a=3&b=+c+');
		expect(decodeURIComponent(await form('brackets'))).toBe('a[]=1&a[]=2&a[]=3&b=+c+');
		expect(decodeURIComponent(await form('indices'))).toBe('a[0]=1&a[1]=2&a[2]=3&b=+c+');
	});

	it('as a multipart form has values and files, also several of one name', async () => {
		const binary = { data: Buffer.from([0xff, 0x00]), other: Buffer.from('PDF') };
		const items = [
			{
				json: {},
				binary: {
					data: { data: '', mimeType: 'image/png', fileName: 'a "b".png' },
					other: { data: '', mimeType: '' },
				},
			},
		];
		const parts = {
			entries: [
				{ type: 'text', name: 'title', value: 'ü ' },
				{ type: 'file', name: 'files[]', binaryField: 'data' },
				{ type: 'file', name: 'files[]', binaryField: 'other' },
				{ type: 'text', name: 'tags', value: ['x', 2] },
				{ type: 'text', name: '', value: 'no name' },
				{ type: 'text', name: 'a"\r\nb', value: { c: 1 } },
			],
		};
		const sent = await post({ bodyType: 'multipart', parts }, { binary, items });
		const type = sent.headers?.['content-type'] ?? '';
		const read = await new Response(new Uint8Array(sent.body as Buffer), {
			headers: { 'content-type': type },
		}).formData();
		const files = read.getAll('files[]') as File[];
		expect(read.get('title')).toBe('ü ');
		expect(read.getAll('tags')).toEqual(['x', '2']);
		expect(read.get('a"\r\nb')).toBe('{"c":1}');
		expect([...read.keys()]).toHaveLength(6);
		expect(files.map(({ name, type: mime }) => [name, mime])).toEqual([
			['a "b".png', 'image/png'],
			['file', 'application/octet-stream'],
		]);
		expect(Buffer.from(await files[0].arrayBuffer())).toEqual(binary.data);
	});

	it('as a multipart form names its boundary, whatever the headers say', async () => {
		const headers = {
			headersType: 'fields',
			headers: entries(['Content-Type', 'multipart/form-data']),
		};
		const sent = await post({ bodyType: 'multipart', parts: { entries: [] }, ...headers });
		expect(sent.headers?.['content-type']).toMatch(/^multipart\/form-data; boundary=tokenkeeper-/);
	});

	it('as a multipart form names its own boundary, not another one', async () => {
		const { headers, body } = await post({
			bodyType: 'multipart',
			parts: { entries: [{ type: 'text', name: 'a', value: '1' }] },
			headersType: 'fields',
			headers: entries(['Content-Type', 'multipart/form-data; boundary=other']),
		});
		const boundary = /boundary=(\S+)/.exec(headers?.['content-type'] ?? '')?.[1] ?? '';
		expect(String(body)).toContain(`--${boundary}--`);
	});

	it('as JSON keeps every digit that an expression gives', async () => {
		const bodyJson = { id: 12345678901234567890n } as unknown as IDataObject;
		expect((await post({ bodyType: 'json', bodyJson })).body).toBe('{"id":12345678901234567890}');
	});

	it('as a multipart form says which file is missing', async () => {
		const parts = { entries: [{ type: 'file', name: 'file', binaryField: 'data' }] };
		await expect(post({ bodyType: 'multipart', parts })).rejects.toThrow(
			'names "data", but this item',
		);
	});

	it.each(['propfind', 'REPORT', 'delete'])('goes out with %s', async (customMethod) => {
		const { body } = await post({
			method: 'CUSTOM',
			customMethod,
			bodyType: 'json',
			bodyJson: '{}',
		});
		expect(body).toBe('{}');
	});

	it.each(['get', 'HEAD'])('with a custom %s is an error, not dropped', async (customMethod) => {
		await expect(
			post({ method: 'CUSTOM', customMethod, bodyType: 'json', bodyJson: '{}' }),
		).rejects.toThrow('which n8n sends without a body');
		await post({ method: 'CUSTOM', customMethod });
	});

	it('raw goes out untouched, with its content type', async () => {
		const bodyRaw = '  <a/>\r\n';
		expect(await post({ bodyType: 'raw', contentType: 'application/xml', bodyRaw })).toMatchObject({
			body: bodyRaw,
			headers: { 'content-type': 'application/xml' },
		});
		await expect(post({ bodyType: 'raw', contentType: 'a/b\r\nX: 1', bodyRaw })).rejects.toThrow(
			'"Content Type"',
		);
	});

	it("may be a file of the item, with the item's type unless a header says another", async () => {
		const binary = { data: Buffer.from('PNG') };
		const items = [{ json: {}, binary: { data: { data: '', mimeType: 'image/png' } } }];
		const upload = { bodyType: 'binary', binaryField: 'data' };
		expect(await post(upload, { binary, items })).toMatchObject({
			body: Buffer.from('PNG'),
			headers: { 'content-type': 'image/png' },
		});
		const headers = { headersType: 'fields', headers: entries(['Content-Type', 'image/x']) };
		expect((await post({ ...upload, ...headers }, { binary, items })).headers).toEqual({
			'content-type': 'image/x',
		});
		await expect(post({ ...upload, binaryField: 'file' }, { binary, items })).rejects.toThrow(
			'names "file", but this item has no such file',
		);
	});

	it.each(['GET', 'HEAD'])('is not sent with %s', async (method) => {
		expect((await sentFor({ method, bodyType: 'json', bodyJson: '{}' })).body).toBeUndefined();
	});
});

describe('idempotency key', () => {
	const keyed = { method: 'POST', bodyType: 'json', bodyJson: '{"a":1}' };
	const keyFor = async (set: IDataObject = {}, setup: Setup = {}, name = 'idempotency-key') =>
		(await sentFor({ ...keyed, options: { idempotencyKey: 'Idempotency-Key' }, ...set }, setup))
			.headers?.[name];

	it('makes a POST repeatable, and nothing else does', async () => {
		const { headers, repeatable } = await sentFor({
			...keyed,
			options: { idempotencyKey: 'Idempotency-Key' },
		});
		expect(repeatable).toBe(true);
		expect(headers?.['idempotency-key']).toMatch(
			/^[\da-f]{8}-[\da-f]{4}-5[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/,
		);
		expect(await sentFor(keyed)).not.toHaveProperty('repeatable');
	});

	it('stays the same when n8n runs the node again', async () => {
		expect(await keyFor()).toBe(await keyFor());
		const binary = { data: Buffer.from('PDF') };
		const items = [{ json: {}, binary: { data: { data: '', mimeType: 'a/b' } } }];
		const form = {
			bodyType: 'multipart',
			parts: { entries: [{ type: 'file', name: 'f', binaryField: 'data' }] },
		};
		expect(await keyFor(form, { binary, items })).toBe(await keyFor(form, { binary, items }));
	});

	it.each<[string, IDataObject, Setup]>([
		['execution', {}, { executionId: '2' }],
		['run of the node', {}, { runIndex: 1 }],
		['body', { bodyJson: '{"a":2}' }, {}],
		['path', { path: '/other' }, {}],
		['method', { method: 'PATCH' }, {}],
		['form', { bodyType: 'form', bodyFields: entries(['a', 1]) }, {}],
	])('is another one for another %s', async (_name, set, setup) => {
		expect(await keyFor(set, setup)).not.toBe(await keyFor());
	});

	it('is another one for another item', async () => {
		const session = fakeSession(() => ({}));
		const parameters = { ...defaults, ...keyed, options: { idempotencyKey: 'Idempotency-Key' } };
		await protectedCall(call(session, { parameters }, 0));
		await protectedCall(call(session, { parameters }, 1));
		const [first, second] = session.sent.map(({ headers }) => headers?.['idempotency-key']);
		expect(first).not.toBe(second);
	});

	it('goes into the header that the API names, or is the one that the headers give', async () => {
		const options = { idempotencyKey: 'PayPal-Request-Id' };
		expect(await keyFor({ options }, {}, 'paypal-request-id')).toBeDefined();
		const headers = { headersType: 'fields', headers: entries(['Idempotency-Key', 'order-7']) };
		expect(await keyFor(headers)).toBe('order-7');
		for (const idempotencyKey of ['Host', 'Content-Length', 'Content-Type', 'Cookie']) {
			await expect(keyFor({ options: { idempotencyKey } })).rejects.toThrow('not the name of a');
		}
		await expect(keyFor({ options: { idempotencyKey: 'a b' } })).rejects.toThrow(
			'"Idempotency Key Header" is not the name',
		);
		await expect(keyFor({ options: { idempotencyKey: 'Authorization' } })).rejects.toThrow(
			'"Idempotency Key Header" is not the name',
		);
	});
});

describe('sending', () => {
	it.each([
		[{}, { foreignRedirects: true }],
		[{ redirects: 'follow' }, { foreignRedirects: true }],
		[{ redirects: 'own' }, { foreignRedirects: false }],
		[{ redirects: 'none' }, { followRedirects: false, foreignRedirects: true }],
		[{ longNumbers: 'rounded' }, { foreignRedirects: true, longNumbers: 'rounded' }],
	])('%j asks for %j', async (options, expected) => {
		const { followRedirects, foreignRedirects, longNumbers } = await sentFor({ options });
		const set = { followRedirects, foreignRedirects, longNumbers };
		expect(JSON.parse(JSON.stringify(set))).toEqual(expected);
	});
});

describe('reply', () => {
	it.each<[IDataObject, string]>([
		[{}, 'data'],
		[{ outputField: 'text' }, 'text'],
		[{ outputField: '', options: { outputField: 'page' } }, 'page'],
		[{ outputField: '' }, 'data'],
	])('that is text goes with %j into %s', async (set, field) => {
		expect((await run(set, () => 'hello')).found).toEqual([{ [field]: 'hello' }]);
	});

	it('in full has cookies as a list, and what it took', async () => {
		const cookies = ['a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT', 'b=2'];
		const headers = { 'set-cookie': cookies.join(',') };
		const answer = { status: 200, headers, cookies, body: {}, attempts: 2, waitedMs: 512.4 };
		const { found } = await run({ options: { fullResponse: true } }, () => answer);
		expect(found).toEqual([
			{ statusCode: 200, headers: { 'set-cookie': cookies }, body: {}, attempts: 2, waitedMs: 512 },
		]);
	});

	it.each([
		[{ a: 1 }, [{ a: 1 }]],
		[
			[{ a: 1 }, { a: 2 }],
			[{ a: 1 }, { a: 2 }],
		],
		[
			[1, 'x', null],
			[{ data: 1 }, { data: 'x' }, {}],
		],
		[[], []],
		['text', [{ data: 'text' }]],
		['', [{}]],
		[null, [{}]],
		[7, [{ data: 7 }]],
	])('%j becomes %j', async (body, expected) => {
		expect((await run({}, () => reply(200, body))).found).toEqual(expected);
	});

	it('is split at a dotted path', async () => {
		const body = { data: { items: [{ id: 1 }, { id: 2 }] } };
		expect((await run({ options: { itemsAt: 'data.items' } }, () => body)).found).toEqual([
			{ id: 1 },
			{ id: 2 },
		]);
	});

	it('says where the list is not', async () => {
		await expect(
			run({ options: { itemsAt: 'entries' } }, () => ({ total: 1, entry: [] })),
		).rejects.toMatchObject({
			message: 'The reply has no list at "entries"',
			description: expect.stringContaining('total, entry') as string,
		});
	});

	it('comes with status and headers when asked for, whole or split', async () => {
		const answer = () => reply(201, { items: [1, 2] }, { etag: 'x' });
		const around = (body: unknown) => ({ statusCode: 201, headers: { etag: 'x' }, body });
		expect((await run({ options: { fullResponse: true } }, answer)).found).toEqual([
			around({ items: [1, 2] }),
		]);
		expect(
			(await run({ options: { fullResponse: true, itemsAt: 'items' } }, answer)).found,
		).toEqual([around(1), around(2)]);
	});

	it.each(['HEAD', 'OPTIONS'])('to %s is its headers', async (method) => {
		expect((await run({ method }, () => reply(204, undefined, { allow: 'GET' }))).found).toEqual([
			{ statusCode: 204, headers: { allow: 'GET' }, body: null },
		]);
	});

	it('of 400 and above is handed on when asked for, and not split', async () => {
		const options = { neverError: true, fullResponse: true, itemsAt: 'items' };
		const { sent, found } = await run({ options }, () => reply(404, { message: 'no' }));
		expect(sent[0].neverError).toBe(true);
		expect(found).toEqual([{ statusCode: 404, headers: {}, body: { message: 'no' } }]);
	});

	it.each([
		['attachment; filename="to do.pdf"', 'to do.pdf'],
		["attachment; filename=x; filename*=UTF-8''na%C3%AFve.pdf", 'naïve.pdf'],
		['attachment; filename="../../etc/passwd"', 'passwd'],
		['inline', 'file'],
		["attachment; filename*=iso-8859-1'en'%A3.pdf", '£.pdf'],
		["attachment; filename*=UTF-8'en'%C3%A4.pdf", 'ä.pdf'],
		['attachment; filename*="UTF-8\'\'%C3%A4.pdf"', 'ä.pdf'],
		['attachment; filename="a \\"b\\".pdf"', 'a "b".pdf'],
		['attachment; filename="a;b.pdf"', 'a;b.pdf'],
		['attachment; filename="C:\\temp\\a.pdf"', 'a.pdf'],
		[`attachment; filename="${Buffer.from('Größe.pdf').toString('latin1')}"`, 'Größe.pdf'],
		['attachment; x-filename="x.txt"; filename="a.pdf"', 'a.pdf'],
		['attachment; foo="filename=evil.txt"; filename="a.pdf"', 'a.pdf'],
		['attachment; filename=".."', 'file'],
		['attachment; filename="."', 'file'],
		['attachment; filename=""', 'file'],
		["attachment; filename*=UTF-8''a%0d%0a%00b.pdf", 'ab.pdf'],
		["attachment; filename*=UTF-8''a%E2%80%AEfdp.exe", 'afdp.exe'],
	])('that is a file is named after %j', async (disposition, fileName) => {
		const headers = { 'content-type': 'application/pdf; x=y', 'content-disposition': disposition };
		const { outputs } = await run({ path: '/todo/file', responseFormat: 'file' }, () =>
			reply(200, Buffer.from('PDF'), headers),
		);
		expect(outputs).toEqual([
			{
				json: {},
				binary: { data: { data: 'UERG', fileName, mimeType: 'application/pdf' } },
			},
		]);
	});
});

describe('pagination', () => {
	it('makes one list of all pages', async () => {
		const { sent, found } = await run(
			{
				pagination: 'page',
				pageParameter: 'page',
				firstPage: 1,
				maxPages: 10,
				options: { itemsAt: 'items' },
			},
			(_, count) => ({ items: count <= 2 ? [{ count }, { count }] : [] }),
		);
		expect(sent.map(({ path }) => path.split('?')[1])).toEqual(['page=1', 'page=2', 'page=3']);
		expect(found).toHaveLength(4);
	});

	it('warns when the page cap cuts the list off', async () => {
		const { found, context } = await run(
			{ pagination: 'linkInBody', linkAt: 'next', maxPages: 2 },
			(_, count) => ({ count, next: `?page=${count + 1}` }),
		);
		expect(found).toHaveLength(2);
		expect(context).toMatchObject({
			given: { hints: [{ message: expect.stringContaining('more than 2 pages') as string }] },
		});
	});

	it.each([
		[{ pagination: 'cursor', cursorParameter: 'cursor', cursorAt: '' }, '"Cursor At" is empty'],
		[{ pagination: 'linkInBody', linkAt: '' }, '"Next Link At" is empty'],
		[{ pagination: 'page', pageParameter: '' }, '"Parameter Name" is empty'],
		[
			{ pagination: 'offset', offsetParameter: 'o', maxPages: 0 },
			'"Max Pages" is not a whole number',
		],
		[
			{ pagination: 'page', pageParameter: 'p', firstPage: 'one' },
			'"First Page" is not a whole number',
		],
	])('refuses %j', async (set, message) => {
		await expect(run(set)).rejects.toThrow(message);
	});
});
