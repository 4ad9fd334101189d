/** What a caller of a webhook gets. */
export interface WebhookReply {
	readonly status: number;
	readonly headers: Headers;
	readonly text: string;
	/** The body as JSON; throws if it is none. */
	json: <T = unknown>() => T;
}

export interface WebhookCall {
	readonly method?: string;
	readonly query?: Readonly<Record<string, string>>;
	readonly headers?: Readonly<Record<string, string>>;
	/** Sent as JSON. */
	readonly json?: unknown;
	/** Sent as `multipart/form-data`, as a form page of n8n does. */
	readonly form?: Readonly<Record<string, string>>;
	readonly timeoutMs?: number;
}

/** Calls a production URL, such as `/webhook/orders` or `/form/new-customer`. Redirects are not followed. */
export async function callWebhook(
	n8nUrl: string,
	path: string,
	call: WebhookCall = {},
): Promise<WebhookReply> {
	const url = new URL(path, n8nUrl);
	for (const [name, value] of Object.entries(call.query ?? {})) url.searchParams.set(name, value);
	const form =
		call.form &&
		Object.entries(call.form).reduce(
			(data, [name, value]) => (data.append(name, value), data),
			new FormData(),
		);
	const body = form ?? (call.json === undefined ? undefined : JSON.stringify(call.json));
	const reply = await fetch(url, {
		method: call.method ?? (body === undefined ? 'GET' : 'POST'),
		headers: {
			...(call.json === undefined ? {} : { 'content-type': 'application/json' }),
			...call.headers,
		},
		...(body === undefined ? {} : { body }),
		redirect: 'manual',
		signal: AbortSignal.timeout(call.timeoutMs ?? 120_000),
	});
	const text = await reply.text();
	return {
		status: reply.status,
		headers: reply.headers,
		text,
		json: <T,>() => JSON.parse(text) as T,
	};
}
