import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Something that must not outlive this process. */
export interface Ending {
	/** The orderly way, used on Ctrl-C and SIGTERM. */
	readonly gently?: () => Promise<void>;
	/** The last chance, synchronous: this process ends right after, for whatever reason. */
	readonly atOnce: () => void;
}

const endings = new Set<Ending>();
let watching = false;

/**
 * Ends `ending` when this process ends: by itself, by an uncaught error, or by a signal. Later ones end first.
 * Returns a function that takes it off the list, for whoever has ended it already.
 */
export function whenThisProcessEnds(ending: Ending): () => void {
	if (!watching) watch();
	endings.add(ending);
	return () => endings.delete(ending);
}

/** Ends everything that was started, in reverse order, the orderly way. */
export async function endEverything(): Promise<void> {
	for (const ending of [...endings].reverse()) {
		try {
			await ending.gently?.();
			if (!ending.gently) ending.atOnce();
		} finally {
			endings.delete(ending);
		}
	}
}

/** A new empty folder that is removed with this process; `remove` does it sooner. */
export function temporaryFolder(purpose: string): { readonly path: string; remove: () => void } {
	const folder = mkdtempSync(path.join(tmpdir(), `tokenkeeper-${purpose}-`));
	const remove = () => {
		forget();
		rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
	};
	const forget = whenThisProcessEnds({ atOnce: remove });
	return { path: folder, remove };
}

/** An uncaught error needs no listener of its own: Node emits `exit` after it. */
function watch(): void {
	watching = true;
	process.on('exit', () => {
		for (const ending of [...endings].reverse()) ending.atOnce();
	});
	const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
	for (const [signal, code] of Object.entries(codes)) {
		let asked: number | undefined;
		process.on(signal, () => {
			const now = performance.now();
			// A second Ctrl-C does not wait; but a terminal and a parent may hand on the same one.
			if (asked !== undefined && now - asked > 1000) process.exit(code);
			if (asked !== undefined) return;
			asked = now;
			void endEverything().finally(() => process.exit(code));
		});
	}
}
