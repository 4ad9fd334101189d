import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, truncateSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { IBinaryData, IDataObject, INodeExecutionData } from 'n8n-workflow';

const folder = mkdtempSync(path.join(tmpdir(), 'uploads-'));
// Read when n8n-core is loaded.
process.env.N8N_DEFAULT_BINARY_DATA_MODE = 'filesystem';
process.env.N8N_BINARY_DATA_STORAGE_PATH = folder;
const { loadPackage, newRow, protectedCallContext } = await import('./n8nContext.mts');
type Row = ReturnType<typeof newRow>;

/** A request as it arrived: of its body, what names it. */
interface Arrived {
	readonly method: string;
	readonly headers: IncomingMessage['headers'];
	readonly sha256: string;
	readonly length: number;
	/** Where it ended as announced. */
	readonly complete: boolean;
	/** Of a form with files. */
	readonly form?: FormData;
}

type Handler = (arrived: Arrived, response: ServerResponse, count: number) => void;

const MEGABYTE = 1024 * 1024;
const sha256 = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');
const ok: Handler = (_arrived, response) => void response.setHeader('content-type', 'application/json').end('{"ok":true}');

describe('Files that are sent, on n8n-core’s own store and request helpers', { timeout: 120_000 }, () => {
	let server: Server;
	let origin: string;
	let bought = 0;
	let handler: Handler = ok;
	/** Answers without reading the body. */
	let rude: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
	const seen: Arrived[] = [];
	let loaded: ReturnType<typeof loadPackage>;
	let row: Row;
	const opened: Readable[] = [];
	const large = randomBytes(3 * MEGABYTE + 17);
	const larger = randomBytes(5 * MEGABYTE + 1);
	const small = Buffer.from('a small one');

	before(async () => {
		const core = createRequire(createRequire(import.meta.url).resolve('n8n-core'));
		const { Container } = core('@n8n/di') as typeof import('@n8n/di');
		const { BinaryDataService } = core('n8n-core') as typeof import('n8n-core');
		await Container.get(BinaryDataService).init();
		server = createServer((request, response) => {
			if (request.url === '/token') {
				request.resume();
				return void response.setHeader('content-type', 'application/json').end(`{"access_token":"token-${++bought}","expires_in":3600}`);
			}
			if (rude !== undefined) return rude(request, response);
			const pieces: Buffer[] = [];
			request.on('data', (piece: Buffer) => pieces.push(piece));
			request.on('error', () => {});
			request.on('close', () => void arrive(request, response, Buffer.concat(pieces)));
		});
		await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
		origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
		loaded = loadPackage();
		row = newRow('customTokenApi', { tokenUrl: `${origin}/token`, baseUrl: origin, clientId: 'client', clientSecret: 'a-secret-of-mine' });
	});
	after(async () => {
		server.closeAllConnections();
		await new Promise((resolve) => server.close(resolve));
		rmSync(folder, { recursive: true, force: true });
	});
	beforeEach(() => {
		seen.length = opened.length = 0;
		handler = ok;
		rude = undefined;
	});

	async function arrive(request: IncomingMessage, response: ServerResponse, body: Buffer): Promise<void> {
		const { method = '', headers, complete } = request;
		const type = headers['content-type'] ?? '';
		const form = complete && type.startsWith('multipart/') ? await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData() : undefined;
		const arrived = { method, headers, complete, length: body.length, sha256: sha256(body), form };
		seen.push(arrived);
		if (complete) handler(arrived, response, seen.length);
	}

	/** As a node before this one stores it. */
	async function stored(content: Buffer, name = 'file.bin', mimeType = 'application/x-test'): Promise<IBinaryData> {
		const context = protectedCallContext(loaded, row, {}, [{}]);
		return await context.helpers.prepareBinaryData(Readable.from([content], { objectMode: false }), name, mimeType);
	}

	async function send(parameters: IDataObject, binary: Record<string, IBinaryData>, json?: IDataObject): Promise<INodeExecutionData[]> {
		const nodeType = new (loaded.ProtectedCall as new () => import('n8n-workflow').INodeType)();
		const context = protectedCallContext(loaded, row, { method: 'PUT', path: '/things', ...parameters }, [json ?? {}], json && { settings: { binaryMode: 'combined' } });
		Object.assign(context.getInputData()[0] as INodeExecutionData, { binary });
		const { getBinaryStream, getBinaryDataBuffer } = context.helpers;
		context.helpers.getBinaryStream = async (...given) => {
			const stream = await getBinaryStream(...given);
			opened.push(stream);
			return stream;
		};
		context.helpers.getBinaryDataBuffer = async (index, name) => {
			const content = await getBinaryDataBuffer(index, name);
			assert.ok(content.length <= MEGABYTE, 'no large file is read as a whole');
			return content;
		};
		return ((await nodeType.execute?.call(context)) as INodeExecutionData[][])[0] ?? [];
	}
	const file = { bodyType: 'binary', binaryField: 'data' };
	const closed = () => opened.every((stream) => stream.destroyed);

	test('a file arrives whole, with its type and length', async () => {
		const [item] = await send(file, { data: await stored(large) });
		assert.deepEqual(item?.json, { ok: true });
		assert.equal(seen.length, 1);
		const [{ headers, ...arrived }] = seen as [Arrived];
		assert.equal(arrived.sha256, sha256(large));
		assert.equal(headers['content-length'], String(large.length));
		assert.equal(headers['content-type'], 'application/x-test');
		assert.equal(headers.authorization, 'Bearer token-1');
		assert.equal(opened.length, 1);
		assert.ok(closed());
	});

	test('a small one is read at once', async () => {
		await send(file, { data: await stored(small) });
		assert.equal(seen[0]?.sha256, sha256(small));
		assert.equal(opened.length, 0);
	});

	test('it is sent anew from its start after 503, and after a refused token', async () => {
		handler = (arrived, response, count) => {
			if (count === 1) return void response.writeHead(503, { 'retry-after': '0' }).end();
			if (count === 2) return void response.writeHead(401).end();
			ok(arrived, response, count);
		};
		await send(file, { data: await stored(large) });
		assert.deepEqual(seen.map((one) => one.sha256), [large, large, large].map(sha256));
		assert.equal(opened.length, 3);
		assert.ok(closed());
	});

	test('a form with two large files, a small one and values arrives whole', async () => {
		const entries = [
			{ type: 'text', name: 'title', value: 'Grüße' },
			{ type: 'file', name: 'files[]', binaryField: 'one' },
			{ type: 'file', name: 'files[]', binaryField: 'two' },
			{ type: 'file', name: 'small', binaryField: 'three' },
		];
		const binary = { one: await stored(large, 'one.bin'), two: await stored(larger, 'two "2".bin'), three: await stored(small, 'three.txt', 'text/plain') };
		await send({ method: 'POST', bodyType: 'multipart', parts: { entries } }, binary);
		const [{ form, headers, length }] = seen as [Arrived];
		assert.equal(headers['content-length'], String(length));
		assert.equal(form?.get('title'), 'Grüße');
		const files = [...(form?.getAll('files[]') ?? []), form?.get('small')] as File[];
		assert.deepEqual(files.map((one) => one.name), ['one.bin', 'two "2".bin', 'three.txt']);
		const sums = await Promise.all(files.map(async (one) => sha256(new Uint8Array(await one.arrayBuffer()))));
		assert.deepEqual(sums, [large, larger, small].map(sha256));
		assert.ok(closed());
	});

	for (const binaryField of ['_files.photo', '={{ $json._files.photo }}']) {
		test(`a file in the JSON, where the workflow keeps files there, is found by ${binaryField}`, async () => {
			for (const content of [large, small]) {
				const photo = await stored(content);
				await send({ ...file, binaryField }, {}, { _files: { photo } } as unknown as IDataObject);
				await send({ bodyType: 'multipart', parts: { entries: [{ type: 'file', name: 'f', binaryField }] } }, {}, { _files: { photo } } as unknown as IDataObject);
				const [alone, inForm] = seen.splice(0) as [Arrived, Arrived];
				assert.equal(alone.sha256, sha256(content));
				assert.equal((inForm.form?.get('f') as File).size, content.length);
			}
		});
	}

	test('what is no file is said to be none', async () => {
		await assert.rejects(send({ ...file, binaryField: '={{ { "a": 1 } }}' }, {}), /Input Binary Field.*gives an object that is no file/);
		await assert.rejects(send(file, {}), /Input Binary Field.*names "data", but this item has no such file/);
	});

	test('a file that is gone before its second attempt is said to be gone', async () => {
		const data = await stored(large);
		handler = (_arrived, response) => {
			rmSync(storedAt(data));
			response.writeHead(503, { 'retry-after': '0' }).end();
		};
		await assert.rejects(send(file, { data }), /n8n could not read the file that was to be sent/);
		assert.equal(seen.length, 1);
		assert.ok(closed());
	});

	test('one file twice in a form arrives twice', async () => {
		const entries = ['a', 'b'].map((name) => ({ type: 'file', name, binaryField: 'data' }));
		await send({ bodyType: 'multipart', parts: { entries } }, { data: await stored(large) });
		const files = ['a', 'b'].map((name) => seen[0]?.form?.get(name) as File);
		assert.deepEqual(files.map(({ size }) => size), [large.length, large.length]);
		assert.ok(closed());
	});

	test('a type that n8n takes apart keeps its content', async () => {
		await send({ ...file, headersType: 'fields', headers: { entries: [{ name: 'Content-Type', value: 'application/x-www-form-urlencoded' }] } }, { data: await stored(large) });
		assert.equal(seen[0]?.sha256, sha256(large));
	});

	test('a POST with an idempotency key keeps the key when its answer is lost', async () => {
		handler = (arrived, response, count) => {
			if (count === 1) return void response.destroy();
			ok(arrived, response, count);
		};
		await send({ ...file, method: 'POST', options: { idempotencyKey: 'Idempotency-Key' } }, { data: await stored(large) });
		assert.equal(seen.length, 2);
		assert.equal(new Set(seen.map(({ headers }) => headers['idempotency-key'])).size, 1);
		assert.deepEqual(seen.map((one) => one.sha256), [sha256(large), sha256(large)]);
	});

	test('an API that refuses it before it has arrived is quoted', async () => {
		rude = (request, response) => {
			response.writeHead(413, { 'content-type': 'application/json', connection: 'close' }).end('{"message":"Files have 1 MB at most"}');
			request.resume();
		};
		await assert.rejects(send(file, { data: await stored(larger) }), /413.*Files have 1 MB at most/);
		assert.ok(closed());
	});

	test('a connection that breaks off leaves no file open', async () => {
		rude = (request) => void request.once('data', () => request.destroy());
		await assert.rejects(send({ ...file, method: 'POST' }, { data: await stored(larger) }), /broke|closed|connection/i);
		assert.ok(closed());
	});

	for (const [name, bodyType] of [['alone', file], ['in a form', { bodyType: 'multipart', parts: { entries: [{ type: 'file', name: 'f', binaryField: 'data' }] } }]] as const) {
		test(`a file that is gone, ${name}, is said to be gone`, async () => {
			const data = await stored(large);
			rmSync(storedAt(data));
			await assert.rejects(send(bodyType, { data }), /n8n could not read the file that was to be sent/);
			assert.equal(seen.filter(({ complete }) => complete).length, 0);
			assert.ok(closed());
		});

		for (const [how, size] of [['shorter', MEGABYTE], ['longer', 9 * MEGABYTE]] as const) {
			test(`a file that is ${how} than n8n noted, ${name}, is no request that was carried out`, async () => {
				const data = await stored(larger);
				truncateSync(storedAt(data), size);
				await assert.rejects(send({ ...bodyType, method: 'POST' }, { data }), /n8n could not read the file that was to be sent/);
				assert.equal(seen.filter(({ complete }) => complete).length, 0);
				assert.ok(closed());
			});
		}
	}

	test('one that was small and whose file is gone is said to be gone', async () => {
		const data = await stored(small);
		rmSync(storedAt(data));
		await assert.rejects(send(file, { data }), /n8n could not read the file that was to be sent/);
	});

	function storedAt({ id = '' }: IBinaryData): string {
		const at = path.join(folder, id.slice(id.indexOf(':') + 1));
		assert.ok(existsSync(at), at);
		return at;
	}
});
