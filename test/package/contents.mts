import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder } from '../n8n/shutdown.mts';
import { check, type Check } from './table.mts';

const run = promisify(execFile);

/** All that belongs into the package; whatever else is found in it does not. */
const product = [
	/^package\.json$/,
	/^index\.js$/,
	/^(README|LICENSE|CHANGELOG)(\.md)?$/,
	/^dist\/package\.js$/,
	/^dist\/credentials\/\w+\.credentials\.js$/,
	/^dist\/nodes\/\w+\/\w+\.node\.js$/,
	/^dist\/nodes\/\w+\/\w+\.node\.json$/,
	/^dist\/(credentials\/icons|nodes\/\w+)\/\w+(\.dark)?\.svg$/,
];
/** None of these, even where a pattern above would let it through. */
const neverShipped = [
	/\.map$/,
	/\.tsbuildinfo$/,
	/\.test\.|\.spec\.|(^|\/)tests?\//,
	/\.ts$/,
	/\.png$/,
];

/** In bytes, unpacked, without source maps: what is published is for reading, with names and comments. */
const MOST = 700_000;

/** Unpacks a tarball into a folder that goes with this process. */
export async function unpack(tarball: string): Promise<string> {
	const folder = path.join(temporaryFolder('verify').path, 'package');
	mkdirSync(folder);
	await run('tar', ['-xzf', tarball, '-C', folder, '--strip-components=1']);
	return folder;
}

/** Paths below a folder, with slashes, sorted. */
export function filesIn(folder: string): string[] {
	return readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => !entry.isDirectory())
		.map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
		.map((file) => file.split(path.sep).join('/'))
		.sort();
}

export function checkContents(folder: string): Check[] {
	const files = filesIn(folder);
	const strange = files.filter(
		(file) =>
			!product.some((pattern) => pattern.test(file)) ||
			neverShipped.some((pattern) => pattern.test(file)),
	);
	const size = files
		.filter((file) => !file.endsWith('.map'))
		.reduce((sum, file) => sum + statSync(path.join(folder, file)).size, 0);
	return [
		check('holds only the product', strange, `${files.length} files`),
		check('has no source maps', mapsIn(folder, files)),
		check('has a codex file for each node', missingCodex(files)),
		check(`is under ${MOST / 1000} kB unpacked`, size < MOST ? [] : [`${kilobytes(size)}`], kilobytes(size)),
	];
}

const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`;

function mapsIn(folder: string, files: readonly string[]): string[] {
	const named = files.filter((file) => file.endsWith('.map'));
	const mentioned = files
		.filter((file) => file.endsWith('.js'))
		.filter((file) => readFileSync(path.join(folder, file), 'utf8').includes('sourceMappingURL='))
		.map((file) => `${file} mentions one`);
	return [...named, ...mentioned];
}

function missingCodex(files: readonly string[]): string[] {
	return files
		.filter((file) => file.endsWith('.node.js'))
		.map((file) => file.replace(/\.js$/, '.json'))
		.filter((file) => !files.includes(file))
		.map((file) => `${file} is missing`);
}
