import type { RateLimit } from '../../credentials/tokens/retryAfter';
import type { Departure } from './window';

/** What an API says is left until its limit: nothing is sent that it would refuse. */
export class Allowance {
	private left = Infinity;
	/** The most that was ever left: what there may be after a reset. */
	private most = 0;
	private until = -Infinity;
	private learntFrom = -Infinity;

	/** @param underWay Requests that the API may not have counted yet. */
	learn({ remaining, reset }: RateLimit, { at }: Departure, underWay: number, now: number): void {
		if (remaining === undefined || reset === undefined || at < this.learntFrom) return;
		this.learntFrom = at;
		this.most = Math.max(this.most, remaining);
		this.left = remaining - underWay;
		this.until = now + reset;
	}

	departed(): void {
		this.left--;
	}

	/** In ms, until there is something left; Infinity: until a reply says what is left. */
	wait(now: number, underWay: number): number {
		if (this.until <= now) {
			this.left = this.most > 0 ? this.most : Infinity;
			this.until = Infinity;
		}
		if (this.left > 0) return 0;
		return underWay === 0 && this.until === Infinity ? 0 : this.until - now;
	}
}
