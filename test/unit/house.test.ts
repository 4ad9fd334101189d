import ts from 'typescript';

/** What ARCHITECTURE.md says of the house, and what every page names. */

declare const sources: Readonly<Record<string, string>>;
declare const pages: Readonly<Record<string, string>>;
declare const repositoryFiles: readonly string[];

const ENGINE = 'credentials/tokens/';
const COMMON = [ENGINE, 'nodes/session/', 'nodes/shared/'];
const PROVIDER = /calenso|auth0|bookingtime|meister1|fusio/i;

const importsOf = (text: string) =>
	ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);

/** The code without its comments, which may say where a rule was seen. */
function withoutComments(text: string): string {
	const source = ts.createSourceFile('any.ts', text, ts.ScriptTarget.Latest);
	return ts.createPrinter({ removeComments: true }).printFile(source);
}

/** `a/../b` as `b`. */
function resolved(from: string, to: string): string {
	return new URL(to, `file:///${from}`).pathname.slice(1);
}

describe('The house', () => {
	const entries = Object.entries(sources);
	const common = entries.filter(([file]) => COMMON.some((folder) => file.startsWith(folder)));

	it.each(common)('%s names no provider', (_, text) => {
		expect(withoutComments(text)).not.toMatch(PROVIDER);
	});

	it.each(entries)('%s imports what it may', (file, text) => {
		for (const name of importsOf(text)) {
			if (!name.startsWith('.')) {
				expect(['n8n-workflow', 'node:crypto']).toContain(name);
				continue;
			}
			const target = resolved(file, name);
			if (file.startsWith('credentials/')) expect(target).toMatch(/^credentials\//);
			if (file.startsWith(ENGINE)) expect(target.startsWith(ENGINE)).toBe(true);
		}
	});

	it('knows a provider where it is named', () => {
		expect(withoutComments("/* Fusio */ const a = 'Auth0'; // Calenso")).toMatch(PROVIDER);
		expect(withoutComments('/* Fusio */ const a = 1; // Calenso')).not.toMatch(PROVIDER);
		expect(importsOf("import x from 'fs'; const y = require('os');")).toEqual(['fs', 'os']);
	});
});

describe('Every page', () => {
	const exists = (path: string) =>
		repositoryFiles.some((file) => file === path || file.startsWith(`${path.replace(/\/$/, '')}/`));

	it.each(Object.entries(pages))('%s names files that there are', (_, text) => {
		const named = [...text.matchAll(/`((?:credentials|docs|nodes|test|workflows)\/[\w./-]+)`/g)];
		const real = named.map(([, path]) => path).filter((path) => !/tollgate/i.test(path));
		expect(real.filter((path) => !exists(path))).toEqual([]);
	});
});
