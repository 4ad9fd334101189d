import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { callsTo } from './calls.mts';
import { spawnSandbox } from './client.mts';
import type { SandboxClient } from './client.mts';
import { defaultSettings } from './settings.mts';

/** What was seen on a running Fusio 6.2.0, also where it is odd. */

let sandbox: SandboxClient;
let calls: ReturnType<typeof callsTo>;

before(async () => {
	sandbox = await spawnSandbox();
	calls = callsTo(sandbox.info);
});
after(() => sandbox.stop());
beforeEach(async () => {
	await sandbox.reset({ tokens: true });
	await sandbox.settings(defaultSettings());
	await nextSecond();
});

const nextSecond = () => sleep(1_001 - (Date.now() % 1_000));
const bearer = (token: string) => `Bearer ${token}`;

async function tokenFor(scope?: string): Promise<string> {
	return String((await calls.fusioToken({ scope })).body.access_token);
}

async function times<T>(count: number, call: () => Promise<T>): Promise<T[]> {
	const seen: T[] = [];
	for (let done = 0; done < count; done++) seen.push(await call());
	return seen;
}

describe('the ban', () => {
	const banned = 'Your IP has sent to many requests please try again later';
	const ban = (call: () => Promise<unknown>) => times(33, call);

	test('comes after 32 answers of 4xx and is told in two dresses, to a good token too', async () => {
		const token = await tokenFor();
		await ban(() => calls.fusio('/todo', 'Bearer x'));
		const api = await calls.fusio('/todo', bearer(token));
		assert.deepEqual([api.status, api.body.message], [403, banned]);
		const { status, body } = await calls.fusioToken();
		assert.equal(status, 400);
		assert.deepEqual(body, { error: 'invalid_request', error_description: banned });
		const login = await calls.fusio('/consumer/login', undefined, 'POST', {});
		assert.deepEqual([login.status, login.body.message], [403, banned]);
	});

	test('is for 400, 401, 429 and an own 404, and not for 32 of them', async () => {
		const token = await tokenFor();
		const { access_token: limited } = (await calls.fusioToken()).body;
		for (const call of [
			() => calls.fusioToken({ grant_type: 'nonsense' }),
			() => calls.fusio('/todo', 'Bearer x'),
			() => calls.fusio('/todo/9999', bearer(token)),
			async () => {
				await sandbox.settings({ fusio: { rateLimitWithToken: 0 } });
				return await calls.fusio('/todo', bearer(String(limited)));
			},
		]) {
			await sandbox.reset();
			const seen = (await times(32, call)).map(({ status }) => status);
			assert.equal(new Set(seen).size, 1, `${seen[0]}`);
			assert.equal((await calls.fusio('/system/health')).status, 200);
			await call();
			assert.equal((await calls.fusio('/system/health')).status, 403, `${seen[0]}`);
		}
	});

	test('is not for unknown locations, which still answer 404 during it; so does what describes the API', async () => {
		await ban(() => calls.fusio('/nowhere'));
		assert.equal((await calls.fusio('/system/health')).status, 200);
		await ban(() => calls.fusio('/todo'));
		assert.equal((await calls.fusio('/nowhere')).status, 404);
		assert.equal((await calls.fusio('/.well-known/oauth-authorization-server')).status, 200);
		for (const path of ['/system/health', '/system/about', '/authorization/whoami']) {
			assert.equal((await calls.fusio(path)).status, 403, path);
		}
	});

	test('forgets refusals after its window, and ends', async () => {
		await sandbox.settings({ fusio: { banAfter: 3, banWindow: 1, banLength: 1 } });
		await times(3, () => calls.fusio('/todo'));
		await sleep(1_050);
		await times(3, () => calls.fusio('/todo'));
		assert.equal((await calls.fusio('/system/health')).status, 200);
		await calls.fusio('/todo');
		assert.equal((await calls.fusio('/system/health')).status, 403);
		await sleep(1_050);
		assert.equal((await calls.fusio('/system/health')).status, 200);
	});
});

