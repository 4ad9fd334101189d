import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { freePort } from '../../n8n/process.mts';
import { temporaryFolder } from '../../n8n/shutdown.mts';
import { ask, boot } from '../boot.mts';
import { fieldsOf } from '../fields.mts';
import { unpackFromDebian } from '../debian.mts';
import { LIFETIME, type Running, type Server } from '../server.mts';

const RECIPE = 'etcd (JSON gateway)';

/** etcd, by its JSON gateway: a log-in without OAuth, a token without a type that stands alone in the header. */
export const etcd: Server = {
	name: 'etcd',
	recipes: [RECIPE],
	install: async (tell) => {
		const { folder, version } = await unpackFromDebian('etcd-server', tell);
		return { version, start: async () => await start(path.join(folder, 'usr', 'bin', 'etcd')) };
	},
};

async function start(command: string): Promise<Running> {
	const home = temporaryFolder('etcd');
	const origin = `http://127.0.0.1:${await freePort()}`;
	const peers = `http://127.0.0.1:${await freePort()}`;
	const password = randomBytes(12).toString('base64url');
	const running = await boot({
		name: 'etcd',
		command,
		args: [
			...['--data-dir', path.join(home.path, 'data'), '--log-level', 'warn'],
			...['--listen-client-urls', origin, '--advertise-client-urls', origin],
			...['--listen-peer-urls', peers, '--initial-advertise-peer-urls', peers, '--initial-cluster', `default=${peers}`],
			...['--auth-token', 'simple', '--auth-token-ttl', String(LIFETIME), '--bcrypt-cost', '4'],
		],
		folder: home.path,
		check: async () => await ask(`${origin}/health`),
	});
	const call = async (requested: string, json: object, headers: Record<string, string> = {}) =>
		await ask(`${origin}/v3/${requested}`, { method: 'POST', json, headers });
	const key = Buffer.from('greeting').toString('base64');
	const value = Buffer.from('Hello from etcd').toString('base64');
	await call('kv/put', { key, value });
	for (const name of ['root', 'ada']) await call('auth/user/add', { name, password });
	await call('auth/role/add', { name: 'root' });
	for (const user of ['root', 'ada']) await call('auth/user/grant', { user, role: 'root' });
	await call('auth/enable', {});

	return {
		origin: () => origin,
		ways: [
			{
				name: 'log-in in JSON, no expiry in the reply, the API by POST',
				fields: (seen) => fieldsOf(RECIPE, seen, { username: 'ada', password, lifetime: LIFETIME }),
				wrong: { password: `${password}x` },
				isTokenRequest: (_, requested) => requested === '/v3/auth/authenticate',
				api: { path: '/v3/kv/range', json: { key } },
				proof: value,
				/** A new password, even the same one, ends a user's tokens. */
				revoke: async () => {
					const { token } = JSON.parse(await call('auth/authenticate', { name: 'root', password })) as { token: string };
					await call('auth/user/changepw', { name: 'ada', password }, { authorization: token });
				},
			},
		],
		stop: async () => {
			await running.stop();
			home.remove();
		},
	};
}
