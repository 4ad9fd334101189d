import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { startPostgres } from '../../n8n/postgres.mts';
import { freePort } from '../../n8n/process.mts';
import { temporaryFolder } from '../../n8n/shutdown.mts';
import { ask, boot } from '../boot.mts';
import { fieldsOf } from '../fields.mts';
import { installFromNpm } from '../npm.mts';
import { LIFETIME, type Running, type Server } from '../server.mts';

const RECIPE = 'Parse Server';

/** Parse Server: a session token in a header of its own, beside a fixed one; a dead session is a 400 with the code 209. */
export const parseServer: Server = {
	name: 'Parse Server',
	recipes: [RECIPE],
	install: async (tell) => {
		const { folder, version } = await installFromNpm('parse-server', 'about a minute, 0.2 GB', tell);
		return { version, start: async () => await start(folder) };
	},
};

const application = { 'x-parse-application-id': 'tokenkeeper' };

async function start(installation: string): Promise<Running> {
	const { user, password: key, port: databasePort, database, stop } = await startPostgres();
	const home = temporaryFolder('parse-server');
	const port = await freePort();
	const origin = `http://127.0.0.1:${port}`;
	const username = 'ada';
	const password = randomBytes(12).toString('base64url');
	const options = {
		appId: application['x-parse-application-id'],
		masterKey: randomBytes(12).toString('hex'),
		serverURL: `${origin}/parse`,
		databaseURI: `postgres://${user}:${key}@127.0.0.1:${databasePort}/${database}`,
		host: '127.0.0.1',
		port: String(port),
		sessionLength: String(LIFETIME),
	};
	const running = await boot({
		name: 'parse-server',
		args: [
			path.join(installation, 'node_modules', 'parse-server', 'bin', 'parse-server'),
			...Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]),
			'--silent',
		],
		folder: home.path,
		check: async () => await ask(`${origin}/parse/health`),
	});
	await ask(`${origin}/parse/users`, { method: 'POST', headers: application, json: { username, password } });

	return {
		origin: () => origin,
		ways: [
			{
				name: 'log-in in JSON, no expiry in the reply',
				fields: (seen) =>
					fieldsOf(RECIPE, seen, { clientId: application['x-parse-application-id'], username, password, lifetime: LIFETIME }),
				wrong: { password: `${password}x` },
				isTokenRequest: (_, requested) => requested === '/parse/login',
				api: { path: '/users/me' },
				proof: username,
				isRefusal: (status, body) => status === 400 && body.includes('"code":209'),
				revoke: async ({ 'x-parse-session-token': session = '' }) => {
					await ask(`${origin}/parse/logout`, { method: 'POST', headers: { ...application, 'x-parse-session-token': String(session) } });
				},
			},
		],
		stop: async () => {
			await running.stop();
			await stop();
			home.remove();
		},
	};
}
