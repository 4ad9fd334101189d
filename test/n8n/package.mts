import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { temporaryFolder } from './shutdown.mts';

const run = promisify(execFile);

/** The root of this repository. */
export const repository = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

export interface PackOptions {
	/** Runs `npm run build` first; without it, `dist/` must be there. */
	readonly build?: boolean;
}

/** The tarball that would be published, in a temporary folder that lives as long as this process. */
export async function packPackage(options: PackOptions = {}): Promise<string> {
	if (options.build) await npm(['run', 'build']);
	if (!existsSync(path.join(repository, 'dist')))
		throw new Error('There is no dist/ yet: run "npm run build" first.');
	const folder = temporaryFolder('package').path;
	const printed = await npm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder]);
	const [packed] = JSON.parse(printed.slice(printed.indexOf('['))) as Array<{ filename: string }>;
	return path.join(folder, (packed as { filename: string }).filename);
}

/**
 * Puts a tarball where n8n puts a community package, and the way n8n does (`community-packages.service.js`): unpacked
 * into `.n8n/nodes/node_modules/<name>`, its package.json without development and peer dependencies, and entered in
 * the package.json beside `node_modules`. n8n then runs `npm install` for the dependencies; a verified package has
 * none. The row in its database, which n8n adds for the list in Settings, is not needed for loading.
 */
export async function installPackage(userFolder: string, tarball: string): Promise<void> {
	const nodes = path.join(userFolder, '.n8n', 'nodes');
	const unpacked = path.join(nodes, '.unpacked');
	rmSync(unpacked, { recursive: true, force: true });
	mkdirSync(unpacked, { recursive: true });
	await run('tar', ['-xzf', tarball, '-C', unpacked, '--strip-components=1']);

	const { devDependencies, peerDependencies, optionalDependencies, ...manifest } = readJson(
		path.join(unpacked, 'package.json'),
	);
	if (
		manifest.dependencies !== undefined &&
		Object.keys(manifest.dependencies as object).length > 0
	) {
		throw new Error('The package has dependencies; n8n would not verify it.');
	}
	writeJson(path.join(unpacked, 'package.json'), manifest);
	const name = String(manifest.name);
	const target = path.join(nodes, 'node_modules', name);
	rmSync(target, { recursive: true, force: true });
	mkdirSync(path.dirname(target), { recursive: true });
	await run('mv', [unpacked, target]);

	const ledger = path.join(nodes, 'package.json');
	const entered = existsSync(ledger)
		? readJson(ledger)
		: { name: 'installed-nodes', private: true, dependencies: {} };
	writeJson(ledger, {
		...entered,
		dependencies: { ...(entered.dependencies as object), [name]: manifest.version },
	});
}

async function npm(args: readonly string[]): Promise<string> {
	try {
		const { stdout } = await run('npm', args, { cwd: repository, maxBuffer: 64 * 1024 * 1024 });
		return stdout;
	} catch (error) {
		const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
		throw new Error(`npm ${args.join(' ')} failed:\n${stdout.slice(-3000)}${stderr.slice(-3000)}`, {
			cause: error,
		});
	}
}

function readJson(file: string): Record<string, unknown> {
	return JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
}

function writeJson(file: string, value: unknown): void {
	writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
}
