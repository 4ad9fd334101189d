import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';

/** A request, read to its end. */
export interface Received {
	readonly method: string;
	/** Without query. */
	readonly path: string;
	readonly query: URLSearchParams;
	/** Path and query as they arrived. */
	readonly url: string;
	readonly headers: IncomingHttpHeaders;
	readonly body: string;
	readonly ip: string;
}

/** What is sent back. */
export interface Answer {
	readonly status: number;
	readonly headers?: OutgoingHttpHeaders;
	readonly body?: string | Buffer;
}

/** A JSON answer. */
export function json(status: number, value: unknown, headers: OutgoingHttpHeaders = {}): Answer {
	return jsonText(status, JSON.stringify(value), headers);
}

/** A JSON answer that is text already. */
export function jsonText(status: number, body: string, headers: OutgoingHttpHeaders = {}): Answer {
	return {
		status,
		headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
		body,
	};
}

/** A page; `body` is markup. */
export function page(status: number, title: string, body: string): Answer {
	const head = `<meta charset="utf-8"><title>${escapeMarkup(title)}</title>`;
	return {
		status,
		headers: { 'content-type': 'text/html; charset=utf-8' },
		body: `<!doctype html><html><head>${head}</head><body><h1>${escapeMarkup(title)}</h1>${body}</body></html>`,
	};
}

/** A redirect to a place, or where the query's `to` says; 302 unless it says `status=307` or another 3xx. */
export function redirect(received: Received, location: string): Answer {
	const asked = Number(received.query.get('status') ?? 302);
	const to = received.query.get('to') ?? location;
	return { status: asked >= 301 && asked <= 308 ? asked : 302, headers: { location: to } };
}

/** Text as it may stand in markup. */
export function escapeMarkup(text: string): string {
	return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** The fields of a form-encoded body; none if the content type says something else. */
export function formOf(received: Received): URLSearchParams {
	const form = /^application\/x-www-form-urlencoded\b/i.test(
		received.headers['content-type'] ?? '',
	);
	return new URLSearchParams(form ? received.body : '');
}

/** The fields of a JSON object in the body; undefined if it is not one. */
export function jsonOf(received: Received): Record<string, unknown> | undefined {
	try {
		const value: unknown = JSON.parse(received.body);
		const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
		return isObject ? (value as Record<string, unknown>) : undefined;
	} catch {
		return undefined;
	}
}

/** Id and secret of a Basic header. */
export function basicOf(received: Received): { id: string; secret: string } | undefined {
	const encoded = /^basic +(.+)$/i.exec(received.headers.authorization ?? '')?.[1];
	if (encoded === undefined) return undefined;
	const [, id = '', secret = ''] =
		/^([^:]*):?(.*)$/s.exec(Buffer.from(encoded, 'base64').toString()) ?? [];
	return { id, secret };
}
