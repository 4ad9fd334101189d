import { randomBytes, randomUUID } from 'node:crypto';

import { formOf, json } from './answer.mts';
import type { Answer, Received } from './answer.mts';
import { startSignIn } from './bookingtime-signin.mts';
import type { SignIn } from './bookingtime-signin.mts';
import { signToken } from './jwt.mts';
import { serve } from './serve.mts';
import type { Listening, Place } from './serve.mts';
import { stateOf } from './tokens.mts';
import type { World } from './world.mts';

/** A client of bookingtime's token endpoint, of whichever kind. */
interface BookingtimeClient {
	readonly clientId: string;
	/** Module clients have none. */
	readonly clientSecret?: string;
	readonly api: 'app' | 'module';
	readonly organizationIds: readonly string[];
}

/**
 * bookingtime's authorization server: a refresh token first, then access tokens of one organization each.
 * Which errors the provider answers is not known: the ones here are those of RFC 6749.
 */
export async function startBookingtimeAuth(world: World, port?: number): Promise<Listening> {
	const { settings, journal, tokens } = world;
	const key = randomBytes(32);
	let signIn: SignIn | undefined;

	function place(received: Received): Place {
		if (received.method === 'POST' && received.path === '/oauth/token') {
			const form = formOf(received);
			const grant = form.get('grant_type');
			if (grant === 'client_credentials') return token('step1', () => firstStep(form));
			if (grant === 'refresh_token') return token('step2', () => secondStep(form));
			if (grant === 'authorization_code')
				return token('code', () => signIn?.redeem(received) ?? notYet());
			return token('none', () => failure(400, 'unsupported_grant_type', 'Unsupported grant type.'));
		}
		const answer = () => signIn?.page(received) ?? notYet();
		return { endpoint: 'page', operation: 'sign-in', answer };
	}

	function firstStep(form: URLSearchParams): Answer {
		const client = clientOf(world, form.get('client_id'));
		if (client === undefined) return wrongSecret();
		if ((form.get('client_secret') ?? '') !== (client.clientSecret ?? '')) return wrongSecret();
		return firstToken(client.clientId, 'step1');
	}

	/** A refresh token, and no access token: for the app itself, or for a person who signed in. */
	function firstToken(
		clientId: string,
		grant: 'step1' | 'code',
		user?: { username: string; organizationIds: readonly string[] },
	): Answer {
		const client = clientOf(world, clientId);
		const { refreshLifetime } = settings.bookingtime;
		const value = jwt({ type: 'refresh', sub: user?.username ?? clientId }, refreshLifetime);
		const bound = { organizationIds: user?.organizationIds ?? client?.organizationIds ?? [] };
		tokens.issue(
			{ provider: 'bookingtime', kind: 'refresh', grant, value, owner: clientId, bound },
			refreshLifetime,
		);
		journal.issued('bookingtime', grant);
		return json(200, {
			refresh_token: value,
			token_type: 'Bearer',
			expires_in: stated(refreshLifetime),
		});
	}

	function secondStep(form: URLSearchParams): Answer {
		const refresh = tokens.find(form.get('refresh_token') ?? '', 'bookingtime', 'refresh');
		const client = clientOf(world, form.get('client_id'));
		if (client === undefined) return failure(401, 'invalid_client', 'Unknown client.');
		if (stateOf(refresh) !== 'good' || refresh?.owner !== client.clientId) {
			return failure(400, 'invalid_grant', 'The refresh token is invalid or expired.');
		}
		const organizationId = form.get('organization_id') || undefined;
		if (organizationId !== undefined && !refresh.bound.organizationIds?.includes(organizationId)) {
			return failure(403, 'access_denied', 'The organization has not connected this app.');
		}
		const { accessLifetime } = settings.bookingtime;
		const value = jwt({ type: 'access', sub: client.clientId, organizationId }, accessLifetime);
		const bound = { api: client.api, ...(organizationId === undefined ? {} : { organizationId }) };
		tokens.issue(
			{
				provider: 'bookingtime',
				kind: 'access',
				grant: 'step2',
				value,
				owner: client.clientId,
				bound,
			},
			accessLifetime,
		);
		journal.issued('bookingtime', 'step2');
		return json(200, {
			access_token: value,
			token_type: 'Bearer',
			expires_in: stated(accessLifetime),
		});
	}

	function jwt(claims: Record<string, unknown>, lifetime: number): string {
		const iat = Math.floor(Date.now() / 1000);
		return signToken({ ...claims, jti: randomUUID(), iat, exp: Math.floor(iat + lifetime) }, key);
	}

	function stated(lifetime: number): number | string {
		return settings.bookingtime.expiryAsString ? String(lifetime) : lifetime;
	}

	const role = { provider: 'bookingtime' as const, place, refusal: wrongSecret, wrongSecret };
	const front = await serve(world, role, port);
	signIn = await startSignIn(world, front.origin, (user, id) => firstToken(id, 'code', user));
	return {
		origin: front.origin,
		stop: async () => void (await Promise.all([front.stop(), signIn?.stop()])),
	};
}

function token(operation: string, answer: Place['answer']): Place {
	return { endpoint: 'token', operation, answer };
}

function clientOf(world: World, clientId: string | null): BookingtimeClient | undefined {
	const { apps, modules } = world.accounts.bookingtime;
	const app = apps.find((candidate) => candidate.clientId === clientId);
	if (app !== undefined) return { ...app, api: 'app' };
	const module = modules.find((candidate) => candidate.clientId === clientId);
	return module === undefined ? undefined : { ...module, api: 'module' };
}

function notYet(): Answer {
	return failure(503, 'temporarily_unavailable', 'The sandbox is still starting.');
}

function wrongSecret(): Answer {
	return failure(401, 'invalid_client', 'Client authentication failed.');
}

function failure(status: number, error: string, error_description: string): Answer {
	return json(status, { error, error_description });
}
