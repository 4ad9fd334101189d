import { Fields } from '../tokens/fields';
import { commonIssuer, fingerprint, originOf, type ReadIssuer } from '../tokens/issuer';
import { formRequest } from '../tokens/request';

export const MEISTER1 = { baseUrl: 'https://auth.meister1.com/v1' } as const;

const REPLY = { token: 'accessToken', expiry: 'expiresIn', refreshToken: 'refreshToken' };

/** OAuth2's client credentials and refresh grants in camelCase; each reply brings another refresh token (10 h). */
export const readMeister1: ReadIssuer = (credentials) => {
	const fields = new Fields('Meister1', credentials);
	const apiBase = fields.url('baseUrl', 'Base URL');
	const tokenUrl = `${apiBase}/token`;
	const clientId = fields.required('clientId', 'Client ID');
	const clientSecret = fields.secret('clientSecret', 'Client Secret');
	return {
		...commonIssuer,
		provider: 'Meister1',
		apiBase,
		origins: [originOf(apiBase)],
		budget: fields.count('monthlyBudget', 'Monthly Token Budget', 0),
		owner: fingerprint('meister1', tokenUrl, clientId, clientSecret),
		client: fingerprint(tokenUrl, clientId),
		secrets: [clientSecret],
		lifetime: 36_000_000,
		grant: {
			request: formRequest(tokenUrl, { clientId, clientSecret, grantType: 'client_credentials' }),
			reply: REPLY,
			refresh: (refreshToken) =>
				formRequest(tokenUrl, { clientId, grantType: 'refresh_token', refreshToken }),
			rotates: true,
		},
	};
};
