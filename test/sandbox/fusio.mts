import type { OutgoingHttpHeaders } from 'node:http';

import { json } from './answer.mts';
import type { Answer, Received } from './answer.mts';
import {
	BANNED,
	consumerLogin,
	fusioError,
	internalError,
	oauthError,
	oauthToken,
	unauthorized,
	wrongSecret,
} from './fusio-auth.mts';
import { fusioDescription } from './fusio-description.mts';
import { newGuard } from './fusio-guard.mts';
import { newTodoApi } from './fusio-todo.mts';
import type { Operation } from './fusio-todo.mts';
import { covers, KNOWN_SCOPES } from './fusio-scopes.mts';
import { newFusioTokens } from './fusio-tokens.mts';
import { serve } from './serve.mts';
import type { Listening, Place } from './serve.mts';
import type { World } from './world.mts';

const OUT_OF_SCOPE = 'Access to this operation is not in the scope of the provided token';

/** A Fusio 6.2 with its two ways to a token, its single 401 for everything, its rate limit and its ban. */
export function startFusio(world: World, port?: number): Promise<Listening> {
	const tokens = newFusioTokens(world);
	const guard = newGuard(world);
	const todoApi = newTodoApi(world);

	function place(received: Received): Place {
		const { method, path } = received;
		if (method === 'POST' && path === '/authorization/token') {
			const operation = /\b(client_credentials|refresh_token)\b/.exec(received.body)?.[0] ?? 'none';
			return guarded('token', operation, () => oauthToken(world, tokens, received));
		}
		if ((method === 'POST' || method === 'PUT') && path === '/consumer/login') {
			const operation = method === 'POST' ? 'login' : 'login-refresh';
			return guarded('token', operation, () =>
				limited(received, () => consumerLogin(world, tokens, received)),
			);
		}
		const open = method === 'GET' ? publicReply(path) : undefined;
		if (open !== undefined) {
			const answer = () => json(200, open);
			// What describes the API answers during a ban, whether it does well does not.
			return path.startsWith('/.well-known/')
				? { endpoint: 'api', operation: path, answer }
				: guarded('api', path, () => limited(received, answer));
		}
		const described = method === 'GET' ? fusioDescription(path, received.query) : undefined;
		if (described !== undefined) {
			const answer = () => json(200, described);
			// Only what is generated answers during a ban.
			return path.startsWith('/system/generator/')
				? { endpoint: 'api', operation: path, answer }
				: guarded('api', path, () => limited(received, answer));
		}
		const operation = ownOperations[`${method} ${path}`] ?? todoApi(received);
		if (operation === undefined) {
			const answer = () => fusioError(404, 'Unknown location');
			return { endpoint: 'api', operation: 'unknown', answer };
		}
		return guarded('api', operation.name, () => protectedBy(operation, received));

		/** The ban stands before everything that has a place, and every 4xx from there counts towards it. */
		function guarded(endpoint: 'token' | 'api', operation: string, answer: () => Answer): Place {
			return {
				endpoint,
				operation,
				answer: () => {
					if (guard.isBanned(received.ip)) {
						const isOAuth = path === '/authorization/token';
						return isOAuth ? oauthError(400, 'invalid_request', BANNED) : fusioError(403, BANNED);
					}
					const given = answer();
					if (given.status >= 400 && given.status < 500) guard.refused(received.ip);
					return given;
				},
			};
		}
	}

	function protectedBy(operation: Operation, received: Received): Answer {
		const token = tokens.check(received.headers.authorization);
		if ('status' in token) {
			return token.status === 500 ? internalError() : unauthorized(world, token.message);
		}
		if (!covers(token.bound.scopes ?? [], operation.scopes)) {
			return unauthorized(world, OUT_OF_SCOPE, { 'x-operation-id': operation.id });
		}
		return limited(received, () => operation.run(received), token.owner);
	}

	function limited(received: Received, answer: () => Answer, owner?: string): Answer {
		const { limit, remaining, exceeded } = guard.count(owner ?? received.ip, owner !== undefined);
		const headers: OutgoingHttpHeaders = {
			'ratelimit-limit': limit,
			'ratelimit-remaining': remaining,
		};
		if (exceeded) headers['retry-after'] = String(world.settings.fusio.rateLimitRetryAfter);
		const given = exceeded ? fusioError(429, 'Rate limit exceeded') : answer();
		return { ...given, headers: { ...given.headers, ...headers } };
	}

	const ownOperations: Record<string, Operation> = {
		'GET /authorization/whoami': {
			name: 'whoami',
			id: 'authorization.getWhoami',
			scopes: ['authorization'],
			run: ({ headers }) => {
				const token = tokens.check(headers.authorization);
				if ('status' in token) return internalError();
				const { owner: name, bound } = token;
				const email = `${name}@example.com`;
				return json(200, { id: 1, roleId: 3, status: 1, name, email, scopes: bound.scopes });
			},
		},
		// The refresh token of the pair stays good.
		'POST /authorization/revoke': {
			name: 'revoke',
			id: 'authorization.revoke',
			scopes: ['authorization'],
			run: ({ headers }) => {
				world.tokens.revoke(headers.authorization?.slice('Bearer '.length));
				return json(200, { success: true });
			},
		},
	};

	function publicReply(path: string): Record<string, unknown> | undefined {
		const { fusio } = world.urls;
		switch (path) {
			case '/system/health':
				return { healthy: true, checks: {} };
			case '/system/about':
				return {
					apiVersion: '6.2.0',
					title: 'Fusio',
					categories: ['default'],
					scopes: KNOWN_SCOPES,
				};
			case '/.well-known/oauth-authorization-server':
				return {
					issuer: fusio,
					token_endpoint: `${fusio}/authorization/token`,
					token_endpoint_auth_methods_supported: ['client_secret_basic'],
					grant_types_supported: ['client_credentials', 'refresh_token'],
					scopes_supported: KNOWN_SCOPES,
				};
			case '/.well-known/oauth-protected-resource':
				return { resource: fusio, authorization_servers: [fusio] };
			default:
				return undefined;
		}
	}

	const refusal = () => unauthorized(world, 'Invalid access token');
	return serve(world, { provider: 'fusio', place, refusal, wrongSecret }, port);
}
