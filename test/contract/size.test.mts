import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ICredentialType } from 'n8n-workflow';
import { repository } from '../n8n/package.mts';
import { spawnSandbox } from '../sandbox/client.mts';
import { bundled } from './bundle.mts';
import { countCalls, WAITING, type Calls } from './coverage.mts';
import { executeContext, newRow } from './n8nContext.mts';

/**
 * How much of the code a person has to read who wants to know where a token comes from: what one request goes through,
 * from the session's `send` to its reply, and what it asks of policy and row. Opening a session, which reads the
 * credential's fields, is counted apart. All files are printed of which a function is called. Control goes through
 * those in which something is waited for, and the policy; the others read or write a value, and the clock is handed in.
 */
const MOST = { control: 12, engine: 6, policy: 3 };
const POLICY = 'credentials/tokens/policy.ts';
const CLOCK = 'credentials/tokens/environment.ts';

const PARTS =
	"export * from './credentials/CalensoApi.credentials'; export { openSession } from './nodes/session/session';";

interface Built {
	readonly CalensoApi: new () => ICredentialType;
	openSession(context: unknown, name: string): Promise<{ send(request: object): Promise<unknown> }>;
}

test('what one request with a budgeted credential goes through', { timeout: 60_000 }, async () => {
	const { file, exported } = await bundled<Built>(repository, PARTS);
	const sandbox = await spawnSandbox();
	try {
		const credential = new exported.CalensoApi();
		const row = newRow('calensoApi', { tokenRecord: '', ...sandbox.info.credentials.calensoApi });
		const measured = async (what: string, task: () => Promise<unknown>): Promise<Measured> => {
			const { reads, writes } = row;
			const calls = await countCalls(file, task);
			const one = { calls, reads: row.reads - reads, writes: row.writes - writes };
			tell(what, one);
			return one;
		};
		let session: Awaited<ReturnType<Built['openSession']>> | undefined;
		const send = async () => await session?.send({ method: 'GET', path: '/workers' });

		const opening = await measured('opening', async () => {
			session = await exported.openSession(executeContext({ row, credential }), 'calensoApi');
		});
		const cold = await measured('a cold send', send);
		const warm = await measured('a warm send', send);
		const other = (await bundled<Built>(repository, PARTS)).exported;
		const before = { reads: row.reads, writes: row.writes };
		const elsewhere = await other.openSession(executeContext({ row, credential: new other.CalensoApi() }), 'calensoApi');
		await elsewhere.send({ method: 'GET', path: '/workers' });
		await new Promise((resolve) => setTimeout(resolve, 50));
		assert.deepEqual(
			{ reads: row.reads - before.reads, writes: row.writes - before.writes },
			{ reads: 1, writes: 0 },
			'another process reads the row once, when a node opens the credential',
		);
		const added = engineFiles(cold).filter((one) => !engineFiles(warm).includes(one));
		process.stdout.write(
			`getting a token adds ${added.length} files: ${added.map(short).join(', ')}\n`,
		);
		const { calenso } = await sandbox.counts();
		assert.deepEqual([calenso.tokenRequests, calenso.apiRequests], [1, 3]);

		// Nothing was measured where nothing was found.
		assert.ok(engineFiles(cold).includes(POLICY));
		assert.ok(asked(warm) >= 1);
		assert.equal(opening.reads, 1, 'n8n is asked for the credential when a node opens it');
		assert.deepEqual([warm.reads, warm.writes], [0, 0], 'a warm send leaves the row alone');
		assert.ok(asked(cold) <= MOST.policy);
		const control = controlFiles(cold);
		assert.ok(control.length <= MOST.control, control.join(' '));
		assert.ok(control.filter((one) => engineFiles(cold).includes(one)).length <= MOST.engine);
	} finally {
		await sandbox.stop();
	}
});

interface Measured {
	readonly calls: Calls;
	readonly reads: number;
	readonly writes: number;
}

function tell(what: string, measured: Measured) {
	const { calls, reads, writes } = measured;
	const [engine, session] = [engineFiles(measured), sessionFiles(measured)];
	const others = [...calls.keys()].filter((file) => ![...engine, ...session].includes(file));
	process.stdout.write(
		[
			`${what}: ${calls.size} files; the policy is asked ${asked(measured)} ×, the row is read ${reads} × and written ${writes} ×`,
			`  control  ${controlFiles(measured).length} files: ${controlFiles(measured).map(short).join(', ')}`,
			`  engine   ${engine.length} files: ${engine.map(short).join(', ')}`,
			`  session  ${session.length} files: ${session.map(short).join(', ')}`,
			`  other    ${others.length} files: ${others.map(short).join(', ')}`,
			'',
		].join('\n'),
	);
}

const filesIn = (folder: string) => (measured: Measured) =>
	[...measured.calls.keys()].filter((file) => file.startsWith(folder));
const engineFiles = filesIn('credentials/tokens/');
const sessionFiles = filesIn('nodes/session/');
const controlFiles = ({ calls }: Measured) =>
	[...calls].flatMap(([file, functions]) =>
		file !== CLOCK && (file === POLICY || functions.has(WAITING)) ? [file] : [],
	);
const asked = ({ calls }: Measured) => calls.get(POLICY)?.get('decide') ?? 0;
const short = (file: string) => file.replace(/^.*\/(\w+)\.ts$/, '$1');
