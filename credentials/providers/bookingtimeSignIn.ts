import { Fields } from '../tokens/fields';
import { valueAt } from '../tokens/json';
import { isTokenText } from '../tokens/record';
import { commonIssuer, fingerprint, type ReadIssuer } from '../tokens/issuer';
import { bookingtimeApi, exchangeRequest, REPLY } from './bookingtime';

/**
 * A person signs in: n8n exchanges the code, and bookingtime answers a refresh token and no access token. n8n stores
 * that reply as `oauthTokenData`; what is left is the second step, the same as in the app's own way in.
 */
export const readBookingtimeSignIn: ReadIssuer = (credentials) => {
	const fields = new Fields('bookingtime', credentials);
	const tokenUrl = fields.url('accessTokenUrl', 'Access Token URL');
	const clientId = fields.required('clientId', 'Client ID');
	const api = bookingtimeApi(fields);
	const refreshToken = valueAt(credentials.oauthTokenData, 'refresh_token');
	if (!isTokenText(refreshToken)) {
		throw fields.error(
			'nobody has signed in with it yet, or bookingtime answered the sign-in without a refresh token',
			'Open the credential and connect the account',
		);
	}
	return {
		...commonIssuer,
		...api,
		provider: 'bookingtime',
		budget: 0,
		inMemory: true,
		// Whoever signs in again gets another refresh token, and tokens of their own.
		owner: fingerprint('bookingtimeSignIn', tokenUrl, clientId, refreshToken),
		client: fingerprint(tokenUrl, clientId),
		secrets: [fields.optional('clientSecret'), refreshToken],
		lifetime: 300_000,
		grant: {
			reply: REPLY,
			refresh: (token, slot) => exchangeRequest(tokenUrl, clientId, token, slot),
			rotates: false,
			firstRefreshToken: refreshToken,
			broken: {
				what: 'The account must be connected again.',
				next: 'Open the credential and sign in. A sign-in ends after 30 days, or when it is revoked at bookingtime. If it is the organization that was refused, check the organization ID.',
			},
		},
	};
};
