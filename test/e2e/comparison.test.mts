import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { INodeProperties, INodePropertyCollection, INodePropertyOptions, VersionedNodeType } from 'n8n-workflow';
import { installN8n, n8nVersion } from '../n8n/install.mts';

/** Names of HTTP Request's that name an entry of a list, no option. */
const INNER = ['Name', 'Value'];
/** Rows about more than one option of the node. */
const MORE = ['Import cURL', 'a body with GET', 'Settings', 'Retry On Fail', 'On Error'];

/** The table is about n8n 2. */
const skip = n8nVersion.startsWith('1.');

describe('the table of HTTP Request’s options in the documentation', { timeout: 1_800_000, skip }, async () => {
	const rows = tableOf('protected-call.md', 'HTTP Request, option by option');
	const named = new Set(rows.flatMap(([names = '']) => names.split(/[:,;]\s*/)));
	const options = optionsOf(await installN8n());

	it(`has each option of n8n ${n8nVersion}`, () => {
		assert.ok(options.size > 60, 'the node was read');
		assert.deepEqual([...options].filter((name) => !named.has(name)), []);
	});

	it('has no other', () => {
		assert.deepEqual([...named].filter((name) => !options.has(name) && !MORE.includes(name)), []);
	});

	it('says of each that it is there, better, or why not', () => {
		for (const [names, here, why] of rows) {
			assert.match(here ?? '', /^(there|better|deliberately not)$/, names);
			if (here !== 'there') assert.ok(why, `${names}: ${here}, because …`);
		}
	});
});

function tableOf(page: string, heading: string): string[][] {
	const text = readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8');
	const section = text.split(`\n## ${heading}\n`)[1]?.split('\n## ', 1)[0] ?? '';
	const lines = section.split('\n').filter((line) => line.startsWith('| '));
	return lines.slice(1).map((line) => line.slice(2, -2).split(/ ?\| ?/).map((cell) => cell.trim()));
}

/** Names of all options of the newest HTTP Request node and of the choices that they have. */
function optionsOf(installation: string): Set<string> {
	const require = createRequire(path.join(installation, 'node_modules', 'n8n', 'package.json'));
	const { HttpRequest } = require('n8n-nodes-base/dist/nodes/HttpRequest/HttpRequest.node.js') as { HttpRequest: new () => VersionedNodeType };
	const versions = Object.entries(new HttpRequest().nodeVersions).sort(([a], [b]) => Number(a) - Number(b));
	return new Set(namesOf(versions.at(-1)?.[1].description.properties ?? []));
}

function namesOf(properties: readonly INodeProperties[]): string[] {
	return properties
		.filter(({ type, displayName }) => !['notice', 'curlImport', 'hidden'].includes(type) && !INNER.includes(displayName))
		.flatMap((property) => [property.displayName, ...inside(property)]);
}

function inside({ type, name, options = [] }: INodeProperties): string[] {
	// Methods are names of HTTP, not of n8n.
	if (name === 'method') return [];
	if (type === 'options') return (options as INodePropertyOptions[]).map((choice) => choice.name);
	if (type === 'fixedCollection') return (options as INodePropertyCollection[]).flatMap(({ values }) => namesOf(values));
	return namesOf(options as INodeProperties[]);
}
