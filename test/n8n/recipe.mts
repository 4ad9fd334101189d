import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { lock } from './lock.mts';
import { onPath, startProcess } from './process.mts';
import { reporting } from './progress.mts';

/** Something from npm that is installed once into the cache: a folder with a package.json and a lock file. */
export interface Recipe {
	/** What a person calls it, such as `n8n 2.41.1`. */
	readonly name: string;
	/** Where its package.json and package-lock.json stand. */
	readonly folder: string;
	/** Its place in the cache, such as `n8n/2.41.1`; the hash of the recipe is put behind it. */
	readonly place: string;
	/** What is told before it starts: how long it takes, how large it is. */
	readonly size: string;
	/** Native modules that come without a binary; no other install script runs. */
	readonly rebuild: readonly string[];
}

/**
 * The folder of what a recipe installs, with `node_modules` in it. The first call installs it. An installation that
 * was broken off is made again; of two processes that want one at once, one makes it and the other waits.
 */
export async function installRecipe(recipe: Recipe, tell: (line: string) => void): Promise<string> {
	const folder = recipeTarget(recipe);
	if (isComplete(folder)) return folder;

	mkdirSync(path.dirname(folder), { recursive: true });
	const unlock = await lock(`${folder}.lock`, () =>
		tell(`Another process is installing ${recipe.name}; waiting for it …`),
	);
	try {
		if (!isComplete(folder)) await install(recipe, folder, tell);
	} finally {
		unlock();
	}
	return folder;
}

/** Where it is installed: the name changes with the lock file and with Node's major version. */
export function recipeTarget({ folder, place }: Recipe): string {
	const hash = createHash('sha256');
	for (const file of recipeFiles) hash.update(readFileSync(path.join(folder, file)));
	hash.update(`${nodeMajor} ${process.platform} ${process.arch}`);
	return path.join(cacheFolder(), `${place}-${hash.digest('hex').slice(0, 12)}`);
}

/** The cache of this project, outside the checkout: `TOKENKEEPER_CACHE`, or a folder in the user's cache. */
export function cacheFolder(): string {
	const { TOKENKEEPER_CACHE, XDG_CACHE_HOME } = process.env;
	return (
		TOKENKEEPER_CACHE ||
		path.join(XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'n8n-nodes-tokenkeeper')
	);
}

const nodeMajor = process.versions.node.split('.')[0] as string;
const recipeFiles = ['package.json', 'package-lock.json'];
const marker = '.complete';
const isComplete = (folder: string) => existsSync(path.join(folder, marker));

async function install(
	{ name, folder: source, size, rebuild }: Recipe,
	folder: string,
	tell: (line: string) => void,
): Promise<void> {
	refuseWithoutTools(name, rebuild.length > 0 ? ['python3', 'make', 'g++', 'npm'] : ['npm']);
	const partial = `${folder}.partial`;
	for (const leftOver of [partial, folder])
		rmSync(leftOver, { recursive: true, force: true, maxRetries: 5 });
	mkdirSync(partial, { recursive: true });
	for (const file of recipeFiles) cpSync(path.join(source, file), path.join(partial, file));

	const started = performance.now();
	const report = async () => {
		const seconds = Math.round((performance.now() - started) / 1000);
		tell(`  … ${seconds} s, ${await sizeOf(partial)} so far`);
	};
	tell(`Installing ${name} once into the cache (${size}) …`);
	await npm(
		['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
		partial,
		report,
	);
	for (const module of rebuild)
		await npm(['rebuild', module, '--ignore-scripts=false', '--loglevel=error'], partial, report);
	writeFileSync(path.join(partial, marker), `${new Date().toISOString()}\n`);
	renameSync(partial, folder);
	tell(`Installed ${name} in ${Math.round((performance.now() - started) / 1000)} s.`);
}

async function npm(
	args: readonly string[],
	cwd: string,
	report: () => Promise<void>,
): Promise<void> {
	const logFile = path.join(cwd, 'npm.log');
	const running = await startProcess({ command: 'npm', args, cwd, logFile, env: npmEnvironment() });
	const { code } = await reporting(running.ended, report, 15_000);
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

function refuseWithoutTools(name: string, tools: readonly string[]): void {
	const missing = tools.filter((tool) => onPath(tool) === undefined);
	if (missing.length > 0) {
		throw new Error(
			`${name} is installed with ${tools.join(', ')}, and ${missing.join(', ')} cannot be found. On Debian: apt-get install npm python3 make g++`,
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
