import { sleep } from 'n8n-workflow';
import { randomBytes } from 'node:crypto';

/** Time and randomness, handed in so that tests own the clock. */
export interface Environment {
	/** Epoch ms; may jump. */
	now(): number;
	/** ms since some moment; never goes back. */
	monotonic(): number;
	/** In ms; ends early when the signal is aborted. */
	sleep(ms: number, signal?: AbortSignal): Promise<void>;
	/** A fresh name that nobody else uses. */
	nonce(): string;
}

const SLICE = 500;

export const realEnvironment: Environment = {
	now: () => Date.now(),
	monotonic: () => performance.now(),
	sleep: async (ms, signal) => {
		// In slices, since n8n has a sleep that can be aborted in its newer versions only.
		for (let left = ms; left > 0 && !signal?.aborted; left -= SLICE)
			await sleep(Math.min(left, SLICE));
	},
	nonce: () => randomBytes(9).toString('base64url'),
};
