import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { startPostgres } from '../../n8n/postgres.mts';
import { freePort } from '../../n8n/process.mts';
import { temporaryFolder } from '../../n8n/shutdown.mts';
import { ask, boot, runOnce } from '../boot.mts';
import { fieldsOf } from '../fields.mts';
import { installFromNpm } from '../npm.mts';
import { LIFETIME, type Running, type Server, type Way } from '../server.mts';

const RECIPE = 'Directus';

/** Directus: a log-in in JSON, an expiry in milliseconds, refresh tokens that change with each use. */
export const directus: Server = {
	name: 'Directus',
	recipes: [RECIPE],
	install: async (tell) => {
		const { folder, version } = await installFromNpm('directus', 'some minutes, 1 GB', tell);
		return { version, start: async () => await start(path.join(folder, 'node_modules', 'directus', 'cli.js')) };
	},
};

const email = 'ada@example.com';

async function start(cli: string): Promise<Running> {
	const database = await startPostgres();
	const home = temporaryFolder('directus');
	for (const folder of ['uploads', 'extensions']) mkdirSync(path.join(home.path, folder));
	const password = randomBytes(12).toString('base64url');
	const environment = {
		HOST: '127.0.0.1',
		KEY: randomBytes(16).toString('hex'),
		SECRET: randomBytes(24).toString('hex'),
		DB_CLIENT: 'pg', DB_HOST: '127.0.0.1', DB_PORT: String(database.port),
		DB_USER: database.user, DB_PASSWORD: database.password, DB_DATABASE: database.database,
		ADMIN_EMAIL: email, ADMIN_PASSWORD: password,
		ACCESS_TOKEN_TTL: `${LIFETIME}s`, REFRESH_TOKEN_TTL: '1h',
		TELEMETRY: 'false',
		// The tables are the same all the time.
		CACHE_SCHEMA: 'true',
	};
	await runOnce({ name: 'directus-bootstrap', args: [cli, 'bootstrap'], folder: home.path, env: environment });
	// Its tokens hold by their signature alone and end with the key: one with another key, on the same data, stands ready.
	const twins = await Promise.all(
		[environment.SECRET, randomBytes(24).toString('hex')].map(async (secret, index) => {
			const port = await freePort();
			const origin = `http://127.0.0.1:${port}`;
			const running = await boot({
				name: `directus-${index}`,
				args: [cli, 'start'],
				folder: home.path,
				env: { ...environment, SECRET: secret, PORT: String(port), PUBLIC_URL: origin },
				check: async () => await ask(`${origin}/server/ping`),
			});
			return { origin, running };
		}),
	);

	const fields = (seen: string) => ({
		baseUrl: seen, tokenUrl: `${seen}/auth/login`, grant: 'login', bodyFormat: 'json',
		username: email, password, usernameField: 'email', accessPath: 'data.access_token', expiryPath: 'data.expires',
		testPath: '/users/me?fields=email',
	});
	const common = {
		wrong: { password: `${password}x` },
		isTokenRequest: (_: string, requested: string) => ['/auth/login', '/auth/refresh'].includes(requested),
		api: { path: '/users/me?fields=email' },
		proof: email,
		revoke: async () => void twins.reverse(),
		revokesAll: true,
	} satisfies Partial<Way>;
	return {
		origin: () => twins[0]?.origin ?? '',
		ways: [
			{ ...common, name: 'log-in in JSON, expiry in milliseconds', fields },
			{
				...common,
				name: 'log-in once, then refresh tokens that rotate',
				fields: (seen) => fieldsOf(RECIPE, seen, { username: email, password }),
			},
		],
		stop: async () => {
			await Promise.all(twins.map(async ({ running }) => await running.stop()));
			await database.stop();
			home.remove();
		},
	};
}
