import path from 'node:path';
import { n8nEnvironment } from '../../n8n/environment.mts';
import { readExecution } from '../../n8n/execution.mts';
import type { N8n } from '../../n8n/instance.mts';
import { freePort, startProcess } from '../../n8n/process.mts';
import type { Execution, JsonObject } from '../../n8n/types.mts';

/** Runs a stored workflow by n8n's command line, in a process of its own beside the one that runs. */
export async function executeByCommand(n8n: N8n, workflowId: string): Promise<Execution> {
	const { installation, version, userFolder, encryptionKey } = n8n;
	const bin = path.join(installation, 'node_modules', 'n8n', 'bin', 'n8n');
	const env = n8nEnvironment({ version, userFolder, encryptionKey, port: await freePort(), brokerPort: await freePort() });
	const running = await startProcess({
		command: process.execPath,
		args: [bin, 'execute', `--id=${workflowId}`, '--rawOutput'],
		cwd: userFolder,
		env,
		logFile: path.join(userFolder, `execute-${workflowId}.log`),
	});
	const { code } = await running.ended;
	const printed = running.logs();
	await running.stop();
	const start = printed.indexOf('\n{');
	if (code !== 0 || start === -1) throw new Error(`n8n execute ended with ${code}: ${printed.slice(-2000)}`);
	const result = JSON.parse(printed.slice(start, printed.lastIndexOf('}') + 1)) as JsonObject;
	return readExecution({ ...result, id: 'cli', workflowId });
}
