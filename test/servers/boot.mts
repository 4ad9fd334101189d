import path from 'node:path';
import { startProcess, type RunningProcess } from '../n8n/process.mts';
import { GiveUp, until } from '../n8n/wait.mts';

/** A server's process to be. */
export interface Boot {
	readonly name: string;
	readonly command?: string;
	readonly args: readonly string[];
	/** Its own temporary folder: working directory, home and log. */
	readonly folder: string;
	readonly env?: Readonly<Record<string, string>>;
	/** Throws while it is not ready. */
	readonly check: () => Promise<unknown>;
}

/** Starts a server, on this Node if no command is given, and waits until it answers. Nothing of our environment reaches it. */
export async function boot({ name, command = process.execPath, args, folder, env, check }: Boot): Promise<RunningProcess> {
	const started = await startProcess({
		command,
		args,
		cwd: folder,
		env: { PATH: `${path.dirname(process.execPath)}:/usr/bin:/bin`, HOME: folder, LANG: 'C.UTF-8', ...env },
		logFile: path.join(folder, `${name}.log`),
	});
	try {
		await until(`${name} answers`, 120_000, async () => {
			if (!started.isRunning()) throw new GiveUp('it ended while it started');
			await check();
			return true;
		});
	} catch (error) {
		await started.stop();
		throw new Error(`${(error as Error).message} The end of its log:\n${started.logs().slice(-3000)}`, { cause: error });
	}
	return started;
}

/** Asks a server something while it is set up; throws unless the answer is a success. */
export async function ask(url: string, init: RequestInit & { readonly json?: unknown } = {}): Promise<string> {
	const { json, ...rest } = init;
	const body = json === undefined ? {} : { body: JSON.stringify(json) };
	const type = json === undefined ? {} : { 'content-type': 'application/json' };
	const reply = await fetch(url, { ...rest, ...body, headers: { ...type, ...rest.headers } });
	const text = await reply.text();
	if (!reply.ok) throw new Error(`${rest.method ?? 'GET'} ${url} was answered ${reply.status}: ${text.slice(0, 300)}`);
	return text;
}
