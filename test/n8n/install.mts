import { createHash } from 'node:crypto';
import {
	cpSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { lock } from './lock.mts';
import { onPath, startProcess } from './process.mts';

/** The version of n8n that everything here runs on: `N8N_VERSION`, a folder name of `versions/`, or the newest of them. */
export const n8nVersion = process.env.N8N_VERSION ?? '2.41.1';

/** Minutes that an installation took on a small machine: only for the line of progress. */
const usualMinutes: Readonly<Record<string, number>> = { '2.41.1': 7, '1.123.81': 5 };

const recipes = path.join(path.dirname(fileURLToPath(import.meta.url)), 'versions');
const nodeMajor = process.versions.node.split('.')[0] as string;

export interface InstallOptions {
	/** Told what goes on, a line each 15 s; standard error if not given. */
	readonly onProgress?: (line: string) => void;
}

/**
 * The folder of an installed n8n, with `node_modules/n8n` in it. The first call installs it (minutes, gigabytes) into
 * a cache outside the checkout: `TOKENKEEPER_CACHE`, or the user's cache folder. An installation that was broken off
 * is made again; of two processes that want one at once, one makes it and the other waits.
 */
export async function installN8n(options: InstallOptions = {}): Promise<string> {
	const tell = options.onProgress ?? ((line: string) => process.stderr.write(`${line}\n`));
	const folder = installationFolder(n8nVersion);
	if (isComplete(folder)) return folder;
	if (Number(nodeMajor) < 24)
		throw new Error(
			`n8n needs Node 24; this is ${process.version}. Start with "node test/node24.cjs".`,
		);

	mkdirSync(path.dirname(folder), { recursive: true });
	const unlock = await lock(`${folder}.lock`, () =>
		tell('Another process is installing n8n; waiting for it …'),
	);
	try {
		if (!isComplete(folder)) await install(n8nVersion, folder, tell);
	} finally {
		unlock();
	}
	return folder;
}

/** Where `installN8n` puts a version: the name changes with the lock file and with Node's major version. */
export function installationFolder(version: string): string {
	const recipe = path.join(recipes, version);
	if (!existsSync(recipe)) {
		throw new Error(
			`There is no n8n ${version} in test/n8n/versions; there is ${readdirSync(recipes).join(', ')}.`,
		);
	}
	const hash = createHash('sha256');
	for (const file of recipeFiles) hash.update(readFileSync(path.join(recipe, file)));
	hash.update(`${nodeMajor} ${process.platform} ${process.arch}`);
	return path.join(cacheFolder(), 'n8n', `${version}-${hash.digest('hex').slice(0, 12)}`);
}

/** The cache of this project, outside the checkout. */
export function cacheFolder(): string {
	const { TOKENKEEPER_CACHE, XDG_CACHE_HOME } = process.env;
	return (
		TOKENKEEPER_CACHE ||
		path.join(XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'n8n-nodes-tokenkeeper')
	);
}

const recipeFiles = ['package.json', 'package-lock.json'];
const marker = '.complete';
const isComplete = (folder: string) => existsSync(path.join(folder, marker));

async function install(
	version: string,
	folder: string,
	tell: (line: string) => void,
): Promise<void> {
	refuseWithoutCompiler();
	const partial = `${folder}.partial`;
	for (const leftOver of [partial, folder])
		rmSync(leftOver, { recursive: true, force: true, maxRetries: 5 });
	mkdirSync(partial, { recursive: true });
	for (const file of recipeFiles)
		cpSync(path.join(recipes, version, file), path.join(partial, file));

	const started = performance.now();
	const report = async () => {
		const seconds = Math.round((performance.now() - started) / 1000);
		tell(`  … ${seconds} s, ${await sizeOf(partial)} so far`);
	};
	tell(
		`Installing n8n ${version} once into the cache (about ${usualMinutes[version] ?? 7} minutes, 3 GB) …`,
	);
	await npm(
		['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
		partial,
		report,
	);
	// The only module that n8n cannot do without and that comes without a binary.
	await npm(['rebuild', 'sqlite3', '--ignore-scripts=false', '--loglevel=error'], partial, report);
	writeFileSync(path.join(partial, marker), `${new Date().toISOString()}\n`);
	renameSync(partial, folder);
	tell(`Installed n8n ${version} in ${Math.round((performance.now() - started) / 1000)} s.`);
}

async function npm(
	args: readonly string[],
	cwd: string,
	report: () => Promise<void>,
): Promise<void> {
	const logFile = path.join(cwd, 'npm.log');
	const running = await startProcess({ command: 'npm', args, cwd, logFile, env: npmEnvironment() });
	const timer = setInterval(() => void report(), 15_000);
	const { code } = await running.ended;
	clearInterval(timer);
	if (code !== 0)
		throw new Error(`npm ${args.join(' ')} failed in ${cwd}:\n${running.logs().slice(-4000)}`);
	await running.stop();
}

/** Under `npm run`, npm hands its scripts what it knows about *this* package; that is not meant for another folder. */
function npmEnvironment(): Record<string, string> {
	const forThisPackage = /^npm_(package|lifecycle|config_local_prefix|config_ignore_scripts)/i;
	const kept = Object.entries(process.env).filter(([name]) => !forThisPackage.test(name)) as Array<
		[string, string]
	>;
	return {
		...Object.fromEntries(kept),
		PATH: `${path.dirname(process.execPath)}${path.delimiter}${process.env.PATH ?? ''}`,
	};
}

function refuseWithoutCompiler(): void {
	const missing = ['python3', 'make', 'g++', 'npm'].filter((tool) => onPath(tool) === undefined);
	if (missing.length > 0) {
		throw new Error(
			`n8n's SQLite is compiled while it is installed, and ${missing.join(', ')} cannot be found. On Debian: apt-get install python3 make g++`,
		);
	}
}

async function sizeOf(folder: string): Promise<string> {
	const logFile = path.join(folder, '.size');
	rmSync(logFile, { force: true });
	const du = await startProcess({
		command: 'du',
		args: ['-sk', folder],
		cwd: folder,
		logFile,
		env: { PATH: process.env.PATH ?? '' },
	});
	await du.ended;
	const kilobytes = Number(/^\d+(?=\t)/m.exec(du.logs())?.[0] ?? 0);
	return `${(kilobytes / 1024 / 1024).toFixed(1)} GB`;
}
