import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import type { INodeType } from 'n8n-workflow';
import { exampleFiles } from '../n8n/examples.mts';
import { repository } from '../n8n/package.mts';
import { loadPackage } from './n8nContext.mts';

const read = (file: string) => readFileSync(path.join(repository, file), 'utf8');
const pages = [
	...readdirSync(repository).filter((file) => file.endsWith('.md')),
	...readdirSync(path.join(repository, 'docs'))
		.filter((file) => file.endsWith('.md'))
		.map((file) => `docs/${file}`),
];

describe('the documentation', () => {
	for (const page of pages) {
		test(`${page}: the pages and pictures that it leads to are there`, () => {
			const links = [...read(page).matchAll(/\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"/g)]
				.map(([, link, source]) => (link ?? source ?? '').split('#', 1)[0] ?? '')
				.filter((link) => link !== '' && !/^[a-z]+:/i.test(link));
			const missing = links.filter(
				(link) => !existsSync(path.join(repository, path.dirname(page), decodeURI(link))),
			);
			assert.deepEqual(missing, []);
		});
	}

	test('README lists each example, and each node in its first table', () => {
		const readme = read('README.md');
		const unlisted = exampleFiles().filter((file) => !readme.includes(`| \`${file}\` |`));
		assert.deepEqual(unlisted, []);
		const [table = ''] = /\n\|(?:.*\|\n)+/.exec(readme) ?? [];
		const names = Object.entries(loadPackage())
			.map(([, Class]) => new Class() as Partial<INodeType>)
			.flatMap(({ description }) => description?.displayName ?? []);
		assert.ok(names.length >= 8, names.join(', '));
		assert.deepEqual(
			names.filter((name) => !table.includes(`**${name}**`)),
			[],
		);
	});
});
