import assert from 'node:assert/strict';
import { createServer, request as httpRequest, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, createServer as createRawServer, type AddressInfo, type Server as RawServer } from 'node:net';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import type { ICredentialType, IDataObject, INodeExecutionData, INodeType } from 'n8n-workflow';
import { selfSignedCertificate } from '../bench/certificate.mts';
import { executeContext, loadPackage, newRow, type Row } from './n8nContext.mts';

/** Plain requests go through with their whole address, those over TLS through a tunnel (RFC 9110, 9.3.6). */
interface Proxy {
	readonly origin: string;
	/** `GET http://…`, `CONNECT host:port`, in their order. */
	readonly seen: string[];
	/** The status that it answers instead of passing on; 0: it hangs up. */
	refuses?: number;
	stop: () => Promise<void>;
}

async function listening(server: RawServer): Promise<string> {
	await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
	return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function startProxy(): Promise<Proxy> {
	const seen: string[] = [];
	const server = createServer((incoming, outgoing) => {
		seen.push(`${incoming.method} ${incoming.url}`);
		if (proxy.refuses !== undefined) {
			outgoing.writeHead(proxy.refuses, { 'content-type': 'text/html' });
			return void outgoing.end('<html><head><title>Squid: access denied</title></head></html>');
		}
		const onwards = httpRequest(String(incoming.url), { method: incoming.method, headers: incoming.headers }, (reply) => {
			outgoing.writeHead(reply.statusCode ?? 502, reply.headers);
			reply.pipe(outgoing);
		});
		onwards.on('error', () => outgoing.writeHead(502).end());
		incoming.pipe(onwards);
	});
	server.on('connect', (incoming, socket) => {
		seen.push(`CONNECT ${incoming.url}`);
		socket.on('error', () => undefined);
		if (proxy.refuses === 0) return void socket.destroy();
		if (proxy.refuses !== undefined) {
			return void socket.end(`HTTP/1.1 ${proxy.refuses} No\r\ncontent-type: text/html\r\ncontent-length: 0\r\n\r\n`);
		}
		const [host = '', port] = String(incoming.url).split(':');
		const onwards = connect(Number(port), host, () => {
			socket.write('HTTP/1.1 200 OK\r\n\r\n');
			socket.pipe(onwards).pipe(socket);
		});
		onwards.on('error', () => socket.destroy());
	});
	const proxy: Proxy = {
		origin: await listening(server),
		seen,
		stop: async () => {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
	return proxy;
}

let loaded: ReturnType<typeof loadPackage>;

function credential(base: string, change: IDataObject = {}): Row {
	return newRow('customTokenApi', {
		tokenUrl: `${base}/token`, baseUrl: `${base}/v1`, grant: 'clientCredentials', clientId: 'client', clientSecret: 'a-secret-of-mine',
		accessPath: 'access_token', expiryPath: 'expires_in', ...change,
	});
}

async function call(row: Row): Promise<INodeExecutionData[]> {
	const nodeType = new (loaded.ProtectedCall as new () => INodeType)();
	const context = executeContext({
		row,
		credential: new (loaded.CustomTokenApi as new () => ICredentialType)(),
		nodeType,
		typeVersion: 1.1,
		parameters: { authentication: 'customTokenApi', method: 'GET', path: '/things', options: { retry: false } },
		items: [{ json: {} }],
	});
	const [items = []] = ((await nodeType.execute?.call(context)) ?? []) as INodeExecutionData[][];
	return items;
}

const failure = async (row: Row) =>
	await call(row).then(
		() => assert.fail('it went well'),
		(error: Error & { description?: string }) => `${error.message} ${error.description}`,
	);

const ledgerOf = ({ data }: Row) => (JSON.parse(String(data.tokenRecord)) as { ledger: object }).ledger;

describe('Behind a proxy', { timeout: 120_000 }, () => {
	let proxy: Proxy;
	let api: Server;
	let origin: string;
	let tokens = 0;

	before(async () => {
		api = createServer((request, response) => {
			response.setHeader('content-type', 'application/json');
			if (request.url !== '/token') return void response.end('{"ok":true}');
			response.end(`{"access_token":"token-${++tokens}","expires_in":3600}`);
		});
		[origin, proxy] = await Promise.all([listening(api), startProxy()]);
	});
	after(async () => {
		await proxy?.stop();
		api?.closeAllConnections();
		await new Promise((resolve) => api?.close(resolve));
	});
	beforeEach(() => {
		loaded = loadPackage();
		proxy.seen.length = 0;
		proxy.refuses = undefined;
		tokens = 0;
		process.env.HTTP_PROXY = process.env.HTTPS_PROXY = proxy.origin;
	});
	afterEach(() => {
		delete process.env.HTTP_PROXY;
		delete process.env.HTTPS_PROXY;
	});

	test('token request and API request go through it', async () => {
		const [item] = await call(credential(origin));
		assert.deepEqual(item?.json, { ok: true });
		assert.deepEqual(proxy.seen, [`POST ${origin}/token`, `GET ${origin}/v1/things`]);
	});

	test('that wants a log-in is told as such, and the token outlives it', async () => {
		const row = credential(origin);
		await call(row);
		proxy.refuses = 407;
		assert.match(await failure(row), /^The proxy between n8n and 127\.0\.0\.1:\d+ wants a user name and a password \(407\)\. .*HTTPS_PROXY/);
		proxy.refuses = undefined;
		await call(row);
		assert.equal(tokens, 1);
	});

	test('that hangs up before it has opened a tunnel is told as such, and no token is counted', async () => {
		proxy.refuses = 0;
		const row = credential('https://api.example.test', { monthlyBudget: 1 });
		assert.match(await failure(row), /^The proxy through which n8n goes to the token endpoint of api\.example\.test broke off the connection\./);
		assert.deepEqual(ledgerOf(row), {});
	});

	for (const base of ['http://api.example.test', 'https://api.example.test']) {
		describe(`on the way to ${base}`, () => {
			test('that wants a log-in is told before any token is requested', async () => {
				proxy.refuses = 407;
				const row = credential(base, { monthlyBudget: 1 });
				assert.match(await failure(row), /^The proxy between n8n and the token endpoint of api\.example\.test wants a user name and a password \(407\)\./);
				assert.deepEqual(proxy.seen, [base.startsWith('https') ? 'CONNECT api.example.test:443' : `POST ${base}/token`]);
				assert.deepEqual(ledgerOf(row), {});
			});

			for (const [what, address, words] of [
				['is not there', 'http://127.0.0.1:9', /^The proxy 127\.0\.0\.1:9, through which n8n goes to the token endpoint of api\.example\.test, could not be reached\./],
				['has an unknown name', 'http://proxy.invalid:3128', /^The proxy proxy\.invalid, through which n8n goes to the token endpoint of api\.example\.test, was not found\./],
			] as const) {
				test(`that ${what} is told instead of the provider`, async () => {
					process.env.HTTP_PROXY = process.env.HTTPS_PROXY = address;
					assert.match(await failure(credential(base)), words);
				});
			}
		});
	}
});

describe('Before there is a connection', { timeout: 120_000 }, () => {
	const servers: RawServer[] = [];
	const listeningTo = async (server: RawServer) => {
		servers.push(server);
		return (await listening(server)).replace('http:', 'https:');
	};
	before(() => void (loaded = loadPackage()));
	after(() => servers.forEach((server) => server.close()));

	const { key, certificate } = selfSignedCertificate();
	const rows: ReadonlyArray<[what: string, server: () => RawServer, words: RegExp]> = [
		['a certificate that nobody knows', () => createTlsServer({ key, cert: certificate }), /^The certificate of the token endpoint of .* is not trusted \(\w+\)\. .*NODE_EXTRA_CA_CERTS/],
		['a server without TLS', () => createServer(), /^No secure connection to the token endpoint of .* came about \(\w+\)\. .*http:/],
		['a server that hangs up', () => createRawServer((socket) => void socket.destroy()), /^The token endpoint of .* could not be reached\./],
	];
	for (const [what, server, words] of rows) {
		test(`${what} is told as such, and no token is counted`, async () => {
			const row = credential(await listeningTo(server()), { monthlyBudget: 1 });
			assert.match(await failure(row), words);
			assert.deepEqual(ledgerOf(row), {});
		});
	}
});
