import { createConnection } from 'node:net';
import path from 'node:path';
import { freePort, onPath, startProcess } from './process.mts';
import { temporaryFolder } from './shutdown.mts';
import { until } from './wait.mts';

/** A Redis or Postgres that the tests started. */
export interface Service {
	readonly port: number;
	isRunning: () => boolean;
	logs: () => string;
	stop: () => Promise<void>;
	/** Stops it (or kills it) and starts it again on the same port and data; resolves when it answers. */
	restart: (how?: 'stop' | 'kill9') => Promise<void>;
}

/** Starts Debian's `redis-server` on loopback. It writes each change to disk, so that a restart loses no job. */
export async function startRedis(): Promise<Service> {
	const command = onPath('redis-server');
	if (!command)
		throw new Error('redis-server cannot be found. On Debian: apt-get install redis-server');
	const folder = temporaryFolder('redis');
	const port = await freePort();
	const args = [
		['--bind', '127.0.0.1'],
		['--port', String(port)],
		['--dir', folder.path],
		['--save', ''],
		['--appendonly', 'yes'],
		['--appendfsync', 'always'],
	].flat();

	const boot = async () => {
		const logFile = path.join(folder.path, 'redis.log');
		const started = await startProcess({
			command,
			args,
			cwd: folder.path,
			env: { LANG: 'C.UTF-8' },
			logFile,
		});
		await until('Redis answers', 30_000, async () => await ping(port), 50);
		return started;
	};
	let current = await boot();
	return {
		port,
		isRunning: () => current.isRunning(),
		logs: () => current.logs(),
		stop: async () => {
			await current.stop();
			folder.remove();
		},
		restart: async (how = 'stop') => {
			await current[how]();
			current = await boot();
		},
	};
}

async function ping(port: number): Promise<true | undefined> {
	return await new Promise((resolve) => {
		const socket = createConnection({ host: '127.0.0.1', port, timeout: 1000 });
		const end = (answer: true | undefined) => {
			socket.destroy();
			resolve(answer);
		};
		socket.on('connect', () => socket.write('PING\r\n'));
		// While it loads its file it answers -LOADING.
		socket.on('data', (reply) => end(reply.toString().startsWith('+PONG') ? true : undefined));
		socket.on('error', () => end(undefined));
		socket.on('timeout', () => end(undefined));
	});
}
