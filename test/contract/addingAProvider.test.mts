import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
	cpSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { ICredentialType } from 'n8n-workflow';
import { repository } from '../n8n/package.mts';
import { bundled } from './bundle.mts';
import { executeContext, newRow } from './n8nContext.mts';

/** docs/adding-a-provider.md, followed to the letter in a copy of this repository. */

const page = readFileSync(path.join(repository, 'docs/adding-a-provider.md'), 'utf8');
const COPIED = ['credentials', 'docs', 'nodes', 'test', 'package.json', 'jest.config.js'];
const TYPES = ['tsconfig.json', 'tsconfig.test.json'];
/** More must not be touched for a provider; n8n's own list in the manifest comes on top. */
const MOST = [
	'credentials/TollgateApi.credentials.ts',
	'credentials/icons/tollgate.dark.svg',
	'credentials/icons/tollgate.svg',
	'credentials/index.ts',
	'credentials/providers/tollgate.ts',
	'docs/tollgate.md',
	'package.json',
	'test/sandbox/tollgate.mts',
];

interface Step {
	readonly file: string;
	readonly kind: string;
	readonly text: string;
}

/** A file's name in a line of its own, and what goes into it. */
const steps: Step[] = [...page.matchAll(/^`([\w./]+)`\n\n```(\w+)\n([^]*?)^```$/gm)].map(
	([, file = '', kind = '', text = '']) => ({ file, kind, text }),
);

const run = promisify(execFile);

describe('adding a provider', { timeout: 300_000 }, () => {
	let copy: string;
	before(() => {
		copy = mkdtempSync(path.join(tmpdir(), 'tollgate-'));
		for (const name of [...COPIED, ...TYPES]) {
			cpSync(path.join(repository, name), path.join(copy, name), { recursive: true });
		}
		symlinkSync(path.join(repository, 'node_modules'), path.join(copy, 'node_modules'));
		for (const step of steps) carryOut(copy, step);
	});
	after(() => rmSync(copy, { recursive: true, force: true }));

	test('touches no more files than it should', () => {
		assert.deepEqual(steps.map(({ file }) => file).sort(), MOST);
	});

	test('makes a provider that keeps what each one must', async () => {
		const { stderr } = await inCopy('jest/bin/jest.js', 'test/unit/providers/contract.test.ts');
		assert.match(stderr, /Tests: +\d+ passed, \d+ total/);
		const { stdout } = await inCopy('typescript/bin/tsc', '-p', 'tsconfig.json', '--noEmit');
		assert.equal(stdout, '');
	});

	test('the provider works: one token for all requests, another one when it was revoked', async () => {
		const { exported } = await bundled<Built>(
			copy,
			"export * from './credentials/TollgateApi.credentials'; export { openSession } from './nodes/session/session';",
		);
		const { TollgateApi, openSession } = exported;
		const { startTollgate } = (await import(
			pathToFileURL(path.join(copy, 'test/sandbox/tollgate.mts')).href
		)) as { startTollgate: () => Promise<Tollgate> };
		const tollgate = await startTollgate();
		try {
			const row = newRow('tollgateApi', { tokenRecord: '', ...tollgate.fields });
			const me = async () => {
				const context = executeContext({ row, credential: new TollgateApi() });
				const session = await openSession(context, 'tollgateApi');
				return (await session.send({ method: 'GET', path: '/me' })).body;
			};
			for (let count = 0; count < 3; count++) assert.deepEqual(await me(), { name: 'Somebody' });
			assert.deepEqual(tollgate.counts, { tokenRequests: 1, apiRequests: 3, refused: 0 });
			tollgate.revokeAll();
			assert.deepEqual(await me(), { name: 'Somebody' });
			assert.deepEqual(tollgate.counts, { tokenRequests: 2, apiRequests: 5, refused: 1 });
		} finally {
			await tollgate.stop();
		}
	});

	const inCopy = async (program: string, ...parameters: string[]) =>
		await run(process.execPath, [`node_modules/${program}`, ...parameters], { cwd: copy });
});

interface Tollgate {
	readonly fields: Record<string, string>;
	readonly counts: Record<string, number>;
	revokeAll(): void;
	stop(): Promise<void>;
}

interface Built {
	readonly TollgateApi: new () => ICredentialType;
	openSession(
		context: unknown,
		name: string,
	): Promise<{ send(request: object): Promise<{ body: unknown }> }>;
}

/** A new file is written; of a diff each added line goes below the one that stands above it. */
function carryOut(folder: string, { file, kind, text }: Step): void {
	const target = path.join(folder, file);
	mkdirSync(path.dirname(target), { recursive: true });
	if (kind !== 'diff') return writeFileSync(target, text, { flag: 'wx' });
	const lines = readFileSync(target, 'utf8').split('\n');
	let at = -1;
	for (const line of text.split('\n').slice(0, -1)) {
		const [sign, rest] = [line.slice(0, 1), line.slice(1)];
		if (sign === '+') lines.splice(++at, 0, rest);
		else {
			at = lines.indexOf(rest);
			assert.ok(at !== -1, `${file} has no line “${rest}”`);
		}
	}
	writeFileSync(target, lines.join('\n'));
}
