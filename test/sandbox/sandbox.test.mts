import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { callsTo, form, get, send } from './calls.mts';
import { spawnSandbox } from './client.mts';
import type { SandboxClient } from './client.mts';
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

describe('Calenso', () => {
	test('gives a token for the audience, and workers as a bare array for the token', async () => {
		const reply = await calls.calensoToken();
		assert.equal(reply.status, 200);
		assert.equal(reply.body.token_type, 'Bearer');
		assert.equal(reply.body.expires_in, 86_400);
		assert.equal(reply.body.refresh_token, undefined);
		assert.equal(String(reply.body.access_token).split('.').length, 3);
		const workers = await calls.calensoWorkers(reply.body.access_token);
		assert.equal(workers.status, 200);
		assert.ok(Array.isArray(workers.body));
		assert.deepEqual(Object.keys(workers.body[0]).slice(0, 1), ['id']);
		const { calenso } = await sandbox.counts();
		assert.equal(calenso.tokensIssued, 1);
		assert.deepEqual(calenso.byOperation, { client_credentials: 1, workers: 1 });
	});

	test('refuses as Auth0 does', async () => {
		const wrong = await calls.calensoToken({ client_secret: 'wrong' });
		assert.equal(wrong.status, 401);
		assert.deepEqual(wrong.body, { error: 'access_denied', error_description: 'Unauthorized' });
		const unknown = await calls.calensoToken({ client_id: 'nobody' });
		assert.equal(unknown.status, 401);
		const { ungranted } = sandbox.info.accounts.calenso;
		const noGrant = await calls.calensoToken({
			client_id: ungranted.clientId,
			client_secret: ungranted.clientSecret,
		});
		assert.deepEqual([noGrant.status, noGrant.body.error], [403, 'access_denied']);
		const slash = await calls.calensoToken({ audience: 'https://my.calenso.com/api/v1/' });
		assert.deepEqual([slash.status, slash.body.error], [403, 'access_denied']);
		const missing = await calls.calensoToken({ client_id: undefined });
		assert.deepEqual([missing.status, missing.body.error], [400, 'invalid_request']);
	});

	test('gives a token without audience, which the API then refuses', async () => {
		const reply = await calls.calensoToken({ audience: undefined });
		assert.equal(reply.status, 200);
		const workers = await calls.calensoWorkers(reply.body.access_token);
		assert.equal(workers.status, 401);
		assert.equal(workers.body.errors[0].code, '401');
		assert.equal((await sandbox.counts()).calenso.apiRefused, 1);
	});

	test('blocks a client after 31 tokens in a month, even when they are asked for at once', async () => {
		const replies = await Promise.all(Array.from({ length: 35 }, () => calls.calensoToken()));
		assert.equal(replies.filter(({ status }) => status === 200).length, 31);
		assert.equal(replies.filter(({ status }) => status === 403).length, 4);
		assert.equal((await calls.calensoToken({ client_secret: 'wrong' })).status, 401);
		const second = sandbox.info.secondCredentials.calensoApi;
		const other = await calls.calensoToken({
			client_id: second.clientId,
			client_secret: second.clientSecret,
		});
		assert.equal(other.status, 200);
		const { calenso } = await sandbox.counts();
		assert.deepEqual([calenso.tokenRequests, calenso.tokensIssued], [37, 32]);
	});

	test('tokens expire, by themselves and on demand, and can be revoked', async () => {
		await sandbox.settings({ calenso: { lifetime: 1 } });
		const short = (await calls.calensoToken()).body;
		assert.equal(short.expires_in, 1);
		assert.equal((await calls.calensoWorkers(short.access_token)).status, 200);
		await sleep(1_050);
		assert.equal((await calls.calensoWorkers(short.access_token)).status, 401);
		await sandbox.settings({ calenso: { lifetime: 600 } });
		for (const end of [() => sandbox.expire('calenso'), () => sandbox.revoke('calenso')]) {
			const { access_token: token } = (await calls.calensoToken()).body;
			assert.equal((await calls.calensoWorkers(token)).status, 200);
			await end();
			assert.equal((await calls.calensoWorkers(token)).status, 401);
		}
	});
});

