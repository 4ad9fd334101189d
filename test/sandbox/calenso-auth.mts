import Provider, { errors } from 'oidc-provider';

import { formOf, json, jsonText } from './answer.mts';
import type { Answer, Received } from './answer.mts';
import { asAuth0, blocked, CALENSO_AUDIENCE, failure, quota, wrongClient } from './auth0.mts';
import { forward, freshConfiguration, listenBehind } from './oidc.mts';
import { serve } from './serve.mts';
import type { Listening } from './serve.mts';
import type { World } from './world.mts';

/**
 * Calenso's authorization server: `oidc-provider`, with a thin layer where Auth0 differs. `audience` becomes the
 * resource indicator (RFC 8707), statuses and codes are Auth0's, and a client is blocked after its monthly tokens.
 */
export async function startCalensoAuth(world: World, port?: number): Promise<Listening> {
	const { settings, journal, tokens } = world;
	const used = new Map<string, number>();
	world.onReset.push((what) => what.tokens && used.clear());
	let behind: Listening | undefined;

	const front = await serve(
		world,
		{
			provider: 'calenso',
			place: (received) => {
				const form = formOf(received);
				if (received.method === 'POST' && received.path === '/oauth/token') {
					const operation = form.get('grant_type') ?? 'none';
					return { endpoint: 'token', operation, answer: () => token(received, form) };
				}
				return {
					endpoint: 'page',
					operation: 'unknown',
					answer: () => json(404, { error: 'not_found' }),
				};
			},
			refusal: wrongClient,
			wrongSecret: wrongClient,
		},
		port,
	);
	behind = await listenBehind(await newProvider(world, front.origin));

	async function token(received: Received, form: URLSearchParams): Promise<Answer> {
		for (const name of ['grant_type', 'client_id', 'client_secret']) {
			if (!form.get(name))
				return failure(400, 'invalid_request', `Missing required parameter: ${name}`);
		}
		const clientId = form.get('client_id') ?? '';
		const audience = form.get('audience') ?? '';
		const month = `${clientId} ${new Date().toISOString().slice(0, 7)}`;
		form.delete('audience');
		if (audience !== '') form.set('resource', audience);
		const limit = settings.calenso.monthlyTokenLimit;
		// Only a client that proves itself learns that it is blocked: a wrong secret is refused first.
		const isBlocked = limit > 0 && (used.get(month) ?? 0) >= limit && isClient(world, form);
		if (isBlocked) return blocked(limit);

		// Counted before it is issued, so that requests at once cannot slip past the limit together.
		used.set(month, (used.get(month) ?? 0) + 1);
		const answer = await forward(behind?.origin ?? '', received, {
			path: '/token',
			body: form.toString(),
		});
		if (answer.status !== 200) {
			used.set(month, (used.get(month) ?? 1) - 1);
			return asAuth0(answer, audience);
		}
		const reply = JSON.parse(String(answer.body)) as { access_token: string; expires_in: number };
		journal.issued('calenso', 'client_credentials');
		tokens.issue(
			{
				provider: 'calenso',
				kind: 'access',
				grant: 'client_credentials',
				value: reply.access_token,
				owner: clientId,
				bound: audience === '' ? {} : { audience },
			},
			reply.expires_in,
		);
		return jsonText(200, String(answer.body), {
			'cache-control': 'no-store',
			...(settings.calenso.quotaHeader
				? { 'auth0-client-quota-limit': quota(used.get(month) ?? 0) }
				: {}),
		});
	}

	return {
		origin: front.origin,
		stop: async () => void (await Promise.all([front.stop(), behind?.stop()])),
	};
}

async function newProvider(world: World, issuer: string): Promise<Provider> {
	const { clients, ungranted } = world.accounts.calenso;
	const lifetime = () => world.settings.calenso.lifetime;
	const provider = new Provider(issuer, {
		...(await freshConfiguration()),
		clients: [...clients, ungranted].map(({ clientId, clientSecret }) => ({
			client_id: clientId,
			client_secret: clientSecret,
			grant_types: ['client_credentials'],
			response_types: [],
			redirect_uris: [],
			token_endpoint_auth_method: 'client_secret_post',
		})),
		ttl: { ClientCredentials: lifetime },
		features: {
			devInteractions: { enabled: false },
			clientCredentials: { enabled: true },
			resourceIndicators: {
				enabled: true,
				defaultResource: () => undefined,
				getResourceServerInfo: (_: unknown, indicator: string, client: { clientId: string }) => {
					const granted = indicator === CALENSO_AUDIENCE && client.clientId !== ungranted.clientId;
					if (!granted) throw new errors.InvalidTarget();
					const format = { accessTokenFormat: 'jwt', jwt: { sign: { alg: 'RS256' } } };
					return { scope: '', audience: indicator, accessTokenTTL: lifetime(), ...format };
				},
			},
		},
	});
	return provider;
}

function isClient(world: World, form: URLSearchParams): boolean {
	const { clients, ungranted } = world.accounts.calenso;
	return [...clients, ungranted].some(
		(client) =>
			client.clientId === form.get('client_id') &&
			client.clientSecret === form.get('client_secret'),
	);
}
