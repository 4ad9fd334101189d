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

	const request: Request = async <T,>(method: string, path: string, body?: unknown): Promise<T> => {
		const reply = await fetch(`${url}/rest${path}`, {
			method,
			headers: {
				cookie,
				'push-ref': 'tests',
				...(body === undefined ? {} : { 'content-type': 'application/json' }),
			},
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
			signal: AbortSignal.timeout(120_000),
		});
		const text = await reply.text();
		if (!reply.ok) throw new RestError(`${method} ${path}`, reply.status, text);
		const signedIn = reply.headers.getSetCookie().find((one) => one.startsWith('n8n-auth='));
		if (signedIn) cookie = signedIn.split(';')[0] as string;
		const parsed = JSON.parse(text === '' ? '{}' : text) as { data?: T };
		return (parsed.data ?? parsed) as T;
	};

	return { request, cookie: () => cookie, forget: () => (cookie = '') };
}