describe('bookingtime', () => {
	test('answers a refresh token first, then an access token of one organization', async () => {
		const { organizationId } = sandbox.info.credentials.bookingtimeApi;
		const first = await calls.bookingtimeFirst();
		assert.deepEqual(Object.keys(first.body), ['refresh_token', 'token_type', 'expires_in']);
		assert.equal(first.body.expires_in, 2_592_000);
		const second = await calls.bookingtimeSecond(first.body.refresh_token, organizationId);
		assert.deepEqual(Object.keys(second.body), ['access_token', 'token_type', 'expires_in']);
		assert.equal(second.body.expires_in, 300);

		const shown = await calls.bookingtime(
			second.body.access_token,
			`/organization/${organizationId}/show`,
		);
		assert.equal(shown.status, 200);
		assert.equal(shown.body.content.id, organizationId);
		const refused = await calls.bookingtime(
			first.body.refresh_token,
			`/organization/${organizationId}/show`,
		);
		assert.deepEqual([refused.status, refused.body.messageList[0].type], [401, 'failure']);
		const [, other] = sandbox.info.accounts.bookingtime.apps[0]?.organizationIds ?? [];
		assert.equal(
			(await calls.bookingtime(second.body.access_token, `/organization/${other}/show`)).status,
			403,
		);
		assert.deepEqual((await sandbox.counts()).bookingtime.byGrant, { step1: 1, step2: 1 });
	});

	test('knows the organizations of an app for a token of none', async () => {
		const { clientId } = sandbox.info.credentials.bookingtimeApi;
		const { refresh_token: refresh } = (await calls.bookingtimeFirst()).body;
		const { access_token: token } = (await calls.bookingtimeSecond(refresh)).body;
		const list = await calls.bookingtime(token, `/app/${clientId}/organization/list`);
		assert.deepEqual([list.body.content.class, list.body.content.recordList.length], ['LIST', 2]);
		assert.equal((await calls.bookingtime(token, '/static/language/list')).status, 200);
	});

	test('adds, shows, pages, searches, edits and deletes customers', async () => {
		const { organizationId } = sandbox.info.credentials.bookingtimeApi;
		const base = `/organization/${organizationId}/customer`;
		const { refresh_token: refresh } = (await calls.bookingtimeFirst()).body;
		const { access_token: token } = (await calls.bookingtimeSecond(refresh, organizationId)).body;

		const bad = await calls.bookingtime(token, `${base}/add`, 'POST', { lastName: 'Curie' });
		assert.equal(bad.body.messageList[0].parameter, 'firstName');
		const added = await calls.bookingtime(token, `${base}/add`, 'POST', {
			firstName: 'Marie',
			lastName: 'Curie',
		});
		assert.equal(added.status, 201);
		const { class: name, id, customId } = added.body.content;
		assert.deepEqual([name, typeof customId], ['CUSTOMER_SHORT', 'string']);
		assert.equal(
			typeof (await calls.bookingtime(token, `${base}/${id}/show`)).body.content.customId,
			'number',
		);
		assert.equal(
			(await calls.bookingtime(token, `${base}/${customId}/identify`)).body.content.id,
			id,
		);
		const last = (await calls.bookingtime(token, `${base}/index/3`)).body.content;
		assert.deepEqual(
			[last.class, last.pageTotal, last.recordFrom, last.recordTo, last.recordTotal],
			['PAGINATION_LIST', 3, 51, 61, 61],
		);
		const found = (await calls.bookingtime(token, `${base}/filter/1?searchQuery=curie`)).body
			.content;
		assert.equal(found.recordTotal, 1);
		const edited = await calls.bookingtime(token, `${base}/${id}/edit`, 'PUT', { title: 'Dr.' });
		assert.equal(edited.body.content.title, 'Dr.');
		assert.equal((await calls.bookingtime(token, `${base}/${id}/delete`, 'DELETE')).status, 200);
		assert.equal((await calls.bookingtime(token, `${base}/${id}/show`)).status, 404);
		const month = new Date().toISOString().slice(0, 7).replace('-', '/month/');
		const appointments = `/organization/${organizationId}/appointment`;
		const listed = await calls.bookingtime(token, `${appointments}/year/${month}/listMonth`);
		assert.ok(listed.body.content.recordTotal > 0);
	});

	test('lets a module client in without secret, on the Module API only', async () => {
		const [module] = sandbox.info.accounts.bookingtime.modules;
		const [organizationId] = module?.organizationIds ?? [];
		const client = { client_id: module?.clientId, client_secret: undefined };
		const { refresh_token: refresh } = (await calls.bookingtimeFirst(client)).body;
		const { access_token: token } = (await calls.bookingtimeSecond(refresh, organizationId, client))
			.body;
		const { baseUrl } = sandbox.info.credentials.bookingtimeApi;
		const show = async (api: string) =>
			(await get(`${baseUrl}/${api}/v3/de/organization/${organizationId}/show`, token)).status;
		assert.deepEqual([await show('module'), await show('app')], [200, 403]);
	});
});

