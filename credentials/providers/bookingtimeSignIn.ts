import { ApiError } from '../tokens/errors';
import { Fields } from '../tokens/fields';
import { isTokenText } from '../tokens/record';
import { commonIssuer, fingerprint, type ReadIssuer } from '../tokens/issuer';
import { pick } from '../tokens/wire';
import { bookingtimeApi, exchangeForAccess } from './bookingtime';

/**
 * A person signs in: n8n exchanges the code, and bookingtime answers a refresh token and no access token. n8n stores
 * that reply as `oauthTokenData`; what is left is the second step, the same as in the app's own way in.
 */
export const readBookingtimeSignIn: ReadIssuer = (credentials) => {
	const fields = new Fields('bookingtime', credentials);
	const tokenUrl = fields.url('accessTokenUrl', 'Access Token URL');
	const clientId = fields.required('clientId', 'Client ID');
	const api = bookingtimeApi(fields);
	const refreshToken = pick(credentials.oauthTokenData, 'refresh_token');
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
		buy: async (slot, _kept, ask) =>
			await exchangeForAccess(ask, tokenUrl, clientId, refreshToken, slot).catch(
				(error: unknown) => {
					throw withReconnect(error);
				},
			),
	};
};

/** Where bookingtime says no to this step, the sign-in is over, or it does not cover the organization. */
function withReconnect(error: unknown): unknown {
	if (!(error instanceof ApiError) || !['client', 'grant'].includes(error.kind)) return error;
	return new ApiError(
		error.kind,
		`${error.message} The account must be connected again.`,
		'Open the credential and sign in. A sign-in ends after 30 days, or when it is revoked at bookingtime. If it is the organization that was refused, check the organization ID.',
	);
}
