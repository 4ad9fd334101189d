import { createServer } from 'node:http';

import { escapeMarkup, json, page } from './answer.mts';
import type { Answer, Received } from './answer.mts';
import type { Fault } from './faults.mts';
import { infoOf } from './info.mts';
import type { Provider } from './journal.mts';
import { listen, read, receivedOf } from './serve.mts';
import type { Listening } from './serve.mts';
import { changeSettings } from './settings.mts';
import { stateOf } from './tokens.mts';
import type { World } from './world.mts';

/** The port through which tests and persons look at the sandbox and change it. JSON in, JSON out. */
export function startControl(
	world: World,
	shutDown: () => void,
	port?: number,
): Promise<Listening> {
	const server = createServer((request, response) => {
		read(request, (body) => {
			const { status, headers, body: reply = '' } = answerTo(receivedOf(request, body));
			response.writeHead(status, headers).end(reply);
		});
	});

	function answerTo(received: Received): Answer {
		const command = commands[`${received.method} ${received.path}`];
		if (command === undefined)
			return json(404, { error: 'No such command', commands: Object.keys(commands) });
		try {
			const asked =
				received.body === '' ? {} : (JSON.parse(received.body) as Record<string, unknown>);
			return command(asked, received.query);
		} catch (error) {
			return json(400, { error: error instanceof Error ? error.message : String(error) });
		}
	}

	const commands: Record<
		string,
		(asked: Record<string, unknown>, query: URLSearchParams) => Answer
	> = {
		'GET /': () => overview(world),
		'GET /info': () => json(200, infoOf(world)),
		'GET /counts': () => json(200, world.journal.counts()),
		'GET /requests': (_, query) => json(200, requests(world, query)),
		'GET /tokens': () =>
			json(
				200,
				world.tokens.all().map((token) => ({ ...token, state: stateOf(token) })),
			),
		'GET /settings': () => json(200, world.settings),
		'POST /settings': (asked) => {
			changeSettings(world.settings, asked);
			return json(200, world.settings);
		},
		'GET /faults': () => json(200, world.faults.list()),
		'POST /faults': (asked) => {
			world.faults.add(asked as unknown as Fault);
			return json(200, world.faults.list());
		},
		'DELETE /faults': (_, query) => {
			world.faults.clear(providerOf(query.get('provider')));
			return json(200, world.faults.list());
		},
		'POST /reset': (asked) => {
			const tokens = asked.tokens === true;
			world.journal.reset();
			world.faults.clear();
			world.tokens.reset();
			if (tokens) world.tokens.revokeAll(undefined, ['access', 'refresh']);
			for (const forget of world.onReset) forget({ tokens });
			return json(200, { reset: true });
		},
		'POST /revoke': (asked) => {
			const kinds =
				asked.refresh === true ? (['access', 'refresh'] as const) : (['access'] as const);
			return json(200, { revoked: world.tokens.revokeAll(providerOf(asked.provider), kinds) });
		},
		'POST /forget': (asked) =>
			json(200, { forgotten: world.tokens.forgetAll(providerOf(asked.provider)) }),
		'POST /young': ({ provider, ms }) => {
			const known = providerOf(provider);
			if (known === undefined || typeof ms !== 'number') throw new Error('provider and ms');
			world.tokens.refuseYoung(known, ms);
			return json(200, { provider, ms });
		},
		'POST /expire': (asked) => {
			const kinds =
				asked.refresh === true ? (['access', 'refresh'] as const) : (['access'] as const);
			return json(200, { expired: world.tokens.expireAll(providerOf(asked.provider), kinds) });
		},
		'POST /shutdown': () => {
			setImmediate(shutDown);
			return json(200, { stopping: true });
		},
	};

	return listen(server, port);
}

function requests(world: World, query: URLSearchParams): unknown[] {
	const since = Number(query.get('since') ?? 0);
	const wanted = (['provider', 'endpoint', 'operation'] as const)
		.map((name) => [name, query.get(name)] as const)
		.filter(([, value]) => value !== null);
	return world.journal
		.requests()
		.filter(
			(entry) => entry.time >= since && wanted.every(([name, value]) => entry[name] === value),
		);
}

function providerOf(value: unknown): Provider | undefined {
	return typeof value === 'string' && value !== '' ? (value as Provider) : undefined;
}

/** What a person sees who opens the port in a browser. */
function overview(world: World): Answer {
	const row = (cells: unknown[]) =>
		`<tr>${cells.map((cell) => `<td>${escapeMarkup(String(cell))}</td>`).join('')}</tr>`;
	const counts = Object.entries(world.journal.counts()).map(([provider, seen]) =>
		row([provider, seen.tokenRequests, seen.tokensIssued, seen.apiRequests, seen.apiRefused]),
	);
	const head = row(['provider', 'token requests', 'tokens issued', 'API requests', 'refused']);
	const urls = Object.entries(world.urls).map(row);
	const links = ['info', 'counts', 'requests', 'tokens', 'settings', 'faults']
		.map((name) => `<a href="/${name}">${name}</a>`)
		.join(' · ');
	const tables = `<table>${head}${counts.join('')}</table><h2>Addresses</h2><table>${urls.join('')}</table>`;
	return page(200, 'Sandbox', `<p>${links}</p>${tables}`);
}
