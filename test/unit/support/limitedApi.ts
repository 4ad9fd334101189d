import type { VirtualTime } from './virtualTime';

/** Names in lower case. */
type Headers = Readonly<Record<string, string>>;

interface Answer {
	readonly statusCode: number;
	readonly headers: Headers;
	readonly body: Buffer;
}

/** Decides on a request when it arrives: the headers of a refusal, or undefined. */
export interface Limit {
	readonly status: 429 | 503;
	refuses(now: number, underWay: number): Headers | undefined;
	/** Headers of a good reply. */
	tells?(now: number): Headers;
}

/** An API of simulated time that refuses what is over its limit, and counts. */
export class LimitedApi {
	readonly accepted: number[] = [];
	readonly refused: number[] = [];
	/** Arrivals of any kind. */
	readonly arrived: number[] = [];
	private underWay = 0;

	/** @param latency In ms, from the request's departure to its reply. */
	constructor(
		private readonly time: VirtualTime,
		private readonly limit: Limit,
		private readonly latency: number,
	) {}

	readonly answer = async (): Promise<Answer> => {
		await this.time.sleep(this.latency / 40);
		const now = this.time.now();
		this.arrived.push(now);
		const refusal = this.limit.refuses(now, this.underWay);
		if (refusal !== undefined) {
			this.refused.push(now);
			await this.time.sleep(this.latency / 40);
			return { statusCode: this.limit.status, headers: refusal, body: Buffer.from('{}') };
		}
		this.accepted.push(now);
		this.underWay++;
		await this.time.sleep(this.latency * 0.95);
		this.underWay--;
		await this.time.sleep(this.latency / 40);
		return {
			statusCode: 200,
			headers: this.limit.tells?.(this.time.now()) ?? {},
			body: Buffer.from('{}'),
		};
	};

	/** Of all requests, from 0 to 1. */
	get refusedShare(): number {
		return this.refused.length / this.arrived.length;
	}
}

/** So many requests a second, and as many at once after a rest. */
export function tokenBucket(
	perSecond: number,
	capacity: number,
	from: number,
	{
		status = 429,
		told = false,
		retryAfter,
	}: { status?: 429 | 503; told?: boolean; retryAfter?: string } = {},
): Limit {
	let level = capacity;
	let filledAt = from;
	const fill = (now: number) => {
		level = Math.min(capacity, level + ((now - filledAt) / 1000) * perSecond);
		filledAt = now;
	};
	return {
		status,
		refuses: (now) => {
			fill(now);
			if (level < 1) return busy(retryAfter);
			level--;
			return undefined;
		},
		...(told && {
			tells: (now: number) => {
				fill(now);
				const reset = Math.ceil((capacity - level) / perSecond);
				return { ratelimit: `"default";r=${Math.floor(level)};t=${reset}` };
			},
		}),
	};
}

/** So many requests in each window of time, the first of which begins at `from`. */
export function fixedWindow(
	requests: number,
	ms: number,
	from: number,
	{ told = false, retryAfter = false } = {},
): Limit {
	let window = -1;
	let used = 0;
	const turn = (now: number) => {
		const current = Math.floor((now - from) / ms);
		if (current !== window) [window, used] = [current, 0];
		return String(Math.ceil(((current + 1) * ms - (now - from)) / 1000));
	};
	return {
		status: 429,
		refuses: (now) => {
			const left = turn(now);
			if (used >= requests) return busy(retryAfter ? left : undefined);
			used++;
			return undefined;
		},
		...(told && {
			tells: (now: number) => {
				const left = turn(now);
				return {
					'x-ratelimit-remaining': String(requests - used),
					'x-ratelimit-reset': String(Math.round(now / 1000) + Number(left)),
				};
			},
		}),
	};
}

/** So many requests at once. */
export function atOnce(most: number, status: 429 | 503 = 503): Limit {
	return { status, refuses: (_, underWay) => (underWay >= most ? {} : undefined) };
}

export const unlimited: Limit = { status: 429, refuses: () => undefined };

function busy(retryAfter: string | undefined): Headers {
	return retryAfter === undefined ? {} : { 'retry-after': retryAfter };
}
