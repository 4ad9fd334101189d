import type { OutgoingHttpHeaders } from 'node:http';

import { basicOf, formOf, json, jsonOf } from './answer.mts';
import type { Answer, Received } from './answer.mts';
import { granted, wishesOf } from './fusio-scopes.mts';
import type { FusioGrant, FusioTokens } from './fusio-tokens.mts';
import type { World } from './world.mts';

/** The text of a ban, which comes in two dresses. */
export const BANNED = 'Your IP has sent to many requests please try again later';

/** `POST /authorization/token`: OAuth2, Basic only, form or JSON. */
export function oauthToken(world: World, tokens: FusioTokens, received: Received): Answer {
	const { apps, users } = world.accounts.fusio;
	const isJson = /^application\/json\b/i.test(received.headers['content-type'] ?? '');
	const fields = isJson ? jsonOf(received) : Object.fromEntries(formOf(received));
	if (fields === undefined) return oauthError(400, 'server_error', 'Syntax error');
	const basic = basicOf(received);
	if (basic === undefined) return oauthError(400, 'invalid_request', 'Credentials not available');
	const isApp = apps.some((app) => app.clientId === basic.id && app.clientSecret === basic.secret);
	const isUser = users.some((user) => user.username === basic.id && user.password === basic.secret);
	if (!isApp && !isUser) return wrongSecret();

	switch (fields.grant_type) {
		case 'refresh_token': {
			// Whose Basic it is does not matter.
			if (typeof fields.refresh_token !== 'string') return missing('refresh_token');
			const grant = tokens.refresh(fields.refresh_token, 'refresh_token');
			return typeof grant === 'string'
				? oauthError(400, 'invalid_request', grant)
				: oauthReply(grant);
		}
		case 'client_credentials':
			return issue(basic.id, 'client_credentials');
		case 'password': {
			const { username, password } = fields;
			const user = users.find((known) => known.username === username);
			if (user === undefined || user.password !== password) {
				return oauthError(400, 'invalid_request', 'Unknown credentials');
			}
			return issue(user.username, 'password');
		}
		default:
			return fields.grant_type === undefined
				? missing('grant_type')
				: oauthError(400, 'server_error', 'Provided an invalid grant type');
	}

	function issue(owner: string, kind: string): Answer {
		const scopes = granted(world, wishesOf(fields?.scope));
		if (scopes === undefined) return oauthError(400, 'invalid_scope', 'No valid scope given');
		return oauthReply(tokens.grant(owner, kind, scopes));
	}
}

/** `POST /consumer/login` with name and password, `PUT` with a refresh token; JSON both. */
export function consumerLogin(world: World, tokens: FusioTokens, received: Received): Answer {
	const fields = jsonOf(received);
	if (fields === undefined) return internalError();
	if (received.method === 'PUT') {
		const grant = tokens.refresh(String(fields.refresh_token ?? ''), 'login-refresh');
		return typeof grant === 'string' ? fusioError(400, grant) : loginReply(grant);
	}
	const user = world.accounts.fusio.users.find(({ username }) => username === fields.username);
	if (user === undefined || user.password !== fields.password) {
		return fusioError(400, 'Invalid name or password');
	}
	const scopes = granted(world, Array.isArray(fields.scopes) ? fields.scopes.map(String) : []);
	if (scopes === undefined) return fusioError(400, 'No scopes provided');
	return loginReply(tokens.grant(user.username, 'login', scopes));
}

/** An error anywhere but at the token endpoint: the title is the same whatever the status. */
export function fusioError(
	status: number,
	message: string,
	headers: OutgoingHttpHeaders = {},
): Answer {
	return json(status, { success: false, title: 'Internal Server Error', message }, headers);
}

/** What production mode says whatever it was that went wrong. */
export function internalError(): Answer {
	return fusioError(
		500,
		'The server encountered an internal error and was unable to complete your request.',
	);
}

/** A token that is not accepted, or that lacks a scope: told apart by the message alone. */
export function unauthorized(
	world: World,
	message: string,
	headers: OutgoingHttpHeaders = {},
): Answer {
	const metadata = `${world.urls.fusio}/.well-known/oauth-protected-resource`;
	const challenge = `Bearer realm="Fusio", resource_metadata="${metadata}"`;
	return fusioError(401, message, { 'www-authenticate': challenge, ...headers });
}

/** An error at the token endpoint. */
export function oauthError(status: number, error: string, error_description: string): Answer {
	return json(status, { error, error_description });
}

/** Wrong Basic credentials. */
export function wrongSecret(): Answer {
	return oauthError(401, 'invalid_client', 'Unknown credentials');
}

function missing(name: string): Answer {
	return oauthError(400, 'server_error', `Missing parameter ${name}`);
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
