import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An API that repeats in its error messages whatever it was sent, header by header, in the shapes that errors have. */
export interface Parrot {
	readonly url: string;
	/** Tokens that its token endpoint gave out. */
	readonly tokens: readonly string[];
	stop: () => Promise<void>;
}

/** `/token` refuses and repeats; `/issue` gives a token out; anything else refuses with `status` and repeats. */
export async function startParrot(): Promise<Parrot> {
	const tokens: string[] = [];
	const server = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on('data', (chunk: Buffer) => chunks.push(chunk));
		request.on('end', () => {
			const body = Buffer.concat(chunks).toString();
			const send = (status: number, reply: object) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(reply));
			if (request.url === '/issue') {
				const token = `parrot-token-${tokens.length}-${crypto.randomUUID()}`;
				tokens.push(token);
				send(200, { access_token: token, token_type: 'Bearer', expires_in: 3600 });
			} else {
				const status = Number(/\d{3}$/.exec(request.url ?? '')?.[0] ?? 400);
				const said = `${request.headers.authorization ?? ''} ${body}`;
				send(status, { error: 'refused', error_description: said, message: said, errors: [{ message: said }] });
			}
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		tokens,
		stop: async () =>
			await new Promise((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	};
}
