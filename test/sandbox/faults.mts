import type { Provider } from './journal.mts';

const KINDS = [
	'delay',
	'hang',
	'status',
	'rate-limit',
	'reset',
	'reset-after',
	'html',
	'no-token',
	'empty',
	'not-an-object',
	'huge',
	'expiry',
	'token-type',
	'wrong-secret',
	'redirect',
	'reply',
	'malformed',
	'unauthorized',
] as const;

/** A misbehaviour. All but `delay`, `reset-after`, `expiry` and `token-type` answer instead of the provider. */
export type FaultKind = (typeof KINDS)[number];

/** How a token reply states its lifetime under the fault `expiry`. */
export type ExpiryShape = 'missing' | 'empty' | 'string' | 'absolute' | 'garbage' | 'zero' | 'null';

/** Who misbehaves how, and how often. */
export interface Fault {
	readonly provider: Provider;
	readonly endpoint: 'token' | 'api';
	readonly kind: FaultKind;
	/** Only this operation (`step1`, `refresh_token`, `workers`, …: what the journal calls it). */
	readonly operation?: string;
	/** For the next so many requests; without it until cleared. */
	readonly times?: number;
	/** Lets this many matching requests pass first. */
	readonly skip?: number;
	/** Milliseconds to wait before the request is processed; goes with every kind. */
	readonly ms?: number;
	/** With `delay`: waits after the request was processed instead. */
	readonly late?: boolean;
	/** For `status` (default 500), `redirect` (default 302) and `reply` (default 200). */
	readonly status?: number;
	/** For `rate-limit` (default 1) and, if given, `status`: the Retry-After header in seconds, or a date. */
	readonly retryAfter?: number | string;
	/** For `expiry`. */
	readonly shape?: ExpiryShape;
	/** For `redirect`: where to, if not to the foreign host. */
	readonly to?: string;
	/** For `reply`; for `token-type` (default `mac`), and for `not-an-object` (default `[1]`): what is sent. */
	readonly value?: unknown;
}

interface Active {
	readonly fault: Fault;
	left: number;
	skip: number;
}

/** The misbehaviours in force, first come first served. */
export class Faults {
	#active: Active[] = [];

	/** @throws Error naming what is wrong with it. */
	add(fault: Fault): void {
		if (!KINDS.includes(fault.kind))
			throw new Error(`No such kind of fault: ${String(fault.kind)}`);
		if (fault.endpoint !== 'token' && fault.endpoint !== 'api')
			throw new Error('endpoint: token or api');
		this.#active.push({ fault, left: fault.times ?? Infinity, skip: fault.skip ?? 0 });
	}

	clear(provider?: Provider): void {
		this.#active = provider ? this.#active.filter(({ fault }) => fault.provider !== provider) : [];
	}

	list(): Fault[] {
		return this.#active.map(({ fault, left }) =>
			left === Infinity ? fault : { ...fault, times: left },
		);
	}

	/** The misbehaviour for this request, counted as used. */
	take(provider: Provider, endpoint: string, operation: string): Fault | undefined {
		if (this.#active.length === 0) return undefined;
		for (const active of this.#active) {
			const { fault } = active;
			if (fault.provider !== provider || fault.endpoint !== endpoint) continue;
			if (fault.operation !== undefined && fault.operation !== operation) continue;
			if (active.skip > 0) {
				active.skip--;
				continue;
			}
			if (--active.left <= 0) this.#active = this.#active.filter((other) => other !== active);
			return fault;
		}
		return undefined;
	}
}
