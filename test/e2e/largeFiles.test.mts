import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createReadStream, readdirSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, it } from 'node:test';
import { startN8n, type N8n } from '../n8n/instance.mts';
import { packPackage } from '../n8n/package.mts';
import type { JsonObject, WorkflowFile } from '../n8n/types.mts';
import { median } from '../soak/load.mts';
import { flow, SUBJECT } from './support/flows.mts';
import { protectedCall, type Stored } from './support/requests.mts';
import { printTable } from './support/table.mts';

const MEGABYTE = 1024 * 1024;
const SIZE = 500 * MEGABYTE;
const MOST_ABOVE_IDLE = 100 * MEGABYTE;
const PIECE = Buffer.alloc(64 * 1024, 'A file that is never in memory as a whole. ');

describe('a large file, in a real n8n that keeps files on disk', { timeout: 900_000 }, () => {
	let api: Server;
	let n8n: N8n;
	let credential: Stored;

	before(async () => {
		api = createServer((request, response) => void answer(request, response));
		await new Promise<void>((resolve) => void api.listen(0, '127.0.0.1', resolve));
		const url = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
		n8n = await startN8n({ packageTarball: await packPackage(), extraEnv: { N8N_DEFAULT_BINARY_DATA_MODE: 'filesystem' } });
		const fields = { tokenUrl: `${url}/token`, baseUrl: url, clientId: 'client', clientSecret: 'a-secret-of-mine' };
		const type = 'customTokenApi';
		const { id } = await n8n.rest.createCredential({ name: 'Files', type, data: fields });
		credential = { id, name: 'Files', type, fields };
	});
	after(async () => {
		await n8n?.stop();
		api?.closeAllConnections();
		api?.close();
	});

	async function run(workflow: WorkflowFile): Promise<void> {
		const { id } = await n8n.rest.createWorkflow(workflow);
		const { status, error } = await n8n.rest.executionResult(await n8n.rest.startWorkflow(id, 'By hand'));
		assert.equal(status, 'success', error?.message);
	}

	function downloading(size: number): WorkflowFile {
		const step = protectedCall(credential, { path: `/file/${size}`, responseFormat: 'file', outputField: 'data' });
		return flow(`Download ${size}`, step);
	}

	/** The file goes back to the API, alone and in a form. */
	function uploading(size: number): WorkflowFile {
		const { nodes, connections, ...workflow } = downloading(size);
		const parts: JsonObject = { entries: [{ type: 'text', name: 'title', value: 'Large' }, { type: 'file', name: 'file', binaryField: 'data' }] };
		const steps = [protectedCall(credential, { method: 'PUT', path: '/alone', bodyType: 'binary', binaryField: 'data' }), protectedCall(credential, { method: 'PUT', path: '/form', bodyType: 'multipart', parts })];
		const uploads = steps.map((step, index) => ({ id: `upload-${index}`, name: `Upload ${index}`, typeVersion: 1, position: [900, index * 200] as [number, number], ...step }));
		const to = uploads.map(({ name }) => ({ node: name, type: 'main', index: 0 }));
		return { ...workflow, name: `Upload ${size}`, nodes: [...nodes, ...uploads], connections: { ...connections, [SUBJECT]: { main: [to] } } };
	}

	/** What n8n takes more than at rest. */
	async function memoryOf(what: string, size: number, workflow: (size: number) => WorkflowFile): Promise<void> {
		// What a first call loads is no part of the file.
		await run(workflow(2 * MEGABYTE));
		const idle = median(await sampled(n8n, sleep(5000)));
		const most = Math.max(...(await sampled(n8n, run(workflow(size)))));
		const megabytes = (bytes: number) => String(Math.round(bytes / MEGABYTE));
		printTable(`Memory of n8n over ${what}`, ['idle (MB)', 'at most (MB)', 'above idle (MB)', 'allowed (MB)'], [[idle, most, most - idle, MOST_ABOVE_IDLE].map(megabytes)]);
		assert.ok(most - idle < MOST_ABOVE_IDLE, `${megabytes(most - idle)} MB above idle`);
	}

	it('of 500 MB takes less than 100 MB of memory, and is whole', async () => {
		await memoryOf('a download of 500 MB', SIZE, downloading);
		const stored = readdirSync(n8n.userFolder, { recursive: true, encoding: 'utf8' })
			.map((name) => path.join(n8n.userFolder, name))
			.filter((file) => statSync(file, { throwIfNoEntry: false })?.size === SIZE);
		assert.equal(stored.length, 1);
		const arrived = createHash('sha256');
		await pipeline(createReadStream(stored[0] as string), arrived);
		assert.equal(arrived.digest('hex'), sha256Of(SIZE));
	});

	it('of 500 MB that is sent takes less than 100 MB of memory, alone and in a form, and is whole', async () => {
		await memoryOf('an upload of 500 MB, alone and in a form', SIZE, uploading);
		assert.equal(arrivals.get('/alone'), sha256Of(SIZE));
		assert.equal(arrivals.get('/form'), sha256Of(SIZE));
	});
});

/** By path: what names the file that was sent there last. */
const arrivals = new Map<string, string>();

function sha256Of(size: number): string {
	const hash = createHash('sha256');
	for (const piece of pieces(size)) hash.update(piece);
	return hash.digest('hex');
}

/** The file in a request, whose form has it as its last part. */
async function arrive(request: IncomingMessage): Promise<string> {
	const hash = createHash('sha256');
	const [, boundary = ''] = /boundary=(\S+)/.exec(request.headers['content-type'] ?? '') ?? [];
	const end = boundary === '' ? 0 : `\r\n--${boundary}--\r\n`.length;
	let [begun, held] = [boundary === '', Buffer.alloc(0)];
	for await (const piece of request as AsyncIterable<Buffer>) {
		held = Buffer.concat([held, piece]);
		if (!begun) {
			const file = held.indexOf('\r\n\r\n', held.indexOf('filename='));
			assert.ok(file > 0, 'the parts before the file are small');
			held = held.subarray(file + 4);
			begun = true;
		}
		if (held.length <= end) continue;
		hash.update(held.subarray(0, held.length - end));
		held = held.subarray(held.length - end);
	}
	return hash.digest('hex');
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
	const { url = '/', method } = request;
	if (method === 'PUT') {
		arrivals.set(url, await arrive(request));
		response.writeHead(200, { 'content-type': 'application/json' });
		response.end('{"ok":true}');
		return;
	}
	request.resume();
	if (url === '/token') {
		response.writeHead(200, { 'content-type': 'application/json' });
		response.end('{"access_token":"the-token","expires_in":3600}');
		return;
	}
	const size = Number(url.split('/').pop());
	response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': size });
	await pipeline(pieces(size), response).catch(() => undefined);
}

function* pieces(size: number): Generator<Buffer> {
	for (let left = size; left > 0; left -= PIECE.length) yield PIECE.subarray(0, Math.min(left, PIECE.length));
}

/** Memory every 50 ms until the work is done. */
async function sampled(n8n: N8n, work: Promise<unknown>): Promise<number[]> {
	const samples: number[] = [];
	let done = false;
	const watching = work.finally(() => void (done = true));
	watching.catch(() => undefined);
	while (!done) {
		samples.push(n8n.memory());
		await sleep(50);
	}
	await watching;
	return samples;
}
