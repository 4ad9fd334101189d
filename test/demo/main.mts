import { parseArgs } from 'node:util';
import {
	cannotRun,
	createCredentials,
	exampleFiles,
	importExample,
	runExample,
} from '../n8n/examples.mts';
import { n8nVersion } from '../n8n/install.mts';
import { startN8n } from '../n8n/instance.mts';
import { packPackage } from '../n8n/package.mts';
import { sandboxCredentials } from '../n8n/sandboxCredentials.mts';
import { endEverything, whenThisProcessEnds } from '../n8n/shutdown.mts';
import { spawnSandbox, type SandboxClient } from '../sandbox/client.mts';
import { printTable, type Row } from './table.mts';

/**
 * The main job, `npm run demo`: the package in a real n8n, the four providers on loopback, every example workflow run
 * once. Leaves n8n running for a person to look at; `--once` ends after the table, `--json` prints it as JSON.
 */
const { values: options } = parseArgs({
	options: {
		once: { type: 'boolean' },
		json: { type: 'boolean' },
		help: { type: 'boolean', short: 'h' },
	},
});

if (options.help) {
	process.stdout.write(
		'npm run demo [-- --once] [-- --json]\n\n  --once  end after the table; exit code 0 only if every workflow succeeded\n  --json  print the table as one JSON array, nothing else, on standard output\n',
	);
} else {
	await main().catch(async (error: unknown) => {
		process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
		await endEverything();
		process.exit(1);
	});
}

async function main(): Promise<void> {
	const tell = (line: string) => process.stderr.write(`${line}\n`);
	tell('Building the package …');
	const packageTarball = await packPackage({ build: true });
	const sandbox = await spawnSandbox();
	whenThisProcessEnds({ gently: async () => await sandbox.stop(), atOnce: () => undefined });
	tell(`Starting n8n ${n8nVersion} with the package …`);
	const n8n = await startN8n({ packageTarball, preferredPort: 5678, onProgress: tell });

	const credentials = await createCredentials(n8n, sandboxCredentials(sandbox.info.credentials));
	const rows: Row[] = [];
	for (const file of exampleFiles()) {
		tell(`Running ${file} …`);
		rows.push(await run(file));
	}
	const ok = rows.length > 0 && rows.every((row) => row.ok);
	if (options.json)
		process.stdout.write(
			`${JSON.stringify(
				rows.map(({ did: _, ...row }) => row),
				null,
				2,
			)}\n`,
		);
	else printTable(rows, (line) => process.stdout.write(`${line}\n`));
	if (rows.length === 0) tell('There is no example in workflows/.');

	if (options.once) {
		await endEverything();
		// Connections that are kept alive would hold the process for a while.
		process.exit(ok ? 0 : 1);
	}
	tell(
		`\nn8n goes on running at ${n8n.url}\n  sign in with  ${n8n.owner.email}\n  password      ${n8n.owner.password}\nThe sandbox tells what it saw at ${sandbox.info.urls.control}\nCtrl-C stops all of it.`,
	);

	async function run(file: string): Promise<Row> {
		const workflow = file.replace(/\.json$/, '');
		const skipped = cannotRun(file);
		if (skipped)
			return { workflow, did: skipped, ok: true, skipped, items: 0, tokenRequests: 0, millis: 0 };
		try {
			const example = await importExample(n8n, file, credentials);
			const before = await tokenRequests(sandbox);
			const { ok: succeeded, items, millis, error } = await runExample(n8n, example);
			const bought = (await tokenRequests(sandbox)) - before;
			return {
				workflow,
				did: example.description,
				ok: succeeded,
				items,
				tokenRequests: bought,
				millis,
				...(error && { error }),
			};
		} catch (error) {
			return {
				workflow,
				did: '',
				ok: false,
				items: 0,
				tokenRequests: 0,
				millis: 0,
				error: (error as Error).message,
			};
		}
	}
}

/** All that arrived at any provider's token endpoint so far. */
async function tokenRequests(sandbox: SandboxClient): Promise<number> {
	return Object.values(await sandbox.counts()).reduce(
		(sum, provider) => sum + provider.tokenRequests,
		0,
	);
}
