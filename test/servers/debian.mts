import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { lock } from '../n8n/lock.mts';
import { onPath } from '../n8n/process.mts';
import { cacheFolder } from '../n8n/recipe.mts';

const run = promisify(execFile);

/** Thrown where there is no way to a server on this machine, which is no fault of the package. */
export class NotHere extends Error {}

/**
 * Unpacks a Debian package, and what it needs that is not installed, into the cache: nothing is installed, no root is
 * needed. Returns the folder that holds its `usr`, and its version.
 *
 * @throws NotHere without Debian's tools, or where Debian has no such package.
 */
export async function unpackFromDebian(name: string, tell: (line: string) => void): Promise<{ readonly folder: string; readonly version: string }> {
	for (const tool of ['apt-get', 'apt-cache', 'dpkg']) {
		if (onPath(tool) === undefined) throw new NotHere(`${name} comes from Debian, and there is no ${tool} here`);
	}
	const candidate = (await candidateOf(name)) ?? (await afterUpdate(name, tell));
	if (candidate === undefined) throw new NotHere(`Debian's lists have no ${name}; "apt-get update" fetches them`);
	const folder = path.join(cacheFolder(), 'servers', `${name}-${candidate.replace(/[^\w.-]/g, '_')}`);
	if (!existsSync(folder)) {
		mkdirSync(path.dirname(folder), { recursive: true });
		const unlock = await lock(`${folder}.lock`, () => tell(`Another process is unpacking ${name}; waiting for it …`));
		try {
			if (!existsSync(folder)) await unpack(name, folder, tell);
		} finally {
			unlock();
		}
	}
	return { folder, version: candidate.replace(/^\d+:/, '').replace(/[-~+].*$/, '') };
}

async function candidateOf(name: string): Promise<string | undefined> {
	const { stdout: policy } = await run('apt-cache', ['policy', name]);
	return /Candidate: (\d\S*)/.exec(policy)?.[1];
}

/** A new machine has no lists; only root can fetch them. */
async function afterUpdate(name: string, tell: (line: string) => void): Promise<string | undefined> {
	if (process.getuid?.() !== 0) return undefined;
	tell(`Debian's lists have no ${name}: apt-get update …`);
	await run('apt-get', ['update', '--quiet=2']);
	return await candidateOf(name);
}

async function unpack(name: string, folder: string, tell: (line: string) => void): Promise<void> {
	tell(`Unpacking ${name} from Debian once into the cache …`);
	const { stdout: plan } = await run('apt-get', ['install', '--simulate', '--no-install-recommends', name]);
	const packages = [...plan.matchAll(/^Inst (\S+)/gm)].map(([, one]) => one as string);
	const partial = `${folder}.partial`;
	rmSync(partial, { recursive: true, force: true });
	const archives = path.join(partial, 'archives');
	mkdirSync(archives, { recursive: true });
	await run('apt-get', ['download', '--quiet', ...(packages.length > 0 ? packages : [name])], { cwd: archives, maxBuffer: 1 << 24 });
	for (const archive of readdirSync(archives)) await run('dpkg', ['-x', path.join(archives, archive), partial]);
	rmSync(archives, { recursive: true });
	writeFileSync(path.join(partial, 'unpacked.txt'), packages.join('\n'));
	renameSync(partial, folder);
}
