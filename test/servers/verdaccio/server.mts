import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { freePort } from '../../n8n/process.mts';
import { temporaryFolder } from '../../n8n/shutdown.mts';
import { ask, boot } from '../boot.mts';
import { fieldsOf } from '../fields.mts';
import { installFromNpm } from '../npm.mts';
import { LIFETIME, type Running, type Server } from '../server.mts';

const RECIPE = 'npm registry (Verdaccio)';

/** Verdaccio, a private npm registry: `npm login` is a PUT, its web page has a log-in of its own; both answer a JWT. */
export const verdaccio: Server = {
	name: 'Verdaccio',
	recipes: [RECIPE],
	install: async (tell) => {
		const { folder, version } = await installFromNpm('verdaccio', 'about a minute, 0.1 GB', tell);
		return { version, start: async () => await start(folder) };
	},
};

/** As in the recipe: it stands in the token URL. */
const username = 'anna';

async function start(installation: string): Promise<Running> {
	const home = temporaryFolder('verdaccio');
	const password = randomBytes(12).toString('base64url');
	const bin = path.join(installation, 'node_modules', 'verdaccio', 'bin', 'verdaccio');
	// Its tokens hold by their signature alone and end with the key: one with another key stands ready.
	const twins = await Promise.all(
		['first', 'second'].map(async (twin) => {
			const folder = path.join(home.path, twin);
			mkdirSync(path.join(folder, 'storage', 'hello'), { recursive: true });
			writeFileSync(path.join(folder, 'config.yaml'), configuration);
			writeFileSync(path.join(folder, 'storage', 'hello', 'package.json'), JSON.stringify(privatePackage));
			const port = await freePort();
			const origin = `http://127.0.0.1:${port}`;
			const args = [bin, '--config', path.join(folder, 'config.yaml'), '--listen', `127.0.0.1:${port}`];
			const running = await boot({ name: 'verdaccio', args, folder, check: async () => await ask(`${origin}/-/ping`) });
			await ask(`${origin}/-/user/org.couchdb.user:${username}`, { method: 'PUT', json: { name: username, password } });
			return { origin, running };
		}),
	);

	const common = {
		wrong: { password: `${password}x` },
		api: { path: '/hello' },
		proof: 'Hello from a private registry',
		revoke: async () => void twins.reverse(),
		revokesAll: true,
	};
	return {
		origin: () => twins[0]?.origin ?? '',
		ways: [
			{
				...common,
				name: 'log-in in JSON, expiry in the token',
				fields: (seen) => ({
					baseUrl: seen, tokenUrl: `${seen}/-/verdaccio/sec/login`, grant: 'login', bodyFormat: 'json',
					username, password, accessPath: 'token', testPath: '/hello',
				}),
				isTokenRequest: (_, requested) => requested === '/-/verdaccio/sec/login',
			},
			{
				...common,
				name: 'npm log-in, by PUT',
				fields: (seen) => fieldsOf(RECIPE, seen, { username, password }),
				isTokenRequest: (method, requested) => method === 'PUT' && requested.startsWith('/-/user/'),
			},
		],
		stop: async () => {
			await Promise.all(twins.map(async ({ running }) => await running.stop()));
			home.remove();
		},
	};
}

const configuration = `
storage: ./storage
auth:
  htpasswd: { file: ./htpasswd, algorithm: bcrypt, rounds: 4 }
security:
  api: { legacy: false, jwt: { sign: { expiresIn: ${LIFETIME}s } } }
  web: { sign: { expiresIn: ${LIFETIME}s } }
uplinks: {}
packages:
  '**': { access: $authenticated, publish: $authenticated }
log: { type: stdout, format: pretty, level: warn }
`;

/** As `npm publish` would leave it. */
const privatePackage = {
	name: 'hello',
	versions: {
		'1.0.0': {
			name: 'hello',
			version: '1.0.0',
			description: 'Hello from a private registry',
			dist: { shasum: '0'.repeat(40), tarball: 'http://127.0.0.1/hello/-/hello-1.0.0.tgz' },
		},
	},
	'dist-tags': { latest: '1.0.0' },
	time: {}, _attachments: {}, _distfiles: {}, _uplinks: {}, _rev: '1-1', readme: '',
};
