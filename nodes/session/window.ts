/** When and beside how many a request left. */
export interface Departure {
	/** In ms, monotonic. */
	readonly at: number;
	/** Requests under way at that moment, itself included. */
	readonly beside: number;
}

const FIRST = 5;
const MOST = 50;
/** In ms: replies that come at once must not double the window before a first refusal can come. */
const SHORTEST_ROUND = 100;
/** Replies this much slower than the fastest rounds are no slower: Gradient2's `rttTolerance`. */
const TOLERANCE = 1.5;
/** Requests that go well before one more is tried than was refused: one refusal in so many. */
const PATIENCE = 150;

/**
 * How many requests may be under way at once.
 *
 * It grows by the round, a window's worth of replies: it doubles (TCP's slow start, RFC 5681) until replies get slower
 * or one is refused, and then grows by one. It falls by half on a refusal or a time-out (additive increase,
 * multiplicative decrease: Chiu and Jain 1989), once for all that left before; slower replies make it smaller in
 * proportion (Gradient2 of Netflix's concurrency-limits), though not below the first size: a slow API is not a busy
 * one. The number that was refused is remembered and stayed below (as CUBIC does with W_max, RFC 9438).
 */
export class Window {
	private limit = FIRST;
	private doubling = true;
	private refusedBeside = Infinity;
	private acceptedBeside = 0;
	private acceptedSince = 0;
	private decreasedAt = -Infinity;
	/** In ms: the median of the fastest round. */
	private fastest = Infinity;
	private took: number[] = [];
	private roundFrom = -Infinity;
	private full = false;

	get size(): number {
		return this.limit;
	}

	/** @param took In ms. */
	accepted(departure: Departure, took: number, now: number): void {
		this.acceptedBeside = Math.max(this.acceptedBeside, departure.beside);
		this.acceptedSince++;
		// A round is of requests that left in it: what left earlier says nothing of the window as it is now.
		if (departure.at < this.roundFrom) return;
		this.took.push(took);
		this.full ||= departure.beside >= this.limit;
		if (this.took.length >= this.limit && now - this.roundFrom >= SHORTEST_ROUND)
			this.endRound(now);
	}

	/**
	 * Answers whether the number under way explains the refusal: hardly ever were so many accepted. What is under way
	 * here need not have arrived there, so the same number may be accepted and refused.
	 */
	refused({ at, beside }: Departure, now: number): boolean {
		const crowded = beside > 2 && beside >= this.acceptedBeside * 0.75;
		const before = at >= this.decreasedAt ? Infinity : this.refusedBeside;
		if (at >= this.decreasedAt) this.halve(now);
		if (crowded) this.refusedBeside = Math.min(before, beside);
		return crowded;
	}

	timedOut({ at }: Departure, now: number): void {
		if (at >= this.decreasedAt) this.halve(now);
	}

	private halve(now: number): void {
		this.limit = Math.max(1, Math.floor(this.limit / 2));
		this.doubling = false;
		this.decreasedAt = now;
		this.acceptedSince = 0;
		this.startRound(now);
	}

	private endRound(now: number): void {
		const median = this.took.sort((a, b) => a - b)[this.took.length >> 1];
		this.fastest = Math.min(this.fastest, median);
		const gradient = (this.fastest * TOLERANCE) / median;
		if (this.acceptedSince >= PATIENCE && this.limit >= this.refusedBeside - 1) {
			this.refusedBeside++;
			this.acceptedSince = 0;
		}
		if (gradient < 1) {
			this.doubling = false;
			const smaller = Math.floor(this.limit * Math.max(0.5, Math.sqrt(gradient)));
			this.limit = Math.min(this.limit, Math.max(FIRST, smaller));
		} else if (this.full) {
			const known = this.refusedBeside < Infinity;
			const larger = this.doubling || known ? this.limit * 2 : this.limit + 1;
			this.limit = Math.max(1, Math.min(larger, MOST, this.refusedBeside - 1));
		}
		this.startRound(now);
	}

	private startRound(now: number): void {
		this.took = [];
		this.roundFrom = now;
		this.full = false;
	}
}
