import { spawn } from 'node:child_process';
import { accessSync, closeSync, constants, mkdirSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { whenThisProcessEnds } from './shutdown.mts';

/** What to start, and where its output goes. */
export interface Command {
	readonly command: string;
	readonly args: readonly string[];
	readonly cwd: string;
	/** The whole environment: nothing is inherited. */
	readonly env: Readonly<Record<string, string>>;
	/** Standard output and error, appended. */
	readonly logFile: string;
	/** For Postgres, which refuses to run as root. */
	readonly user?: { readonly uid: number; readonly gid: number } | undefined;
}

/** A running program, in a process group of its own, that never outlives this process. */
export interface RunningProcess {
	readonly pid: number;
	/** Settles when the program has ended. */
	readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
	isRunning: () => boolean;
	/** All that it has written so far. */
	logs: () => string;
	/** SIGTERM (or `signal`) to the group, SIGKILL after `graceMs`; resolves when it is gone. */
	stop: (graceMs?: number, signal?: NodeJS.Signals) => Promise<void>;
	/** SIGKILL to the group; resolves when it is gone. */
	kill9: () => Promise<void>;
	/** Any other signal to the group, such as SIGSTOP. */
	signal: (signal: NodeJS.Signals) => void;
}

/** Starts a program; throws if it cannot be started at all. */
export async function startProcess(what: Command): Promise<RunningProcess> {
	mkdirSync(path.dirname(what.logFile), { recursive: true });
	const log = openSync(what.logFile, 'a');
	const { command, args, user } = tiedToParent(what);
	const child = spawn(command, args, {
		cwd: what.cwd,
		env: { ...what.env },
		detached: true,
		stdio: ['ignore', log, log],
		...user,
	});
	closeSync(log);
	const ended = new Promise<Awaited<RunningProcess['ended']>>((resolve) => {
		child.once('exit', (code, signal) => resolve({ code, signal }));
	});
	await new Promise<void>((resolve, reject) => {
		child.once('spawn', resolve);
		child.once('error', (error) =>
			reject(new Error(`${what.command} could not be started`, { cause: error })),
		);
	});
	const pid = child.pid as number;

	const signal = (name: NodeJS.Signals) => signalGroup(pid, name);
	const isRunning = () => child.exitCode === null && child.signalCode === null;
	const kill9 = async () => {
		signal('SIGKILL');
		await ended;
		forget();
	};
	const stop = async (graceMs = 8000, first: NodeJS.Signals = 'SIGTERM') => {
		if (isRunning()) {
			signal(first);
			await Promise.race([ended, sleep(graceMs, undefined, { ref: false })]);
		}
		// Also when the program itself is gone: what it started may be left in the group.
		await kill9();
	};
	const forget = whenThisProcessEnds({ gently: () => stop(), atOnce: () => signal('SIGKILL') });
	return {
		pid,
		ended,
		isRunning,
		logs: () => readFileSync(what.logFile, 'utf8'),
		stop,
		kill9,
		signal,
	};
}

/** A free port on loopback: `preferred`, if nobody has it. No port is handed out twice. */
export async function freePort(preferred?: number): Promise<number> {
	const port = (preferred !== undefined && (await listenOnce(preferred))) || (await listenOnce(0));
	if (port === undefined) throw new Error('There is no free port on 127.0.0.1');
	if (handedOut.has(port)) return await freePort();
	handedOut.add(port);
	return port;
}

/** Where an executable is on the PATH, or `undefined`. */
export function onPath(name: string): string | undefined {
	const folders = (process.env.PATH ?? '').split(path.delimiter);
	return folders
		.filter((folder) => folder !== '')
		.map((folder) => path.join(folder, name))
		.find((file) => {
			try {
				accessSync(file, constants.X_OK);
				return true;
			} catch {
				return false;
			}
		});
}

const handedOut = new Set<number>();

async function listenOnce(port: number): Promise<number | undefined> {
	return await new Promise((resolve) => {
		const server = createServer();
		server.once('error', () => resolve(undefined));
		server.listen(port, '127.0.0.1', () => {
			const address = server.address();
			server.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
		});
	});
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
	try {
		process.kill(-pid, signal);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
	}
}

/**
 * A killed test runner gets no chance to clean up; on Linux the kernel does it then. It forgets that wish when the
 * user changes, so `setpriv` changes the user as well, in the right order.
 */
function tiedToParent({ command, args, user }: Command): {
	command: string;
	args: readonly string[];
	user?: Command['user'];
} {
	const setpriv = process.platform === 'linux' ? onPath('setpriv') : undefined;
	if (!setpriv) return { command, args, user };
	const change = user
		? ['--reuid', String(user.uid), '--regid', String(user.gid), '--clear-groups']
		: [];
	return { command: setpriv, args: [...change, '--pdeathsig', 'KILL', command, ...args] };
}
