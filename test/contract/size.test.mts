import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ICredentialType, INodeType } from 'n8n-workflow';
import { spawnSandbox } from '../sandbox/client.mts';
import { countCalls, type Calls } from './coverage.mts';
import { executeContext, loadPackage, newRow } from './n8nContext.mts';

/** How much of the code a person has to read who wants to know where a token comes from. */

test('what one request with a budgeted credential goes through', { timeout: 60_000 }, async () => {
	const sandbox = await spawnSandbox();
	try {
		const loaded = loadPackage();
		const credential = new (loaded.CalensoApi as new () => ICredentialType)();
		const nodeType = new (loaded.Calenso as new () => INodeType)();
		const row = newRow('calensoApi', { tokenRecord: '', ...sandbox.info.credentials.calensoApi });
		const parameters = { resource: 'worker', operation: 'getMany', returnAll: true, options: {} };
		const send = async () => {
			const context = executeContext({ row, credential, nodeType, parameters });
			await nodeType.execute?.call(context);
		};
		const measured = async () => {
			const { reads, writes } = row;
			const calls = await countCalls(send);
			return { calls, reads: row.reads - reads, writes: row.writes - writes };
		};

		const cold = await measured();
		const warm = await measured();
		tell('cold', cold);
		tell('warm', warm);
		const { calenso } = await sandbox.counts();
		assert.deepEqual([calenso.tokenRequests, calenso.apiRequests], [1, 2]);

		// Nothing was measured where nothing was found.
		assert.ok(engineFiles(cold.calls).includes('credentials/tokens/policy.ts'));
		assert.ok(asked(cold.calls) >= 1);
		assert.equal(warm.reads, 1, 'the credential is read once, when the node opens it');
		assert.equal(warm.writes, 0);
	} finally {
		await sandbox.stop();
	}
});

function tell(
	what: string,
	{ calls, reads, writes }: { calls: Calls; reads: number; writes: number },
) {
	const engine = engineFiles(calls);
	const session = [...calls.keys()].filter((file) => file.startsWith('nodes/session/'));
	process.stdout.write(
		[
			`${what}: the policy is asked ${asked(calls)} ×, the row is read ${reads} × and written ${writes} ×`,
			`  engine   ${engine.length} files: ${engine.map(short).join(', ')}`,
			`  session  ${session.length} files: ${session.map(short).join(', ')}`,
			`  other    ${[...calls.keys()].length - engine.length - session.length} files`,
			'',
		].join('\n'),
	);
}

const engineFiles = (calls: Calls) =>
	[...calls.keys()].filter((file) => file.startsWith('credentials/'));
const asked = (calls: Calls) => calls.get('credentials/tokens/policy.ts')?.get('decide') ?? 0;
const short = (file: string) => file.replace(/^.*\/(\w+)\.ts$/, '$1');
