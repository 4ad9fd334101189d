import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { freePort } from '../../n8n/process.mts';
import { temporaryFolder } from '../../n8n/shutdown.mts';
import { ask, boot } from '../boot.mts';
import { fieldsOf } from '../fields.mts';
import { installFromNpm } from '../npm.mts';
import { LIFETIME, type Running, type Server } from '../server.mts';

const RECIPE = 'Node-RED Admin API';

/** Node-RED with a log-in for its admin API: the password grant, at `/auth/token`. */
export const nodeRed: Server = {
	name: 'Node-RED',
	recipes: [RECIPE],
	install: async (tell) => {
		const { folder, version } = await installFromNpm('node-red', 'about half a minute, 0.1 GB', tell);
		return { version, start: async () => await start(folder) };
	},
};

async function start(installation: string): Promise<Running> {
	const home = temporaryFolder('node-red');
	const port = await freePort();
	const origin = `http://127.0.0.1:${port}`;
	const username = 'ada';
	const password = randomBytes(12).toString('base64url');
	const { hashSync } = createRequire(path.join(installation, 'package.json'))('bcryptjs') as { hashSync: (text: string, rounds: number) => string };
	const settings = {
		uiHost: '127.0.0.1',
		uiPort: port,
		adminAuth: {
			type: 'credentials',
			sessionExpiryTime: LIFETIME,
			users: [{ username, password: hashSync(password, 4), permissions: '*' }],
		},
		credentialSecret: randomBytes(12).toString('hex'),
		logging: { console: { level: 'warn' } },
	};
	const settingsFile = path.join(home.path, 'settings.js');
	writeFileSync(settingsFile, `module.exports = ${JSON.stringify(settings)};\n`);
	const running = await boot({
		name: 'node-red',
		args: [path.join(installation, 'node_modules', 'node-red', 'red.js'), '--settings', settingsFile, '--userDir', home.path],
		folder: home.path,
		check: async () => await ask(`${origin}/auth/login`),
	});
	return {
		origin: () => origin,
		ways: [
			{
				name: 'OAuth2 with name and password',
				fields: (seen) => fieldsOf(RECIPE, seen, { username, password }),
				wrong: { password: `${password}x` },
				isTokenRequest: (_, requested) => requested === '/auth/token',
				api: { path: '/settings' },
				proof: '"httpNodeRoot"',
				revoke: async ({ authorization = '' }) => {
					await ask(`${origin}/auth/revoke`, { method: 'POST', headers: { authorization }, json: { token: authorization.slice('Bearer '.length) } });
				},
			},
		],
		stop: async () => {
			await running.stop();
			home.remove();
		},
	};
}
