import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { IDataObject } from 'n8n-workflow';

/** A request as the API saw it. */
export interface Asked {
	readonly method: string;
	readonly url: URL;
	readonly headers: IncomingMessage['headers'];
	readonly body: string;
}

export interface Answered {
	readonly status?: number;
	readonly headers?: Readonly<Record<string, string>>;
	readonly body?: unknown;
}

export type Answer = (asked: Asked, count: number) => Answered;

/** An API with a token endpoint, on loopback, whose answers each test sets. */
export class PagedApi {
	readonly asked: Asked[] = [];
	answer: Answer = () => ({ status: 404 });
	private readonly server: Server;

	private constructor(server: Server) {
		this.server = server;
	}

	static async start(): Promise<PagedApi> {
		const server = createServer();
		const api = new PagedApi(server);
		server.on('request', (request, response) => void api.respond(request, response));
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		return api;
	}

	get url(): string {
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
	}

	/** Fields of a Custom Token API credential for it. */
	get credential(): IDataObject {
		return { baseUrl: this.url, tokenUrl: `${this.url}/token`, clientId: 'c', clientSecret: 'secret-of-the-client' };
	}

	/** What the API was asked, as method and address. */
	get lines(): string[] {
		return this.asked.map(({ method, url }) => `${method} ${url.pathname}${url.search}`);
	}

	serve(answer: Answer): void {
		this.asked.length = 0;
		this.answer = answer;
	}

	async stop(): Promise<void> {
		this.server.closeAllConnections();
		await new Promise((resolve) => this.server.close(resolve));
	}

	private async respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk as Buffer);
		const url = new URL(request.url ?? '/', this.url);
		if (url.pathname === '/token') {
			response.writeHead(200, { 'content-type': 'application/json' });
			response.end(JSON.stringify({ access_token: 'token-of-the-api', expires_in: 3600 }));
			return;
		}
		const asked = { method: request.method ?? '', url, headers: request.headers, body: Buffer.concat(chunks).toString() };
		this.asked.push(asked);
		const { status = 200, headers = {}, body } = this.answer(asked, this.asked.length);
		response.writeHead(status, { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers });
		response.end(body === undefined ? undefined : JSON.stringify(body));
	}
}
