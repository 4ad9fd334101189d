import { readFileSync } from 'node:fs';
import path from 'node:path';
import { startProcess, type Command, type RunningProcess } from './process.mts';
import { GiveUp, until } from './wait.mts';

/** A process of n8n: the main one or a worker. */
export interface N8nProcess {
	readonly pid: number;
	isRunning: () => boolean;
	/** Everything that it wrote to its console, from all its starts. */
	logs: () => string;
	/** Resident memory in bytes, without its children (the task runner); 0 when it is gone. */
	memory: () => number;
	stop: () => Promise<void>;
	/** SIGKILL, to its children too. */
	kill9: () => Promise<void>;
	/** SIGSTOP and SIGCONT make a process that hangs for a while. */
	signal: (signal: NodeJS.Signals) => void;
}

export interface Boot extends Pick<Command, 'cwd' | 'env' | 'logFile'> {
	readonly installation: string;
	/** Such as `['start']`. */
	readonly args: readonly string[];
	/** Throws while the process is not ready. `/healthz` is not enough: it answers before the REST routes are there. */
	readonly check: () => Promise<unknown>;
	readonly timeoutMs?: number;
}

/** Starts n8n's command line and waits until `check` passes; throws with the end of the log if it never does. */
export async function bootN8n({
	installation,
	args,
	check,
	timeoutMs = 180_000,
	...where
}: Boot): Promise<RunningProcess> {
	const bin = path.join(installation, 'node_modules', 'n8n', 'bin', 'n8n');
	const started = await startProcess({ command: process.execPath, args: [bin, ...args], ...where });
	const what = `n8n ${args[0] ?? ''}`;
	try {
		await until(
			`${what} answers`,
			timeoutMs,
			async () => {
				if (!started.isRunning()) throw new GiveUp('it ended while it started');
				await check();
				return true;
			},
			500,
		);
	} catch (error) {
		await started.stop();
		throw new Error(
			`${(error as Error).message} The end of its log:\n${started.logs().slice(-3000)}`,
			{ cause: error },
		);
	}
	return started;
}

/** The handles of a process that may be replaced by a later one. */
export function control(current: () => RunningProcess): N8nProcess {
	return {
		get pid() {
			return current().pid;
		},
		isRunning: () => current().isRunning(),
		logs: () => current().logs(),
		memory: () => residentMemory(current().pid),
		stop: async () => await current().stop(),
		kill9: async () => await current().kill9(),
		signal: (signal) => current().signal(signal),
	};
}

function residentMemory(pid: number): number {
	try {
		return (
			Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) *
			1024
		);
	} catch {
		return 0;
	}
}
