import { execFile } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { repository } from '../../n8n/package.mts';
import type { Bench } from '../bench.mts';
import { sample, type Sample } from '../statistics.mts';

export interface Load {
	/** ms in a fresh process that has loaded n8n-workflow, as n8n has. */
	readonly time: Sample;
	/** Bytes as it is downloaded. */
	readonly packed: number;
	/** Bytes as it lies on disk. */
	readonly unpacked: number;
}

const PROCESSES = 9;

/** Requires each file that package.json names, and makes one of each class, as n8n does at its start. */
const script = `
const path = require('node:path');
require('n8n-workflow');
const { n8n } = require('./package.json');
const started = performance.now();
for (const file of [...n8n.credentials, ...n8n.nodes]) {
	const [Class] = Object.values(require(path.resolve(file)));
	new Class();
}
process.stdout.write(String(performance.now() - started));
`;

export async function loading({ n8n, tarball }: Bench): Promise<Load> {
	const rounds: number[] = [];
	for (let index = 0; index <= PROCESSES; index++) {
		const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], { cwd: repository });
		if (index > 0) rounds.push(Number(stdout));
	}
	const installed = path.join(n8n.userFolder, '.n8n', 'nodes', 'node_modules', 'n8n-nodes-tokenkeeper');
	return { time: sample(rounds), packed: statSync(tarball).size, unpacked: sizeOf(installed) };
}

function sizeOf(folder: string): number {
	return readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.reduce((sum, entry) => sum + statSync(path.join(entry.parentPath, entry.name)).size, 0);
}
