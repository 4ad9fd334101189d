import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { callsTo, get } from './calls.mts';
import { connectSandbox, spawnSandbox } from './client.mts';
import type { SandboxClient } from './client.mts';
import type { ExpiryShape } from './faults.mts';
import { defaultSettings } from './settings.mts';

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
});

const atToken = { provider: 'meister1', endpoint: 'token' } as const;
const atApi = { provider: 'calenso', endpoint: 'api' } as const;

describe('misbehaviour on demand', () => {
	test('happens as often as asked for, to the operation asked for, after those that may pass', async () => {
		await sandbox.fault({ ...atToken, kind: 'status', status: 502, times: 2, skip: 1 });
		await sandbox.fault({ ...atToken, kind: 'html', operation: 'refresh_token' });
		const statuses = [];
		for (let count = 0; count < 4; count++) statuses.push((await calls.meister1Token()).status);
		assert.deepEqual(statuses, [200, 502, 502, 200]);
		const refresh = await calls.meister1Token({ grantType: 'refresh_token', refreshToken: 'x' });
		assert.match(refresh.body, /^<!doctype html>/);
		assert.equal((await calls.calensoToken()).status, 200);
		await sandbox.clearFaults('meister1');
		assert.equal(
			(await calls.meister1Token({ grantType: 'refresh_token', refreshToken: 'x' })).status,
			400,
		);
	});

	test('cuts the connection before the request is processed, or after', async () => {
		await sandbox.fault({ ...atToken, kind: 'reset', times: 1 });
		await sandbox.fault({ ...atToken, kind: 'reset-after', times: 1 });
		await assert.rejects(calls.meister1Token());
		assert.equal((await sandbox.counts()).meister1.tokensIssued, 0);
		await assert.rejects(calls.meister1Token());
		const { meister1 } = await sandbox.counts();
		assert.deepEqual([meister1.tokenRequests, meister1.tokensIssued], [2, 1]);
		const [first] = await sandbox.requests({ provider: 'meister1' });
		assert.deepEqual([first?.status, first?.fault], [0, 'reset']);
	});

	test('never answers, and notes when the client gave up', async () => {
		await sandbox.fault({ ...atToken, kind: 'hang', times: 1 });
		const body = new URLSearchParams({ grantType: 'client_credentials' });
		const url = `${sandbox.info.credentials.meister1Api.baseUrl}/token`;
		const signal = AbortSignal.timeout(100);
		await assert.rejects(fetch(url, { method: 'POST', body, signal }), { name: 'TimeoutError' });
		await sleep(50);
		assert.equal((await sandbox.requests({ provider: 'meister1' }))[0]?.status, 0);
	});

	test('answers late', async () => {
		await sandbox.fault({ ...atToken, kind: 'delay', ms: 150, times: 1 });
		const start = performance.now();
		assert.equal((await calls.meister1Token()).status, 200);
		assert.ok(performance.now() - start >= 145);
	});

	test('says how long to wait', async () => {
		await sandbox.fault({ ...atApi, kind: 'rate-limit', retryAfter: 7, times: 1 });
		const limited = await calls.calensoWorkers('any');
		assert.deepEqual([limited.status, limited.headers.get('retry-after')], [429, '7']);
	});

	test('answers with anything but a token', async () => {
		for (const [kind, seen] of [
			['html', /^<!doctype html>/],
			['empty', /^$/],
			['malformed', /^\{"access_token": "abc", "expires_in": $/],
		] as const) {
			await sandbox.fault({ ...atToken, kind, times: 1 });
			const { meister1Api } = sandbox.info.credentials;
			const response = await fetch(`${meister1Api.baseUrl}/token`, { method: 'POST' });
			assert.equal(response.status, 200);
			assert.match(await response.text(), seen);
		}
		await sandbox.fault({ ...atToken, kind: 'no-token', times: 1 });
		assert.equal((await calls.meister1Token()).body.accessToken, undefined);
		await sandbox.fault({ ...atToken, kind: 'not-an-object', value: 'text', times: 1 });
		assert.equal((await calls.meister1Token()).body, 'text');
		await sandbox.fault({ ...atToken, kind: 'huge', times: 1 });
		assert.ok(JSON.stringify((await calls.meister1Token()).body).length > 1_048_576);
		await sandbox.fault({ ...atToken, kind: 'wrong-secret', times: 1 });
		assert.equal((await calls.meister1Token()).status, 401);
		assert.equal((await sandbox.counts()).meister1.tokensIssued, 0);
	});

	test('states the lifetime in every odd way, and another token type', async () => {
		const seen = async (shape: ExpiryShape) => {
			await sandbox.fault({ ...atToken, kind: 'expiry', shape, times: 1 });
			return (await calls.meister1Token()).body.expiresIn;
		};
		assert.equal(await seen('missing'), undefined);
		assert.equal(await seen('empty'), '');
		assert.equal(await seen('string'), '36000');
		assert.ok(Math.abs((await seen('absolute')) - Date.now() / 1000 - 36_000) < 5);
		assert.equal(await seen('garbage'), 'tomorrow');
		assert.deepEqual([await seen('zero'), await seen('null')], [0, null]);
		await sandbox.fault({ ...atToken, kind: 'token-type', times: 1 });
		assert.equal((await calls.meister1Token()).body.tokenType, 'mac');
	});

	test('refuses a good token once', async () => {
		const { access_token: token } = (await calls.calensoToken()).body;
		await sandbox.fault({ ...atApi, kind: 'unauthorized', times: 1 });
		const statuses = [
			(await calls.calensoWorkers(token)).status,
			(await calls.calensoWorkers(token)).status,
		];
		assert.deepEqual(statuses, [401, 200]);
		assert.equal((await sandbox.counts()).calenso.apiRefused, 1);
	});

	test('sends the token request somewhere else', async () => {
		await sandbox.fault({
			provider: 'calenso',
			endpoint: 'token',
			kind: 'redirect',
			status: 307,
			times: 1,
		});
		assert.deepEqual((await calls.calensoToken()).body, { foreign: true });
		const [seen] = await sandbox.requests({ provider: 'foreign' });
		assert.deepEqual(seen?.leaks, ['calenso secret']);
	});

	test('does not take what it does not know', async () => {
		await assert.rejects(sandbox.fault({ ...atToken, kind: 'nonsense' as 'html' }), /No such kind/);
		await assert.rejects(
			sandbox.settings({ meister1: { nonsense: 1 } as object }),
			/meister1.nonsense/,
		);
		await assert.rejects(
			sandbox.settings({ meister1: { lifetime: '5' as never } }),
			/meister1.lifetime/,
		);
	});
});

describe('the journal', () => {
	test('counts what was under way at once, and connections', async () => {
		const { access_token: token } = (await calls.calensoToken()).body;
		await sandbox.fault({ ...atApi, kind: 'delay', ms: 100 });
		await Promise.all(Array.from({ length: 7 }, () => calls.calensoWorkers(token)));
		const { calenso } = await sandbox.counts();
		assert.deepEqual(
			[calenso.maxConcurrent, calenso.maxConcurrentApi, calenso.maxConcurrentToken],
			[7, 7, 1],
		);
		assert.ok(calenso.connections > 0);
		const ports = (await sandbox.requests({ operation: 'workers' })).map(({ port }) => port);
		assert.equal(new Set(ports).size, 7);
	});

	test('shows requests in full, filtered', async () => {
		await calls.fusioToken();
		const time = Date.now();
		await sleep(5);
		await calls.fusio('/todo?count=1', 'Bearer x');
		const requests = await sandbox.requests({ provider: 'fusio', endpoint: 'api', since: time });
		assert.equal(requests.length, 1);
		const { method, path: asked, status, headers, operation } = requests[0] ?? assert.fail();
		assert.deepEqual(
			[method, asked, status, operation],
			['GET', '/todo?count=1', 401, 'GET /todo'],
		);
		assert.equal(headers.authorization, 'Bearer x');
		assert.match((await sandbox.requests({ endpoint: 'token' }))[0]?.body ?? '', /^grant_type=/);
	});

	test('keeps the last 2000 requests and counts all', async () => {
		const burst = () =>
			Promise.all(Array.from({ length: 100 }, () => get(sandbox.info.urls.foreign, 'x')));
		for (let count = 0; count < 21; count++) await burst();
		assert.equal((await sandbox.requests()).length, 2000);
		assert.equal((await sandbox.counts()).foreign.apiRequests, 2100);
	});

	test('lists every token with its state', async () => {
		await calls.meister1Token();
		await sandbox.expire('meister1');
		const tokens = (await sandbox.tokens()).slice(-2).map(({ kind, state }) => [kind, state]);
		assert.deepEqual(tokens, [
			['access', 'expired'],
			['refresh', 'good'],
		]);
	});
});

describe('the process', () => {
	test('ends on request, and when its parent is gone', async () => {
		const main = path.join(import.meta.dirname, 'main.mts');
		const start = async (...args: string[]) => {
			const child = spawn(process.execPath, [main, ...args], {
				stdio: ['ignore', 'pipe', 'inherit'],
			});
			const [line] = (await once(child.stdout, 'data')) as [Buffer];
			return { child, line: String(line) };
		};
		const asked = await start('--json');
		const { urls } = JSON.parse(asked.line) as { urls: { control: string } };
		assert.equal((await connectSandbox(urls.control)).info.urls.control, urls.control);
		assert.match(await (await fetch(urls.control)).text(), /Sandbox/);
		await Promise.all([
			once(asked.child, 'exit'),
			fetch(`${urls.control}/shutdown`, { method: 'POST' }),
		]);

		const parent = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
		const orphan = await start('--parent', String(parent.pid));
		assert.match(orphan.line, /^Sandbox\. .*\n\ncalensoApi\n/);
		const ended = once(orphan.child, 'exit');
		parent.kill('SIGKILL');
		assert.deepEqual(await ended, [0, null]);
	});

	test('takes accounts and settings at the start', async () => {
		const users = [{ username: 'somebody', password: 'a password' }];
		const other = await spawnSandbox({
			accounts: { custom: { users } },
			settings: { custom: { lifetime: 2 } },
		});
		try {
			assert.equal(other.info.credentials.customTokenApi.username, 'somebody');
			assert.equal(other.info.secondCredentials.customTokenApi.username, 'somebody');
			assert.equal((await other.settings()).custom.lifetime, 2);
		} finally {
			await other.stop();
		}
	});
});
