import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { repository } from '../n8n/package.mts';
import { readManifest } from './manifest.mts';
import { check, type Check } from './table.mts';

const run = promisify(execFile);
const TIMES = 9;

interface Loaded {
	readonly millis: number;
	readonly classes: ReadonlyArray<{
		readonly file: string;
		readonly name?: string;
		readonly icon?: { readonly light?: string; readonly dark?: string };
	}>;
}

/**
 * Loads all nodes and credentials in a fresh process as n8n does when it starts: of each file the class that is called
 * as the file is. The time is told and never judged: it is the machine's.
 */
export async function checkLoading(folder: string): Promise<Check[]> {
	const { n8n } = readManifest(folder);
	const files = [...(n8n?.credentials ?? []), ...(n8n?.nodes ?? [])].map((file) =>
		path.join(folder, file),
	);
	const what = 'loads in a fresh process';
	try {
		const runs: Loaded[] = [];
		for (let time = 0; time < TIMES; time++) runs.push(await loadOnce(files));
		const [one] = runs as [Loaded];
		const times = runs.map(({ millis }) => millis).sort((a, b) => a - b);
		const median = times[(TIMES - 1) / 2] ?? 0;
		const nameless = one.classes.filter(({ name }) => !name).map(({ file }) => file);
		return [
			check(
				what,
				nameless,
				`${files.length} classes in ${median.toFixed(1)} ms (median of ${TIMES})`,
			),
			check(
				'each of them has an icon for light and one for dark',
				one.classes.flatMap(missingIcons),
			),
		];
	} catch (error) {
		const { stderr } = error as { stderr?: string };
		return [check(what, [/^\w*Error: .*$/m.exec(stderr ?? '')?.[0] ?? String(error)])];
	}
}

function missingIcons({ file, icon }: Loaded['classes'][number]): string[] {
	return (['light', 'dark'] as const)
		.filter((scheme) => {
			const named = icon?.[scheme]?.replace(/^file:/, '');
			return !named || !existsSync(path.join(path.dirname(file), named));
		})
		.map((scheme) => `${path.basename(file)}: ${scheme}`);
}

/** n8n has loaded n8n-workflow long before, so that does not count. */
const program = `
	require('n8n-workflow');
	const { basename } = require('node:path');
	const started = performance.now();
	const made = process.argv.slice(1).map((file) => {
		const Class = require(file)[basename(file).split('.')[0]];
		return [file, new Class()];
	});
	const millis = performance.now() - started;
	const classes = made.map(([file, one]) => {
		const { name, icon } = one.description ?? one;
		return { file, name, icon };
	});
	process.stdout.write(JSON.stringify({ millis, classes }));
`;

async function loadOnce(files: readonly string[]): Promise<Loaded> {
	const { stdout } = await run(process.execPath, ['-e', program, ...files], {
		env: { PATH: process.env.PATH ?? '', NODE_PATH: path.join(repository, 'node_modules') },
	});
	return JSON.parse(stdout) as Loaded;
}
