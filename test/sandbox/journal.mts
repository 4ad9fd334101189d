import type { IncomingHttpHeaders } from 'node:http';

export const PROVIDERS = ['calenso', 'bookingtime', 'meister1', 'fusio', 'custom'] as const;

/** Who a request was sent to. `foreign` is the host that must never see a token. */
export type Provider = (typeof PROVIDERS)[number] | 'foreign';

/** Token endpoint, API, or a page for a person (sign-in, SSO landing). */
export type Endpoint = 'token' | 'api' | 'page';

/** One request as it arrived. */
export interface RecordedRequest {
	readonly id: number;
	/** Milliseconds since 1970. */
	readonly time: number;
	readonly provider: Provider;
	readonly endpoint: Endpoint;
	/** Grant kind at a token endpoint, operation of the API otherwise. */
	readonly operation: string;
	readonly method: string;
	/** With query. */
	readonly path: string;
	readonly headers: IncomingHttpHeaders;
	/** At most the first 64 Ki characters. */
	readonly body: string;
	/** Port that the client sent from: one per connection. */
	readonly port: number;
	/** Status answered; 0 if the connection was cut, null while unanswered. */
	status: number | null;
	/** Milliseconds until the answer. */
	millis: number | null;
	/** The misbehaviour that was applied. */
	fault?: string;
	/** Kinds of secrets found in the request (foreign host only). */
	leaks?: string[];
}

/** What one provider saw since the last reset. */
export interface Counts {
	/** All that arrived at the token endpoint. */
	tokenRequests: number;
	/** Token replies that were sent, or would have been had the connection not been cut. */
	tokensIssued: number;
	/** `tokensIssued` by grant kind. */
	byGrant: Record<string, number>;
	apiRequests: number;
	/** API requests answered 401. */
	apiRefused: number;
	/** All requests by operation, token requests by grant kind included. */
	byOperation: Record<string, number>;
	maxConcurrent: number;
	maxConcurrentToken: number;
	maxConcurrentApi: number;
	/** TCP connections opened. */
	connections: number;
	/** Requests with an Authorization header. */
	withAuthorization: number;
	/** Requests in which a token, secret or password was found (foreign host only). */
	withSecret: number;
}

/** Counts for ever, remembers the last 2000 requests; O(1) per request. */
export class Journal {
	static readonly KEPT = 2000;
	readonly #ring: RecordedRequest[] = [];
	#next = 1;
	#counts = new Map<Provider, Counts>();
	readonly #running = { token: new Map<Provider, number>(), api: new Map<Provider, number>() };

	begin(request: Omit<RecordedRequest, 'id' | 'time' | 'status' | 'millis'>): RecordedRequest {
		const { provider, endpoint } = request;
		const entry = { id: this.#next++, time: Date.now(), ...request, status: null, millis: null };
		this.#ring[entry.id % Journal.KEPT] = entry;
		const counts = this.of(provider);
		counts.byOperation[request.operation] = (counts.byOperation[request.operation] ?? 0) + 1;
		if (request.headers.authorization !== undefined) counts.withAuthorization++;
		if (endpoint === 'page') return entry;
		if (endpoint === 'token') counts.tokenRequests++;
		else counts.apiRequests++;
		const running = this.#running[endpoint];
		running.set(provider, (running.get(provider) ?? 0) + 1);
		const token = this.#running.token.get(provider) ?? 0;
		const api = this.#running.api.get(provider) ?? 0;
		counts.maxConcurrentToken = Math.max(counts.maxConcurrentToken, token);
		counts.maxConcurrentApi = Math.max(counts.maxConcurrentApi, api);
		counts.maxConcurrent = Math.max(counts.maxConcurrent, token + api);
		return entry;
	}

	/** To be called once per request, when it is answered (status) or its connection is gone (0). */
	end(entry: RecordedRequest, status: number): void {
		entry.status = status;
		entry.millis = Date.now() - entry.time;
		if (entry.endpoint === 'page') return;
		const running = this.#running[entry.endpoint];
		running.set(entry.provider, (running.get(entry.provider) ?? 1) - 1);
		if (entry.endpoint === 'api' && status === 401) this.of(entry.provider).apiRefused++;
	}

	issued(provider: Provider, grant: string): void {
		const counts = this.of(provider);
		counts.tokensIssued++;
		counts.byGrant[grant] = (counts.byGrant[grant] ?? 0) + 1;
	}

	of(provider: Provider): Counts {
		let counts = this.#counts.get(provider);
		if (counts === undefined) this.#counts.set(provider, (counts = noCounts()));
		return counts;
	}

	counts(): Record<Provider, Counts> {
		const all = [...PROVIDERS, 'foreign' as const].map((provider) => [provider, this.of(provider)]);
		return Object.fromEntries(all) as Record<Provider, Counts>;
	}

	/** The remembered requests, oldest first. */
	requests(): RecordedRequest[] {
		return this.#ring.filter((entry) => entry !== undefined).sort((a, b) => a.id - b.id);
	}

	reset(): void {
		this.#ring.length = 0;
		this.#counts = new Map();
	}
}

function noCounts(): Counts {
	return {
		tokenRequests: 0,
		tokensIssued: 0,
		byGrant: {},
		apiRequests: 0,
		apiRefused: 0,
		byOperation: {},
		maxConcurrent: 0,
		maxConcurrentToken: 0,
		maxConcurrentApi: 0,
		connections: 0,
		withAuthorization: 0,
		withSecret: 0,
	};
}
