import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { build } from 'esbuild';
import type * as Fields from '../../nodes/ProtectedCall/description/fields.ts';
import type { describe as read } from '../../nodes/ProtectedCall/description/load.ts';
import { repository } from '../n8n/package.mts';
import { fetchPublished, published } from './published.mts';

/** Objects that one operation may cost; by far the most that any of these needs. */
const MOST_STEPS = 10_000;
const MOST_BYTES = 5 * 1024 * 1024;

interface Reader
	extends Pick<typeof Fields, 'bodyFormFields' | 'keysFor' | 'mapperFields' | 'parameterFields'> {
	readonly read: typeof read;
}

describe('published descriptions', { timeout: 600_000 }, () => {
	let folder: string;
	let reader: Reader;
	let made: string;
	const rows: string[] = [];
	before(async () => {
		folder = await fetchPublished();
		made = mkdtempSync(path.join(tmpdir(), 'reader-'));
		reader = await bundled(made);
	});
	after(() => {
		if (made !== undefined) rmSync(made, { recursive: true, force: true });
		console.log(
			`\n${'description'.padEnd(30)}${'KB'.padStart(7)}${'operations'.padStart(12)}${'fields'.padStart(8)}${'most steps'.padStart(12)}${'opened'.padStart(10)}${'all forms'.padStart(11)}\n${rows.join('\n')}\n`,
		);
	});

	for (const name of published) {
		test(name, () => {
			const text = readFileSync(path.join(folder, `${name}.json`), 'utf8');
			if (Buffer.byteLength(text) > MOST_BYTES) {
				assert.throws(() => reader.read(text, false), /longer than 5 MB/);
				rows.push(`${name.padEnd(30)}${kilobytes(text)}  refused: longer than 5 MB`);
				return;
			}
			const started = performance.now();
			const { operations, operation } = reader.read(text, false);
			const opened = performance.now() - started;
			let fields = 0;
			let steps = 0;
			for (const { key } of operations.entries) {
				const found = operation(key);
				const keys = reader.keysFor(found, []);
				const form = [
					...reader.mapperFields(reader.parameterFields(found, []), keys),
					...reader.mapperFields(reader.bodyFormFields(found), keys),
				];
				steps = Math.max(steps, found.steps);
				fields += form.length;
				assert.equal(new Set(form.map(({ id }) => id)).size, form.length, `${key}: an id twice`);
				for (const { id, displayName } of form) {
					assert.match(id, /^[\w:%-]+$/, key);
					assert.doesNotMatch(displayName, /^=|[\r\n]/, key);
				}
			}
			const took = performance.now() - started;
			rows.push(
				`${name.padEnd(30)}${kilobytes(text)}${String(operations.entries.length).padStart(12)}${String(fields).padStart(8)}${String(steps).padStart(12)}${`${opened.toFixed(0)} ms`.padStart(10)}${`${took.toFixed(0)} ms`.padStart(11)}`,
			);
			assert.equal(operations.entries.length + operations.leftOut, countOf(text), 'operations');
			assert.equal(operations.leftOut, 0);
			assert.ok(fields > operations.entries.length / 2, `${fields} fields`);
			assert.ok(steps < MOST_STEPS, `${steps} steps`);
		});
	}
});

/** The reader as it is in the sources, without n8n around it. */
async function bundled(into: string): Promise<Reader> {
	const outfile = path.join(into, 'reader.cjs');
	await build({
		stdin: {
			contents: `export { describe as read } from './load'; export * from './fields';`,
			resolveDir: path.join(repository, 'nodes/ProtectedCall/description'),
			loader: 'ts',
		},
		bundle: true,
		platform: 'node',
		format: 'cjs',
		outfile,
		alias: { 'n8n-workflow': path.join(repository, 'node_modules/n8n-workflow') },
	});
	return createRequire(import.meta.url)(outfile) as Reader;
}

/** Counted in another way than the reader does. */
function countOf(text: string): number {
	const { paths } = JSON.parse(text) as { readonly paths: Record<string, object> };
	const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'];
	return Object.values(paths)
		.flatMap((item) => Object.keys(item))
		.filter((key) => methods.includes(key)).length;
}

function kilobytes(text: string): string {
	return String(Math.round(Buffer.byteLength(text) / 1024)).padStart(7);
}
