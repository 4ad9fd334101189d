import { sleep } from 'n8n-workflow';
import { randomBytes } from 'node:crypto';

/** Time and randomness, handed in so that tests own the clock. */
export interface Environment {
	/** Epoch ms; may jump. */
	now(): number;
	/** ms since some moment; never goes back. */
	monotonic(): number;
	/** In ms. */
	sleep(ms: number): Promise<void>;
	/** A fresh name that nobody else uses. */
	nonce(): string;
}

export const realEnvironment: Environment = {
	now: () => Date.now(),
	monotonic: () => performance.now(),
	sleep: async (ms) => await sleep(ms),
	nonce: () => randomBytes(9).toString('base64url'),
};
