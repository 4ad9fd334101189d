import path from 'node:path';
import { startProcess, type Command, type RunningProcess } from '../n8n/process.mts';
import { GiveUp, until } from '../n8n/wait.mts';

/** A process of a server. Nothing of our environment reaches it. */
export interface Program {
	readonly name: string;
	/** This Node if not given. */
	readonly command?: string;
	readonly args: readonly string[];
	/** Its own temporary folder: working directory, home and log. */
	readonly folder: string;
	readonly env?: Readonly<Record<string, string>>;
}

export interface Boot extends Program {
	/** Throws while it is not ready. */
	readonly check: () => Promise<unknown>;
}

/** Starts a server and waits until it answers; throws with the end of its log if it never does. */
export async function boot({ check, ...program }: Boot): Promise<RunningProcess> {
	const started = await startProcess(commandOf(program));
	try {
		await until(`${program.name} answers`, 180_000, async () => {
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

/** Runs a program to its end; throws with the end of its log unless it went well. */
export async function runOnce(program: Program): Promise<void> {
	const started = await startProcess(commandOf(program));
	const { code } = await started.ended;
	await started.stop();
	if (code !== 0) throw new Error(`${program.name} ended with ${code}. The end of its log:\n${started.logs().slice(-3000)}`);
}

function commandOf({ name, command = process.execPath, args, folder, env }: Program): Command {
	return {
		command,
		args,
		cwd: folder,
		env: { PATH: `${path.dirname(process.execPath)}:/usr/bin:/bin`, HOME: folder, LANG: 'C.UTF-8', ...env },
		logFile: path.join(folder, `${name}.log`),
	};
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
