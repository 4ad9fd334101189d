import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { build } from 'esbuild';
import { whenThisProcessEnds } from '../n8n/shutdown.mts';

/** What the given lines export from a tree of sources, in one readable file of its own; `file` is where it lies. */
export async function bundled<T>(
	tree: string,
	lines: string,
): Promise<{ file: string; exported: T }> {
	// Below the tree, so that n8n-workflow is found.
	const folder = mkdtempSync(path.join(tree, 'node_modules', '.bundle-'));
	whenThisProcessEnds({ atOnce: () => rmSync(folder, { recursive: true, force: true }) });
	const file = path.join(folder, 'bundle.cjs');
	await build({
		stdin: { contents: lines, resolveDir: tree },
		absWorkingDir: tree,
		bundle: true,
		platform: 'node',
		external: ['n8n-workflow'],
		outfile: file,
	});
	return { file, exported: createRequire(file)(file) as T };
}
