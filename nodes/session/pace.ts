import type { Departure } from './window';

/** Requests that tell a rate from chance. */
const ENOUGH = 5;
/** In ms. */
const ROUND = 500;
/** By this factor a rate grows that was measured after a pause, in which the server may have wasted some. */
const STEP = 1.3;
/** In ms: how far behind its times a busy process may be and still make up for it, at first. */
const SLACK = 100;
/** How far below the known rate it begins after a refusal. */
const DEPTH = 0.04;
/** In ms: how long it takes from there to the known rate, at least and at most. */
const SHORTEST_RISE = 2_000;
const LONGEST_RISE = 10_000;

/**
 * How fast requests may leave: as they come, until one is refused that could not be too many at once.
 *
 * Between two refusals a server's allowance was empty twice, so what it accepted in between, over the time, is its
 * rate, whether it counts with a bucket or by windows of time. From a little below, the rate comes back to that one,
 * stays close to it, and only then tries more, faster and faster: the curve that CUBIC has around the window at the
 * last loss (Ha, Rhee and Xu 2008; RFC 9438, 4.2). A measurement that took longer is a better one: the flatter the
 * curve, and the rarer the refusals.
 */
export class Pace {
	/** Departures per ms at the last refusal. */
	private known = Infinity;
	/** In ms: what the curve takes back to the known rate (CUBIC's K), and how far it is. */
	private rise = SHORTEST_RISE;
	private risen = 0;
	/** By which the rate grows each round while little is known; 1: along the curve. */
	private step = 1;
	private rate = Infinity;
	private next = -Infinity;
	private last = -Infinity;
	private slack = SLACK;
	/** The last one left sooner after the one before than the rate has it: it made up for lost time. */
	private hurried = false;
	/** In this round, and since the last departure. */
	private held = false;
	private waited = false;
	private refusal?: { readonly at: number; accepted: number };
	private round = { from: 0, accepted: 0 };

	/** Departures per second; undefined: as they come. */
	get perSecond(): number | undefined {
		return Number.isFinite(this.rate) ? this.rate * 1000 : undefined;
	}

	/** One was refused, and it takes a second refusal to know the rate. */
	get searching(): boolean {
		return this.refusal !== undefined && !Number.isFinite(this.rate);
	}

	/** In ms, until the next one may leave. */
	wait(now: number): number {
		return Math.max(0, this.next - now);
	}

	/** Somebody had to wait for the pace alone: only then it shows whether more would do. */
	holds(): void {
		this.held = this.waited = true;
	}

	departed(now: number): void {
		if (!Number.isFinite(this.rate)) return;
		const gap = 1 / this.rate;
		const slack = this.waited ? Math.max(gap / 10, this.slack) : 0;
		this.hurried = now - this.last < gap * 0.8;
		this.last = now;
		this.next = Math.max(this.next, now - slack) + gap;
		this.waited = false;
	}

	accepted({ at }: Departure, now: number): void {
		if (this.refusal === undefined || at < this.refusal.at) return;
		this.refusal.accepted++;
		this.round.accepted++;
		const took = now - this.round.from;
		if (
			!Number.isFinite(this.rate) ||
			took < ROUND ||
			this.round.accepted < (this.step > 1 ? 2 : ENOUGH)
		)
			return;
		if (this.held) this.grow(took);
		this.startRound(now);
	}

	refused({ at }: Departure, now: number): void {
		if (this.refusal === undefined) {
			this.refusal = { at: now, accepted: 0 };
		} else if (at < this.refusal.at || this.refusal.accepted === 0) {
			return;
		} else {
			const { accepted } = this.refusal;
			this.learn(accepted, now - this.refusal.at);
			this.refusal = { at: now, accepted: 0 };
		}
		// It may be one that counts each moment.
		if (this.hurried) this.slack /= 2;
		this.next = now;
		this.waited = false;
		this.startRound(now);
	}

	/** @param took In ms, from the refusal before this one. */
	private learn(accepted: number, took: number): void {
		const refused = this.rate;
		const measured = accepted / took;
		this.risen = 0;
		this.rise = Math.min(Math.max(took, SHORTEST_RISE), LONGEST_RISE);
		if (!Number.isFinite(refused)) {
			this.step = accepted < ENOUGH ? 2 : STEP;
			this.known = measured;
		} else {
			// While the rate grew fast, what was measured lags behind; the step before went well. Few tell nothing.
			const before = this.step > 1 ? refused / this.step : accepted < ENOUGH ? refused / 2 : 0;
			this.known = Math.min(Math.max(measured, before), refused);
			this.step = 1;
		}
		this.rate = this.known * (1 - DEPTH);
	}

	private grow(took: number): void {
		if (this.step > 1) {
			this.rate *= this.step;
			return;
		}
		this.risen += Math.min(took, 2 * ROUND);
		const from = (this.risen - this.rise) / this.rise;
		this.rate = this.known * (1 + DEPTH * from ** 3);
	}

	private startRound(now: number): void {
		this.round = { from: now, accepted: 0 };
		this.held = false;
	}
}
