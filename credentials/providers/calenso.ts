import { Fields } from '../tokens/fields';
import { commonIssuer, fingerprint, originOf, type ReadIssuer } from '../tokens/issuer';
import { formRequest } from '../tokens/request';

/** Addresses of the two systems that Calenso documents; token URL and audience are the same for both. */
export const CALENSO = {
	production: 'https://my.calenso.com/api/v1',
	development: 'https://api.calenso.io/api/v1',
	tokenUrl: 'https://calenso.eu.auth0.com/oauth/token',
	audience: 'https://my.calenso.com/api/v1',
} as const;

/** Auth0 client credentials with an audience (RFC 6749, 4.4); no refresh token; 24 h. */
export const readCalenso: ReadIssuer = (credentials) => {
	const fields = new Fields('Calenso', credentials);
	const environment = fields.optional('environment');
	const custom = environment === 'custom';
	const apiBase = custom
		? fields.url('baseUrl', 'API Base URL')
		: environment === 'development'
			? CALENSO.development
			: CALENSO.production;
	const tokenUrl = custom ? fields.url('tokenUrl', 'Token URL') : CALENSO.tokenUrl;
	const audience = fields.required('audience', 'Audience');
	const clientId = fields.required('clientId', 'Client ID');
	const clientSecret = fields.secret('clientSecret', 'Client Secret');
	return {
		...commonIssuer,
		provider: 'Calenso',
		apiBase,
		origins: [originOf(apiBase)],
		budget: fields.count('monthlyBudget', 'Monthly Token Budget', 31),
		owner: fingerprint('calenso', tokenUrl, clientId, clientSecret, audience),
		client: fingerprint(tokenUrl, clientId),
		secrets: [clientSecret],
		lifetime: 24 * 3600_000,
		probeUrl: `${apiBase}/workers`,
		grant: {
			request: formRequest(tokenUrl, {
				grant_type: 'client_credentials',
				client_id: clientId,
				client_secret: clientSecret,
				audience,
			}),
			reply: { token: 'access_token', expiry: 'expires_in' },
			rotates: false,
		},
	};
};
