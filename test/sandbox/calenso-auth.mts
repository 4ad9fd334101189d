import Provider, { errors } from 'oidc-provider';

import { formOf, json, jsonText } from './answer.mts';
import type { Answer, Received } from './answer.mts';
import { forward, freshConfiguration, listenBehind } from './oidc.mts';
import { serve } from './serve.mts';
import type { Listening } from './serve.mts';
import type { World } from './world.mts';

/** The audience that Calenso documents. It is a name, not an address that anybody calls. */
export const CALENSO_AUDIENCE = 'https://my.calenso.com/api/v1';

/**
 * Calenso's authorization server: `oidc-provider`, with a thin layer where Auth0 differs. `audience` becomes the
 * resource indicator (RFC 8707), statuses and codes are Auth0's, and a client is blocked after its monthly tokens.
 */
export async function startCalensoAuth(world: World, port?: number): Promise<Listening> {
	const { settings, journal, tokens } = world;
	const used = new Map<string, number>();
	world.onReset.push((what) => what.tokens && used.clear());
	let behind: Listening | undefined;

	const front = await serve(world, {
		provider: 'calenso',
		place: (received) => {
			const form = formOf(received);
			if (received.method === 'POST' && received.path === '/oauth/token') {
				const operation = form.get('grant_type') ?? 'none';
				return { endpoint: 'token', operation, answer: () => token(received, form) };
			}
			return { endpoint: 'page', operation: 'unknown', answer: () => json(404, { error: 'not_found' }) };
		},
		refusal: wrongClient,
		wrongSecret: wrongClient,
	}, port);
	behind = await listenBehind(await newProvider(world, front.origin));

	async function token(received: Received, form: URLSearchParams): Promise<Answer> {
		for (const name of ['grant_type', 'client_id', 'client_secret']) {
			if (!form.get(name)) return failure(400, 'invalid_request', `Missing required parameter: ${name}`);
		}
		const clientId = form.get('client_id') ?? '';
		const audience = form.get('audience') ?? '';
		const month = `${clientId} ${new Date().toISOString().slice(0, 7)}`;
		form.delete('audience');
		if (audience !== '') form.set('resource', audience);
		const limit = settings.calenso.monthlyTokenLimit;
		// Only a client that proves itself learns that it is blocked: a wrong secret is refused first.
		const blocked = limit > 0 && (used.get(month) ?? 0) >= limit && isClient(world, form);
		if (blocked) return failure(403, 'access_denied', blockedText(limit));

		// Counted before it is issued, so that requests at once cannot slip past the limit together.
		used.set(month, (used.get(month) ?? 0) + 1);
		const answer = await forward(behind?.origin ?? '', received, { path: '/token', body: form.toString() });
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
			...(settings.calenso.quotaHeader ? { 'auth0-client-quota-limit': quota(used.get(month) ?? 0) } : {}),
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
			client.clientId === form.get('client_id') && client.clientSecret === form.get('client_secret'),
	);
}

/** What `oidc-provider` refuses, in Auth0's words. */
function asAuth0(answer: Answer, audience: string): Answer {
	const { error, error_description: text } = JSON.parse(String(answer.body)) as Record<string, string>;
	if (error === 'invalid_client') return wrongClient();
	if (error !== 'invalid_target') return failure(answer.status, error ?? 'server_error', text ?? '');
	if (audience !== CALENSO_AUDIENCE) return failure(403, 'access_denied', `Service not found: ${audience}`);
	return failure(403, 'access_denied', `Client is not authorized to access "${audience}".`);
}

function wrongClient(): Answer {
	return failure(401, 'access_denied', 'Unauthorized');
}

function blockedText(limit: number): string {
	return `This client is blocked: more than ${limit} tokens were requested this month.`;
}

/** Auth0's quota header. No header exists for a quota per month: hour and day only. */
function quota(used: number): string {
	const left = (limit: number) => Math.max(0, limit - used);
	return `b=per_hour;q=100;r=${left(100)};t=3540,b=per_day;q=1000;r=${left(1000)};t=86340`;
}

function failure(status: number, error: string, error_description: string): Answer {
	return json(status, { error, error_description });
}
