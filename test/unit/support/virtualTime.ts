import { createHash } from 'node:crypto';
import type { Environment } from '../../../credentials/tokens/environment';

/** 1 November 2026, 00:00 UTC. */
export const START = Date.UTC(2026, 10, 1);

/** What one process knows of time, and how its waiting is made to end. */
export interface DrivenEnvironment extends Environment {
	drive<T>(work: Promise<T>): Promise<T>;
}

interface Sleeper {
	readonly at: number;
	readonly order: number;
	readonly wake: () => void;
}

/** Ticks of the microtask queue after which nobody who can go on has not gone on. */
const IDLE_TICKS = 400;

const MOST_WAKES = 20_000;

/**
 * A clock that moves only when everybody sleeps: to the moment at which the next one wakes. No real time passes, and
 * the same program gives the same run.
 */
export class VirtualTime {
	private readonly sleepers: Sleeper[] = [];
	private order = 0;
	private running = false;
	private driven = 0;

	/** @param idleTicks Fewer of them are faster, where chains of promises are short. */
	constructor(
		private time = START,
		private readonly idleTicks = IDLE_TICKS,
	) {}

	now(): number {
		return this.time;
	}

	/** Moves the clock by hand; whoever sleeps wakes no earlier for it. */
	pass(ms: number): void {
		this.time += ms;
	}

	passTo(time: number): void {
		this.time = Math.max(this.time, time);
	}

	async sleep(ms: number): Promise<void> {
		const at = this.time + Math.max(0, ms);
		await new Promise<void>((wake) => this.enqueue({ at, order: this.order++, wake }));
	}

	/** Runs until all work is done that is driven at the same time; within `run` that one does it. */
	async drive<T>(work: Promise<T>): Promise<T> {
		if (this.running && this.driven === 0) return await work;
		this.driven++;
		const settle = () => {
			this.driven--;
		};
		work.then(settle, settle);
		if (this.driven > 1) return await work;
		const all = async () => {
			while (this.driven > 0) await Promise.resolve();
		};
		await this.run(all());
		return await work;
	}

	/** Runs until the work is done, moving the clock whenever everybody sleeps. */
	async run<T>(work: Promise<T>): Promise<T> {
		this.running = true;
		try {
			return await this.runAll(work);
		} finally {
			this.running = false;
		}
	}

	private async runAll<T>(work: Promise<T>): Promise<T> {
		let settled = false;
		const settle = () => {
			settled = true;
		};
		work.then(settle, settle);
		let wakes = 0;
		for (let stuck = 0; ; stuck++) {
			for (let tick = 0; tick < this.idleTicks && !settled; tick++) await Promise.resolve();
			if (settled) return await work;
			if (++wakes > MOST_WAKES) throw new Error('It never ends.');
			const next = this.sleepers.shift();
			if (next !== undefined) {
				this.time = Math.max(this.time, next.at);
				next.wake();
				stuck = 0;
			} else if (stuck > 1_000) {
				throw new Error('Everybody waits and nobody sleeps.');
			}
		}
	}

	/**
	 * What one process knows of time and chance.
	 * @param offset In ms: how far its clock is ahead.
	 */
	process(name: string, offset = 0): DrivenEnvironment {
		let nonces = 0;
		const started = this.time - Math.abs(offset) * 1_000 - name.length;
		return {
			now: () => this.time + offset,
			monotonic: () => this.time - started,
			sleep: async (ms, signal) => await this.sleepUnless(ms, signal),
			drive: async (work) => await this.drive(work),
			nonce: () => `${shortHash(`${name} ${nonces++}`)} ${name}`,
		};
	}

	private async sleepUnless(ms: number, signal?: AbortSignal): Promise<void> {
		if (signal === undefined) return await this.sleep(ms);
		if (signal.aborted) return;
		const aborted = new Promise<void>((wake) =>
			signal.addEventListener('abort', () => wake(), { once: true }),
		);
		await Promise.race([this.sleep(ms), aborted]);
	}

	private enqueue(sleeper: Sleeper): void {
		let index = this.sleepers.length;
		while (index > 0 && this.sleepers[index - 1].at > sleeper.at) index--;
		this.sleepers.splice(index, 0, sleeper);
	}
}

function shortHash(text: string): string {
	return createHash('sha256').update(text).digest('base64url').slice(0, 10);
}
