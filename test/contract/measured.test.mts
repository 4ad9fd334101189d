import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { summaryIn } from '../bench/summary.mts';
import { repository } from '../n8n/package.mts';

const page = (...names: string[]) => readFileSync(path.join(repository, ...names), 'utf8');

test('the README quotes the last run of the benchmark, and nothing else', () => {
	const results = page('docs', 'bench', 'results.md');
	assert.ok(summaryIn(results));
	assert.equal(summaryIn(page('README.md')), summaryIn(results));
});
