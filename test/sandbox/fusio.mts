import type { OutgoingHttpHeaders } from 'node:http';

import { json } from './answer.mts';
import type { Answer, Received } from './answer.mts';
import {
	BANNED,
	consumerLogin,
	fusioError,
	oauthError,
	oauthToken,
	wrongSecret,
} from './fusio-auth.mts';
import { newGuard } from './fusio-guard.mts';
import { newTodoApi } from './fusio-todo.mts';
import type { Operation } from './fusio-todo.mts';
import { GRANTABLE_SCOPES, newFusioTokens } from './fusio-tokens.mts';
import { serve } from './serve.mts';
import type { Listening, Place } from './serve.mts';
import type { World } from './world.mts';

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
		if (open !== undefined)
			return guarded('api', path, () => limited(received, () => json(200, open)));
		const operation =
			path === '/authorization/whoami' && method === 'GET' ? whoami : todoApi(received);
		if (operation === undefined)
			return guarded('api', 'unknown', () => fusioError(404, 'Unknown location'));
		return guarded('api', operation.name, () => protectedBy(operation, received));

		/** The ban stands before everything, and every 4xx counts towards it. */
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
		if ('status' in token) return limited(received, () => fusioError(token.status, token.message));
		if (token.bound.scopes?.includes(operation.scope) !== true) {
			return fusioError(401, 'Access to this operation is not in the scope of the provided token');
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

	const whoami: Operation = {
		name: 'whoami',
		scope: 'authorization',
		run: ({ headers }) => {
			const token = tokens.check(headers.authorization);
			const name = 'status' in token ? '' : token.owner;
			return json(200, { id: 1, roleId: 3, status: 1, name, email: `${name}@example.com` });
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
					scopes: GRANTABLE_SCOPES,
				};
			case '/.well-known/oauth-authorization-server':
				return {
					issuer: fusio,
					token_endpoint: `${fusio}/authorization/token`,
					token_endpoint_auth_methods_supported: ['client_secret_basic'],
					grant_types_supported: ['client_credentials', 'refresh_token'],
					scopes_supported: GRANTABLE_SCOPES,
				};
			default:
				return undefined;
		}
	}

	const refusal = () => fusioError(401, 'Invalid access token');
	return serve(world, { provider: 'fusio', place, refusal, wrongSecret }, port);
}
