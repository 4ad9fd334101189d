import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Recipe } from './recipes.mts';

/** A request as it arrived, its address as the real API would have seen it. */
export interface Arrived {
	readonly method: string;
	readonly url: string;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string;
}

export interface StandIn {
	/** The real address as one of this server. */
	local: (url: string) => string;
	/** Answers like the API of this recipe from now on. */
	play: (recipe: Recipe) => void;
	readonly tokenRequests: Arrived[];
	readonly apiRequests: Arrived[];
	stop: () => Promise<void>;
}

/** One server that stands in for every API of the recipes: `https://host/path` is `/host/path` there. */
export async function startStandIn(): Promise<StandIn> {
	let recipe: Recipe | undefined;
	const tokenRequests: Arrived[] = [];
	const apiRequests: Arrived[] = [];
	const server = createServer((request, response) => {
		void arrived(request).then((one) => {
			const asked = recipe?.asks ?? undefined;
			const isToken = asked !== undefined && pathOf(one.url) === pathOf(asked.url);
			(isToken ? tokenRequests : apiRequests).push(one);
			if (!isToken) {
				response.end('{}');
				return;
			}
			const { status = 200, type, headers = {}, body } = recipe?.reply ?? { body: '' };
			const text = typeof body === 'string' ? body : JSON.stringify(body);
			const all = { 'content-type': type ?? 'application/json', ...headers };
			response.writeHead(status, all).end(withTimes(text));
		});
	});
	await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
	const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	return {
		local: (url) => url.replace(/^https:\//, origin),
		play: (next) => {
			recipe = next;
			tokenRequests.length = 0;
			apiRequests.length = 0;
		},
		tokenRequests,
		apiRequests,
		stop: async () => {
			server.closeAllConnections();
			await new Promise((closed) => server.close(closed));
		},
	};
}

function pathOf(url: string): string {
	return url.split('?', 1)[0] ?? '';
}

/** `<+3600>` is a moment an hour ahead. */
function withTimes(text: string): string {
	return text.replace(/<\+(\d+)>/g, (_, seconds: string) =>
		new Date(Date.now() + Number(seconds) * 1000).toISOString(),
	);
}

async function arrived(request: IncomingMessage): Promise<Arrived> {
	const chunks: Buffer[] = [];
	for await (const chunk of request) chunks.push(chunk as Buffer);
	return {
		method: request.method ?? '',
		url: `https:/${request.url ?? ''}`,
		headers: Object.fromEntries(
			Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
		),
		body: Buffer.concat(chunks).toString('utf8'),
	};
}