describe('Meister1', () => {
	test('speaks camelCase, rotates the refresh token and kills the used one', async () => {
		const first = await calls.meister1Token();
		assert.deepEqual(Object.keys(first.body), [
			'accessToken',
			'expiresIn',
			'tokenType',
			'refreshToken',
		]);
		const refresh = (refreshToken: string) =>
			calls.meister1Token({ grantType: 'refresh_token', clientSecret: undefined, refreshToken });
		const second = await refresh(first.body.refreshToken);
		assert.equal(second.status, 200);
		assert.notEqual(second.body.refreshToken, first.body.refreshToken);
		assert.equal((await refresh(first.body.refreshToken)).status, 400);
	});

	test('its single sign-on address works for as long as it says', async () => {
		await sandbox.settings({ meister1: { ssoValidity: 1 } });
		const { accessToken } = (await calls.meister1Token()).body;
		const fields = { backUrl: 'https://example.com/<back>', accountId: '4711', locale: 'de-de' };
		const { meister1Api } = sandbox.info.credentials;
		const sso = await form(`${meister1Api.baseUrl}/sso`, fields, {
			authorization: `Bearer ${accessToken}`,
		});
		assert.equal(sso.body.expiresIn, 1);
		const landed = await fetch(sso.body.grantUrl);
		assert.equal(landed.status, 200);
		assert.ok((await landed.text()).includes(meister1Api.clientId));
		await sleep(1_050);
		assert.equal((await fetch(sso.body.grantUrl)).status, 410);
	});
});

