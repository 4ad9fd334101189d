import { cpSync, existsSync } from 'node:fs';
import path from 'node:path';
import { n8nEnvironment, type QueueBackend } from './environment.mts';
import { bootN8n, control, type N8nProcess } from './n8nProcess.mts';
import { freePort } from './process.mts';
import { temporaryFolder } from './shutdown.mts';

export interface WorkerOptions {
	/** Executions at once; 10 if not given. */
	readonly concurrency?: number;
	readonly extraEnv?: Readonly<Record<string, string>>;
}

/** What a worker shares with the main process. */
export interface WorkerOf {
	readonly version: string;
	readonly installation: string;
	readonly userFolder: string;
	readonly encryptionKey: string;
	readonly queue: QueueBackend;
}

/** A worker like a container of its own: own folder, own ports, the same community packages. */
export async function startWorker(
	main: WorkerOf,
	options: WorkerOptions = {},
): Promise<N8nProcess> {
	const folder = temporaryFolder('n8n-worker');
	const packages = path.join('.n8n', 'nodes');
	if (existsSync(path.join(main.userFolder, packages))) {
		cpSync(path.join(main.userFolder, packages), path.join(folder.path, packages), {
			recursive: true,
		});
	}
	const healthPort = await freePort();
	const env = n8nEnvironment({
		version: main.version,
		userFolder: folder.path,
		encryptionKey: main.encryptionKey,
		port: await freePort(),
		brokerPort: await freePort(),
		queue: main.queue,
		extra: {
			QUEUE_HEALTH_CHECK_ACTIVE: 'true',
			QUEUE_HEALTH_CHECK_PORT: String(healthPort),
			N8N_WORKER_SERVER_ADDRESS: '127.0.0.1',
			...options.extraEnv,
		},
	});
	const started = await bootN8n({
		installation: main.installation,
		args: ['worker', `--concurrency=${options.concurrency ?? 10}`],
		cwd: folder.path,
		env,
		logFile: path.join(folder.path, 'worker.log'),
		check: async () => {
			const reply = await fetch(`http://127.0.0.1:${healthPort}/healthz/readiness`);
			if (!reply.ok) throw new Error(`the worker answers ${reply.status}`);
		},
	});
	return {
		...control(() => started),
		stop: async () => {
			await started.stop();
			folder.remove();
		},
	};
}
