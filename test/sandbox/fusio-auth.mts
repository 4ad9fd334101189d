import { basicOf, formOf, json, jsonOf } from './answer.mts';
import type { Answer, Received } from './answer.mts';
import { DEFAULT_SCOPES, GRANTABLE_SCOPES } from './fusio-tokens.mts';
import type { FusioGrant, FusioTokens } from './fusio-tokens.mts';
import type { World } from './world.mts';

/** The text of a ban, which comes in two dresses. */
export const BANNED = 'Your IP has sent to many requests please try again later';

/** `POST /authorization/token`: OAuth2, Basic only, form or JSON. */
export function oauthToken(world: World, tokens: FusioTokens, received: Received): Answer {
	const { apps, users } = world.accounts.fusio;
	const fields = jsonOf(received) ?? Object.fromEntries(formOf(received));
	const basic = basicOf(received);
	if (basic === undefined) return oauthError(400, 'invalid_request', 'Credentials not available');
	const isApp = apps.some((app) => app.clientId === basic.id && app.clientSecret === basic.secret);
	const isUser = users.some((user) => user.username === basic.id && user.password === basic.secret);
	if (!isApp && !isUser) return wrongSecret();

	const grantType = fields.grant_type;
	if (grantType === 'refresh_token' && typeof fields.refresh_token === 'string') {
		const grant = tokens.refresh(fields.refresh_token, 'refresh_token', basic.id);
		return typeof grant === 'string'
			? oauthError(400, 'invalid_request', grant)
			: oauthReply(grant);
	}
	if (grantType === 'client_credentials') {
		const scopes = grantedScopes(String(fields.scope ?? '').split(/[ ,]+/));
		if (scopes === undefined) return oauthError(400, 'invalid_scope', 'No valid scopes given');
		return oauthReply(tokens.grant(basic.id, grantType, scopes));
	}
	return oauthError(400, 'server_error', 'Invalid grant type');
}

/** `POST /consumer/login` with name and password, `PUT` with a refresh token; JSON both. */
export function consumerLogin(world: World, tokens: FusioTokens, received: Received): Answer {
	const fields = jsonOf(received);
	if (fields === undefined) return fusioError(500, 'Syntax error');
	if (received.method === 'PUT') {
		const grant = tokens.refresh(String(fields.refresh_token ?? ''), 'login-refresh');
		return typeof grant === 'string' ? fusioError(400, grant) : loginReply(grant);
	}
	const user = world.accounts.fusio.users.find(({ username }) => username === fields.username);
	if (user === undefined || user.password !== fields.password) {
		return fusioError(400, 'Invalid name or password');
	}
	const scopes = grantedScopes(Array.isArray(fields.scopes) ? fields.scopes.map(String) : []);
	if (scopes === undefined) return fusioError(400, 'No valid scopes given');
	return loginReply(tokens.grant(user.username, 'login', scopes));
}

/** An error anywhere but at the token endpoint: the title is the same whatever the status. */
export function fusioError(status: number, message: string): Answer {
	const headers = status === 401 ? { 'www-authenticate': 'Bearer realm="Fusio"' } : {};
	return json(status, { success: false, title: 'Internal Server Error', message }, headers);
}

/** An error at the token endpoint. */
export function oauthError(status: number, error: string, error_description: string): Answer {
	return json(status, { error, error_description });
}

/** Wrong Basic credentials. */
export function wrongSecret(): Answer {
	return oauthError(401, 'invalid_client', 'Unknown credentials');
}

/** The scopes of a grant: the default without a wish, none if one of the wishes is not granted. */
function grantedScopes(wishes: readonly string[]): readonly string[] | undefined {
	const asked = wishes.filter((scope) => scope !== '');
	if (asked.length === 0) return DEFAULT_SCOPES;
	return asked.every((scope) => GRANTABLE_SCOPES.includes(scope)) ? asked : undefined;
}

function oauthReply({ access, refresh, expiresIn, scope }: FusioGrant): Answer {
	return json(200, {
		access_token: access,
		token_type: 'bearer',
		expires_in: expiresIn,
		refresh_token: refresh,
		scope,
	});
}

function loginReply({ access, refresh, expiresIn, scope }: FusioGrant): Answer {
	return json(200, { token: access, expires_in: expiresIn, refresh_token: refresh, scope });
}
