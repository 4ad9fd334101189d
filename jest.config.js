const { globSync } = require('node:fs');

/** Unit, property and contract tests: `.test.ts`. What drives real processes is `.test.mts` and runs on Node's own test runner. */
module.exports = {
	testMatch: ['<rootDir>/test/**/*.test.ts'],
	testEnvironment: 'node',
	transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: 'tsconfig.json', diagnostics: false }] },
	// n8n's lint lets no `.ts` file look at the disk.
	globals: { repositoryFiles: globSync(['credentials/**', 'docs/**'], { cwd: __dirname }) },
};
