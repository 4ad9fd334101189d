import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createReadStream, readdirSync, statSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, it } from 'node:test';
import { startN8n, type N8n } from '../n8n/instance.mts';
import { packPackage } from '../n8n/package.mts';
import { median } from '../soak/load.mts';
import { flow } from './support/flows.mts';
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
		api = createServer((request, response) => void answer(request.url ?? '/', response));
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

	async function download(size: number): Promise<void> {
		const step = protectedCall(credential, { path: `/file/${size}`, responseFormat: 'file', outputField: 'data' });
		const { id } = await n8n.rest.createWorkflow(flow(`Download ${size}`, step));
		const { status, error } = await n8n.rest.executionResult(await n8n.rest.startWorkflow(id, 'By hand'));
		assert.equal(status, 'success', error?.message);
	}

	it('of 500 MB takes less than 100 MB of memory, and is whole', async () => {
		// What a first call loads is no part of the file.
		await download(MEGABYTE);
		const idle = median(await sampled(n8n, sleep(5000)));
		const most = Math.max(...(await sampled(n8n, download(SIZE))));
		const megabytes = (bytes: number) => String(Math.round(bytes / MEGABYTE));
		printTable('Memory of n8n over a download of 500 MB', ['idle (MB)', 'at most (MB)', 'above idle (MB)', 'allowed (MB)'], [[idle, most, most - idle, MOST_ABOVE_IDLE].map(megabytes)]);
		assert.ok(most - idle < MOST_ABOVE_IDLE, `${megabytes(most - idle)} MB above idle`);

		const stored = readdirSync(n8n.userFolder, { recursive: true, encoding: 'utf8' })
			.map((name) => path.join(n8n.userFolder, name))
			.filter((file) => statSync(file, { throwIfNoEntry: false })?.size === SIZE);
		assert.equal(stored.length, 1);
		const [arrived, sent] = [createHash('sha256'), createHash('sha256')];
		await pipeline(createReadStream(stored[0] as string), arrived);
		for (let left = SIZE; left > 0; left -= PIECE.length) sent.update(PIECE);
		assert.equal(arrived.digest('hex'), sent.digest('hex'));
	});
});

async function answer(url: string, response: ServerResponse): Promise<void> {
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