describe('Fusio', () => {
	test('takes Basic only at the token endpoint, and wants the scheme spelled Bearer', async () => {
		const { fusioApi } = sandbox.info.credentials;
		const inBody = { client_id: fusioApi.appKey, client_secret: fusioApi.appSecret };
		const refused = await calls.fusioToken(inBody, '');
		assert.deepEqual(
			[refused.status, refused.body.error, refused.body.error_description],
			[400, 'invalid_request', 'Credentials not available'],
		);
		const granted = await calls.fusioToken();
		assert.equal(granted.body.token_type, 'bearer');
		assert.equal(granted.body.scope, 'todo,todo.read,todo.write,consumer,authorization');
		assert.equal((await calls.fusio('/todo', `Bearer ${granted.body.access_token}`)).status, 200);
		const lower = await calls.fusio('/todo', `bearer ${granted.body.access_token}`);
		assert.deepEqual([lower.status, lower.body.message], [401, 'Invalid authorization type']);
	});

	test('two grants in one second are the same bytes, and a refresh kills the old access token', async () => {
		await sleep(1_000 - (Date.now() % 1_000));
		const [one, two] = [await calls.fusioToken(), await calls.fusioToken()];
		assert.equal(one.body.access_token, two.body.access_token);
		await sleep(1_000 - (Date.now() % 1_000));
		const refresh = { grant_type: 'refresh_token', refresh_token: one.body.refresh_token };
		const renewed = await calls.fusioToken(refresh);
		assert.equal(renewed.status, 200);
		assert.equal((await calls.fusio('/todo', `Bearer ${one.body.access_token}`)).status, 401);
		assert.equal((await calls.fusio('/todo', `Bearer ${renewed.body.access_token}`)).status, 200);
	});

	test('logs in by name and password with a reply of another shape', async () => {
		const { username, password } = sandbox.info.credentials.fusioApi;
		const login = await calls.fusio('/consumer/login', undefined, 'POST', { username, password });
		assert.deepEqual(Object.keys(login.body), ['token', 'expires_in', 'refresh_token', 'scope']);
		const again = await calls.fusio('/consumer/login', undefined, 'PUT', {
			refresh_token: login.body.refresh_token,
		});
		assert.equal(typeof again.body.token, 'string');
		const wrong = await calls.fusio('/consumer/login', undefined, 'POST', {
			username,
			password: 'wrong',
		});
		assert.deepEqual([wrong.status, wrong.body.message], [400, 'Invalid name or password']);
	});

	test('answers 401 for a missing scope too, told apart by the message', async () => {
		const { access_token: plain } = (await calls.fusioToken()).body;
		const refused = await calls.fusio('/todo/admin', `Bearer ${plain}`);
		assert.equal(refused.status, 401);
		assert.match(refused.body.message, /^Access to this operation is not in the scope/);
		await sandbox.settings({ fusio: { scopes: 'todo,admin' } });
		// Two tokens of one second are one.
		await sleep(1_000 - (Date.now() % 1_000));
		const { access_token: admin } = (await calls.fusioToken({ scope: 'todo,admin' })).body;
		assert.equal((await calls.fusio('/todo/admin', `Bearer ${admin}`)).status, 200);
		assert.equal((await calls.fusio('/todo', 'Bearer a.b.c')).status, 500);
		assert.equal(
			(await calls.fusio('/nowhere', `Bearer ${plain}`)).body.message,
			'Unknown location',
		);
	});

	test('bans the address after 32 refusals, and limits the rate', async () => {
		await sandbox.settings({ fusio: { banLength: 1 } });
		const statuses = [];
		for (let count = 0; count < 34; count++)
			statuses.push((await calls.fusio('/todo', 'Bearer x')).status);
		assert.deepEqual(statuses.slice(-2), [401, 403]);
		assert.equal((await calls.fusioToken()).status, 400);
		await sleep(1_050);
		await sandbox.settings({ fusio: { rateLimitWithToken: 2 } });
		const { access_token: token } = (await calls.fusioToken()).body;
		const limited = [];
		for (let count = 0; count < 3; count++)
			limited.push(await calls.fusio('/todo', `Bearer ${token}`));
		assert.deepEqual(
			limited.map(({ status }) => status),
			[200, 200, 429],
		);
		assert.equal(limited[2]?.headers.get('retry-after'), '900');
	});
});

describe('a custom API', () => {
	test('hides the token in the reply and takes it in a header of its own', async () => {
		const { customTokenApi: api } = sandbox.info.credentials;
		const { username, password } = api;
		const login = await send(api.tokenUrl, 'POST', {}, { username, password });
		const { jwt, validUntil } = login.body.data.auth;
		assert.ok(Math.abs(validUntil - Date.now() / 1000 - 3_600) < 5);
		const items = await send(`${api.baseUrl}/items?offset=50&limit=20`, 'GET', {
			'x-auth-token': jwt,
		});
		assert.deepEqual([items.body.total, items.body.items.length], [57, 7]);
		assert.equal((await send(`${api.baseUrl}/items`, 'GET', {})).status, 401);
	});
});

describe('the foreign host', () => {
	test('notices a token, however it is wrapped', async () => {
		const { access_token: token } = (await calls.calensoToken()).body;
		const { foreign } = sandbox.info.urls;
		await fetch(`${foreign}/clean`);
		await fetch(`${foreign}/${Buffer.from(String(token)).toString('base64url')}?t=${token}`);
		const [clean, leaky] = await sandbox.requests({ provider: 'foreign' });
		assert.deepEqual([clean?.leaks, leaky?.leaks], [[], ['calenso access']]);
		assert.equal((await sandbox.counts()).foreign.withSecret, 1);
	});

	test('is where redirects lead', async () => {
		const { baseUrl } = sandbox.info.credentials.calensoApi;
		for (const status of [302, 307]) {
			const response = await fetch(`${baseUrl}/redirect-away?status=${status}`, {
				redirect: 'manual',
			});
			assert.equal(response.status, status);
			assert.equal(response.headers.get('location'), `${sandbox.info.urls.foreign}/landed`);
		}
	});
});
