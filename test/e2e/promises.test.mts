import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, beforeEach, describe, it } from 'node:test';
import { readDecryptedCredential } from '../n8n/database.mts';
import type { JsonObject } from '../n8n/types.mts';
import type { WebhookReply } from '../n8n/webhook.mts';
import { credentialTypes, type CredentialType } from './support/accounts.mts';
import { httpRequest, newestHttpRequest, OPEN_HTTP_REQUEST, protectedCall, type Stored } from './support/requests.mts';
import { startStage, told, type Stage } from './support/start.mts';

const ways = { own: 'a node of this package', http: 'the HTTP Request node' } as const;
type Way = keyof typeof ways;

describe('what the providers see of a real n8n', { timeout: 900_000 }, () => {
	let stage: Stage;
	before(async () => {
		stage = await startStage();
	});
	after(async () => await stage?.stop());
	beforeEach(async () => await stage.sandbox.reset());

	const step = (way: Way, credential: Stored) => stage.consumers[credential.type][way](credential);

	/** Runs it once, successfully, so that there is a token. */
	async function withToken(type: CredentialType, way: Way = 'own'): Promise<Stored> {
		const credential = await stage.credential(type);
		assert.equal(told(await stage.run(step(way, credential))), '');
		await stage.sandbox.reset();
		return credential;
	}

	async function seen(type: CredentialType) {
		const { tokenRequests, apiRequests, apiRefused } = await stage.counts(stage.consumers[type].provider);
		return { tokenRequests, apiRequests, apiRefused };
	}

	/** n8n starts executions one after another: a token that comes at once would leave none of them to wait for it. */
	async function slowTokens(type: CredentialType): Promise<void> {
		await stage.sandbox.fault({ provider: stage.consumers[type].provider, endpoint: 'token', kind: 'delay', ms: 1_200 });
	}

	async function thirtyAtOnce(calls: ReadonlyArray<() => Promise<WebhookReply>>): Promise<void> {
		const replies = await Promise.all(Array.from({ length: 30 }, async (_, index) => await calls[index % calls.length]?.()));
		assert.deepEqual(replies.map((reply) => reply?.status), Array(30).fill(200), replies.find((reply) => reply?.status !== 200)?.text);
	}

	describe('30 executions at once on an expired token: 1 token request, 0 refused API requests', () => {
		type Prepared = { readonly calls: ReadonlyArray<() => Promise<WebhookReply>> };
		const prepared = new Map<string, Prepared>();
		const cases: Array<{ type: CredentialType; through: readonly Way[] }> = [
			...credentialTypes.flatMap((type) => (['own', 'http'] as const).map((way) => ({ type, through: [way] }))),
			{ type: 'calensoApi', through: ['own', 'http'] },
			{ type: 'bookingtimeApi', through: ['own', 'http'] },
			{ type: 'meister1Api', through: ['own', 'http'] },
		];
		const label = ({ type, through }: (typeof cases)[number]) => `${type}, through ${through.map((way) => ways[way]).join(' and ')}`;

		before(async () => {
			// Longer than the first call takes on a machine under load.
			await stage.sandbox.settings(lifetimes(5));
			await Promise.all(
				cases.map(async (one) => {
					const credential = await stage.credential(one.type);
					const calls = await Promise.all(one.through.map(async (way) => await stage.publish(step(way, credential))));
					const first = await calls[0]?.();
					assert.equal(first?.status, 200, `${label(one)}: ${first?.text}`);
					prepared.set(label(one), { calls });
				}),
			);
			await sleep(5_300);
			await stage.sandbox.settings(lifetimes(3600));
		});

		for (const one of cases) {
			it(label(one), async () => {
				await slowTokens(one.type);
				await thirtyAtOnce((prepared.get(label(one)) as Prepared).calls);
				assert.deepEqual(await seen(one.type), { tokenRequests: 1, apiRequests: 30, apiRefused: 0 });
			});
		}

		it('and the same on a credential that never had a token', async () => {
			const credential = await stage.credential('calensoApi');
			await slowTokens('calensoApi');
			await thirtyAtOnce([await stage.publish(step('own', credential)), await stage.publish(step('http', credential))]);
			assert.deepEqual(await seen('calensoApi'), { tokenRequests: 1, apiRequests: 30, apiRefused: 0 });
		});
	});

	for (const type of credentialTypes) {
		it(`opening ${type} ten times buys no token, nor does testing or saving it`, async () => {
			const credential = await withToken(type);
			for (let round = 0; round < 10; round++) {
				assert.deepEqual(await stage.open(credential), { status: 'OK', message: 'Connection successful!' });
			}
			const { id, name, fields: data } = credential;
			assert.equal((await stage.n8n.rest.testCredential({ id, name, type, data })).status, 'OK');
			await stage.change(credential, {});
			assert.equal((await stage.open(credential)).status, 'OK');
			const { tokenRequests, apiRequests, apiRefused } = await seen(type);
			assert.deepEqual({ tokenRequests, apiRefused }, { tokenRequests: 0, apiRefused: 0 });
			assert.ok(apiRequests >= 12, 'each test really asks the API');
		});
	}

	for (const type of credentialTypes) {
		it(`saving ${type} keeps the token and its count; the browser sees neither`, async () => {
			const credential = await withToken(type, 'http');
			const before = await readDecryptedCredential(stage.n8n, credential.id);
			const record = JSON.parse(String(before.tokenRecord)) as { tokens: object };
			assert.notDeepEqual(record.tokens, {});
			const shown = await stage.n8n.rest.getCredential(credential.id, { includeData: true });
			for (const { value } of await stage.sandbox.tokens()) assert.ok(!JSON.stringify(shown).includes(value));
			assert.match(String(shown.data?.tokenRecord), /^__n8n_BLANK_VALUE_/);

			await stage.change(credential, {});
			assert.deepEqual(await readDecryptedCredential(stage.n8n, credential.id), before);
			assert.equal(told(await stage.run(step('own', credential))), '');
			assert.deepEqual(await seen(type), { tokenRequests: 0, apiRequests: 1, apiRefused: 0 });
		});
	}

	describe('the HTTP Request node', () => {
		it('works with every credential, and the token is renewed before it is used', async () => {
			// Longer than the first call takes on a machine under load.
			await stage.sandbox.settings(lifetimes(5));
			const calls = await Promise.all(
				credentialTypes.map(async (type) => {
					const call = await stage.publish(step('http', await stage.credential(type)));
					const first = await call();
					assert.equal(first.status, 200, `${type}: ${first.text}`);
					return { type, call };
				}),
			);
			await sleep(5_300);
			await stage.sandbox.settings(lifetimes(3600));
			await stage.sandbox.reset();
			for (const { type, call } of calls) {
				assert.equal((await call()).status, 200, type);
				assert.equal((await call()).status, 200, type);
				assert.deepEqual(await seen(type), { tokenRequests: 1, apiRequests: 2, apiRefused: 0 }, type);
			}
		});

		it('reads on with a new token where the old one expires between two pages', async () => {
			await stage.sandbox.settings(lifetimes(3));
			const pagination = { paginationMode: 'updateAParameterInEachRequest', parameters: { parameters: [{ type: 'qs', name: 'offset', value: '={{ $pageCount }}' }] }, limitPagesFetched: true, maxRequests: 8, requestInterval: 500 };
			const pages = httpRequest(await stage.credential('customTokenApi'), { url: `${stage.sandbox.info.urls.custom}/items`, options: { pagination: { pagination } } });
			const execution = await stage.run(pages);
			assert.equal(told(execution), '');
			const { tokenRequests, apiRequests, apiRefused } = await seen('customTokenApi');
			assert.deepEqual({ apiRequests, apiRefused }, { apiRequests: 8, apiRefused: 0 });
			assert.ok(tokenRequests >= 2 && tokenRequests <= 4, `${tokenRequests} tokens for lives of two seconds in four`);
			await stage.sandbox.settings(lifetimes(3600));
		});

		for (const type of credentialTypes) {
			it(`sends a POST once when the API of ${type} answers 500, and buys nothing`, async () => {
				const credential = await withToken(type, 'http');
				const { provider, post } = stage.consumers[type];
				await stage.sandbox.fault({ provider, endpoint: 'api', kind: 'status', status: 500 });
				const execution = await stage.run(post(credential));
				assert.equal(execution.status, 'error');
				const requests = await stage.sandbox.requests({ provider });
				assert.equal(requests.filter(({ method, endpoint }) => method === 'POST' && endpoint === 'api').length, 1);
				assert.equal((await seen(type)).tokenRequests, 0);
			});
		}
	});

	describe('whose a token is', () => {
		it('another organization in the credential gets a token of its own', async () => {
			const credential = await withToken('bookingtimeApi');
			const [used] = await authorizations('bookingtime', await stage.run(step('own', credential)));
			const app = stage.sandbox.info.accounts.bookingtime.apps.find(({ clientId }) => clientId === credential.fields.clientId);
			const changed = await stage.change(credential, { organizationId: app?.organizationIds[1] as string });
			await stage.sandbox.reset();
			for (const way of ['own', 'http'] as const) {
				const headers = await authorizations('bookingtime', await stage.run(step(way, changed)));
				assert.ok(headers.every((header) => header !== used), way);
			}
			assert.deepEqual(await seen('bookingtimeApi'), { tokenRequests: 1, apiRequests: 2, apiRefused: 0 });

			await stage.change(changed, { organizationId: credential.fields.organizationId as string });
			await stage.sandbox.reset();
			assert.deepEqual(await authorizations('bookingtime', await stage.run(step('own', credential))), [used]);
			assert.equal((await seen('bookingtimeApi')).tokenRequests, 0);
		});

		for (const [type, secret] of Object.entries({
			calensoApi: 'clientSecret', bookingtimeApi: 'clientSecret', meister1Api: 'clientSecret', fusioApi: 'appSecret', customTokenApi: 'password',
		}) as Array<[CredentialType, string]>) {
			it(`a changed secret of ${type} does not use the old token; the old secret does, and buys nothing`, async () => {
				const credential = await withToken(type);
				await stage.change(credential, { [secret]: 'not-the-secret' });
				const ends = await Promise.all([stage.run(step('own', credential)), stage.run(step('http', credential))]);
				for (const execution of ends) assert.match(told(execution), /refused the (client id or secret|name or password)/);
				const { tokenRequests, apiRequests } = await seen(type);
				assert.deepEqual({ tokenRequests, apiRequests }, { tokenRequests: 1, apiRequests: 0 });

				await stage.change(credential, { [secret]: credential.fields[secret] as string });
				await stage.sandbox.reset();
				assert.equal(told(await stage.run(step('own', credential))), '');
				assert.deepEqual(await seen(type), { tokenRequests: 0, apiRequests: 1, apiRefused: 0 });
			});
		}

		it('a second credential entry of the same client buys nothing', async () => {
			for (const type of credentialTypes) {
				const { fields } = await withToken(type);
				const second = await stage.credential(type, fields);
				for (const way of ['own', 'http'] as const) assert.equal(told(await stage.run(step(way, second))), '', `${type}, ${way}`);
				assert.deepEqual(await seen(type), { tokenRequests: 0, apiRequests: 2, apiRefused: 0 }, type);
			}
		});
	});

	describe('a token goes to no foreign host', () => {
		const bases: Record<CredentialType, string> = {
			calensoApi: '/api/v1', bookingtimeApi: '/app/v3/de', meister1Api: '/v1', fusioApi: '', customTokenApi: '',
		};
		for (const type of credentialTypes) {
			it(`with ${type}, directly or by a redirect`, async () => {
				const credential = await withToken(type);
				const { foreign } = stage.sandbox.info.urls;
				const away = `${stage.sandbox.info.urls[stage.consumers[type].provider as 'calenso']}${bases[type]}/redirect-away`;
				const direct = [protectedCall(credential, { path: `${foreign}/x` }), httpRequest(credential, { url: `${foreign}/x` })];
				for (const one of direct) {
					assert.match(told(await stage.run(one)), /must not be sent to 127\.0\.0\.1|token is for 127\.0\.0\.1:\d+ only/);
				}
				assert.equal((await stage.sandbox.requests({ provider: 'foreign' })).length, 0);

				const redirected = [302, 307].flatMap((status) =>
					['GET', 'POST'].flatMap((method) => {
						const url = `${away}?status=${status}`;
						const body: JsonObject = method === 'POST' ? { sendBody: true, specifyBody: 'json', jsonBody: '{}' } : {};
						return [
							protectedCall(credential, { path: url, method }),
							...[OPEN_HTTP_REQUEST, newestHttpRequest()].map((version) => httpRequest(credential, { url, method, ...body }, version)),
						];
					}),
				);
				await Promise.all(redirected.map(async (one) => await stage.run(one)));
				const { withAuthorization, withSecret } = await stage.counts('foreign');
				assert.deepEqual({ withAuthorization, withSecret }, { withAuthorization: 0, withSecret: 0 });
			});
		}

		it('a token endpoint that redirects is not followed', async () => {
			await Promise.all(
				credentialTypes.flatMap((type) =>
					[302, 307].map(async (status, index) => {
						await stage.sandbox.fault({ provider: stage.consumers[type].provider, endpoint: 'token', kind: 'redirect', status, times: 1 });
						const execution = await stage.run(step(index === 0 ? 'own' : 'http', await stage.credential(type)));
						assert.match(told(execution), /redirected the token request/, `${type}, ${status}`);
					}),
				),
			);
			assert.equal((await stage.sandbox.requests({ provider: 'foreign' })).length, 0);
		});
	});

	it('a restart of n8n, even a crash, buys nothing', async () => {
		const credentials = await Promise.all(credentialTypes.map(async (type) => await withToken(type)));
		await stage.n8n.restart('kill9');
		await stage.sandbox.reset();
		await Promise.all(
			credentials.flatMap((credential) =>
				(['own', 'http'] as const).map(async (way) => {
					assert.equal(told(await stage.run(step(way, credential))), '', `${credential.type}, ${way}`);
				}),
			),
		);
		for (const credential of credentials) {
			assert.equal((await stage.open(credential)).status, 'OK');
			assert.equal((await seen(credential.type)).tokenRequests, 0, credential.type);
		}
	});

	/** The Authorization headers that the last API requests carried, after an execution that succeeded. */
	async function authorizations(provider: 'bookingtime', execution: Awaited<ReturnType<Stage['run']>>) {
		assert.equal(told(execution), '');
		const requests = await stage.sandbox.requests({ provider, endpoint: 'api' });
		return requests.slice(-1).map(({ headers }) => headers.authorization);
	}
});

/** Of all providers' access tokens, in seconds. */
function lifetimes(seconds: number) {
	return {
		calenso: { lifetime: seconds },
		bookingtime: { accessLifetime: seconds },
		meister1: { lifetime: seconds },
		fusio: { accessLifetime: seconds },
		custom: { lifetime: seconds },
	};
}
