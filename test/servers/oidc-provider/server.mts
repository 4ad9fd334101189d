import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { freePort } from '../../n8n/process.mts';
import { temporaryFolder } from '../../n8n/shutdown.mts';
import { ask, boot } from '../boot.mts';
import { LIFETIME, type Running, type Server, type Way } from '../server.mts';
import type { Settings } from './process.mts';

/** oidc-provider, an authorization server by the letter of the RFCs; it is a development dependency of this package. */
export const oidcProvider: Server = {
	name: 'oidc-provider',
	install: async () => {
		const entry = createRequire(import.meta.url).resolve('oidc-provider');
		const manifest = readFileSync(path.join(path.dirname(entry), '..', 'package.json'), 'utf8');
		return { version: (JSON.parse(manifest) as { version: string }).version, start };
	},
};

/** Each of these characters means something in a form, in a Basic header or in a URL. */
const SPECIAL = `:%+&=/?# "'\\<>{}~`;
const resource = 'https://api.example.com/orders';

async function start(): Promise<Running> {
	const home = temporaryFolder('oidc-provider');
	const port = await freePort();
	const origin = `http://127.0.0.1:${port}`;
	const secret = () => randomBytes(24).toString('base64url');
	const forApi = { grant_types: ['client_credentials'], response_types: [], redirect_uris: [], scope: 'read' };
	const special = {
		...forApi,
		client_id: `id${SPECIAL}`,
		client_secret: `${secret()}${SPECIAL}`,
		token_endpoint_auth_method: 'client_secret_basic',
	};
	const settings: Settings = { port, lifetime: LIFETIME, clients: [special], resource, cookieKey: secret() };
	const running = await boot({
		name: 'oidc-provider',
		args: [path.join(import.meta.dirname, 'process.mts'), JSON.stringify(settings)],
		folder: home.path,
		check: async () => await ask(`${origin}/.well-known/openid-configuration`),
	});

	const common = {
		isTokenRequest: (_: string, requested: string) => requested === '/token',
		api: { path: '/resource' },
		revoke: async ({ authorization = '' }) => {
			const revoked = await ask(`${origin}/test/revoke`, { method: 'POST', json: { token: authorization.slice('Bearer '.length) } });
			if (!revoked.includes('1')) throw new Error('There was no token to revoke.');
		},
	} satisfies Partial<Way>;
	const forResource = { extraParameters: JSON.stringify({ resource, scope: 'read' }), testPath: '/resource' };
	return {
		origin: () => origin,
		ways: [
			{
				...common,
				name: 'client credentials, special characters, in the body; resource indicator',
				fields: (seen) => ({
					baseUrl: seen, tokenUrl: `${seen}/token`, grant: 'clientCredentials', clientProof: 'body',
					clientId: special.client_id, clientSecret: special.client_secret, ...forResource,
				}),
				wrong: { clientSecret: `${special.client_secret}x` },
				proof: JSON.stringify(special.client_id),
			},
			{
				...common,
				name: 'client credentials, special characters, in a Basic header',
				notYet: 'id and secret go into the header as they are, not form-encoded (RFC 6749, 2.3.1)',
				fields: (seen) => ({
					baseUrl: seen, tokenUrl: `${seen}/token`, grant: 'clientCredentials', clientProof: 'basic',
					clientId: special.client_id, clientSecret: special.client_secret, ...forResource,
				}),
				wrong: { clientSecret: `${special.client_secret}x` },
				proof: JSON.stringify(special.client_id),
			},
		],
		stop: async () => {
			await running.stop();
			home.remove();
		},
	};
}
