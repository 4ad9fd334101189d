import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { n8nVersion } from '../n8n/install.mts';
import { readDecryptedCredential, write } from '../n8n/database.mts';
import type { Execution, Item, JsonObject } from '../n8n/types.mts';
import { startCrossroads, type Crossroads } from './support/crossroads.mts';
import type { FlowOptions, Step } from './support/flows.mts';
import { SUBJECT } from './support/flows.mts';
import { httpRequest, newestHttpRequest, OPEN_HTTP_REQUEST, ownNode, protectedCall, type Stored } from './support/requests.mts';
import { startStage, told, type Stage } from './support/start.mts';

/** What other hosts, a database that keeps nothing, and servers with a memory of their own do to a real n8n. */

const NAME = 'api.tokens.test';
/** Fusio bans after about so many refusals within two minutes. */
const BAN = 32;

// Three lanes, each with hosts or providers of its own; within one, each row has a client of its own.
describe('strangers, in a real n8n', { timeout: 600_000, concurrency: 3 }, () => {
	let stage: Stage;
	let roads: Crossroads;
	before(async () => {
		roads = await startCrossroads(NAME);
		stage = await startStage({ extraEnv: roads.environment });
	});
	after(async () => {
		await stage?.stop();
		await roads?.stop();
	});

	describe('a redirect takes neither the token nor a header of the credential along', { concurrency: 1 }, () => {
		const secret = `key-${crypto.randomUUID()}`;
		const ownKey = { moreOptions: true, secret, apiHeaders: JSON.stringify({ 'X-Api-Key': '$secret' }) };
		const kinds: ReadonlyArray<readonly [kind: string, change: JsonObject]> = [
			['the token in Authorization', {}],
			['a key in a header of its own beside it', ownKey],
			['the token in a header of its own', { headerName: 'X-Auth-Token', headerPrefix: '' }],
		];
		let clients = 0;

		const baseOf = (scheme: 'http' | 'https') => `${scheme}://${NAME}:${roads.ports[scheme]}`;

		function targets(scheme: 'http' | 'https'): string[] {
			const { ports } = roads;
			return [
				`http://other.test:${ports.http}`,
				`http://evil.${NAME}:${ports.http}`,
				`http://tokens.test:${ports.http}`,
				`http://${NAME}:${ports.otherHttp}`,
				baseOf(scheme === 'https' ? 'http' : 'https'),
			];
		}

		async function credential(scheme: 'http' | 'https', change: JsonObject): Promise<Stored> {
			return await stage.credential('customTokenApi', {
				grant: 'clientCredentials', clientProof: 'body', bodyFormat: 'form', clientId: `client-${++clients}`, clientSecret: 'crossroads secret',
				accessPath: 'access_token', expiryPath: 'expires_in', headerName: 'Authorization', headerPrefix: 'Bearer',
				baseUrl: baseOf(scheme), tokenUrl: roads.tokenUrl, testPath: '', ...change,
			});
		}

		for (const scheme of ['http', 'https'] as const) {
			for (const [kind, change] of kinds) {
				it(`${scheme}, ${kind}`, async () => {
					const own = baseOf(scheme);
					const mark = `${scheme}-${clients}`;
					const stored = await credential(scheme, change);
					const home = leave(own, `${own}/landed/${mark}-home`);
					assert.equal(told(await stage.run(protectedCall(stored, { path: home }))), '');
					assert.match(roads.arrivals(`${mark}-home`)[0]?.text ?? '', /authorization|x-auth-token/i, 'the token goes along on the own host');

					const ways = targets(scheme).flatMap((origin) => [302, 307].map((status) => ({ to: leave(own, `${origin}/landed/${mark}`, status) })));
					const each = { items: ways };
					const call: Step = { ...protectedCall(stored, { path: '={{ $json.to }}' }), onError: 'continueRegularOutput' };
					assert.equal((await stage.run(call, each)).items().length, ways.length);
					// What it was shown is looked at; that strangers were reached at all shows that there was something to see.
					// From https to http nothing leads: all of these strangers are http.
					assert.equal(roads.arrivals(mark).length > 0, scheme === 'http');
					for (const version of [OPEN_HTTP_REQUEST, newestHttpRequest()]) {
						const request: Step = { ...httpRequest(stored, { url: '={{ $json.to }}' }, version), onError: 'continueRegularOutput' };
						assert.equal((await stage.run(request, each)).items().length, ways.length);
					}
					for (const { to } of kind === kinds[0]?.[0] ? ways : ways.slice(2, 3)) {
						await stage.open(await credential(scheme, { ...change, testPath: to.slice(own.length + 1) }));
					}
					for (const { origin, text } of roads.arrivals(mark)) {
						assert.notEqual(origin, own);
						assert.doesNotMatch(text, /authorization|x-api-key|x-auth-token/i, `a header reached ${origin}`);
						for (const canary of [secret, ...roads.tokens]) assert.ok(!text.includes(canary), `a secret reached ${origin}`);
					}
				});
			}
		}

		it('from a foreign host back home neither', async () => {
			const own = baseOf('http');
			const stored = await credential('http', {});
			// With a token in the address, so that the stranger redirects too; it must not get ours back home.
			const shown = ((await (await fetch(roads.tokenUrl, { method: 'POST' })).json()) as { access_token: string }).access_token;
			const back = `${leave(`http://other.test:${roads.ports.http}`, `${own}/landed/back`)}&shown=${shown}`;
			assert.equal(told(await stage.run(protectedCall(stored, { path: leave(own, back) }))), '');
			for (const version of [OPEN_HTTP_REQUEST, newestHttpRequest()]) await stage.run(httpRequest(stored, { url: leave(own, back) }, version));
			assert.ok(roads.arrivals('back').length > 0);
			for (const { text } of roads.arrivals('back')) assert.doesNotMatch(text, /authorization/i);
		});
	});

	describe('refusals that would lead to a ban', { concurrency: 1 }, () => {
		const many = { items: Array.from({ length: 200 }, (_, index) => ({ index })) };
		// Of 429 each slows the next ones down, which takes minutes for 28 of them: the unit tests have that on a clock of theirs.
		for (const [label, options] of [['200 × 404', {}], ['200 × 404, Never Error', { neverError: true }]] as const) {
			it(`${label} with Continue On Fail stay below ${BAN}, and the rest is told until when`, async () => {
				// Refusals are counted for each address.
				const place = await stage.elsewhere();
				try {
					const credential = await place.credential('fusioApi');
					assert.equal(told(await place.run(place.consumers.fusioApi.own(credential))), '');
					const step: Step = { ...protectedCall(credential, { path: '/todo/999999', options }), onError: 'continueRegularOutput' };
					const execution = await place.run(step, many);
					assert.equal(execution.items().length, 200);
					const refused = (await place.sandbox.requests({ provider: 'fusio' })).filter(({ status }) => status !== null && status >= 400 && status < 500);
					assert.ok(refused.length < BAN, `${refused.length} refusals`);
					const last = JSON.stringify(execution.items().at(-1)?.json);
					assert.match(last, /Not sent: Fusio bans hosts.*Sending goes on at \d\d:\d\d:\d\d UTC/);
				} finally {
					await place.stop();
				}
			});
		}
	});

	describe('at the providers', { concurrency: 1 }, () => {
		const runs = async (count: number, step: Step) => await Promise.all(Array.from({ length: count }, async () => await stage.run(step)));

		for (const [type, budget] of [['calensoApi', 31], ['customTokenApi', 0]] as const) {
			for (const way of ['own', 'http'] as const) {
				it(`${type}, budget ${budget}, ${way}: a row that n8n can read and not write costs one token request at most`, async () => {
					await stage.sandbox.reset();
					const credential = await stage.credential(type, { monthlyBudget: budget });
					const { id } = credential;
					write(stage.n8n, `CREATE TRIGGER "full_${id}" BEFORE UPDATE ON credentials_entity WHEN OLD.id = '${id}' BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END`);
					try {
						const ends = await runs(5, stage.consumers[type][way](credential));
						const { tokenRequests } = await stage.counts(stage.consumers[type].provider);
						if (way === 'own' && budget > 0) {
							assert.equal(tokenRequests, 0);
							for (const end of ends) assert.match(told(end), /n8n could not store the token .*Look at n8n’s database: it may be away, full or read-only/);
						} else assert.equal(tokenRequests, 1);
						assert.equal((await readDecryptedCredential(stage.n8n, id)).tokenRecord ?? '', '');
					} finally {
						write(stage.n8n, `DROP TRIGGER "full_${id}"`);
					}
					assert.equal(told(await stage.run(stage.consumers[type].own(credential))), '', 'afterwards all is well');
				});
			}
		}

		it('10 executions at once with a revoked token: one new token, and no ban', async () => {
			const credential = await stage.credential('fusioApi');
			const call = await stage.publish(stage.consumers.fusioApi.own(credential));
			assert.equal((await call()).status, 200);
			await stage.sandbox.revoke('fusio');
			await stage.sandbox.reset();
			const replies = await Promise.all(Array.from({ length: 10 }, call));
			assert.deepEqual(replies.map(({ status }) => status), Array(10).fill(200), replies.find(({ status }) => status !== 200)?.text);
			const { tokenRequests, apiRefused } = await stage.counts('fusio');
			assert.equal(tokenRequests, 1);
			assert.ok(apiRefused <= 10);
		});

		it('fewer scopes than were asked for: the test, an error and Get Status name what is missing', async () => {
			const credential = await stage.credential('fusioApi', { scopes: 'authorization, report' });
			assert.match((await stage.open(credential)).message, /did not grant all that was asked for\..*report/);
			assert.match(told(await stage.run(stage.consumers.fusioApi.own(credential))), /report/);
			const status = await stage.run(ownNode('apiToken', credential, { authentication: credential.type, operation: 'getStatus' }));
			assert.deepEqual(status.items()[0]?.json.missingScopes, ['report']);
		});

		for (const testPath of ['', 'items']) {
			it(`a server that lost its tokens costs the HTTP Request node one failed execution at most, ${testPath ? 'with' : 'without'} a Test Path`, async () => {
				const credential = await stage.credential('customTokenApi', { testPath });
				const { own, http, post } = stage.consumers.customTokenApi;
				// A node of ours tells the engine that the token works; of what n8n's own node got nobody tells, so
				// that a token under ten seconds old that is refused would be taken for one that lacks a permission.
				// Without a Test Path nothing tells whether a POST failed because of the token: n8n does not say, and it is never sent twice.
				const steps = [['GET', http(credential)], ...(testPath ? [['POST', post(credential)] as const] : [])] as const;
				for (const [label, step] of steps) {
					assert.equal(told(await stage.run(step)), '');
					assert.equal(told(await stage.run(own(credential))), '');
					await stage.sandbox.forget('custom');
					await stage.sandbox.reset();
					const ends: Execution[] = [];
					for (let count = 0; count < 4; count++) ends.push(await stage.run(step));
					const failed = ends.filter(({ status }) => status !== 'success');
					assert.ok(failed.length <= 1, `${label}: ${failed.map(told).join(' | ')}`);
					assert.equal((await stage.counts('custom')).tokenRequests, 1, label);
					const added = (await stage.sandbox.requests({ provider: 'custom', operation: 'add' })).filter(({ status }) => status === 201);
					assert.equal(added.length, label === 'POST' ? 4 - failed.length : 0, 'carried out once each');
				}
			});
		}

		it('an expression in a field of the credential stays one; on n8n 1 it is frozen to its first value', async () => {
			const expression = '={{ "it" + "ems" }}';
			const credential = await stage.credential('customTokenApi', { testPath: expression });
			assert.equal(told(await stage.run(stage.consumers.customTokenApi.own(credential))), '');
			const { testPath, tokenRecord } = await readDecryptedCredential(stage.n8n, credential.id);
			assert.notEqual(tokenRecord ?? '', '', 'a token was stored');
			assert.equal(testPath, n8nVersion.startsWith('1.') ? 'items' : expression);
		});

		it('the error output of Protected Call takes the failed items, and they alone', async () => {
			const credential = await stage.credential('fusioApi');
			const step = protectedCall(credential, { path: '=/todo/{{ $json.id }}' });
			const [good, bad] = await outputs(step, [{ id: 1 }, { id: 999999 }, { id: 2 }]);
			assert.deepEqual(good.map(({ json }) => String(json.id)), ['1', '2']);
			assert.equal(bad.length, 1);
			assert.match(JSON.stringify(bad), /Could not find todo/);
		});

		it('the error outputs of the other nodes take them as well', async () => {
			const meister1 = await stage.credential('meister1Api');
			const [accountId = ''] = stage.sandbox.info.accounts.meister1.accountIds;
			const link = ownNode('meister1', meister1, {
				resource: 'ssoUrl', operation: 'generate', backUrl: 'https://www.example.com/', accountId: '={{ $json.account }}', locale: 'de-de',
			});
			const links = await outputs(link, [{ account: accountId }, { account: 'nobody' }]);
			assert.deepEqual(links.map(({ length }) => length), [1, 1]);

			const bookingtime = await stage.credential('bookingtimeApi');
			const organization = ownNode('bookingtime', bookingtime, {
				resource: 'organization', operation: 'get', organization: { __rl: true, mode: 'id', value: '={{ $json.id }}' },
			});
			const own = String(bookingtime.fields.organizationId);
			const organizations = await outputs(organization, [{ id: own }, { id: 'f6nobody' }]);
			assert.deepEqual(organizations.map(({ length }) => length), [1, 1]);
		});

		/** What came out at both outputs. */
		async function outputs(step: Step, items: NonNullable<FlowOptions['items']>): Promise<[Item[], Item[]]> {
			const { raw } = await stage.run({ ...step, onError: 'continueErrorOutput' }, { items });
			const { data } = raw as { data: { resultData: { runData: Record<string, Array<{ data: { main: Array<Item[] | null> } }>> } } };
			const [good, bad] = data.resultData.runData[SUBJECT]?.at(-1)?.data.main ?? [];
			return [good ?? [], bad ?? []];
		}
	});
});

function leave(from: string, to: string, status = 302): string {
	return `${from}/leave?status=${status}&to=${encodeURIComponent(to)}`;
}
