import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { selfSignedCertificate } from '../../bench/certificate.mts';
import { temporaryFolder } from '../../n8n/shutdown.mts';

/** What arrived at an address to which a redirect led. */
export interface Arrival {
	readonly origin: string;
	readonly method: string;
	readonly path: string;
	/** Everything that it carried: address, headers, body. */
	readonly text: string;
}

/** One API at many addresses, all of this machine: any name below `test`, two ports of http and one of https. */
export interface Crossroads {
	readonly ports: { readonly http: number; readonly otherHttp: number; readonly https: number };
	readonly tokenUrl: string;
	/** Tokens that were given out. */
	readonly tokens: readonly string[];
	/** With it n8n finds the names and trusts the certificate. */
	readonly environment: Readonly<Record<string, string>>;
	/** All that arrived at `/landed/<name>`. */
	arrivals: (name: string) => Arrival[];
	stop: () => Promise<void>;
}

/** `/token` gives a token out, `/leave?to=…&status=…` redirects whoever shows one, `/landed/…` notes what arrives. */
export async function startCrossroads(name: string): Promise<Crossroads> {
	const tokens: string[] = [];
	const arrivals: Arrival[] = [];
	const answer = (scheme: string) => (request: IncomingMessage, response: ServerResponse) => {
		const chunks: Buffer[] = [];
		request.on('data', (chunk: Buffer) => chunks.push(chunk));
		request.on('end', () => {
			const { method = '', headers, url = '' } = request;
			const { pathname, searchParams } = new URL(url, 'http://any.test');
			const text = `${url}\n${JSON.stringify(headers)}\n${Buffer.concat(chunks).toString()}`;
			const send = (status: number, body: object, more = {}) =>
				response.writeHead(status, { 'content-type': 'application/json', ...more }).end(JSON.stringify(body));
			if (pathname === '/token') {
				const token = `crossroads-${crypto.randomUUID()}`;
				tokens.push(token);
				return send(200, { access_token: token, expires_in: 3_600 });
			}
			if (pathname.startsWith('/landed/')) {
				arrivals.push({ origin: `${scheme}://${headers.host}`, method, path: pathname, text });
				return send(200, { landed: true });
			}
			if (!tokens.some((token) => text.includes(token))) return send(401, { error: 'invalid_token' });
			return send(Number(searchParams.get('status') ?? 302), {}, { location: searchParams.get('to') });
		});
	};
	const { key, certificate } = selfSignedCertificate([name]);
	const servers = [
		createServer(answer('http')),
		createServer(answer('http')),
		createSecureServer({ key, cert: certificate }, answer('https')),
	];
	const [http, otherHttp, https] = (await Promise.all(servers.map(listen))) as [number, number, number];
	const folder = temporaryFolder('crossroads');
	const file = (fileName: string, text: string) => {
		const place = path.join(folder.path, fileName);
		writeFileSync(place, text);
		return place;
	};
	return {
		ports: { http, otherHttp, https },
		tokenUrl: `http://127.0.0.1:${http}/token`,
		tokens,
		environment: {
			NODE_EXTRA_CA_CERTS: file('certificate.pem', certificate),
			NODE_OPTIONS: `--require=${file('names.cjs', namesOfThisMachine)}`,
		},
		arrivals: (landed) => arrivals.filter((one) => one.path === `/landed/${landed}`),
		stop: async () => {
			await Promise.all(servers.map(async (server) => await closed(server)));
			folder.remove();
		},
	};
}

/** Names below `test` (RFC 6761) are this machine's; all others are looked up as ever. */
const namesOfThisMachine = `
const dns = require('node:dns');
const { lookup } = dns;
dns.lookup = (name, options, done = options) => {
	if (!/\\.test$/.test(name)) return lookup(name, options, done);
	const all = typeof options === 'object' && options.all;
	process.nextTick(() => (all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4)));
};
`;

async function listen(server: Server): Promise<number> {
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return (server.address() as AddressInfo).port;
}

async function closed(server: Server & { closeAllConnections?: () => void }): Promise<void> {
	await new Promise<void>((resolve) => {
		server.close(() => resolve());
		server.closeAllConnections?.();
	});
}
