import type { Departure } from './window';

/** Requests that tell a rate from chance. */
const ENOUGH = 5;
/** In ms. */
const ROUND = 500;
/** By this factor a rate grows that was measured after a pause, in which the server may have wasted some. */
const STEP = 1.3;
/** In ms: how far behind its times a departure may be and still be made up for; timers are no finer. */
const LATE = 20;
/** Below what was measured, so that the next refusal is far. */
const MARGIN = 0.95;

/**
 * How fast requests may leave: as they come, until one is refused that could not be too many at once.
 *
 * Between two refusals a server's allowance was empty twice, so what it accepted in between, over the time, is its
 * rate, whether it counts with a bucket or by windows of time. From there the rate rises towards the one that was
 * refused, by halves of what is missing (the binary search increase of BIC-TCP, Xu, Harfoush and Rhee 2004), and then
 * by half a percent a second.
 */
export class Pace {
	/** Departures per ms. */
	private rate = Infinity;
	private refusedRate = Infinity;
	/** By which the rate grows each round; 1: by less and less, towards the one that was refused. */
	private step = 1;
	private next = -Infinity;
	private held = false;
	private refusal?: { readonly at: number; accepted: number };
	private round = { from: 0, accepted: 0 };

	/** Departures per second; undefined: as they come. */
	get perSecond(): number | undefined {
		return Number.isFinite(this.rate) ? this.rate * 1000 : undefined;
	}

	/** In ms, until the next one may leave. */
	wait(now: number): number {
		return Math.max(0, this.next - now);
	}

	/** Somebody had to wait for the pace alone: only then it shows whether more would do. */
	holds(): void {
		this.held = true;
	}

	departed(now: number): void {
		if (!Number.isFinite(this.rate)) return;
		const gap = 1 / this.rate;
		this.next = Math.max(this.next, now - Math.max(gap / 10, LATE - gap)) + gap;
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
		if (this.held) this.rise(took);
		this.startRound(now);
	}

	refused({ at }: Departure, now: number): void {
		if (this.refusal === undefined) {
			this.refusal = { at: now, accepted: 0 };
		} else if (at < this.refusal.at || this.refusal.accepted === 0) {
			return;
		} else {
			const { accepted } = this.refusal;
			this.learn(accepted, accepted / (now - this.refusal.at));
			this.refusal = { at: now, accepted: 0 };
		}
		this.next = now;
		this.startRound(now);
	}

	/** @param measured Accepted per ms since the refusal before this one. */
	private learn(accepted: number, measured: number): void {
		const refused = this.rate;
		if (!Number.isFinite(refused)) {
			this.rate = measured * MARGIN;
			this.refusedRate = measured;
			this.step = accepted < ENOUGH ? 2 : STEP;
			return;
		}
		// While the rate grew fast, what was measured lags behind; the step before went well. Few tell nothing.
		const good = Math.max(
			measured,
			this.step > 1 ? refused / this.step : 0,
			accepted < ENOUGH ? refused / 2 : 0,
		);
		this.rate = Math.min(refused, good) * MARGIN;
		this.refusedRate = (Math.min(good, refused) + refused) / 2;
		this.step = 1;
	}

	private rise(took: number): void {
		const near = this.refusedRate * 0.98;
		if (this.rate > this.refusedRate * 1.25) this.step = STEP;
		if (this.step > 1) this.rate *= this.step;
		else if (this.rate < near) this.rate += Math.max((near - this.rate) / 2, this.rate * 0.005);
		else this.rate *= 1 + 0.005 * Math.min(took / 1000, 10);
	}

	private startRound(now: number): void {
		this.round = { from: now, accepted: 0 };
		this.held = false;
	}
}
