import { generateKeyPair, randomBytes } from 'node:crypto';
import { Agent, createServer, request } from 'node:http';
import { promisify } from 'node:util';

import type Provider from 'oidc-provider';

import type { Answer, Received } from './answer.mts';
import { listen } from './serve.mts';
import type { Listening } from './serve.mts';

/** Keys and storage-independent parts of an `oidc-provider` configuration, made anew at each start. */
export async function freshConfiguration(): Promise<Record<string, unknown>> {
	const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
	const signing = {
		...privateKey.export({ format: 'jwk' }),
		use: 'sig',
		alg: 'RS256',
		kid: 'sandbox',
	};
	return {
		adapter: newMemory(),
		jwks: { keys: [signing] },
		cookies: { keys: [randomBytes(16).toString('hex')] },
	};
}

/** Lets an authorization server listen on a port of its own, behind the provider that it plays. */
export function listenBehind(
	provider: Provider,
	pages: (path: string) => ReturnType<Provider['callback']> | undefined = () => undefined,
): Promise<Listening> {
	const callback = provider.callback();
	return listen(
		createServer((incoming, response) => {
			(pages(incoming.url ?? '/') ?? callback)(incoming, response);
		}),
	);
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 });

/** Sends a request on to the server behind, under the name it was called by. */
export function forward(
	origin: string,
	received: Received,
	change: { path?: string; body?: string; headers?: Record<string, string | undefined> } = {},
): Promise<Answer> {
	const body = change.body ?? received.body;
	const {
		'content-length': _,
		'transfer-encoding': __,
		connection: ___,
		...headers
	} = received.headers;
	const wanted = Object.entries({ ...headers, ...change.headers }).filter(
		([, value]) => value !== undefined,
	);
	return new Promise((resolve, reject) => {
		const sent = request(origin + (change.path ?? received.url), {
			method: received.method,
			headers: { ...Object.fromEntries(wanted), 'content-length': Buffer.byteLength(body) },
			agent,
		});
		sent.on('error', reject);
		sent.on('response', (response) => {
			const chunks: Buffer[] = [];
			response.on('data', (chunk: Buffer) => chunks.push(chunk));
			response.on('end', () => {
				const {
					connection: _c,
					'keep-alive': _k,
					'transfer-encoding': _t,
					...kept
				} = response.headers;
				resolve({ status: response.statusCode ?? 502, headers: kept, body: Buffer.concat(chunks) });
			});
		});
		sent.end(body);
	});
}

interface Payload {
	readonly grantId?: string;
	readonly uid?: string;
	consumed?: number;
}

/** A storage in memory of its own for each authorization server: the one that oidc-provider brings is shared and says so. */
function newMemory(): new (model: string) => object {
	const rows = new Map<string, { payload: Payload; until: number }>();
	const alive = (key: string): Payload | undefined => {
		const row = rows.get(key);
		if (row !== undefined && row.until <= Date.now()) rows.delete(key);
		return rows.get(key)?.payload;
	};
	return class Memory {
		readonly #model: string;

		constructor(model: string) {
			this.#model = model;
		}

		async upsert(id: string, payload: Payload, expiresIn?: number): Promise<void> {
			const until = expiresIn === undefined ? Infinity : Date.now() + expiresIn * 1000;
			rows.set(`${this.#model}:${id}`, { payload, until });
		}

		async find(id: string): Promise<Payload | undefined> {
			return alive(`${this.#model}:${id}`);
		}

		async findByUid(uid: string): Promise<Payload | undefined> {
			for (const [key, { payload }] of rows) {
				if (key.startsWith(`${this.#model}:`) && payload.uid === uid) return alive(key);
			}
			return undefined;
		}

		async findByUserCode(): Promise<undefined> {
			return undefined;
		}

		async consume(id: string): Promise<void> {
			const payload = alive(`${this.#model}:${id}`);
			if (payload !== undefined) payload.consumed = Math.floor(Date.now() / 1000);
		}

		async destroy(id: string): Promise<void> {
			rows.delete(`${this.#model}:${id}`);
		}

		async revokeByGrantId(grantId: string): Promise<void> {
			for (const [key, { payload }] of rows) if (payload.grantId === grantId) rows.delete(key);
		}
	};
}
