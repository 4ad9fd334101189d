import { ApiError } from '../../credentials/tokens/errors';
import type { Environment } from '../../credentials/tokens/environment';
import { isBusy, readRateLimit, readRetryAfter } from '../../credentials/tokens/retryAfter';
import { Allowance } from './allowance';
import { clock } from './busy';
import { Pace } from './pace';
import { type Departure, Window } from './window';

/** What a request brings along when it wants to leave. */
export interface Entrant {
	/** From 1; the more often it was refused the longer others go first while one is tried at a time. */
	readonly attempt: number;
	/** In ms: a pause that is longer is not waited for. */
	readonly patience: number;
	/** Goes whatever the number under way: somebody fixed Concurrency. */
	readonly fixed?: boolean;
	readonly signal?: AbortSignal;
	/** Told why requests wait, and what limit was found. */
	readonly log?: (message: string) => void;
}

/** How a request ended; without a status there was no reply. */
export interface Ending {
	readonly status?: number;
	/** Names in lower case. */
	readonly headers?: Readonly<Record<string, string>>;
	readonly timedOut?: boolean;
}

/** Not waited for: the API asked for a pause that is longer than the request's patience. */
export class TooLong extends Error {
	/** @param until Epoch ms. */
	constructor(readonly until: number) {
		super('The pause is longer than the patience');
	}
}

interface Waiter extends Entrant {
	readonly leave: (departure: Departure) => void;
	readonly giveUp: (error: Error) => void;
}

/** In ms. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 15_000;
/** In ms: what is tried alone after a pause does not keep the others longer. */
const LONGEST_TRIAL = 2_000;
const FORGOTTEN_AFTER = 600_000;
/** In ms, between two lines of one kind in the log. */
const QUIET = 30_000;

/**
 * Lets requests leave as an API stands them: so many at once, so fast, and none while it wants a pause. After a pause
 * one goes first, and the others when it was accepted (a circuit breaker's half-open state).
 */
export class Governor {
	private window = new Window();
	private pace = new Pace();
	private allowance = new Allowance();
	private queue: Waiter[] = [];
	private underWay = 0;
	/** Monotonic, in ms: as the API said, and when the first may leave. */
	private pause = { until: -Infinity, over: -Infinity };
	private refusals = 0;
	private refusedAt = -Infinity;
	private trying = false;
	private tried?: Departure;
	private usedAt = -Infinity;
	private alarm?: { readonly at: number; readonly controller: AbortController };
	private readonly told = new Map<string, number>();

	constructor(
		private readonly environment: Environment,
		private readonly host: string,
	) {}

	/** How many requests may be under way. */
	get limit(): number {
		return this.window.size;
	}

	/** Nobody is here, and nothing is known that must outlast this process's memory of it. */
	get idle(): boolean {
		return this.underWay === 0 && this.queue.length === 0 && this.pause.until < this.now();
	}

	/**
	 * Resolves when the request may leave.
	 * @throws TooLong where a pause is longer than its patience, ApiError `cancelled` as soon as the signal is aborted.
	 */
	async enter(entrant: Entrant): Promise<Departure> {
		this.forgetWhenUnused();
		const { signal } = entrant;
		return await new Promise<Departure>((resolve, reject) => {
			const gone = () => waiter.giveUp(cancelled());
			const waiter: Waiter = {
				...entrant,
				leave: (departure) => {
					signal?.removeEventListener('abort', gone);
					resolve(departure);
				},
				giveUp: (error) => {
					signal?.removeEventListener('abort', gone);
					this.queue = this.queue.filter((other) => other !== waiter);
					reject(error);
					this.proceed();
				},
			};
			if (signal?.aborted) return reject(cancelled());
			signal?.addEventListener('abort', gone);
			// What was refused goes before what was not sent yet.
			const behind = this.queue.findIndex(({ attempt }) => attempt < entrant.attempt);
			this.queue.splice(behind < 0 ? this.queue.length : behind, 0, waiter);
			this.proceed();
		});
	}

	/** To be called once for each departure. */
	leave(
		departure: Departure,
		{ status, headers = {}, timedOut }: Ending,
		log?: Entrant['log'],
	): void {
		const now = this.now();
		this.underWay--;
		this.usedAt = now;
		const wasTried = departure === this.tried;
		if (wasTried) this.tried = undefined;
		if (status !== undefined && isBusy(status, headers, this.environment.now())) {
			this.refused(departure, status, headers, log);
		} else {
			if (wasTried) this.trying = false;
			if (timedOut) this.window.timedOut(departure, now);
			if (status !== undefined) {
				if (departure.at >= this.refusedAt) this.refusals = 0;
				this.pace.accepted(departure, now);
				if (status < 500) this.window.accepted(departure, now - departure.at, now);
				const limit = readRateLimit(headers, this.environment.now());
				if (limit !== undefined) this.allowance.learn(limit, departure, this.underWay, now);
			}
			this.tellLimit(log);
		}
		this.proceed();
	}

