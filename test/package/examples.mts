import {
	cannotRun,
	createCredentials,
	exampleFiles,
	importExample,
	runExample,
} from '../n8n/examples.mts';
import { startN8n } from '../n8n/instance.mts';
import { sandboxCredentials } from '../n8n/sandboxCredentials.mts';
import { whenThisProcessEnds } from '../n8n/shutdown.mts';
import { spawnSandbox } from '../sandbox/client.mts';
import { check, type Check } from './table.mts';

/** Installs the tarball into a clean n8n as a community package, and runs each example against the sandbox. */
export async function runExamples(tarball: string): Promise<Check[]> {
	const sandbox = await spawnSandbox();
	whenThisProcessEnds({ gently: async () => await sandbox.stop(), atOnce: () => undefined });
	const n8n = await startN8n({ packageTarball: tarball });
	// Of each node that an agent may use, n8n makes a second type by itself.
	const loaded = (await n8n.rest.nodeTypes()).filter(
		({ name }) => name.startsWith('n8n-nodes-tokenkeeper.') && !name.endsWith('Tool'),
	);
	const complaints = n8n
		.logs()
		.split('\n')
		.filter((line) => /tokenkeeper/.test(line) && /error|warn|fail|could not/i.test(line));
	const credentials = await createCredentials(n8n, sandboxCredentials(sandbox.info.credentials));
	const checks: Check[] = [
		check(
			`n8n ${n8n.version} loads it as a community package`,
			loaded.length > 0 ? complaints : ['none of its nodes is there', ...complaints],
			`${new Set(loaded.map(({ name }) => name)).size} node types, ${credentials.size} credential types`,
		),
	];
	for (const file of exampleFiles()) {
		const what = `runs ${file}`;
		const skipped = cannotRun(file);
		if (skipped) {
			checks.push(check(what, [], skipped));
			continue;
		}
		try {
			const { ok, items, error } = await runExample(
				n8n,
				await importExample(n8n, file, credentials),
			);
			checks.push(check(what, ok ? [] : [error ?? 'failed'], `${items} items`));
		} catch (error) {
			checks.push(check(what, [(error as Error).message]));
		}
	}
	return checks;
}
