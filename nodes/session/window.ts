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
const FIRST_ROUND = 200;
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
 * one. The number that was refused is remembered and stayed below (as CUBIC does with W_max, RFC 9438): where it is
 * refused again, one less is known to be good, and nothing is halved.
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
	/** Undefined before the first reply. */
	private roundFrom?: number;
	private full = false;

	get size(): number {
		return this.limit;
	}

	/** @param took In ms. */
	accepted(departure: Departure, took: number, now: number): void {
		// Beside others that were refused it was one of fewer.
		if (departure.at >= this.decreasedAt)
			this.acceptedBeside = Math.max(this.acceptedBeside, departure.beside);
		this.acceptedSince++;
		// A round is of requests that left in it: what left earlier says nothing of the window as it is now.
		this.roundFrom ??= departure.at;
		if (departure.at < this.roundFrom) return;
		this.took.push(took);
		this.full ||= departure.beside >= this.limit;
		const shortest = this.fastest === Infinity ? FIRST_ROUND : SHORTEST_ROUND;
		if (this.took.length >= this.limit && now - this.roundFrom >= shortest) this.endRound(now);
	}

	/**
	 * Answers whether the number under way explains the refusal: hardly ever were so many accepted. What is under way
	 * here need not have arrived there, so the same number may be accepted and refused.
	 */
	refused({ at, beside }: Departure, now: number): boolean {
		const crowded = beside > 2 && beside >= this.acceptedBeside * 0.75;
		const before = this.refusedBeside;
		const first = at >= this.decreasedAt;
		if (crowded) this.refusedBeside = first ? beside : Math.min(before, beside);
		if (first) this.shrink(crowded && beside >= before - 1 ? beside - 1 : this.limit / 2, now);
		return crowded;
	}

	/** Slow start from one: RFC 5681, 3.1, after a loss that left nothing under way. */
	anew(now: number): void {
		this.shrink(1, now);
		this.doubling = true;
	}

	timedOut({ at }: Departure, now: number): void {
		if (at >= this.decreasedAt) this.shrink(this.limit / 2, now);
	}

	private shrink(size: number, now: number): void {
		this.limit = Math.max(1, Math.floor(size));
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
