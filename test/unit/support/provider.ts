import type { IHttpRequestOptions } from 'n8n-workflow';
import type { OutgoingRequest } from '../../../credentials/tokens/attach';

export interface SentRequest {
	readonly method: string;
	readonly url: string;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string;
	/** Of the token in the Authorization header. */
	readonly token?: string;
	/** True time at which it arrived. */
	readonly at: number;
	readonly options: OutgoingRequest;
}

export interface Reply {
	readonly status: number;
	readonly headers?: Readonly<Record<string, string>>;
	readonly body?: unknown;
}

interface Settings {
	readonly now: () => number;
	readonly tokenUrl: string;
	/** In s. */
	readonly lifetime?: number;
	/** In s; refresh tokens alone, the way of bookingtime. */
	readonly refreshLifetime?: number;
}

/** A token endpoint and an API with a clock of their own, which write down what reaches them. */
export class SimulatedProvider {
	readonly tokenRequests: SentRequest[] = [];
	readonly apiRequests: SentRequest[] = [];
	/** API requests answered 401. */
	readonly refused: SentRequest[] = [];
	/** Token text to the true time of its death. */
	readonly living = new Map<string, number>();
	/** Steps in before the endpoints answer: a reply, an error to be thrown, or undefined to let them. */
	onToken?: (request: SentRequest) => Promise<Reply | undefined> | Reply | undefined;
	onApi?: (request: SentRequest) => Promise<Reply | undefined> | Reply | undefined;

	constructor(private readonly settings: Settings) {}

	/** How n8n's HTTP client would answer these options. */
	readonly request = async (options: IHttpRequestOptions): Promise<unknown> => {
		const sent = this.read(options as OutgoingRequest);
		const reply = sent.url.startsWith(this.settings.tokenUrl)
			? await this.answerToken(sent)
			: await this.answerApi(sent);
		return deliver(options as OutgoingRequest, reply);
	};

	revokeAll(): void {
		this.living.clear();
	}

	private read(options: OutgoingRequest): SentRequest {
		const headers = Object.fromEntries(
			Object.entries(options.headers ?? {}).map(([name, value]) => [
				name.toLowerCase(),
				String(value),
			]),
		);
		const base = options.baseURL ?? '';
		return {
			method: options.method ?? 'GET',
			url: base + String(options.uri ?? options.url),
			headers,
			body: asText(options.body),
			token: /^Bearer (.*)$/.exec(headers.authorization ?? '')?.[1],
			at: this.settings.now(),
			options,
		};
	}

	private async answerToken(sent: SentRequest): Promise<Reply> {
		this.tokenRequests.push(sent);
		const own = await this.onToken?.(sent);
		if (own !== undefined) return own;
		const { lifetime = 86_400, refreshLifetime } = this.settings;
		const number = this.tokenRequests.length;
		if (refreshLifetime !== undefined && sent.body.includes('grant_type=client_credentials')) {
			const body = {
				refresh_token: `refresh-${number}`,
				token_type: 'Bearer',
				expires_in: refreshLifetime,
			};
			return { status: 200, body };
		}
		const token = `token-${number}`;
		this.living.set(token, this.settings.now() + lifetime * 1000);
		return {
			status: 200,
			body: { access_token: token, token_type: 'Bearer', expires_in: lifetime },
		};
	}

	private async answerApi(sent: SentRequest): Promise<Reply> {
		this.apiRequests.push(sent);
		const own = await this.onApi?.(sent);
		const dead = (this.living.get(sent.token ?? '') ?? 0) <= this.settings.now();
		const reply =
			own ??
			(dead ? { status: 401, body: { message: 'Invalid token' } } : { status: 200, body: [] });
		if (reply.status === 401) this.refused.push(sent);
		return reply;
	}
}

/** A connection that broke: what n8n's HTTP client throws. */
export function broken(code: string): Error {
	return Object.assign(new Error(`connect ${code}`), { code });
}

function deliver(options: OutgoingRequest, reply: Reply): unknown {
	const { status, headers = {} } = reply;
	const text = asText(reply.body);
	const bytes = Buffer.isBuffer(reply.body) ? reply.body : Buffer.from(text);
	const tolerant = options.ignoreHttpStatusErrors === true || options.simple === false;
	if (status >= 400 && !tolerant) {
		throw Object.assign(new Error(`Request failed with status code ${status}`), {
			status,
			statusCode: status,
			response: { status, data: text, headers },
		});
	}
	const body = options.encoding === 'arraybuffer' ? bytes : reply.body;
	const full = options.returnFullResponse === true || options.resolveWithFullResponse === true;
	return full ? { statusCode: status, headers, body } : body;
}

function asText(body: unknown): string {
	if (body === undefined) return '';
	if (typeof body === 'string') return body;
	return Buffer.isBuffer(body) ? body.toString('utf8') : JSON.stringify(body);
}
