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

/** In ms of a processor: what n8n does for a request before it leaves, and with its reply. */
const BEFORE = 4;
const AFTER = 2;

/** The one processor of an n8n process: works on one thing at a time, and now and then on something else. */
export class Processor {
	private freeAt = 0;
	private awayAt: number;

	/** @param away In ms: how long it does something else, every tenth of a second; both on average. */
	constructor(
		private readonly time: VirtualTime,
		private readonly away: number,
	) {
		this.awayAt = time.now() + chance(100);
	}

	/** @param ms On average; takes from two thirds to four thirds of it. */
	async work(ms: number): Promise<void> {
		const from = Math.max(this.freeAt, this.time.now());
		let until = from + ms * (2 / 3 + (Math.random() * 2) / 3);
		while (this.awayAt < until) {
			const back = this.awayAt + chance(this.away);
			if (back > from) until += back - Math.max(from, this.awayAt);
			this.awayAt = back + chance(100);
		}
		this.freeAt = until;
		await this.time.sleep(until - this.time.now());
	}
}

/** Exponentially distributed. */
function chance(mean: number): number {
	return -mean * Math.log(1 - Math.random());
}

/** An API of simulated time that refuses what is over its limit, and counts. */
export class LimitedApi {
	readonly accepted: number[] = [];
	readonly refused: number[] = [];
	/** Arrivals of any kind. */
	readonly arrived: number[] = [];
	private underWay = 0;

	/**
	 * @param latency In ms, from the request's departure to its reply.
	 * @param caller What the caller itself does before and after; nothing if not given.
	 */
	constructor(
		private readonly time: VirtualTime,
		private readonly limit: Limit,
		private readonly latency: number,
		private readonly caller?: Processor,
	) {}

	readonly answer = async (): Promise<Answer> => {
		await this.caller?.work(BEFORE);
		const answer = await this.answerAtOnce();
		await this.caller?.work(AFTER);
		return answer;
	};

	private readonly answerAtOnce = async (): Promise<Answer> => {
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
