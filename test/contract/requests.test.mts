import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { ICredentialType, IDataObject, INodeExecutionData, INodeType } from 'n8n-workflow';
import { executeContext, loadPackage, newRow, type Row } from './n8nContext.mts';

/** A request as it arrived. */
interface Arrived {
	readonly method: string;
	readonly url: string;
	readonly headers: IncomingMessage['headers'];
	readonly body: Buffer;
}

type Handler = (arrived: Arrived, response: ServerResponse, count: number) => void;

/** A server on loopback that notes what arrives and answers as the test says. */
async function listen(): Promise<{ origin: string; seen: Arrived[]; answer: (handler: Handler) => void; server: Server }> {
	const seen: Arrived[] = [];
	let handler: Handler = (_arrived, response) => void response.end();
	const server = createServer((request, response) => {
		const pieces: Buffer[] = [];
		request.on('data', (piece: Buffer) => pieces.push(piece));
		request.on('end', () => {
			const { method = '', url = '', headers } = request;
			if (url === '/token') {
				response.setHeader('content-type', 'application/json');
				return void response.end('{"access_token":"the-token","expires_in":3600}');
			}
			const arrived = { method, url, headers, body: Buffer.concat(pieces) };
			seen.push(arrived);
			handler(arrived, response, seen.length);
		});
	});
	await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
	const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	return { origin, seen, answer: (chosen) => void (handler = chosen), server };
}

const json = (body: string, type = 'application/json'): Handler => (_arrived, response) => void response.setHeader('content-type', type).end(body);
const fields = (...pairs: Array<[string, unknown]>) => ({ entries: pairs.map(([name, value]) => ({ name, value })) }) as IDataObject;

