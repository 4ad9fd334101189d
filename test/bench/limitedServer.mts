import { createServer } from 'node:http';
import { listen } from '../sandbox/serve.mts';

/** An API with a limit that it keeps to: it counts what it accepts and what it refuses. */
export interface LimitedServer {
	readonly origin: string;
	/** Since its start; `ms` from the first request to the last reply. */
	readonly counted: () => { readonly accepted: number; readonly refused: number; readonly ms: number };
	readonly stop: () => Promise<void>;
}

export type Limit =
	/** A token bucket: so many a second, as many after a rest; 429 beyond. */
	| { readonly kind: 'rate'; readonly perSecond: number; readonly retryAfter?: boolean }
	/** So many at once, each of which takes `ms`; 503 beyond. */
	| { readonly kind: 'atOnce'; readonly most: number; readonly ms: number };

const workers = JSON.stringify([1, 2, 3].map((id) => ({ id, name: `Worker ${id}` })));

/** Answers every request with a list, or refuses it. Who asks does not matter here. */
export async function startLimitedServer(limit: Limit): Promise<LimitedServer> {
	const counts = { accepted: 0, refused: 0 };
	let firstAt: number | undefined;
	let lastAt = 0;
	let underWay = 0;
	let bucket = limit.kind === 'rate' ? limit.perSecond : 0;
	let filledAt = performance.now();

	function accepts(): boolean {
		if (limit.kind === 'atOnce') return underWay < limit.most;
		const now = performance.now();
		bucket = Math.min(limit.perSecond, bucket + ((now - filledAt) / 1000) * limit.perSecond);
		filledAt = now;
		if (bucket < 1) return false;
		bucket--;
		return true;
	}

	const server = createServer((request, response) => {
		request.resume();
		firstAt ??= performance.now();
		if (!accepts()) {
			counts.refused++;
			const retryAfter = limit.kind === 'rate' && limit.retryAfter;
			response.writeHead(limit.kind === 'rate' ? 429 : 503, { 'content-type': 'application/json', ...(retryAfter && { 'retry-after': '1' }) });
			response.end('{"message":"Too many requests"}');
			return;
		}
		counts.accepted++;
		underWay++;
		response.once('close', () => {
			underWay--;
			lastAt = performance.now();
		});
		const answer = () => response.writeHead(200, { 'content-type': 'application/json' }).end(workers);
		setTimeout(answer, limit.kind === 'atOnce' ? limit.ms : 0);
	});
	const { origin, stop } = await listen(server);
	return {
		origin,
		counted: () => ({ ...counts, ms: lastAt - (firstAt ?? lastAt) }),
		stop,
	};
}
