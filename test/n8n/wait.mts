import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Asks `check` again and again until it returns something other than `undefined`, and returns that. An error that
 * `check` throws counts as "not yet"; when `timeoutMs` has passed, the last one is told.
 */
export async function until<T>(
	what: string,
	timeoutMs: number,
	check: () => Promise<T | undefined> | T | undefined,
	everyMs = 250,
): Promise<T> {
	const deadline = performance.now() + timeoutMs;
	let lastError: unknown;
	do {
		try {
			const found = await check();
			if (found !== undefined) return found;
		} catch (error) {
			if (error instanceof GiveUp) throw new Error(`${what}: ${error.message}`, { cause: error });
			lastError = error;
		}
		await sleep(everyMs);
	} while (performance.now() < deadline);
	const reason = lastError instanceof Error ? ` Last error: ${lastError.message}` : '';
	throw new Error(`${what}: not after ${Math.round(timeoutMs / 1000)} s.${reason}`, {
		cause: lastError,
	});
}

/** Thrown by a check that knows that waiting is no use. */
export class GiveUp extends Error {}
