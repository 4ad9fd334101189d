import { generateKeyPairSync, randomBytes, type KeyPairKeyObjectResult } from 'node:crypto';
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
	recipes: [],
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
	const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
	const jwk = pair.publicKey.export({ format: 'jwk' });
	const byKey = {
		...forApi,
		client_id: 'by-key',
		token_endpoint_auth_method: 'private_key_jwt',
		token_endpoint_auth_signing_alg: 'ES256',
		jwks: { keys: [{ ...jwk, kid: 'k1', use: 'sig' }] },
	};
	const byJwt = {
		...forApi,
		client_id: 'by-jwt',
		client_secret: secret(),
		token_endpoint_auth_method: 'client_secret_jwt',
	};
	const refreshing = {
		client_id: 'refreshing',
		client_secret: secret(),
		grant_types: ['authorization_code', 'refresh_token'],
		response_types: ['code'],
		redirect_uris: ['https://client.example.com/back'],
		token_endpoint_auth_method: 'client_secret_post',
	};
	const clients = [special, byKey, byJwt, refreshing];
	const settings: Settings = { port, lifetime: LIFETIME, clients, resource, cookieKey: secret() };
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
	const newRefreshToken = async () => {
		const json = { clientId: refreshing.client_id };
		const answer = await ask(`${origin}/test/refresh-token`, { method: 'POST', json });
		return (JSON.parse(answer) as { value: string }).value;
	};
	const pem = ({ privateKey }: KeyPairKeyObjectResult) =>
		privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
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
				name: 'client credentials, special characters, in a form-encoded Basic header',
				fields: (seen) => ({
					baseUrl: seen, tokenUrl: `${seen}/token`, grant: 'clientCredentials', clientProof: 'basicEncoded',
					clientId: special.client_id, clientSecret: special.client_secret, ...forResource,
				}),
				wrong: { clientSecret: `${special.client_secret}x` },
				proof: JSON.stringify(special.client_id),
			},
			{
				...common,
				name: 'private_key_jwt',
				fields: (seen) => ({
					baseUrl: seen, tokenUrl: `${seen}/token`, grant: 'clientCredentials', clientProof: 'privateKeyJwt',
					clientId: byKey.client_id, signingKey: pem(pair), jwtKeyId: 'k1', jwtAudience: origin, ...forResource,
				}),
				wrong: { signingKey: pem(generateKeyPairSync('ec', { namedCurve: 'P-256' })) },
				proof: JSON.stringify(byKey.client_id),
			},
			{
				...common,
				name: 'client_secret_jwt',
				fields: (seen) => ({
					baseUrl: seen, tokenUrl: `${seen}/token`, grant: 'clientCredentials', clientProof: 'clientSecretJwt',
					clientId: byJwt.client_id, clientSecret: byJwt.client_secret, jwtAudience: origin, ...forResource,
				}),
				wrong: { clientSecret: secret() },
				proof: JSON.stringify(byJwt.client_id),
			},
			{
				...common,
				name: 'a refresh token that a person has, rotating, with reuse detection',
				fields: async (seen) => ({
					baseUrl: seen, tokenUrl: `${seen}/token`, grant: 'refreshToken', clientProof: 'body',
					clientId: refreshing.client_id, clientSecret: refreshing.client_secret,
					ownRefreshToken: await newRefreshToken(), testPath: '/resource',
				}),
				wrong: { clientSecret: secret() },
				proof: JSON.stringify(refreshing.client_id),
			},
		],
		stop: async () => {
			await running.stop();
			home.remove();
		},
	};
}
