const { globSync, readFileSync } = require('node:fs');
const path = require('node:path');

const files = globSync(
	['*', 'credentials/**', 'docs/**', 'nodes/**', 'test/**/*.{cjs,js,json,md,mts,ts}', 'workflows/**'],
	{ cwd: __dirname, exclude: ['**/node_modules'] },
);
const texts = (wanted) =>
	Object.fromEntries(
		files.filter(wanted).map((file) => [file, readFileSync(path.join(__dirname, file), 'utf8')]),
	);

/** Unit, property and contract tests: `.test.ts`. What drives real processes is `.test.mts` and runs on Node's own test runner. */
module.exports = {
	testMatch: ['<rootDir>/test/**/*.test.ts'],
	testEnvironment: 'node',
	// Whether a machine is busy is nothing to fail for.
	testTimeout: 60_000,
	transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: 'tsconfig.json', diagnostics: false }] },
	// n8n's lint lets no `.ts` file look at the disk.
	globals: {
		repositoryFiles: files,
		sources: texts((file) => /^(?:credentials|nodes)\/.*\.ts$/.test(file)),
		pages: texts((file) => file.endsWith('.md')),
	},
};
