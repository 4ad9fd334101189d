import { Agent, createServer, request, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { whenThisProcessEnds } from '../n8n/shutdown.mts';
import type { Way } from './server.mts';

/** What went through to a server, as it saw it. */
export interface Counts {
	readonly tokenRequests: number;
	/** Token requests that were answered with a success. */
	readonly tokens: number;
	readonly apiRequests: number;
	/** API requests whose token the server did not accept. */
	readonly refused: number;
}

/** Belongs to one connection and its framing, not to the reply (RFC 9110, 7.6.1); the body is sent in one piece. */
const OF_THE_CONNECTION = ['connection', 'keep-alive', 'trailer', 'transfer-encoding'];

/** Stands in front of a server and counts; what it passes on is unchanged but for a compression that nobody asked for. */
export interface CountingProxy {
	readonly origin: string;
	counts: () => Counts;
	/** When the last token was issued, in ms by the clock of `performance`. */
	lastTokenAt: () => number;
	/** Headers of the last API request that was accepted. */
	lastAccepted: () => IncomingHttpHeaders;
	stop: () => Promise<void>;
}

export async function startCountingProxy(target: () => string, way: Way): Promise<CountingProxy> {
	const counts = { tokenRequests: 0, tokens: 0, apiRequests: 0, refused: 0 };
	let accepted: IncomingHttpHeaders = {};
	let tokenAt = 0;
	const agent = new Agent({ keepAlive: true });
	const isRefusal = way.isRefusal ?? ((status: number) => status === 401);

	const server = createServer((incoming, outgoing) => {
		const method = incoming.method ?? 'GET';
		const [path = ''] = (incoming.url ?? '').split('?');
		const forToken = way.isTokenRequest(method, path);
		// Refusals are told by their bodies, which are read here.
		const { 'accept-encoding': _, ...headers } = incoming.headers;
		const passedOn = request(`${target()}${incoming.url}`, { method, headers, agent }, (reply) => {
			void buffer(reply).then((body) => {
				const status = reply.statusCode ?? 502;
				if (forToken) {
					counts.tokenRequests += 1;
					if (status < 300) {
						counts.tokens += 1;
						tokenAt = performance.now();
					}
				} else {
					counts.apiRequests += 1;
					if (isRefusal(status, body.toString())) counts.refused += 1;
					else accepted = incoming.headers;
				}
				const kept = Object.fromEntries(Object.entries(reply.headers).filter(([name]) => !OF_THE_CONNECTION.includes(name)));
				outgoing.writeHead(status, { ...kept, 'content-length': body.length }).end(method === 'HEAD' ? undefined : body);
			}, () => outgoing.destroy());
		});
		passedOn.on('error', () => outgoing.destroy());
		incoming.pipe(passedOn);
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 1024, resolve));
	const close = () => {
		server.closeAllConnections();
		agent.destroy();
	};
	const forget = whenThisProcessEnds({ atOnce: close });
	return {
		origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		counts: () => ({ ...counts }),
		lastTokenAt: () => tokenAt,
		lastAccepted: () => accepted,
		stop: async () => {
			forget();
			const closed = new Promise((resolve) => server.close(resolve));
			close();
			await closed;
		},
	};
}