describe('Protected Call, option by option, on n8n-core’s own request helpers', { timeout: 600_000 }, () => {
	let api: Awaited<ReturnType<typeof listen>>;
	let storage: Awaited<ReturnType<typeof listen>>;
	let loaded: ReturnType<typeof loadPackage>;
	let row: Row;
	const sockets = () => [api, storage].filter(Boolean).forEach(({ server }) => server.closeAllConnections());

	before(async () => {
		[api, storage] = await Promise.all([listen(), listen()]);
		loaded = loadPackage();
		row = credential({});
	});
	after(async () => {
		sockets();
		await Promise.all([api, storage].map(async ({ server }) => await new Promise((resolve) => server.close(resolve))));
	});
	beforeEach(() => {
		api.seen.length = 0;
		storage.seen.length = 0;
		api.answer(json('{}'));
		storage.answer(json('{}'));
	});

	function credential(change: IDataObject): Row {
		return newRow('customTokenApi', {
			tokenUrl: `${api.origin}/token`, baseUrl: `${api.origin}/v1`, grant: 'clientCredentials', clientId: 'client', clientSecret: 'a-secret-of-mine',
			accessPath: 'access_token', expiryPath: 'expires_in', ...change,
		});
	}

	async function run(parameters: IDataObject, { binary, as = row, typeVersion = 1 }: { binary?: INodeExecutionData['binary']; as?: Row; typeVersion?: number } = {}): Promise<INodeExecutionData[]> {
		const nodeType = new (loaded.ProtectedCall as new () => INodeType)();
		const context = executeContext({
			row: as,
			credential: new (loaded.CustomTokenApi as new () => ICredentialType)(),
			nodeType,
			parameters: { authentication: 'customTokenApi', method: 'GET', path: '/things', ...parameters },
			items: [{ json: {}, ...(binary && { binary }) }],
			typeVersion,
		});
		return ((await nodeType.execute?.call(context)) as INodeExecutionData[][])[0] ?? [];
	}

	async function sent(parameters: IDataObject, more?: Parameters<typeof run>[1]): Promise<Arrived> {
		await run(parameters, more);
		const [first] = api.seen;
		assert.ok(first, 'a request arrived');
		return first;
	}

	const values = async (parameters: IDataObject) => (await run(parameters)).map((item) => item.json);
	const contentOf = (item: INodeExecutionData | undefined) => Buffer.from(item?.binary?.data?.data ?? '', 'base64');

	describe('what is sent', () => {
		const rows: ReadonlyArray<readonly [name: string, parameters: IDataObject, url: string]> = [
			['a path with a dollar sign, a query written by hand', { path: "/things/$count('a b')?$filter=a eq 1" }, "/v1/things/$count('a%20b')?$filter=a%20eq%201"],
			['query fields', { queryType: 'fields', query: fields(['$filter', "name eq 'a b'"], ['q', '1+1&=ü']) }, '/v1/things?$filter=name%20eq%20%27a%20b%27&q=1%2B1%26%3D%C3%BC'],
			['query JSON', { queryType: 'json', queryJson: '{"id": 7615917337495251231, "a": [1, 2], "n": null}' }, '/v1/things?id=7615917337495251231&a=1&a=2'],
			['a list in brackets', { queryType: 'json', queryJson: '{"a": [1, 2]}', options: { arrayFormat: 'brackets' } }, '/v1/things?a%5B%5D=1&a%5B%5D=2'],
			['a list with indices', { queryType: 'fields', query: fields(['a', 1], ['a', 2]), options: { arrayFormat: 'indices' } }, '/v1/things?a%5B0%5D=1&a%5B1%5D=2'],
		];
		for (const [name, parameters, url] of rows) {
			test(name, async () => assert.equal((await sent(parameters)).url, url));
		}

		for (const method of ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT']) {
			test(`the method ${method}`, async () => assert.equal((await sent({ method })).method, method));
		}

		const bodies: ReadonlyArray<readonly [name: string, parameters: IDataObject, type: string, body: string]> = [
			['JSON', { bodyType: 'json', bodyJson: '{"id": 7615917337495251231}' }, 'application/json', '{"id": 7615917337495251231}'],
			['fields', { bodyType: 'fields', bodyFields: fields(['a', '={{ 1 }}'], ['b', 'x']) }, 'application/json', '{"a":1,"b":"x"}'],
			['a form', { bodyType: 'form', bodyFields: fields(['a', 'x y'], ['a', 'ü']) }, 'application/x-www-form-urlencoded', 'a=x+y&a=%C3%BC'],
			['a form with a list', { bodyType: 'form', bodyFields: fields(['a', 1], ['a', 2]), options: { arrayFormat: 'brackets' } }, 'application/x-www-form-urlencoded', 'a%5B%5D=1&a%5B%5D=2'],
			['a raw form', { bodyType: 'raw', contentType: 'application/x-www-form-urlencoded', bodyRaw: 'b=2&a=%20&a=1' }, 'application/x-www-form-urlencoded', 'b=2&a=%20&a=1'],
			['raw XML', { bodyType: 'raw', contentType: 'application/xml', bodyRaw: ' <a>ü</a>\n' }, 'application/xml', ' <a>ü</a>\n'],
			['raw text that looks like JSON', { bodyType: 'raw', contentType: 'text/plain', bodyRaw: '{"a":  1}' }, 'text/plain', '{"a":  1}'],
		];
		for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'REPORT', 'PROPFIND', 'SEARCH', 'QUERY']) {
			for (const [name, parameters, type, body] of method === 'POST' ? bodies : bodies.slice(0, 1)) {
				test(`${name} with ${method}`, async () => {
					const custom = !['POST', 'PUT', 'PATCH', 'DELETE'].includes(method);
					const arrived = await sent({ ...(custom ? { method: 'CUSTOM', customMethod: method } : { method }), ...parameters });
					assert.equal(arrived.method, method);
					assert.equal(arrived.headers['content-type'], type);
					assert.equal(arrived.body.toString(), body);
				});
			}
		}

		test('a body with a custom GET is an error that says so', async () => {
			await assert.rejects(run({ method: 'CUSTOM', customMethod: 'GET', bodyType: 'json', bodyJson: '{}' }), /GET, which n8n sends without a body/);
		});

		test('a file, and a file of a form’s type', async () => {
			const bytes = Buffer.from([0xff, 0xd8, 0x00, 0x0a]);
			const binary = { data: { data: bytes.toString('base64'), mimeType: 'image/jpeg' }, form: { data: Buffer.from('a=1').toString('base64'), mimeType: 'application/x-www-form-urlencoded' } };
			const arrived = await sent({ method: 'POST', bodyType: 'binary', binaryField: 'data' }, { binary });
			assert.deepEqual([arrived.headers['content-type'], arrived.body], ['image/jpeg', bytes]);
			await run({ method: 'POST', bodyType: 'binary', binaryField: 'form' }, { binary });
			assert.equal(api.seen[1]?.body.toString(), 'a=1');
		});

		test('a form with files', async () => {
			const bytes = Buffer.from([0xff, 0xd8, 0x00, 0x0a]);
			const binary = { photo: { data: bytes.toString('base64'), mimeType: 'image/jpeg', fileName: 'naïve.jpg' } };
			const entries = [
				{ type: 'text', name: 'title', value: 'Größe' },
				{ type: 'file', name: 'files', binaryField: 'photo' },
				{ type: 'file', name: 'files', binaryField: 'photo' },
			];
			const { headers, body } = await sent({ method: 'POST', bodyType: 'multipart', parts: { entries } }, { binary });
			const read = await new Response(new Uint8Array(body), { headers: { 'content-type': headers['content-type'] ?? '' } }).formData();
			const files = read.getAll('files') as File[];
			assert.equal(read.get('title'), 'Größe');
			assert.deepEqual(files.map(({ name, type, size }) => [name, type, size]), [['naïve.jpg', 'image/jpeg', 4], ['naïve.jpg', 'image/jpeg', 4]]);
			assert.deepEqual(Buffer.from(await (files[0] as File).arrayBuffer()), bytes);
			assert.equal(headers['content-length'], String(body.length));
		});

		test('headers, in JSON as well; Authorization too where the token is in another one', async () => {
			const headers = { headersType: 'json', headersJson: '{"X-Own": 7615917337495251231, "accept": "text/plain"}' };
			const { 'x-own': own, accept, authorization } = (await sent(headers)).headers;
			assert.deepEqual([own, accept, authorization], ['7615917337495251231', 'text/plain', 'Bearer the-token']);
			await assert.rejects(run({ headersType: 'fields', headers: fields(['Authorization', 'Basic eA==']) }), /cannot set "Authorization"/);
			const as = credential({ headerName: 'X-Api-Token', headerPrefix: 'none' });
			await run({ headersType: 'fields', headers: fields(['Authorization', 'Basic eA==']) }, { as });
			const last = api.seen.at(-1)?.headers;
			assert.deepEqual([last?.authorization, last?.['x-api-token']], ['Basic eA==', 'the-token']);
		});
	});

	describe('what is read', () => {
		const latin1 = (text: string) => Buffer.from(text, 'latin1');
		const rows: ReadonlyArray<readonly [name: string, type: string, body: string | Buffer, expected: unknown]> = [
			['JSON behind a byte order mark', 'application/json', '\uFEFF{"a":"ö"}', [{ a: 'ö' }]],
			['JSON in ISO-8859-15', 'application/json; charset=ISO-8859-15', Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xa4, 0x22, 0x7d]), [{ a: '€' }]],
			['JSON in UTF-16', 'application/json; charset=utf-16', Buffer.from('\uFEFF{"a":"ö"}', 'utf16le'), [{ a: 'ö' }]],
			['text in ISO-8859-1', 'text/csv; charset=iso-8859-1', latin1('Größe;1'), [{ data: 'Größe;1' }]],
			['text in Windows-1252', 'text/plain; charset=windows-1252', Buffer.from([0x80]), [{ data: '€' }]],
			['lines of JSON', 'application/x-ndjson', '{"a":1}\n{"a":2}\n', [{ a: 1 }, { a: 2 }]],
			['a JSON sequence', 'application/json-seq', '\u001e{"a":1}\n\u001e{"a":2}\n', [{ a: 1 }, { a: 2 }]],
			['a long integer', 'application/json', '{"id":7615917337495251231,"short":9007199254740991}', [{ id: '7615917337495251231', short: 9007199254740991 }]],
			['JSON of no type', '', '[{"a":1}]', [{ a: 1 }]],
			['JSON that is said to be ISO-8859-1 and is UTF-8', 'application/json; charset=iso-8859-1', '{"a":"ö"}', [{ a: 'ö' }]],
			['nothing', 'application/json', '', [{}]],
		];
		for (const [name, type, body, expected] of rows) {
			test(name, async () => {
				api.answer((_arrived, response) => {
					if (type !== '') response.setHeader('content-type', type);
					response.end(body);
				});
				assert.deepEqual(await values({}), expected);
			});
		}

		test('a long integer, rounded where that is wanted', async () => {
			api.answer(json('{"id":7615917337495251231}'));
			assert.deepEqual(await values({ options: { longNumbers: 'rounded' } }), [{ id: 7615917337495251000 }]);
		});

		test('a compressed reply', async () => {
			api.answer((_arrived, response) => void response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(gzipSync('{"a":1}')));
			assert.deepEqual(await values({}), [{ a: 1 }]);
			api.answer((_arrived, response) => void response.writeHead(200, { 'content-type': 'application/pdf', 'content-encoding': 'gzip' }).end(gzipSync('PDF')));
			assert.equal(contentOf((await run({}))[0]).toString(), 'PDF');
		});

		test('several cookies, each one apart, and what the request took', async () => {
			const cookies = ['a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT', 'b=2'];
			api.answer((_arrived, response) => void response.setHeader('set-cookie', cookies).end('{}'));
			const [full] = await values({ responseFormat: 'json', options: { fullResponse: true } });
			assert.deepEqual((full?.headers as IDataObject)['set-cookie'], cookies);
			assert.deepEqual([full?.statusCode, full?.attempts], [200, 1]);
		});
	});

	describe('a file', () => {
		const pdf: Handler = (_arrived, response) => void response.writeHead(200, { 'content-type': 'application/pdf', 'content-disposition': 'attachment; filename="a.pdf"' }).end('PDF');

		for (const responseFormat of ['file', 'auto']) {
			test(`is taken in with ${responseFormat}`, async () => {
				api.answer(pdf);
				const [item] = await run({ responseFormat });
				assert.equal(contentOf(item).toString(), 'PDF');
				assert.deepEqual([item?.binary?.data?.fileName, item?.binary?.data?.mimeType], ['a.pdf', 'application/pdf']);
			});
		}

		test('is one also where no type says so, and is called as the reply says', async () => {
			const bytes = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 255]);
			const disposition = Buffer.from('attachment; filename="Größe.png"').toString('latin1');
			api.answer((_arrived, response) => void response.writeHead(200, { 'content-disposition': disposition }).end(bytes));
			const [item] = await run({});
			assert.deepEqual([contentOf(item), item?.binary?.data?.fileName], [bytes, 'Größe.png']);
		});

		test('that is an error is read as one', async () => {
			api.answer((_arrived, response) => void response.writeHead(404, { 'content-type': 'application/json' }).end('{"message":"No such file."}'));
			await assert.rejects(run({ responseFormat: 'file' }), /404: No such file\./);
			assert.deepEqual(await values({ responseFormat: 'file', options: { neverError: true } }), [{ message: 'No such file.' }]);
		});

		test('that breaks off is got again, whole', async () => {
			api.answer((_arrived, response, count) => {
				response.writeHead(200, { 'content-type': 'application/pdf', 'content-length': 6 });
				if (count > 1) return void response.end('PDFPDF');
				response.write('PDF', () => setTimeout(() => response.destroy(), 50));
			});
			const [item] = await run({ responseFormat: 'file', options: { fullResponse: true } });
			assert.equal(contentOf(item).toString(), 'PDFPDF');
			assert.equal(item?.json.attempts, 2);
			assert.ok(Number(item?.json.waitedMs) > 0);
		});

		test('that stops coming is given up after Timeout', async () => {
			api.answer((_arrived, response) => {
				response.writeHead(200, { 'content-type': 'application/pdf', 'content-length': 6 });
				response.write('PDF');
			});
			await assert.rejects(run({ responseFormat: 'file', options: { timeout: 1, retry: false } }), /did not answer within 1 s/);
			sockets();
		});
	});

	describe('a redirect', () => {
		const to = (location: () => string, status = 302): Handler => (_arrived, response) => void response.writeHead(status, { location: location() }).end();
		const shown = ({ headers }: Arrived) => Object.keys(headers).filter((name) => !['accept', 'accept-encoding', 'connection', 'host', 'user-agent'].includes(name));
		const own = { headersType: 'fields', headers: fields(['Cookie', 'a=1'], ['X-Own', '1']) };

		for (const neverError of [false, true]) {
			test(`of a download to a foreign host is followed without token, cookies and own headers${neverError ? ', with Never Error as well' : ''}`, async () => {
				api.answer(to(() => `${storage.origin}/bucket/b.pdf?X-Amz-Signature=abc`));
				storage.answer((arrived, response) => void response.writeHead(arrived.headers.authorization ? 400 : 200, { 'content-type': 'application/pdf' }).end('PDF'));
				const [item] = await run({ responseFormat: 'file', ...own, options: { neverError } });
				assert.equal(contentOf(item).toString(), 'PDF');
				assert.equal(item?.binary?.data?.fileName, 'b.pdf');
				assert.equal(api.seen[0]?.headers.authorization, 'Bearer the-token');
				assert.deepEqual(storage.seen.map(({ url }) => url), ['/bucket/b.pdf?X-Amz-Signature=abc']);
				assert.deepEqual(shown(storage.seen[0] as Arrived), []);
			});
		}

		test('back from a foreign host brings no token', async () => {
			api.answer((arrived, response, count) => (count === 1 ? to(() => `${storage.origin}/x`)(arrived, response, count) : json('{"home":true}')(arrived, response, count)));
			storage.answer(to(() => `${api.origin}/v1/admin`));
			assert.deepEqual(await values(own), [{ home: true }]);
			assert.deepEqual(shown(api.seen[1] as Arrived), []);
		});

		test('of a PROPFIND is followed with its body', async () => {
			api.answer((arrived, response, count) => (count === 1 ? to(() => '/v1/dav/', 301)(arrived, response, count) : json('{"dav":1}')(arrived, response, count)));
			assert.deepEqual(await values({ method: 'CUSTOM', customMethod: 'PROPFIND', bodyType: 'raw', contentType: 'application/xml', bodyRaw: '<a/>' }), [{ dav: 1 }]);
			assert.deepEqual(api.seen.map(({ method, url, body }) => [method, url, body.toString()]), [['PROPFIND', '/v1/things', '<a/>'], ['PROPFIND', '/v1/dav/', '<a/>']]);
		});

		test('within the own hosts keeps token and headers', async () => {
			api.answer((arrived, response, count) => (count === 1 ? to(() => '/v2/things')(arrived, response, count) : json('{}')(arrived, response, count)));
			await run(own);
			assert.deepEqual(api.seen.map(({ url, headers }) => [url, headers.authorization, headers['x-own']]), [['/v1/things', 'Bearer the-token', '1'], ['/v2/things', 'Bearer the-token', '1']]);
		});

		test('to a further host of the credential carries the token', async () => {
			api.answer(to(() => `${storage.origin}/x`));
			await run({}, { as: credential({ additionalHosts: storage.origin }) });
			assert.equal(storage.seen[0]?.headers.authorization, 'Bearer the-token');
		});

		test('is refused, or handed on, where the option says so', async () => {
			api.answer(to(() => `${storage.origin}/x`));
			await assert.rejects(run({ options: { redirects: 'own' } }), /redirects to 127\.0\.0\.1:\d+, but this credential's token is for/);
			const [full] = await values({ options: { redirects: 'none', fullResponse: true } });
			assert.deepEqual([full?.statusCode, (full?.headers as IDataObject).location], [302, `${storage.origin}/x`]);
			assert.equal(storage.seen.length, 0);
		});

		test('of a POST is an error, but 303 is read', async () => {
			api.answer(to(() => '/v1/result', 307));
			await assert.rejects(run({ method: 'POST', bodyType: 'json', bodyJson: '{}' }), /redirects this POST request \(307\)/);
			api.answer((arrived, response, count) => (arrived.method === 'POST' ? to(() => '/v1/result', 303)(arrived, response, count) : json('{"done":true}')(arrived, response, count)));
			assert.deepEqual(await values({ method: 'POST', bodyType: 'json', bodyJson: '{}' }), [{ done: true }]);
			assert.equal(api.seen.at(-1)?.headers['content-type'], undefined);
		});

		test('in circles is an error', async () => {
			api.answer(to(() => '/v1/things'));
			await assert.rejects(run({}), /redirects again and again/);
		});
	});

	describe('a lost answer', () => {
		const lostOnce: Handler = (arrived, response, count) => void (count === 1 ? response.destroy() : json('{"done":true}')(arrived, response, count));
		const post = { method: 'POST', bodyType: 'json', bodyJson: '{"a":1}' };

		test('of a POST is an error: it may have been carried out', async () => {
			api.answer(lostOnce);
			await assert.rejects(run(post), /broke off before an answer came/);
			assert.equal(api.seen.length, 1);
		});

		test('of a POST with an idempotency key is asked for again, with the same key', async () => {
			api.answer(lostOnce);
			assert.deepEqual(await values({ ...post, options: { idempotencyKey: 'Idempotency-Key' } }), [{ done: true }]);
			const [first, second] = api.seen.map(({ headers }) => headers['idempotency-key']);
			assert.match(String(first), /^[\da-f-]{36}$/);
			assert.equal(second, first);
		});
	});

	describe('a reply of version 1.1', () => {
		test('is read as Response Format under Options says, and text goes into the field that is named', async () => {
			api.answer(json('{"a":1}'));
			const [item] = await run({ options: { responseFormat: 'text', outputField: 'page' } }, { typeVersion: 1.1 });
			assert.deepEqual(item?.json, { page: '{"a":1}' });
		});

		test('is a file in the field that is named, and found out without', async () => {
			api.answer(json('{"a":1}'));
			const [item] = await run({ options: { responseFormat: 'file', outputField: 'report' } }, { typeVersion: 1.1 });
			assert.equal(Buffer.from(item?.binary?.report?.data ?? '', 'base64').toString(), '{"a":1}');
			assert.deepEqual((await run({}, { typeVersion: 1.1 }))[0]?.json, { a: 1 });
		});
	});

	describe('an API that asks for a pause', () => {
		const busy = (seconds: number): Handler => (arrived, response, count) =>
			void (count === 1 ? response.writeHead(429, { 'retry-after': String(seconds) }).end() : json('{"done":true}')(arrived, response, count));

		test('is waited for as long as Max Wait allows', async () => {
			api.answer(busy(2));
			const as = credential({ clientId: 'patient' });
			const [full] = (await run({ options: { maxWait: 5, fullResponse: true } }, { as })).map((item) => item.json);
			assert.deepEqual([full?.body, full?.attempts], [{ done: true }, 2]);
			assert.ok(Number(full?.waitedMs) >= 2000, String(full?.waitedMs));
		});

		test('for longer is an error at once, which says until when', async () => {
			api.answer(busy(600));
			const as = credential({ clientId: 'impatient' });
			const begun = Date.now();
			await assert.rejects(run({ options: { maxWait: 1 } }, { as }), /asks to wait until .*UTC/);
			assert.ok(Date.now() - begun < 5000);
			assert.equal(api.seen.length, 1);
		});
	});

	test('an error shows the method and the path, but no value of the query', async () => {
		api.answer((_arrived, response) => void response.writeHead(422, { 'content-type': 'application/json' }).end('{"message":"No."}'));
		await assert.rejects(run({ path: '/things/7?key=hidden-value' }), (error: Error & { description?: string }) => {
			assert.match(error.message, /422: No\./);
			assert.match(error.description ?? '', /GET \/v1\/things\/7/);
			assert.doesNotMatch(JSON.stringify([error.message, error.description]), /hidden-value|the-token|a-secret/);
			return true;
		});
	});
});
