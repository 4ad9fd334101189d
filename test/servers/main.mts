import { parseArgs } from 'node:util';
import { short } from '../e2e/support/table.mts';
import { n8nVersion } from '../n8n/install.mts';
import { startN8n, type N8n } from '../n8n/instance.mts';
import { packPackage } from '../n8n/package.mts';
import { endEverything } from '../n8n/shutdown.mts';
import { printTable } from '../queue/table.mts';
import { writePage, type Tried } from './page.mts';
import { NotHere } from './debian.mts';
import { runScenarios } from './scenarios.mts';
import { LIFETIME, type Server } from './server.mts';
import { servers } from './servers.mts';

/**
 * *Custom Token API* on servers that nobody here wrote, `npm run test:servers`, with tokens of a few seconds:
 *
 * - `-- --short`: the first two servers, by the first way to a token of each;
 * - `-- --only directus,etcd`: those whose names contain one of these;
 * - `-- --write`: writes what came of it into docs/servers.md; lines of servers that were not run stay.
 */
const { values: options } = parseArgs({
	options: { short: { type: 'boolean' }, only: { type: 'string' }, write: { type: 'boolean' } },
});

const tell = (line: string) => process.stderr.write(`${line}\n`);
const only = (options.only ?? '').toLowerCase().split(',');
const named = servers.filter(({ name }) => only.some((part) => name.toLowerCase().includes(part)));
const chosen = options.short ? named.slice(0, 2) : named;
const passed = await tryServers(chosen);
await endEverything();
// Connections that are kept alive would hold the process for a while.
process.exit(passed ? 0 : 1);

async function tryServers(list: readonly Server[]): Promise<boolean> {
	if (list.length === 0) throw new Error(`No server's name contains "${only.join()}".`);
	tell(`Starting n8n ${n8nVersion} and, two at a time, ${list.map(({ name }) => name).join(', ')} …`);
	const n8n = await startN8n({ packageTarball: await packPackage() });
	const waiting = [...list];
	const tried: Tried[] = [];
	const lane = async () => {
		for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
			tried.push(...(await tryServer(n8n, next)));
		}
	};
	await Promise.all([lane(), lane()]);
	await n8n.stop();

	const order = (one: Tried) => list.findIndex(({ name }) => name === one.server);
	tried.sort((one, other) => order(one) - order(other));
	print(tried.filter(({ outcomes: { length } }) => length === 0));
	if (options.write) writePage(tried, servers.map(({ name }) => name), n8nVersion);
	const outcomes = tried.flatMap((one) => one.outcomes);
	const skipped = tried.filter(({ notTried }) => notTried !== undefined).length;
	const failed = outcomes.filter(({ broken }) => broken.length > 0).length + tried.filter(({ trouble }) => trouble).length;
	const good = outcomes.filter(({ broken }) => broken.length === 0).length;
	process.stdout.write(`\n${good} passed, ${failed} failed, ${skipped} skipped\n`);
	return failed === 0 && good > 0;
}

async function tryServer(n8n: N8n, server: Server): Promise<Tried[]> {
	const { name } = server;
	try {
		const { version, start } = await server.install(tell);
		const running = await start();
		const tried: Tried[] = [];
		for (const way of options.short ? running.ways.slice(0, 1) : running.ways) {
			const about = { server: name, version, way: way.name };
			if (way.notYet !== undefined) {
				tried.push({ ...about, notTried: `not expressible yet: ${way.notYet}`, outcomes: [] });
				continue;
			}
			tell(`${name} ${version}, ${way.name}: about ${7 * LIFETIME} s …`);
			try {
				tried.push({ ...about, outcomes: await runScenarios(n8n, running, way) });
			} catch (error) {
				tried.push({ ...about, trouble: wordsOf(error), outcomes: [] });
			}
			// At once: a run that is broken off has told what it saw until then.
			print(tried.slice(-1).filter(({ outcomes }) => outcomes.length > 0));
		}
		await running.stop();
		return tried;
	} catch (error) {
		if (error instanceof NotHere) return [{ server: name, version: '', way: '', notTried: error.message, outcomes: [] }];
		return [{ server: name, version: '', way: '', trouble: wordsOf(error), outcomes: [] }];
	}
}

function print(tried: readonly Tried[]): void {
	for (const { server, version, way, outcomes, notTried, trouble } of tried) {
		const title = `${server} ${version}, ${way}`;
		if (notTried !== undefined) process.stdout.write(`\n${title}: not tried: ${notTried}\n`);
		if (trouble !== undefined) process.stdout.write(`\n${title}: ✗ ${trouble}\n`);
		printTable(
			title,
			outcomes.map(({ scenario, through, seconds, tokenRequests, tokens, apiRequests, refused, saw, broken }) => ({
				'': broken.length === 0 ? '✓' : '✗',
				scenario,
				through,
				s: seconds.toFixed(1),
				'token requests': tokenRequests,
				tokens,
				'API requests': apiRequests,
				refused,
				'what the user saw': short(saw, 170),
			})),
		);
		for (const { scenario, through, broken } of outcomes) {
			if (broken.length > 0) process.stdout.write(`  ✗ ${scenario}, ${through}: ${broken.join('; ')}\n`);
		}
	}
}

function wordsOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
