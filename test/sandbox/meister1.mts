import { randomUUID } from 'node:crypto';

import { letters } from './accounts.mts';
import { escapeMarkup, formOf, json, page, redirect } from './answer.mts';
import type { Answer, Received } from './answer.mts';
import { serve } from './serve.mts';
import type { Listening, Place } from './serve.mts';
import { bearerOf, stateOf } from './tokens.mts';
import type { World } from './world.mts';

/**
 * Meister1: a camelCase token endpoint with rotating refresh tokens, and single sign-on addresses of 15 seconds.
 * Nothing is known of its errors: these are RFC 6749's codes in its field style.
 */
export function startMeister1(world: World, port?: number): Promise<Listening> {
	const { accounts, settings, tokens, journal } = world;
	const grants = new Map<string, { readonly until: number; readonly accountId: string }>();

	function place(received: Received): Place {
		const { method, path } = received;
		if (method === 'POST' && path === '/v1/token') {
			const form = formOf(received);
			const operation = form.get('grantType') ?? 'none';
			return { endpoint: 'token', operation, answer: () => token(form, operation) };
		}
		if (method === 'GET' && path === '/grant') {
			return { endpoint: 'page', operation: 'grant', answer: () => landing(received) };
		}
		const api = (operation: string, answer: () => Answer): Place => ({
			endpoint: 'api',
			operation,
			answer,
		});
		if (method === 'POST' && path === '/v1/sso') return api('sso', () => sso(received));
		const away = `${world.urls.foreign}/landed`;
		if (path === '/v1/redirect-away') return api('redirect-away', () => redirect(received, away));
		if (path === '/v1/redirect-home')
			return api('redirect-home', () => redirect(received, '/v1/sso'));
		return api('unknown', () => failure(404, 'not_found', 'Not found.'));
	}

	function token(form: URLSearchParams, grantType: string): Answer {
		const id = form.get('clientId');
		const user = accounts.meister1.users.find(
			(known) => known.clientId === id || known.email === id,
		);
		if (grantType === 'client_credentials') {
			if (user === undefined || user.clientId !== id) return wrongSecret();
			if (form.get('clientSecret') !== user.clientSecret) return wrongSecret();
			return grant(user.clientId, grantType);
		}
		if (grantType === 'refresh_token') {
			const refresh = tokens.find(form.get('refreshToken') ?? '', 'meister1', 'refresh');
			if (
				stateOf(refresh) !== 'good' ||
				refresh?.owner !== user?.clientId ||
				refresh === undefined
			) {
				return failure(
					400,
					'invalid_grant',
					'The refresh token is invalid, expired or was used before.',
				);
			}
			if (settings.meister1.usedRefreshTokenDies) tokens.revoke(refresh.value);
			return grant(refresh.owner, grantType);
		}
		return failure(400, 'unsupported_grant_type', 'Unsupported grantType.');
	}

	function grant(owner: string, grantType: string): Answer {
		const issue = (kind: 'access' | 'refresh', lifetime: number) => {
			const value = `m1.${kind[0]}.${letters(48)}`;
			return tokens.issue(
				{ provider: 'meister1', kind, grant: grantType, value, owner, bound: {} },
				lifetime,
			);
		};
		const { lifetime, refreshLifetime } = settings.meister1;
		const accessToken = issue('access', lifetime).value;
		const refreshToken = issue('refresh', refreshLifetime).value;
		journal.issued('meister1', grantType);
		return json(200, { accessToken, expiresIn: lifetime, tokenType: 'Bearer', refreshToken });
	}

	function sso(received: Received): Answer {
		const shown = tokens.find(bearerOf(received.headers.authorization), 'meister1', 'access');
		if (stateOf(shown) !== 'good' || shown === undefined) return refusal();
		const form = formOf(received);
		for (const name of ['backUrl', 'accountId', 'locale']) {
			if (!form.get(name)) return failure(400, 'invalid_request', `Missing parameter: ${name}`);
		}
		const accountId = form.get('accountId') ?? '';
		if (!accounts.meister1.accountIds.includes(accountId)) {
			return failure(404, 'not_found', `No such account: ${accountId}`);
		}
		const token = randomUUID();
		const validity = settings.meister1.ssoValidity;
		for (const [old, { until }] of grants) {
			// In order of issue: the dead ones come first.
			if (until > Date.now()) break;
			grants.delete(old);
		}
		grants.set(token, { until: Date.now() + validity * 1000, accountId });
		const carried = new URLSearchParams({
			token,
			userId: shown.owner,
			timestamp: String(Math.floor(Date.now() / 1000)),
			backUrl: form.get('backUrl') ?? '',
			deepPath: form.get('deepPath') ?? '',
		});
		return json(200, { grantUrl: `${world.urls.meister1}/grant?${carried}`, expiresIn: validity });
	}

	/** Where a browser lands with a `grantUrl`. */
	function landing({ query }: Received): Answer {
		const grant = grants.get(query.get('token') ?? '');
		if (grant === undefined || grant.until <= Date.now()) {
			return page(410, 'This link has expired', '<p>It is valid for a few seconds only.</p>');
		}
		const back = escapeMarkup(query.get('backUrl') ?? '');
		const user = escapeMarkup(query.get('userId') ?? '');
		const account = escapeMarkup(grant.accountId);
		const line = `<p>User <b id="user">${user}</b>, account <b id="account">${account}</b>.</p>`;
		return page(200, 'Signed in', `${line}<p><a id="back" href="${back}">${back}</a></p>`);
	}

	return serve(world, { provider: 'meister1', place, refusal, wrongSecret }, port);
}

function refusal(): Answer {
	return failure(401, 'invalid_token', 'The access token is invalid or expired.');
}

function wrongSecret(): Answer {
	return failure(401, 'invalid_client', 'Unknown clientId or wrong clientSecret.');
}

function failure(status: number, error: string, errorDescription: string): Answer {
	return json(status, { error, errorDescription });
}
