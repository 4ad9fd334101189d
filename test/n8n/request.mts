import { setTimeout as sleep } from 'node:timers/promises';
import type { Json } from './types.mts';

/** An answer of n8n's REST interface that is not a success. */
export class RestError extends Error {
	readonly status: number;
	readonly body: string;

	constructor(request: string, status: number, body: string) {
		super(`${request} was answered ${status}: ${body.slice(0, 500)}`);
		this.status = status;
		this.body = body;
	}
}

/** Sends to a path below `/rest` and returns what n8n wraps in `data`. */
export type Request = <T = Json>(method: string, path: string, body?: unknown) => Promise<T>;

/** The REST interface of n8n's editor at `url`, with the session cookie that signing in brings. */
export function connect(url: string): {
	readonly request: Request;
	cookie: () => string;
	forget: () => void;
} {
	let cookie = '';

	const send = async (method: string, path: string, body?: unknown): Promise<Response> =>
		await fetch(`${url}/rest${path}`, {
			method,
			headers: {
				cookie,
				'push-ref': 'tests',
				...(body === undefined ? {} : { 'content-type': 'application/json' }),
			},
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
			signal: AbortSignal.timeout(120_000),
		});

	const request: Request = async <T,>(method: string, path: string, body?: unknown): Promise<T> => {
		let reply = await send(method, path, body);
		let text = await reply.text();
		// n8n looks after its database every other second, and turns all away when something else kept it from that.
		for (let left = 60; isNotReady(reply, text) && left > 0; left--) {
			await sleep(500);
			reply = await send(method, path, body);
			text = await reply.text();
		}
		if (!reply.ok) throw new RestError(`${method} ${path}`, reply.status, text);
		const signedIn = reply.headers.getSetCookie().find((one) => one.startsWith('n8n-auth='));
		if (signedIn) cookie = signedIn.split(';')[0] as string;
		const parsed = JSON.parse(text === '' ? '{}' : text) as { data?: T };
		return (parsed.data ?? parsed) as T;
	};

	return { request, cookie: () => cookie, forget: () => (cookie = '') };
}

function isNotReady({ status }: Response, text: string): boolean {
	return status === 503 && text.includes('Database is not ready');
}