describe('scopes', () => {
	test('that are not granted are dropped without a word, unless none is left', async () => {
		assert.equal((await calls.fusioToken({ scope: 'todo,report' })).body.scope, 'todo');
		assert.equal((await calls.fusioToken({ scope: 'consumer todo' })).body.scope, 'todo,consumer');
		assert.equal((await calls.fusioToken({ scope: 'todo, consumer' })).body.scope, 'todo');
		const { status, body } = await calls.fusioToken({ scope: 'report' });
		assert.deepEqual([status, body.error], [400, 'invalid_scope']);
		assert.equal(body.error_description, 'No valid scope given');
	});

	test('of a log-in are a list, and dropped in the same way', async () => {
		const { username, password } = sandbox.info.credentials.fusioApi;
		const login = (scopes: string[]) =>
			calls.fusio('/consumer/login', undefined, 'POST', { username, password, scopes });
		assert.equal((await login(['report', 'consumer'])).body.scope, 'consumer');
		const none = await login(['report']);
		assert.deepEqual([none.status, none.body.message], [400, 'No scopes provided']);
	});

	test('are shown by whoami, and decide between reading and writing', async () => {
		const reading = bearer(await tokenFor('todo.read,authorization'));
		const { body } = await calls.fusio('/authorization/whoami', reading);
		assert.deepEqual(body.scopes, ['todo.read', 'authorization']);
		assert.equal((await calls.fusio('/todo', reading)).status, 200);
		const refused = await calls.fusio('/todo', reading, 'POST', { title: 'x' });
		assert.equal(refused.status, 401);
		assert.equal(refused.headers.get('x-operation-id'), 'todo.create');
		await nextSecond();
		const all = bearer(await tokenFor('todo'));
		assert.equal((await calls.fusio('/todo', all, 'POST', { title: 'x' })).status, 201);
	});

	test('are those of the first of two tokens in one second, whatever the second one is told', async () => {
		const [reading, writing] = [
			await calls.fusioToken({ scope: 'todo.read' }),
			await calls.fusioToken({ scope: 'todo' }),
		];
		assert.equal(writing.body.access_token, reading.body.access_token);
		assert.equal(writing.body.scope, 'todo');
		const token = bearer(String(writing.body.access_token));
		assert.equal((await calls.fusio('/todo', token, 'POST', { title: 'x' })).status, 401);
	});
});

describe('tokens', () => {
	test('die at a whole second', async () => {
		await sandbox.settings({ fusio: { accessLifetime: 2 } });
		await sleep(700);
		const token = await tokenFor();
		await sleep(1_350);
		const { status, body } = await calls.fusio('/todo', bearer(token));
		assert.deepEqual([status, body.message], [401, 'Expired token']);
	});

	test('are refreshed with any valid Basic, or none, even after they were revoked', async () => {
		const first = (await calls.fusioToken()).body;
		const revoked = await calls.fusio(
			'/authorization/revoke',
			bearer(String(first.access_token)),
			'POST',
		);
		assert.equal(revoked.status, 200);
		const gone = await calls.fusio('/todo', bearer(String(first.access_token)));
		assert.deepEqual([gone.status, gone.body.message], [401, 'Invalid access token']);

		await nextSecond();
		const { appKey, appSecret } = sandbox.info.secondCredentials.fusioApi;
		const other = Buffer.from(`${appKey}:${appSecret}`).toString('base64');
		const refresh = { grant_type: 'refresh_token', refresh_token: String(first.refresh_token) };
		const renewed = await calls.fusioToken(refresh, `Basic ${other}`);
		assert.equal((await calls.fusio('/todo', bearer(renewed.body.access_token))).status, 200);
		assert.equal((await calls.fusioToken(refresh, 'Basic eDp5')).status, 401);

		await nextSecond();
		const login = await calls.fusio('/consumer/login', undefined, 'PUT', {
			refresh_token: renewed.body.refresh_token,
		});
		assert.equal((await calls.fusio('/todo', bearer(login.body.token))).status, 200);
		assert.equal((await calls.fusio('/todo', bearer(renewed.body.access_token))).status, 401);
	});

	test('can be bought by name and password', async () => {
		const { username, password } = sandbox.info.credentials.fusioApi;
		const { body } = await calls.fusioToken({ grant_type: 'password', username, password });
		const whoami = await calls.fusio('/authorization/whoami', bearer(body.access_token));
		assert.equal(whoami.body.name, username);
	});

	test('can be forgotten by the server, and refused for a while after they were issued', async () => {
		const token = await tokenFor();
		await sandbox.forget('fusio');
		const lost = await calls.fusio('/todo', bearer(token));
		assert.deepEqual([lost.status, lost.body.message], [401, 'Invalid access token']);
		await sandbox.young('fusio', 300);
		const young = await tokenFor();
		assert.equal((await calls.fusio('/todo', bearer(young))).status, 401);
		await sleep(320);
		assert.equal((await calls.fusio('/todo', bearer(young))).status, 200);
	});
});

