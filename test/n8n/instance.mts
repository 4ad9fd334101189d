import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { n8nEnvironment, type QueueBackend } from './environment.mts';
import { installN8n, n8nVersion } from './install.mts';
import { bootN8n, control, type N8nProcess } from './n8nProcess.mts';
import { installPackage } from './package.mts';
import { freePort } from './process.mts';
import { connectRest, type Owner, type Rest } from './rest.mts';
import { temporaryFolder } from './shutdown.mts';
import { startWorker, type WorkerOptions } from './worker.mts';

export interface StartOptions {
	/** Tarball of a community package that is installed before n8n starts (see `packPackage`). */
	readonly packageTarball?: string;
	/** n8n's folder from an earlier run, to start on its data; a temporary one if not given. */
	readonly userFolder?: string;
	/** Taken if it is free, such as 5678. */
	readonly preferredPort?: number;
	/** Starts in queue mode; executions then need workers, see `startWorker`. */
	readonly queue?: QueueBackend;
	/** Environment variables over the usual ones. */
	readonly extraEnv?: Readonly<Record<string, string>>;
	/** Told what an installation does; standard error if not given. */
	readonly onProgress?: (line: string) => void;
	/** How long n8n may take until it answers; 180 s if not given. */
	readonly startTimeoutMs?: number;
}

/** A running n8n. Its temporary folder goes with `stop`. */
export interface N8n extends N8nProcess {
	readonly version: string;
	/** With `node_modules/n8n` in it. */
	readonly installation: string;
	/** `http://127.0.0.1:<port>`, without a slash at the end. */
	readonly url: string;
	readonly userFolder: string;
	readonly encryptionKey: string;
	readonly logFile: string;
	readonly queue: QueueBackend | undefined;
	readonly owner: Owner;
	/** Signed in as the owner. */
	readonly rest: Rest;
	/** Stops it (or kills it) and starts it again on the same data and ports; `rest` stays signed in. */
	restart: (how?: 'stop' | 'kill9') => Promise<void>;
	/** A further process of the same installation, in queue mode. */
	startWorker: (options?: WorkerOptions) => Promise<N8nProcess>;
}

/** The password is that of an instance on loopback that lives for minutes. */
const owner: Owner = {
	email: 'owner@example.com',
	password: 'Tokenkeeper1',
	firstName: 'Olivia',
	lastName: 'Owner',
};

/** Installs n8n if need be, starts it on loopback, makes an owner and signs in. */
export async function startN8n(options: StartOptions = {}): Promise<N8n> {
	const version = n8nVersion;
	const installation = await installN8n(options);
	const temporary = options.userFolder === undefined ? temporaryFolder('n8n') : undefined;
	const userFolder = options.userFolder ?? (temporary?.path as string);
	if (options.packageTarball) await installPackage(userFolder, options.packageTarball);

	const port = await freePort(options.preferredPort);
	const url = `http://127.0.0.1:${port}`;
	const encryptionKey = storedEncryptionKey(userFolder) ?? randomBytes(24).toString('base64');
	const logFile = path.join(userFolder, 'n8n.log');
	const { queue } = options;
	const env = n8nEnvironment({
		version,
		userFolder,
		encryptionKey,
		port,
		brokerPort: await freePort(),
		...(queue && { queue }),
		...(options.extraEnv && { extra: options.extraEnv }),
	});
	const rest = connectRest(url, owner);
	const boot = async () =>
		await bootN8n({
			installation,
			args: ['start'],
			cwd: userFolder,
			env,
			logFile,
			check: async () => await rest.signIn(),
			...(options.startTimeoutMs && { timeoutMs: options.startTimeoutMs }),
		});
	let current = await boot();

	return Object.assign(
		control(() => current),
		{
			version,
			installation,
			url,
			userFolder,
			encryptionKey,
			logFile,
			queue,
			owner,
			rest,
			stop: async () => {
				await current.stop();
				temporary?.remove();
			},
			restart: async (how: 'stop' | 'kill9' = 'stop') => {
				await current[how]();
				current = await boot();
			},
			startWorker: async (workerOptions?: WorkerOptions) => {
				if (!queue) throw new Error('A worker needs an n8n in queue mode.');
				return await startWorker(
					{ version, installation, userFolder, encryptionKey, queue },
					workerOptions,
				);
			},
		},
	);
}

/** n8n refuses to start with a key other than the one that it wrote into its folder the first time. */
function storedEncryptionKey(userFolder: string): string | undefined {
	const file = path.join(userFolder, '.n8n', 'config');
	if (!existsSync(file)) return undefined;
	return (JSON.parse(readFileSync(file, 'utf8')) as { encryptionKey: string }).encryptionKey;
}
