import { Fields } from '../tokens/fields';
import {
	asPurchase,
	commonIssuer,
	fingerprint,
	originOf,
	refreshOrBuy,
	type ReadIssuer,
} from '../tokens/issuer';
import { basicHeader, formRequest, jsonRequest, type TokenRequest } from '../tokens/wire';

interface WayIn {
	readonly ask: TokenRequest;
	readonly refresh: (refreshToken: string) => TokenRequest;
	readonly tokenField: string;
	readonly proof: readonly string[];
}

/** `/authorization/token` with a Basic header, or `/consumer/login` with a JSON body. */
export const readFusio: ReadIssuer = (credentials) => {
	const fields = new Fields('Fusio', credentials);
	const apiBase = fields.url('baseUrl', 'Base URL');
	const scopes = fields
		.optional('scopes')
		.split(/[\s,]+/)
		.filter((scope) => scope !== '');
	const way = readWayIn(fields, apiBase, scopes);
	// A refresh kills the old access token at once, so by default a new token is asked for instead.
	const refreshes = fields.optional('renewBy') === 'refreshToken';
	const reply = { token: way.tokenField, expiry: 'expires_in', refreshToken: 'refresh_token' };
	const testPath = fields.optional('testPath') || '/authorization/whoami';
	return {
		...commonIssuer,
		provider: 'Fusio',
		apiBase,
		origins: [originOf(apiBase)],
		budget: fields.count('monthlyBudget', 'Monthly Token Budget', 0),
		rotates: refreshes,
		owner: fingerprint('fusio', way.ask.url, way.proof, scopes),
		client: fingerprint(way.ask.url, way.proof[0]),
		secrets: way.proof.slice(1),
		lifetime: 172_800_000,
		probeUrl: `${apiBase}/${testPath.replace(/^\/+/, '')}`,
		lacksPermission: (body) =>
			typeof body === 'object' &&
			body !== null &&
			'message' in body &&
			String(body.message).startsWith('Access to this operation is not in the scope'),
		buy: async (_slot, kept, ask) => {
			const purchase = await refreshOrBuy(
				refreshes ? kept : undefined,
				async ({ value }) => asPurchase(await ask(way.refresh(value), reply)),
				async () => asPurchase(await ask(way.ask, reply)),
			);
			return refreshes ? purchase : { ...purchase, refreshToken: undefined };
		},
	};
};

function readWayIn(fields: Fields, apiBase: string, scopes: readonly string[]): WayIn {
	const wayIn = fields.optional('wayIn');
	if (wayIn === 'login') {
		const url = `${apiBase}/consumer/login`;
		const username = fields.required('username', 'User Name');
		const password = fields.secret('password', 'Password');
		return {
			ask: jsonRequest(url, {
				username,
				password,
				scopes: scopes.length > 0 ? scopes : undefined,
			}),
			refresh: (refreshToken) => jsonRequest(url, { refresh_token: refreshToken }, {}, 'PUT'),
			tokenField: 'token',
			proof: [username, password],
		};
	}
	const url = `${apiBase}/authorization/token`;
	const [user, password] =
		wayIn === 'password'
			? [fields.required('username', 'User Name'), fields.secret('password', 'Password')]
			: [fields.required('appKey', 'App Key'), fields.secret('appSecret', 'App Secret')];
	const basic = basicHeader(user, password);
	return {
		ask: formRequest(
			url,
			{
				grant_type: 'client_credentials',
				scope: scopes.length > 0 ? scopes.join(',') : undefined,
			},
			basic,
		),
		refresh: (refreshToken) =>
			formRequest(url, { grant_type: 'refresh_token', refresh_token: refreshToken }, basic),
		tokenField: 'access_token',
		proof: [user, password],
	};
}