	private refused(
		departure: Departure,
		status: number,
		headers: Ending['headers'],
		log: Entrant['log'],
	): void {
		const now = this.now();
		const asked = readRetryAfter(headers ?? {}, this.environment.now());
		const crowded = this.window.refused(departure, now);
		// Too many at once, and all would be well with fewer: no reason to keep the others.
		if (status === 503 && asked === undefined && crowded) return;
		if (departure.at >= this.refusedAt) {
			this.refusals++;
			this.refusedAt = now;
		}
		this.pace.refused(departure, now);
		// What comes next measures the rate: the fewer are under way, the fewer are refused at its end.
		if (this.pace.searching) this.window.anew(now);
		// Where the rate is known but for a little, a short pause is enough.
		const first = this.pace.perSecond === undefined ? FIRST_PAUSE : FIRST_PAUSE / 2;
		const step = Math.min(first * 2 ** (this.refusals - 1), LONGEST_PAUSE);
		const wait = Math.max(asked ?? 0, step);
		// Several workers must not come back at the same moment.
		const over = now + wait + Math.random() * Math.min(wait / 4, 100);
		if (now + wait > this.pause.until) this.pause = { until: now + wait, over };
		this.trying = true;
		this.tried = undefined;
		const { perSecond } = this.pace;
		const from =
			perSecond === undefined ? '' : `, then about ${perSecond.toPrecision(2)} requests a second`;
		this.tell(
			'pause',
			`${this.host} answered ${status}: no request until ${clock(this.epoch(now + wait), this.environment.now())}${from}`,
			log,
		);
	}

	/** Lets leave whoever may, and sets an alarm for the next one. */
	private proceed(): void {
		this.rejectImpatient();
		for (let waiter = this.nextOne(); waiter !== undefined; waiter = this.nextOne()) {
			const wait = this.wait(waiter);
			if (wait > 0) {
				this.wakeIn(wait);
				return;
			}
			this.queue.splice(this.queue.indexOf(waiter), 1);
			const now = this.now();
			const departure = { at: now, beside: ++this.underWay };
			this.usedAt = now;
			this.pace.departed(now);
			this.allowance.departed();
			if (this.trying) this.tried = departure;
			waiter.leave(departure);
		}
		if (this.queue.length === 0) this.alarm?.controller.abort();
	}

	private nextOne(): Waiter | undefined {
		const free = this.underWay < this.window.size;
		const able = free ? this.queue : this.queue.filter(({ fixed }) => fixed);
		if (!this.trying) return able[0];
		// Not the same one again and again: each has its own number of attempts.
		return able.reduce<Waiter | undefined>(
			(best, one) => (best === undefined || one.attempt < best.attempt ? one : best),
			undefined,
		);
	}

	/** In ms. */
	private wait({ patience }: Waiter): number {
		const now = this.now();
		if (this.pause.over > now) return this.pause.over - now;
		if (this.trying && this.tried !== undefined) {
			const left = this.tried.at + LONGEST_TRIAL - now;
			if (left > 0) return left;
			this.trying = false;
			this.tried = undefined;
		}
		const used = this.allowance.wait(now, this.underWay);
		// A pause that nobody would wait for: the API shall say it itself.
		if (used === Infinity || (used > 0 && used <= patience)) return used;
		const paced = this.pace.wait(now);
		if (paced > 0) this.pace.holds();
		return paced;
	}

	private rejectImpatient(): void {
		const left = this.pause.until - this.now();
		const impatient = this.queue.filter(({ patience }) => left > patience);
		if (impatient.length === 0) return;
		this.queue = this.queue.filter(({ patience }) => left <= patience);
		for (const waiter of impatient) waiter.giveUp(new TooLong(this.epoch(this.pause.until)));
	}

	private wakeIn(ms: number): void {
		if (ms === Infinity) return;
		const at = this.now() + ms;
		if (this.alarm !== undefined && this.alarm.at <= at) return;
		this.alarm?.controller.abort();
		const alarm = { at, controller: new AbortController() };
		this.alarm = alarm;
		void this.environment.sleep(Math.max(1, ms), alarm.controller.signal).then(() => {
			if (this.alarm !== alarm) return;
			this.alarm = undefined;
			this.proceed();
		});
	}

	/** What an API stood half an hour ago says little. RFC 5681, 4.1, has TCP start anew after an idle time as well. */
	private forgetWhenUnused(): void {
		if (this.now() - this.usedAt < FORGOTTEN_AFTER || !this.idle) return;
		this.window = new Window();
		this.pace = new Pace();
		this.allowance = new Allowance();
		this.refusals = 0;
	}

	private tellLimit(log: Entrant['log']): void {
		const { perSecond } = this.pace;
		const rate = perSecond === undefined ? '' : `, ${perSecond.toPrecision(3)} a second`;
		this.tell('limit', `${this.host}: up to ${this.window.size} requests at once${rate}`, log);
	}

	/** The first of a kind at once, of the limit after a while: short runs have nothing to tell. */
	private tell(kind: 'pause' | 'limit', message: string, log: Entrant['log']): void {
		const now = this.now();
		const last = this.told.get(kind) ?? (kind === 'pause' ? -Infinity : now);
		if (!this.told.has(kind)) this.told.set(kind, last);
		if (log === undefined || now - last < QUIET) return;
		this.told.set(kind, now);
		log(message);
	}

	private now(): number {
		return this.environment.monotonic();
	}

	private epoch(at: number): number {
		return this.environment.now() + at - this.now();
	}
}

function cancelled(): ApiError {
	return new ApiError('cancelled', 'The execution was cancelled.', 'Run it again.');
}

const MOST_GOVERNORS = 200;
const governors = new WeakMap<Environment, Map<string, Governor>>();

/** The one governor of an API and a client in this process: all executions share it. */
export function governorOf(environment: Environment, origin: string, client: string): Governor {
	const known = governors.get(environment) ?? new Map<string, Governor>();
	governors.set(environment, known);
	const name = `${client} ${origin}`;
	const governor = known.get(name) ?? new Governor(environment, new URL(origin).host);
	// The one that was used last stands last.
	known.delete(name);
	known.set(name, governor);
	for (const [other, { idle }] of known) {
		if (known.size <= MOST_GOVERNORS) break;
		if (idle && other !== name) known.delete(other);
	}
	return governor;
}
