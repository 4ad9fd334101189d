import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { installationFolder, n8nVersion } from '../../n8n/install.mts';
import { repository } from '../../n8n/package.mts';
import type { Bench } from '../bench.mts';
import { alternate, type Sample } from '../statistics.mts';

export interface Load {
	/** ms in a fresh process that has loaded n8n-workflow, as n8n has. */
	readonly time: Sample;
	/** The same of n8n's HTTP Request node and its OAuth2 credential alone. */
	readonly stock: Sample;
	/** Bytes as it is downloaded. */
	readonly packed: number;
	/** Bytes as it lies on disk. */
	readonly unpacked: number;
}

const PROCESSES = 9;

/** Requires each of some files, and makes one of each class, as n8n does at its start. */
const script = `
const path = require('node:path');
require('n8n-workflow');
const files = process.argv.slice(1);
const started = performance.now();
for (const file of files) {
	const [Class] = Object.values(require(path.resolve(file)));
	new Class();
}
process.stdout.write(String(performance.now() - started));
`;

/** What stands in the place of this package where it is not used. */
const stockFiles = ['nodes/HttpRequest/HttpRequest.node.js', 'credentials/OAuth2Api.credentials.js'].map(
	(file) => `node_modules/n8n-nodes-base/dist/${file}`,
);

export async function loading({ n8n, tarball }: Bench): Promise<Load> {
	const manifest = JSON.parse(readFileSync(path.join(repository, 'package.json'), 'utf8')) as {
		n8n: Record<'credentials' | 'nodes', string[]>;
	};
	const once = (files: readonly string[], cwd: string) => async () => {
		const { stdout } = await promisify(execFile)(process.execPath, ['-e', script, ...files], { cwd });
		return Number(stdout);
	};
	const { ours, stock } = await alternate(
		{
			ours: once([...manifest.n8n.credentials, ...manifest.n8n.nodes], repository),
			stock: once(stockFiles, installationFolder(n8nVersion)),
		},
		PROCESSES,
	);
	const installed = path.join(n8n.userFolder, '.n8n', 'nodes', 'node_modules', 'n8n-nodes-tokenkeeper');
	return { time: ours, stock, packed: statSync(tarball).size, unpacked: sizeOf(installed) };
}

function sizeOf(folder: string): number {
	return readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.reduce((sum, entry) => sum + statSync(path.join(entry.parentPath, entry.name)).size, 0);
}
