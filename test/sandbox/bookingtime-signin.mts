import Provider from 'oidc-provider';

import { basicOf, escapeMarkup, formOf, page } from './answer.mts';
import type { Answer, Received } from './answer.mts';
import { signInPages } from './bookingtime-signin-pages.mts';
import type { User } from './bookingtime-signin-pages.mts';
import { forward, freshConfiguration, listenBehind } from './oidc.mts';
import type { World } from './world.mts';

/** A person's way in. */
export interface SignIn {
	/** Authorize endpoint, log-in and consent pages. */
	page(received: Received): Promise<Answer>;
	/** The token endpoint's `authorization_code` grant. */
	redeem(received: Received): Promise<Answer>;
	stop(): Promise<void>;
}

/**
 * bookingtime's user authentication: `oidc-provider` checks client, redirect address, code and PKCE; where bookingtime
 * differs, `issue` answers instead: a refresh token and no access token. The real authorize address is not public;
 * here it is `/oauth/authorize`.
 */
export async function startSignIn(
	world: World,
	issuer: string,
	issue: (user: User, clientId: string) => Answer,
): Promise<SignIn> {
	const { users } = world.accounts.bookingtime;
	const provider = await newProvider(world, issuer);
	const pages = signInPages(provider, users);
	const behind = await listenBehind(provider, (path) =>
		path.startsWith('/sign-in/') ? pages : undefined,
	);

	return {
		page(received) {
			if (received.path !== '/oauth/authorize') return forward(behind.origin, received);
			// bookingtime documents no scopes; the server underneath grants nothing without one.
			const query = new URLSearchParams(received.query);
			query.set('scope', `openid ${query.get('scope') ?? ''}`.trim());
			return forward(behind.origin, received, { path: `${received.path}?${query}` });
		},

		async redeem(received) {
			const form = formOf(received);
			const basic = basicOf(received);
			// How bookingtime wants the client to prove itself here is not known: header and body both do.
			if (basic !== undefined) {
				form.set('client_id', basic.id);
				form.set('client_secret', basic.secret);
			}
			const code = await provider.AuthorizationCode.find(form.get('code') ?? '');
			const body = form.toString();
			const answer = await forward(behind.origin, received, {
				path: '/token',
				body,
				headers: { authorization: undefined },
			});
			const user = users.find(({ username }) => username === code?.accountId);
			const good = answer.status === 200 && user !== undefined;
			return good ? issue(user, form.get('client_id') ?? '') : answer;
		},

		stop: () => behind.stop(),
	};
}

async function newProvider(world: World, issuer: string): Promise<Provider> {
	const { apps, users } = world.accounts.bookingtime;
	const provider = new Provider(issuer, {
		...(await freshConfiguration()),
		clients: apps.map(({ clientId, clientSecret }) => ({
			client_id: clientId,
			client_secret: clientSecret,
			// Native: consent is asked for each time, and redirects may lead to any port of this host.
			application_type: 'native',
			grant_types: ['authorization_code'],
			response_types: ['code'],
			redirect_uris: ['http://127.0.0.1/callback'],
			token_endpoint_auth_method: 'client_secret_post',
		})),
		routes: { authorization: '/oauth/authorize', token: '/token' },
		pkce: { required: () => false },
		ttl: {
			AccessToken: 60,
			AuthorizationCode: 60,
			Grant: 600,
			IdToken: 60,
			Interaction: 600,
			Session: 600,
		},
		features: { devInteractions: { enabled: false } },
		interactions: { url: (_: unknown, { uid }: { uid: string }) => `/sign-in/${uid}` },
		findAccount: (_: unknown, sub: string) =>
			users.some(({ username }) => username === sub)
				? { accountId: sub, claims: () => ({ sub }) }
				: undefined,
		renderError: (ctx: { type: string; body: unknown }, out: Record<string, string>) => {
			ctx.type = 'html';
			const text = escapeMarkup(`${out.error}: ${out.error_description ?? ''}`);
			ctx.body = page(400, 'Sign-in failed', `<p id="error">${text}</p>`).body;
		},
	});
	// The address of the n8n under test is not known when the sandbox starts.
	provider.Client.prototype.redirectUriAllowed = (uri) =>
		['127.0.0.1', 'localhost', '[::1]'].includes(URL.parse(uri)?.hostname ?? '');
	return provider;
}
