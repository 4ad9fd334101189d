import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits until this process is the only one that holds `folder`, and returns the way to let go of it. A folder is made
 * or it is not: that makes it a lock. Its owner stands in it, so that a dead one's can be taken.
 */
export async function lock(folder: string, onWait: () => void): Promise<() => void> {
	const owner = path.join(folder, 'pid');
	for (let waited = 0; ; waited += 1) {
		try {
			mkdirSync(folder);
			writeFileSync(owner, String(process.pid));
			return () => rmSync(folder, { recursive: true, force: true });
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
		}
		if (!(await ownerLives(owner))) rmSync(folder, { recursive: true, force: true });
		else {
			if (waited % 15 === 0) onWait();
			await sleep(1000);
		}
	}
}

async function ownerLives(file: string): Promise<boolean> {
	// Between making the folder and writing the file there is a moment without an owner.
	if (!existsSync(file)) await sleep(2000);
	try {
		process.kill(Number(readFileSync(file, 'utf8')), 0);
		return true;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === 'EPERM';
	}
}
