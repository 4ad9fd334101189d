import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { installRecipe, recipeTarget, type Recipe } from './recipe.mts';

/** The version of n8n that everything here runs on: `N8N_VERSION`, a folder name of `versions/`, or the newest of them. */
export const n8nVersion = process.env.N8N_VERSION ?? '2.41.1';

/** Minutes that an installation took on a small machine: only for the line of progress. */
const usualMinutes: Readonly<Record<string, number>> = { '2.41.1': 7, '1.123.81': 5 };

const recipes = path.join(path.dirname(fileURLToPath(import.meta.url)), 'versions');

export interface InstallOptions {
	/** Told what goes on, a line each 15 s; standard error if not given. */
	readonly onProgress?: (line: string) => void;
}

/** The folder of an installed n8n, with `node_modules/n8n` in it. The first call installs it: minutes, gigabytes. */
export async function installN8n(options: InstallOptions = {}): Promise<string> {
	const tell = options.onProgress ?? ((line: string) => process.stderr.write(`${line}\n`));
	const recipe = recipeOf(n8nVersion);
	const nodeMajor = Number(process.versions.node.split('.')[0]);
	if (nodeMajor < 24 && !existsSync(recipeTarget(recipe)))
		throw new Error(
			`n8n needs Node 24; this is ${process.version}. Start with "node test/node24.cjs".`,
		);
	return await installRecipe(recipe, tell);
}

/** Where `installN8n` puts a version. */
export function installationFolder(version: string): string {
	return recipeTarget(recipeOf(version));
}

function recipeOf(version: string): Recipe {
	const folder = path.join(recipes, version);
	if (!existsSync(folder)) {
		throw new Error(
			`There is no n8n ${version} in test/n8n/versions; there is ${readdirSync(recipes).join(', ')}.`,
		);
	}
	return {
		name: `n8n ${version}`,
		folder,
		place: path.join('n8n', version),
		size: `about ${usualMinutes[version] ?? 7} minutes, 3 GB`,
		// The only module that n8n cannot do without and that comes without a binary.
		rebuild: ['sqlite3'],
	};
}
