import { parseArgs } from 'node:util';
import { n8nVersion } from '../n8n/install.mts';
import { packPackage, repository } from '../n8n/package.mts';
import { endEverything } from '../n8n/shutdown.mts';
import { checkContents, unpack } from './contents.mts';
import { runExamples } from './examples.mts';
import { checkLoading } from './loading.mts';
import { checkManifest } from './manifest.mts';
import { SHIPPED, SOURCE, scan } from './scan.mts';
import { closingLine, printChecks, type Check } from './table.mts';

/**
 * `npm run verify:package`: what would be published, looked at as n8n's reviewers and its users do. Exit code 1 if a
 * check fails.
 */
const { values: options } = parseArgs({
	options: {
		tarball: { type: 'string' },
		'without-n8n': { type: 'boolean' },
		help: { type: 'boolean', short: 'h' },
	},
});

if (options.help) {
	process.stdout.write(
		'npm run verify:package [-- --tarball FILE] [-- --without-n8n]\n\n  --tarball FILE  looks at this tarball instead of packing one\n  --without-n8n   leaves out running the examples in n8n\n  N8N_VERSION     the n8n that runs them\n',
	);
} else {
	await main().catch(async (error: unknown) => {
		process.stderr.write(`\n${error instanceof Error ? error.stack : String(error)}\n`);
		await endEverything();
		process.exit(1);
	});
}

async function main(): Promise<void> {
	const tell = (line: string) => process.stderr.write(`${line}\n`);
	const tarball = options.tarball ?? (await packPackage());
	const folder = await unpack(tarball);
	const checks: Check[] = [...checkContents(folder), ...checkManifest(folder)];
	tell('Linting as n8n’s scanner does …');
	checks.push(await scan('n8n’s scan of what is shipped', folder, SHIPPED));
	checks.push(await scan('n8n’s scan of the source', repository, SOURCE));
	tell('Measuring …');
	checks.push(...(await checkLoading(folder)));
	if (!options['without-n8n']) {
		tell(`Installing it into a clean n8n ${n8nVersion} and running the examples …`);
		checks.push(...(await runExamples(tarball)));
	}
	printChecks(checks, (line) => process.stdout.write(`${line}\n`));
	await endEverything();
	process.stdout.write(`\n${closingLine(checks)}\n`);
	process.exit(checks.every(({ ok }) => ok) ? 0 : 1);
}
