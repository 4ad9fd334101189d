import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { ICredentialType, IHttpRequestOptions, IRequestOptions } from 'n8n-workflow';
import { spawnSandbox, type SandboxClient } from '../sandbox/client.mts';
import { executeContext, loadPackage, newRow, type Row } from './n8nContext.mts';

describe('n8n-core’s request helpers with a credential of this package', () => {
	let sandbox: SandboxClient;
	let row: Row;
	let credential: ICredentialType;

	before(async () => {
		sandbox = await spawnSandbox();
	});
	after(async () => await sandbox?.stop());
	beforeEach(async () => {
		await sandbox.reset({ tokens: true });
		restart();
		row = newRow('calensoApi', sandbox.info.credentials.calensoApi as never);
	});

	const restart = () => {
		credential = new (loadPackage().CalensoApi)() as ICredentialType;
	};
	const workers = (): IHttpRequestOptions => ({
		url: `${sandbox.info.credentials.calensoApi.baseUrl}/workers`,
	});
	const counts = async () => (await sandbox.counts()).calenso;

	async function request(options: IHttpRequestOptions, testing = false): Promise<unknown> {
		const context = executeContext({ row, credential, testing });
		return (await context.helpers.httpRequestWithAuthentication.call(
			context,
			row.type,
			options,
		)) as unknown;
	}

	async function legacyRequest(options: Partial<IRequestOptions>): Promise<unknown> {
		const context = executeContext({ row, credential });
		return (await context.helpers.requestWithAuthentication.call(context, row.type, {
			uri: `${sandbox.info.credentials.calensoApi.baseUrl}/workers`,
			json: true,
			...options,
		} as IRequestOptions)) as unknown;
	}

	test('the first request buys one token, the second uses it', async () => {
		assert.ok(Array.isArray(await request(workers())));
		assert.ok(Array.isArray(await request(workers())));
		const { tokenRequests, apiRequests, apiRefused } = await counts();
		assert.deepEqual(
			{ tokenRequests, apiRequests, apiRefused },
			{ tokenRequests: 1, apiRequests: 2, apiRefused: 0 },
		);
		assert.equal(row.writes, 1);
	});

	test('testing the credential ten times buys one token', async () => {
		for (let round = 0; round < 10; round++) await request(workers(), true);
		assert.equal((await counts()).tokenRequests, 1);
	});

	for (const [path, send] of Object.entries({
		'the request helper': request,
		'the legacy helper': legacyRequest,
	})) {
		test(`30 requests at once over ${path} on an expired token buy one token, and none is refused`, async () => {
			await sandbox.settings({ calenso: { lifetime: 1 } });
			await request(workers());
			await new Promise((resolve) => setTimeout(resolve, 1_500));
			await sandbox.settings({ calenso: { lifetime: 3600 } });
			await sandbox.reset();
			await Promise.all(Array.from({ length: 30 }, async () => await send(workers() as never)));
			const { tokenRequests, apiRequests, apiRefused } = await counts();
			assert.deepEqual(
				{ tokenRequests, apiRequests, apiRefused },
				{ tokenRequests: 1, apiRequests: 30, apiRefused: 0 },
			);
		});
	}

	test('a token that the API refuses is replaced once, and the request is repeated with the new one', async () => {
		await request(workers());
		ageRecord(row, 120_000);
		restart();
		await sandbox.expire('calenso');
		assert.ok(Array.isArray(await request(workers())));
		const { tokenRequests, apiRequests, apiRefused } = await counts();
		assert.deepEqual(
			{ tokenRequests, apiRequests, apiRefused },
			{ tokenRequests: 2, apiRequests: 3, apiRefused: 1 },
		);
	});

	test('a refusal right after the purchase buys nothing and names the permission', async () => {
		await request(workers());
		await sandbox.fault({ provider: 'calenso', endpoint: 'api', kind: 'unauthorized' });
		await assert.rejects(
			request(workers()),
			/refused the token \(401\).*No further token was bought/s,
		);
		assert.equal((await counts()).tokenRequests, 1);
	});

	test('over the legacy helper a POST answered 500 is sent once, and a 404 buys nothing', async () => {
		await request(workers());
		await sandbox.reset();
		await sandbox.fault({
			provider: 'calenso',
			endpoint: 'api',
			kind: 'status',
			status: 500,
			times: 1,
		});
		await assert.rejects(legacyRequest({ method: 'POST', body: { a: 1 } }));
		const posts = (await sandbox.requests({ provider: 'calenso', endpoint: 'api' })).filter(
			({ method }) => method === 'POST',
		);
		assert.equal(posts.length, 1);
		await assert.rejects(
			legacyRequest({ uri: `${sandbox.info.credentials.calensoApi.baseUrl}/nothing-here` }),
		);
		assert.equal((await counts()).tokenRequests, 0);
	});

	test('over the legacy helper a revoked token is noticed: a GET is repeated, a POST is not, the next one works', async () => {
		await legacyRequest({});
		ageRecord(row, 120_000);
		restart();
		await sandbox.revoke('calenso');
		await sandbox.reset();
		assert.ok(Array.isArray(await legacyRequest({})));
		assert.equal((await counts()).tokenRequests, 1);
	});

	test('a wrong secret costs one token request and says so', async () => {
		row.data.clientSecret = 'not-the-secret';
		await assert.rejects(request(workers()), /Calenso refused the client id or secret \(401/);
		await assert.rejects(request(workers()), /The next token request is possible in/);
		assert.equal((await counts()).tokenRequests, 1);
	});

	test('another secret does not use the old token; the old secret does, and buys nothing', async () => {
		await request(workers());
		const { clientSecret } = row.data;
		row.data.clientSecret = 'not-the-secret';
		await assert.rejects(request(workers()));
		assert.equal((await counts()).apiRequests, 1);
		row.data.clientSecret = clientSecret;
		assert.ok(Array.isArray(await request(workers())));
		assert.equal((await counts()).tokensIssued, 1);
	});

	for (const [path, send] of Object.entries({
		'the request helper': request,
		'the legacy helper': legacyRequest,
	})) {
		test(`over ${path} a token goes to no foreign host, directly or by a redirect`, async () => {
			const { foreign } = sandbox.info.urls;
			await request(workers());
			await assert.rejects(
				send({ url: foreign, uri: foreign } as never),
				/The Calenso token must not be sent to 127\.0\.0\.1/,
			);
			const away = `${sandbox.info.credentials.calensoApi.baseUrl}/redirect-away`;
			await send({ url: away, uri: away } as never).catch(() => undefined);
			const seen = await sandbox.requests({ provider: 'foreign' });
			assert.ok(seen.length <= 1);
			for (const { headers } of seen) assert.equal(headers.authorization, undefined);
		});
	}
});

/** As if the token in the record had been bought that many ms earlier. */
function ageRecord(row: Row, ms: number): void {
	const record = JSON.parse(String(row.data.tokenRecord)) as {
		tokens: Record<string, { issuedAt: number }>;
	};
	for (const token of Object.values(record.tokens)) token.issuedAt -= ms;
	row.data.tokenRecord = JSON.stringify(record);
}
