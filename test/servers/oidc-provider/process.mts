import { createServer, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import Provider from 'oidc-provider';

/** What the process is told on its command line, as JSON. */
export interface Settings {
	readonly port: number;
	/** In s. */
	readonly lifetime: number;
	/** Dynamic-registration metadata (RFC 7591), each with its proof. */
	readonly clients: readonly object[];
	/** The one resource (RFC 8707) that tokens are issued for; none is issued without naming it. */
	readonly resource: string;
	readonly cookieKey: string;
}

/** A token as the tests need it of oidc-provider's models. */
interface Token {
	readonly isValid: boolean;
	readonly clientId: string;
	readonly aud?: string;
	destroy: () => Promise<void>;
}

interface Model {
	new (fields: object): { save: () => Promise<string> };
	find: (value: string) => Promise<Token | undefined>;
}

const { port, lifetime, clients, resource, cookieKey } = JSON.parse(process.argv[2] ?? '{}') as Settings;
const account = { accountId: 'ada', claims: () => ({ sub: 'ada' }) };
const provider = new Provider(`http://127.0.0.1:${port}`, {
	clients,
	cookies: { keys: [cookieKey] },
	scopes: ['openid', 'offline_access', 'read'],
	findAccount: () => account,
	features: {
		clientCredentials: { enabled: true },
		devInteractions: { enabled: false },
		resourceIndicators: {
			enabled: true,
			getResourceServerInfo: (_: unknown, identifier: string) => {
				if (identifier !== resource) throw new Error('This resource is unknown.');
				return { scope: 'read', audience: identifier, accessTokenTTL: lifetime, accessTokenFormat: 'opaque' };
			},
		},
	},
	// Each refresh token is good for one use; a second use ends all that came of it.
	rotateRefreshToken: true,
	ttl: { AccessToken: lifetime, ClientCredentials: lifetime, RefreshToken: 3600, Grant: 3600 },
});
const models = provider as unknown as { readonly ClientCredentials: Model; readonly AccessToken: Model; readonly RefreshToken: Model; readonly Client: { find: (id: string) => Promise<object> } };
const handle = provider.callback();

createServer((request, response) => {
	const answer = (status: number, body: object) =>
		response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
	const failed = (error: unknown) => answer(500, { error: String(error) });
	switch (request.url) {
		case '/resource':
			return void guarded(request).then((client) => (client ? answer(200, { client }) : answer(401, { error: 'invalid_token' })), failed);
		case '/test/refresh-token':
			return void json(request).then(async (body) => answer(200, { value: await newRefreshToken(body as { clientId: string }) })).catch(failed);
		case '/test/revoke':
			return void json(request).then(async (body) => answer(200, { ended: await end(body as { token: string }) })).catch(failed);
		default:
			return void handle(request, response);
	}
}).listen(port, '127.0.0.1');

/** A resource server in the same process: opaque tokens are looked up, not guessed. */
async function guarded({ headers: { authorization = '' } }: IncomingMessage): Promise<string | undefined> {
	const value = authorization.replace(/^Bearer /, '');
	const forClient = await models.ClientCredentials.find(value);
	if (forClient?.isValid && forClient.aud === resource) return forClient.clientId;
	const forPerson = await models.AccessToken.find(value);
	return forPerson?.isValid ? forPerson.clientId : undefined;
}

/** As the authorization code flow leaves it once a person has signed in and agreed. */
async function newRefreshToken({ clientId }: { clientId: string }): Promise<string> {
	const grant = new provider.Grant({ accountId: account.accountId, clientId });
	grant.addOIDCScope('openid offline_access');
	const grantId = await grant.save();
	const client = await models.Client.find(clientId);
	const { accountId } = account;
	return await new models.RefreshToken({ accountId, client, grantId, gty: 'authorization_code', scope: 'openid offline_access' }).save();
}

/** What its revocation endpoint does with an access token. */
async function end({ token }: { token: string }): Promise<number> {
	const found = [await models.ClientCredentials.find(token), await models.AccessToken.find(token)];
	const ended = found.map(async (one) => await one?.destroy());
	await Promise.all(ended);
	return found.filter((one) => one !== undefined).length;
}
