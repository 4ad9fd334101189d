/**
 * Starts a sandbox on its own: `node test/sandbox/main.mts [--port N] [--json] [--parent PID]`.
 * Prints where everything is, for a person or (`--json`) as one line. Ends on SIGINT, SIGTERM, `POST /shutdown`, and
 * when the process PID (or the one at the other end of the IPC channel) is gone.
 * More options as JSON in the environment variable SANDBOX_OPTIONS.
 */
import { parseArgs } from 'node:util';

import type { Info } from './info.mts';
import { startSandbox } from './sandbox.mts';
import type { SandboxOptions } from './sandbox.mts';

const { values } = parseArgs({
	options: {
		port: { type: 'string' },
		json: { type: 'boolean', default: false },
		parent: { type: 'string' },
	},
});
const more = JSON.parse(process.env.SANDBOX_OPTIONS ?? '{}') as SandboxOptions;
const sandbox = await startSandbox({
	...more,
	...(values.port ? { port: Number(values.port) } : {}),
});

const end = () => process.exit(0);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, end);
process.on('disconnect', end);
void sandbox.ended.then(() => sandbox.stop()).then(end);
if (values.parent !== undefined) {
	const parent = Number(values.parent);
	setInterval(() => isAlive(parent) || end(), 500).unref();
}

process.stdout.write(values.json ? `${JSON.stringify(sandbox.info)}\n` : readable(sandbox.info));

function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === 'EPERM';
	}
}

function readable({ urls, credentials }: Info): string {
	const lines = [`Sandbox. Look at it and change it: ${urls.control}`, ''];
	for (const [type, fields] of Object.entries(credentials)) {
		lines.push(type);
		for (const [name, value] of Object.entries(fields))
			lines.push(`  ${name.padEnd(16)}${String(value)}`);
		lines.push('');
	}
	lines.push(`foreign host      ${urls.foreign}`, 'Ctrl-C ends it.', '');
	return lines.join('\n');
}
