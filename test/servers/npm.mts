import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { installRecipe } from '../n8n/recipe.mts';

const here = path.dirname(fileURLToPath(import.meta.url));

/** Installs a server from npm, by the lock file in the folder of its name, and tells where and which version. */
export async function installFromNpm(
	name: string,
	size: string,
	tell: (line: string) => void,
): Promise<{ readonly folder: string; readonly version: string }> {
	const folder = await installRecipe(
		{ name, folder: path.join(here, name), place: path.join('servers', name), size, rebuild: [] },
		tell,
	);
	const manifest = readFileSync(path.join(folder, 'node_modules', name, 'package.json'), 'utf8');
	return { folder, version: (JSON.parse(manifest) as { version: string }).version };
}
