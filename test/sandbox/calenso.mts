import { json, jsonText, redirect } from './answer.mts';
import type { Answer, Received } from './answer.mts';
import { CALENSO_AUDIENCE } from './auth0.mts';
import { serve } from './serve.mts';
import type { Listening, Place } from './serve.mts';
import { bearerOf, stateOf } from './tokens.mts';
import type { World } from './world.mts';

/** Calenso's API: workers as a bare array. The fields beyond `id` and `resource_name` are made up. */
export function startCalenso(world: World, port?: number): Promise<Listening> {
	let workers = '';
	let count = -1;

	function listWorkers(received: Received): Answer {
		const { authorization } = received.headers;
		const token = world.tokens.find(bearerOf(authorization), 'calenso', 'access');
		const good = stateOf(token) === 'good' && token?.bound.audience === CALENSO_AUDIENCE;
		if (!good) return refusal();
		if (count !== world.settings.calenso.workers) {
			count = world.settings.calenso.workers;
			workers = JSON.stringify(Array.from({ length: count }, (_, index) => worker(index + 1)));
		}
		return jsonText(200, workers);
	}

	function place(received: Received): Place {
		const { method, path } = received;
		const api = (operation: string, answer: () => Answer): Place => ({
			endpoint: 'api',
			operation,
			answer,
		});
		if (method === 'GET' && path === '/api/v1/workers')
			return api('workers', () => listWorkers(received));
		if (path === '/api/v1/redirect-away') {
			return api('redirect-away', () => redirect(received, `${world.urls.foreign}/landed`));
		}
		if (path === '/api/v1/redirect-home') {
			return api('redirect-home', () => redirect(received, '/api/v1/workers'));
		}
		return api('unknown', () => errors(404, 'The requested resource was not found.'));
	}

	return serve(world, { provider: 'calenso', place, refusal, wrongSecret: refusal }, port);
}

function refusal(): Answer {
	return errors(401, 'The access token is missing, expired or not meant for this API.');
}

function errors(status: number, message: string): Answer {
	return json(status, { errors: [{ code: String(status), message }] });
}

const NAMES = ['Anna Berger', 'Beat Frei', 'Chiara Rossi', 'Dominik Weber', 'Eva Keller'];

function worker(id: number): Record<string, unknown> {
	const name = NAMES[id % NAMES.length] ?? '';
	return {
		id,
		uuid: `00000000-0000-4000-8000-${String(id).padStart(12, '0')}`,
		resource_name: `${name} ${id}`,
		email: `worker${id}@example.com`,
		active: id % 7 !== 0,
		color: null,
		stores: [{ id: 1 + (id % 3), name: `Filiale ${1 + (id % 3)}` }],
		created: '2024-03-01T08:30:00+01:00',
	};
}