describe('answers', () => {
	test('of the rate limit begin at the limit, can be -1, and always wait a quarter of an hour', async () => {
		const token = bearer(await tokenFor());
		await sandbox.settings({ fusio: { rateLimitWithToken: 2, rateLimitWindow: 1 } });
		const seen = await times(4, () => calls.fusio('/todo', token));
		const heads = seen.map(({ status, headers }) => [
			status,
			headers.get('ratelimit-remaining'),
			headers.get('retry-after'),
		]);
		assert.deepEqual(heads, [
			[200, '2', null],
			[200, '1', null],
			[429, '0', '900'],
			[429, '-1', '900'],
		]);
		const refused = await calls.fusio('/todo', 'Bearer x');
		assert.equal(refused.headers.get('ratelimit-limit'), null);
	});

	test('to a bad token name the realm and where the metadata is', async () => {
		const { status, headers } = await calls.fusio('/todo');
		assert.equal(status, 401);
		const challenge = headers.get('www-authenticate') ?? '';
		assert.match(challenge, /^Bearer realm="Fusio", resource_metadata="http/);
		const [, metadata = ''] = /resource_metadata="([^"]+)"/.exec(challenge) ?? [];
		assert.equal((await fetch(metadata)).status, 200);
	});

	test('to what cannot be read say nothing', async () => {
		const token = await tokenFor();
		const { baseUrl } = sandbox.info.credentials.fusioApi;
		const headers = { authorization: bearer(token) };
		const broken = await fetch(`${baseUrl}/todo`, { method: 'POST', headers, body: '{' });
		const words =
			'The server encountered an internal error and was unable to complete your request.';
		assert.equal(broken.status, 500);
		assert.equal(((await broken.json()) as { message: string }).message, words);
		assert.equal((await calls.fusio('/todo', 'Bearer a.b.c')).body.message, words);
		const atToken = await fetch(`${baseUrl}/authorization/token`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: '{',
		});
		assert.equal(atToken.status, 400);
		assert.equal(((await atToken.json()) as { error: string }).error, 'server_error');
		const unknown = (await calls.fusioToken({ grant_type: 'nonsense' })).body;
		assert.equal(unknown.error_description, 'Provided an invalid grant type');
	});

	test('of a collection are capped by the action', async () => {
		await sandbox.settings({ fusio: { todos: 115 } });
		const token = bearer(await tokenFor());
		const { body } = await calls.fusio('/todo?count=1000&startIndex=110', token);
		const { totalResults, itemsPerPage, startIndex, entry } = body;
		assert.deepEqual(
			[totalResults, itemsPerPage, startIndex, entry.length, entry[0].id],
			[115, 16, 110, 5, 111],
		);
	});
});

describe('redirects and refreshes that go wrong', () => {
	test('lead to any address', async () => {
		const token = bearer(await tokenFor());
		const to = 'http://evil.fusio.test:1/landed';
		const { baseUrl } = sandbox.info.credentials.fusioApi;
		const asked = { headers: { authorization: token }, redirect: 'manual' } as const;
		const api = await fetch(`${baseUrl}/redirect-away?to=${encodeURIComponent(to)}`, asked);
		assert.deepEqual([api.status, api.headers.get('location')], [302, to]);
		await sandbox.fault({ provider: 'fusio', endpoint: 'api', kind: 'redirect', to });
		const fault = await fetch(`${baseUrl}/todo`, asked);
		assert.deepEqual([fault.status, fault.headers.get('location')], [302, to]);
	});

	test('answer an error in a 200, only for the refresh', async () => {
		const { refresh_token } = (await calls.fusioToken()).body;
		await sandbox.fault({
			provider: 'fusio',
			endpoint: 'token',
			operation: 'refresh_token',
			kind: 'reply',
			value: { error: 'invalid_code' },
		});
		const { status, body } = await calls.fusioToken({ grant_type: 'refresh_token', refresh_token });
		assert.deepEqual([status, body], [200, { error: 'invalid_code' }]);
		assert.equal((await calls.fusioToken()).status, 200);
	});
});

describe('what describes the API', () => {
	const get = async (path: string) => {
		const reply = await fetch(`${sandbox.info.urls.fusio}${path}`);
		return { status: reply.status, body: (await reply.json()) as Record<string, object> };
	};

	test('is for everybody, during a ban too; the list of routes is not', async () => {
		await times(33, () => calls.fusio('/todo', 'Bearer x'));
		const { status, body } = await get('/system/generator/spec-openapi');
		assert.equal(status, 200);
		assert.ok(Object.keys(body.paths ?? {}).includes('/todo/{todo_id}'));
		assert.equal((await get('/system/route')).status, 403);
	});

	test('has a part for consumers, and servers that it was not reached at', async () => {
		const { body } = await get('/system/generator/spec-openapi?filter=consumer');
		assert.deepEqual(Object.keys(body.paths ?? {}), ['/consumer/account']);
		assert.doesNotMatch(JSON.stringify(body.servers), /127\.0\.0\.1/);
	});
});
