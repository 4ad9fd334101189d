import { letters } from './accounts.mts';
import { json, jsonOf, redirect } from './answer.mts';
import type { Answer, Received } from './answer.mts';
import { serve } from './serve.mts';
import type { Listening, Place } from './serve.mts';
import { stateOf } from './tokens.mts';
import type { World } from './world.mts';

/**
 * Some API with a token endpoint of its own kind: log-in by JSON, the token deep inside the reply, an absolute expiry,
 * and the token in a header of its own without any scheme.
 */
export function startCustom(world: World, port?: number): Promise<Listening> {
	const { accounts, settings, tokens, journal } = world;
	const added: Array<Record<string, unknown>> = [];

	function place(received: Received): Place {
		const { method, path } = received;
		if (method === 'POST' && path === '/session/login') {
			return { endpoint: 'token', operation: 'login', answer: () => login(received) };
		}
		const api = (operation: string, answer: () => Answer): Place => ({
			endpoint: 'api',
			operation,
			answer,
		});
		const away = `${world.urls.foreign}/landed`;
		if (path === '/redirect-away') return api('redirect-away', () => redirect(received, away));
		if (path === '/redirect-home') return api('redirect-home', () => redirect(received, '/items'));
		if (path === '/openapi.json') return api('description', () => description(received));
		if (path !== '/items') return api('unknown', () => failure(404, 'No such thing.'));
		return api(method === 'POST' ? 'add' : 'items', () => items(received));
	}

	function login(received: Received): Answer {
		const { username, password } = jsonOf(received) ?? {};
		const user = accounts.custom.users.find((known) => known.username === username);
		if (user === undefined || user.password !== password) return wrongSecret();
		const { lifetime } = settings.custom;
		const value = `ct-${letters(40)}`;
		const token = { provider: 'custom', kind: 'access', grant: 'login', value } as const;
		const { expiresAt } = tokens.issue({ ...token, owner: user.username, bound: {} }, lifetime);
		journal.issued('custom', 'login');
		const auth = { jwt: value, validUntil: Math.floor(expiresAt / 1000) };
		return json(200, { data: { auth, user: { name: user.username } } });
	}

	function items(received: Received): Answer {
		const shown = String(received.headers['x-auth-token'] ?? '');
		if (stateOf(tokens.find(shown, 'custom', 'access')) !== 'good') return refusal();
		if (received.method === 'POST') {
			const body = jsonOf(received);
			if (body === undefined) return failure(400, 'The body is not a JSON object.');
			const item = { id: settings.custom.items + added.length + 1, ...body };
			added.push(item);
			return json(201, item);
		}
		const total = settings.custom.items + added.length;
		const offset = Math.max(0, Number(received.query.get('offset') ?? 0) || 0);
		const limit = Math.min(100, Math.max(1, Number(received.query.get('limit') ?? 20) || 20));
		const end = Math.min(total, offset + limit);
		const page = Array.from({ length: Math.max(0, end - offset) }, (_, index) =>
			item(offset + index),
		);
		return json(200, { items: page, total, offset, limit });
	}

	/** Not for everybody: it takes the token as everything else does. */
	function description(received: Received): Answer {
		const shown = String(received.headers['x-auth-token'] ?? '');
		if (stateOf(tokens.find(shown, 'custom', 'access')) !== 'good') return refusal();
		return json(200, customDescription);
	}

	function item(index: number): Record<string, unknown> {
		const { items } = settings.custom;
		return index < items
			? { id: index + 1, name: `Item ${index + 1}` }
			: (added[index - items] ?? {});
	}

	return serve(world, { provider: 'custom', place, refusal, wrongSecret }, port);
}

function refusal(): Answer {
	return failure(401, 'X-Auth-Token is missing or no longer valid.');
}

function wrongSecret(): Answer {
	return failure(401, 'Unknown user or wrong password.');
}

function failure(status: number, message: string): Answer {
	return json(status, { error: { message } });
}

/** As generators of Swagger 2.0 write it; the host in it is not the one that it is served from. */
const customDescription = {
	swagger: '2.0',
	host: 'api.configured.example',
	basePath: '/v9',
	consumes: ['application/json'],
	paths: {
		'/items': {
			get: {
				operationId: 'listItems',
				parameters: [
					{ name: 'limit', in: 'query', type: 'integer', maximum: 100, default: 20 },
					{ name: 'offset', in: 'query', type: 'integer' },
					{ name: 'X-Auth-Token', in: 'header', type: 'string', required: true },
				],
			},
			post: {
				operationId: 'addItem',
				parameters: [
					{ name: 'item', in: 'body', required: true, schema: { $ref: '#/definitions/Item' } },
				],
			},
		},
	},
	definitions: {
		Item: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } },
	},
};
