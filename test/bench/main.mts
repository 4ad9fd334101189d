import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { n8nVersion } from '../n8n/install.mts';
import { repository } from '../n8n/package.mts';
import { forLoad, startBench } from './bench.mts';
import { startWorkers } from './workers.mts';
import type { Figures } from './figures.mts';
import { growthPlot } from './plot.mts';
import { linesOf, markdownOf, printLines } from './report.mts';
import { summaryOf, withSummary } from './summary.mts';
import { rowUse } from './rows/database.mts';
import { atExpiry, byOpening } from './rows/expiry.mts';
import { firstCalls, firstCallsOnPostgres } from './rows/firstCall.mts';
import { growth, retainedAfter } from './rows/growth.mts';
import { hookCost } from './rows/hooks.mts';
import { limits } from './rows/limits.mts';
import { loading } from './rows/load.mts';
import { manyItems } from './rows/manyItems.mts';
import { month } from './rows/month.mts';
import { perItem, perItemOverTls } from './rows/perItem.mts';
import { profiles } from './rows/profiles.mts';
import { redirects } from './rows/redirect.mts';

/** `npm run bench`: this package side by side with what one would otherwise take. Reports; fails on no threshold. */
const { values } = parseArgs({
	options: {
		quick: { type: 'boolean', default: false },
		json: { type: 'string' },
		from: { type: 'string' },
		profiles: { type: 'string' },
		workers: { type: 'boolean', default: false },
		write: { type: 'boolean', default: false },
		only: { type: 'string', multiple: true },
	},
});
const { quick } = values;
const { version } = JSON.parse(readFileSync(path.join(repository, 'package.json'), 'utf8')) as { version: string };

const started = performance.now();
const tell = (what: string) =>
	process.stderr.write(`${String(Math.round((performance.now() - started) / 1000)).padStart(4)} s  ${what}\n`);

tell('Starting n8n and the sandbox …');
const bench = await startBench(quick);
const figures: Figures = {
	...(values.from === undefined ? {} : (JSON.parse(readFileSync(values.from, 'utf8')) as Figures)),
	date: new Date().toISOString(),
	version,
	n8nVersion,
	quick,
	load: loadavg()[2] ?? 0,
	processors: cpus().length,
};

/** The stock pattern takes the better part of a minute for the largest one. */
const sizes = [
	{ items: 10, rounds: { ours: 9, stock: 9 } },
	{ items: 100, rounds: quick ? { ours: 3, stock: 3 } : { ours: 5, stock: 5 } },
	{ items: 1000, rounds: quick ? { ours: 2, stock: 1 } : { ours: 3, stock: 3 } },
	...(quick ? [{ items: 5000, rounds: { ours: 0, stock: 0 } }] : [{ items: 10_000, rounds: { ours: 3, stock: 2 } }]),
];

type Measurement = Exclude<keyof Figures, 'date' | 'version' | 'n8nVersion' | 'quick' | 'load' | 'processors'>;
const measurements: ReadonlyArray<[Measurement, string, () => Promise<Figures[Measurement]>]> = [
	['list', 'Time per item: GET list', async () => await perItem(bench, 'list', 1000, quick ? 2 : 7)],
	['customer', 'Time per item: POST customer', async () => await perItem(bench, 'customer', 1000, quick ? 2 : 7)],
	['tls', 'The same over TLS and a slow line', async () => await perItemOverTls(bench, quick ? 300 : 500, quick ? 2 : 5, 20)],
	['profiles', "Whose n8n's time is", async () => await profiles(bench, 1000, values.profiles)],
	['limits', 'APIs with a limit that nobody tuned', async () => await limits(bench, quick ? { rate: 600, atOnce: 400 } : { rate: 1000, atOnce: 1000 })],
	['firstCall', 'First call on a budgeted credential', async () => await firstCalls(bench, quick ? 5 : 15)],
	['growth', 'Growth with the number of items', async () => await growth(bench, sizes)],
	['manyItems', 'Memory of 100,000 items', async () => await manyItems(bench, 100_000)],
	['retained', 'What n8n keeps after 100 executions', async () => await retainedAfter(bench, 100, quick ? 1 : 3)],
	['redirects', 'From a webhook to a redirect', async () => await redirects(bench, quick ? 30 : 400, quick ? 5 : 25)],
	['expiry30', '30 executions meet an expired token', async () => await atExpiry(bench, 30, 1)],
	['expiry300', '300 executions meet one', async () => await atExpiry(bench, 300, 1)],
	['expiryItems', 'One execution of 1,000 items meets one', async () => await atExpiry(bench, 1, 1000)],
	['opening', 'Opening the credential', async () => await byOpening(bench, 10)],
	['month', 'A month of use', async () => await month(bench, { lifetime: 6, lifetimes: quick ? 3 : 15 })],
	['hooks', 'Cost of the hook', async () => await hookCost(bench)],
	['loading', 'Loading the package', async () => await loading(bench)],
	['rowUse', 'Reads and writes of the credential row', async () => await rowUse(bench, 1000)],
	['firstCallOnPostgres', 'First call on Postgres', async () => await firstCallsOnPostgres(bench, quick ? 5 : 15)],
	['monthOfWorkers', 'A month of use, 3 workers', monthOfWorkers],
];

async function monthOfWorkers() {
	const workers = await startWorkers(bench);
	try {
		return await month(workers, { lifetime: 10, lifetimes: quick ? 5 : 15, atOnce: 3 });
	} finally {
		await workers.stop();
	}
}

/** Too long for a quick run, or what it is about needs more than one n8n. */
const notQuick: ReadonlySet<Measurement> = new Set([
	'manyItems', 'retained', 'expiry300', 'rowUse',
	...(values.workers ? [] : (['firstCallOnPostgres', 'monthOfWorkers'] as const)),
]);
const wanted = (name: Measurement) => (values.only === undefined ? !quick || !notQuick.has(name) : values.only.includes(name));
for (const [name, what, measure] of measurements.filter(([name]) => wanted(name))) {
	tell(`${what} …`);
	try {
		Object.assign(figures, { [name]: await measure() });
	} catch (error) {
		// The others are worth having all the same.
		console.error(error);
		process.exitCode = 1;
	}
	await bench.sandbox.settings(forLoad);
}
await bench.stop();
tell('Done.');

const lines = linesOf(figures);
printLines(lines, figures);
if (values.json) writeFileSync(values.json, `${JSON.stringify(figures, null, '\t')}\n`);
if (values.write) {
	const folder = path.join(repository, 'docs', 'bench');
	mkdirSync(folder, { recursive: true });
	writeFileSync(path.join(folder, 'results.md'), markdownOf(lines, figures));
	const readme = path.join(repository, 'README.md');
	writeFileSync(readme, withSummary(readFileSync(readme, 'utf8'), summaryOf(figures)));
	if (figures.growth) writeFileSync(path.join(folder, 'growth.svg'), growthPlot(figures.growth));
}
