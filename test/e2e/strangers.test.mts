import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { n8nVersion } from '../n8n/install.mts';
import { readDecryptedCredential, write } from '../n8n/database.mts';
import type { Execution, Item, JsonObject } from '../n8n/types.mts';
import { startCrossroads, type Crossroads } from './support/crossroads.mts';
import type { FlowOptions, Step } from './support/flows.mts';
import { SUBJECT } from './support/flows.mts';
import { httpRequest, ownNode, protectedCall, type Stored } from './support/requests.mts';
import { startStage, told, type Stage } from './support/start.mts';

/** What other hosts, a database that keeps nothing, and servers with a memory of their own do to a real n8n. */

const NAME = 'api.tokens.test';
/** Fusio bans after about so many refusals within two minutes. */
const BAN = 32;

// Each row has providers or a client of its own, so that they can run side by side.
describe('strangers, in a real n8n', { timeout: 600_000, concurrency: 4 }, () => {
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

	/** The same n8n, and providers to which nothing was sent yet: refusals are counted for each address. */
	async function withPlace(work: (place: Stage) => Promise<void>): Promise<void> {
		const place = await stage.elsewhere();
		try {
			await work(place);
		} finally {
			await place.stop();
		}
	}

	describe('a redirect takes neither the token nor a header of the credential along', { concurrency: 1 }, () => {
		const SECRET_HEADER = 'X-Api-Key';
		const secret = `key-${crypto.randomUUID()}`;
		/** Where to, from `http://api.tokens.test` and from `https://api.tokens.test`. */
		const targets = ({ ports }: Crossroads, scheme: 'http' | 'https') => ({
			'another host': `http://other.test:${ports.http}`,
			'a subdomain': `http://evil.${NAME}:${ports.http}`,
			'the parent domain': `http://tokens.test:${ports.http}`,
			'another port': `http://${NAME}:${ports.otherHttp}`,
			...(scheme === 'https' ? { 'http instead of https': `http://${NAME}:${ports.http}` } : { 'https instead of http': `https://${NAME}:${ports.https}` }),
		});
		let landings = 0;

		async function credential(scheme: 'http' | 'https', change: JsonObject): Promise<Stored> {
			return await stage.credential('customTokenApi', {
				grant: 'clientCredentials', clientProof: 'body', bodyFormat: 'form', clientId: `client-${++landings}`, clientSecret: 'crossroads secret',
				accessPath: 'access_token', expiryPath: 'expires_in', headerName: 'Authorization', headerPrefix: 'Bearer',
				baseUrl: `${scheme}://${NAME}:${roads.ports[scheme]}`, tokenUrl: roads.tokenUrl, testPath: '', ...change,
			});
		}

		function assertNothingShown(landed: string, own: string, where: string): void {
			for (const { origin, text } of roads.arrivals(landed)) {
				if (origin === own) continue;
				assert.doesNotMatch(text, /authorization|x-api-key/i, `${where}: a header reached ${origin}`);
				for (const canary of [secret, ...roads.tokens]) assert.ok(!text.includes(canary), `${where}: a secret reached ${origin}`);
			}
		}

		for (const scheme of ['http', 'https'] as const) {
			for (const [kind, change] of [
				['the token in Authorization', {}],
				['a key in a header of its own', { moreOptions: true, secret, apiHeaders: JSON.stringify({ [SECRET_HEADER]: '$secret' }) }],
				['the token in a header of its own', { headerName: 'X-Auth-Token', headerPrefix: '' }],
			] as const) {
				it(`${scheme}, ${kind}`, async () => {
					const own = `${scheme}://${NAME}:${roads.ports[scheme]}`;
					const stored = await credential(scheme, change);
					// Once, so that all that follow find the token.
					assert.equal(told(await stage.run(protectedCall(stored, { path: leave(own, `${own}/landed/home-${landings}`) }))), '');
					assert.deepEqual(roads.arrivals(`home-${landings}`).map(({ origin }) => origin), [own], 'the token goes along on the own host');
					const ways = Object.entries(targets(roads, scheme)).flatMap(([where, origin]) =>
						[302, 307].map((status) => ({ where: `${where}, ${status}`, origin, status })),
					);
					await Promise.all(
						ways.map(async ({ where, origin, status }) => {
							const landed = `${scheme}-${++landings}`;
							const path = leave(own, `${origin}/landed/${landed}`, status);
							await stage.run(protectedCall(stored, { path }));
							await stage.run(httpRequest(stored, { url: path }));
							if (status === 302) {
								const testPath = path.slice(own.length + 1);
								await stage.open(await credential(scheme, { ...change, testPath }));
							}
							assertNothingShown(landed, own, where);
						}),
					);
				});
			}
		}

		it('from a foreign host back home neither', async () => {
			const own = `https://${NAME}:${roads.ports.https}`;
			const stored = await credential('https', {});
			const [token] = [await tokenOf(stored)];
			// The stranger is told a token to find its way by: what it sends home must not get ours.
			const back = leave(`http://other.test:${roads.ports.http}`, `${own}/landed/back-1`) + `&shown=${token}`;
			for (const step of [protectedCall(stored, { path: leave(own, back) }), httpRequest(stored, { url: leave(own, back) })]) await stage.run(step);
			for (const { text } of roads.arrivals('back-1')) assert.doesNotMatch(text, /authorization/i);
		});

		/** One that the crossroads know, of another client. */
		async function tokenOf({ fields }: Stored): Promise<string> {
			const reply = await fetch(String(fields.tokenUrl), { method: 'POST' });
			return ((await reply.json()) as { access_token: string }).access_token;
		}
	});

	describe('a row that n8n can read and not write', () => {
		for (const [type, budget] of [['calensoApi', 31], ['customTokenApi', 0]] as const) {
			for (const way of ['own', 'http'] as const) {
				it(`${type}, budget ${budget}, ${way === 'own' ? 'a node of this package' : 'the HTTP Request node'}`, async () => {
					await withPlace(async (place) => {
						const credential = await place.credential(type, { monthlyBudget: budget });
						const { id } = credential;
						write(place.n8n, `CREATE TRIGGER "full_${id}" BEFORE UPDATE ON credentials_entity WHEN OLD.id = '${id}' BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END`);
						try {
							const step = place.consumers[type][way](credential);
							const ends = await Promise.all(Array.from({ length: 5 }, async () => await place.run(step)));
							const { tokenRequests } = await place.counts(place.consumers[type].provider);
							assert.ok(tokenRequests <= 1, `${tokenRequests} token requests`);
							if (way === 'own' && budget > 0) {
								assert.equal(tokenRequests, 0);
								for (const execution of ends) assert.match(told(execution), /n8n could not store the token: .*Look at n8n’s database: a full disk/);
							}
							assert.equal((await readDecryptedCredential(place.n8n, id)).tokenRecord ?? '', '');
						} finally {
							write(place.n8n, `DROP TRIGGER "full_${id}"`);
						}
						assert.equal(told(await place.run(place.consumers[type].own(credential))), '', 'afterwards all is well');
					});
				});
			}
		}
	});

	describe('refusals that would lead to a ban', () => {
		const many = { items: Array.from({ length: 200 }, (_, index) => ({ index })) };

		async function refused(place: Stage): Promise<number> {
			const sent = await place.sandbox.requests({ provider: 'fusio' });
			return sent.filter(({ status }) => status !== null && status >= 400 && status < 500).length;
		}

		const rows: ReadonlyArray<readonly [label: string, parameters: JsonObject, fault: JsonObject | undefined]> = [
			['200 × 404', { path: '/todo/999999' }, undefined],
			['200 × 429', { path: '/todo', options: { retry: false } }, { kind: 'reply', status: 429, value: { success: false, message: 'Rate limit exceeded' } }],
			['200 × 429, Never Error', { path: '/todo', options: { retry: false, neverError: true } }, { kind: 'reply', status: 429, value: { success: false, message: 'Rate limit exceeded' } }],
		];
		for (const [label, parameters, fault] of rows) {
			it(`${label} with Continue On Fail stay below ${BAN}, and the rest is told until when`, async () => {
				await withPlace(async (place) => {
					const credential = await place.credential('fusioApi');
					assert.equal(told(await place.run(place.consumers.fusioApi.own(credential))), '');
					if (fault) await place.sandbox.fault({ provider: 'fusio', endpoint: 'api', ...fault } as never);
					const step: Step = { ...protectedCall(credential, parameters), onError: 'continueRegularOutput' };
					const execution = await place.run(step, many);
					assert.equal(execution.items().length, 200);
					assert.ok((await refused(place)) < BAN, `${await refused(place)} refusals`);
					const last = JSON.stringify(execution.items().at(-1)?.json);
					assert.match(last, /Not sent: Fusio bans hosts.*Sending goes on at \d\d:\d\d:\d\d UTC/);
				});
			});
		}

		it('10 executions at once with a revoked token: one new token, and no ban', async () => {
			await withPlace(async (place) => {
				const credential = await place.credential('fusioApi');
				const call = await place.publish(place.consumers.fusioApi.own(credential));
				assert.equal((await call()).status, 200);
				await place.sandbox.revoke('fusio');
				await place.sandbox.reset();
				const replies = await Promise.all(Array.from({ length: 10 }, call));
				assert.deepEqual(replies.map(({ status }) => status), Array(10).fill(200), replies.find(({ status }) => status !== 200)?.text);
				assert.equal((await place.counts('fusio')).tokenRequests, 1);
				assert.ok((await refused(place)) <= 10);
			});
		});
	});

	it('fewer scopes than were asked for: the test, an error and Get Status name what is missing', async () => {
		await withPlace(async (place) => {
			const credential = await place.credential('fusioApi', { scopes: 'authorization, report' });
			assert.match((await place.open(credential)).message, /did not grant all that was asked for\..*report/);
			const refusal = await place.run(place.consumers.fusioApi.own(credential));
			assert.match(told(refusal), /report/);
			const status = await place.run(ownNode('apiToken', credential, { authentication: credential.type, operation: 'getStatus' }));
			assert.deepEqual(status.items()[0]?.json.missingScopes, ['report']);
		});
	});

	describe('a server that lost its tokens', () => {
		for (const testPath of ['', 'items']) {
			it(`costs the HTTP Request node one failed execution at most, ${testPath ? 'with' : 'without'} a Test Path`, async () => {
				await withPlace(async (place) => {
					const credential = await place.credential('customTokenApi', { testPath });
					const { http, post } = place.consumers.customTokenApi;
					for (const [label, step] of [['GET', http(credential)], ['POST', post(credential)]] as const) {
						assert.equal(told(await place.run(step)), '');
						await place.sandbox.forget('custom');
						await place.sandbox.reset();
						const ends: Execution[] = [];
						for (let count = 0; count < 4; count++) ends.push(await place.run(step));
						const failed = ends.filter(({ status }) => status !== 'success').length;
						assert.ok(failed <= 1, `${label}: ${failed} failed: ${told(ends[0] as Execution)}`);
						const { tokenRequests } = await place.counts('custom');
						assert.equal(tokenRequests, 1, label);
						const arrived = (await place.sandbox.requests({ provider: 'custom', operation: 'add' })).filter(({ status }) => status === 201);
						if (label === 'POST') assert.equal(arrived.length, 4 - failed, 'carried out once each');
					}
				});
			});
		}
	});

	it('an expression in a field of the credential stays one; on n8n 1 it is frozen to its first value', async () => {
		await withPlace(async (place) => {
			const expression = '={{ "it" + "ems" }}';
			const credential = await place.credential('customTokenApi', { testPath: expression });
			assert.equal(told(await place.run(place.consumers.customTokenApi.own(credential))), '');
			const { testPath, tokenRecord } = await readDecryptedCredential(place.n8n, credential.id);
			assert.notEqual(tokenRecord ?? '', '', 'a token was stored');
			assert.equal(testPath, n8nVersion.startsWith('1.') ? 'items' : expression);
		});
	});

	describe('the error output', () => {
		it('of Protected Call takes the failed items, and they alone', async () => {
			await withPlace(async (place) => {
				const credential = await place.credential('fusioApi');
				const step = protectedCall(credential, { path: '=/todo/{{ $json.id }}' });
				const [good, bad] = await outputs(place, step, [{ id: 1 }, { id: 999999 }, { id: 2 }]);
				assert.deepEqual(good.map(({ json }) => String(json.id)), ['1', '2']);
				assert.equal(bad.length, 1);
				assert.match(JSON.stringify(bad), /Could not find todo/);
			});
		});

		it('of the other nodes takes them as well', async () => {
			await withPlace(async (place) => {
				const meister1 = await place.credential('meister1Api');
				const [accountId = ''] = place.sandbox.info.accounts.meister1.accountIds;
				const link = ownNode('meister1', meister1, {
					resource: 'ssoUrl', operation: 'generate', backUrl: 'https://www.example.com/', accountId: '={{ $json.account }}', locale: 'de-de',
				});
				const links = await outputs(place, link, [{ account: accountId }, { account: 'nobody' }]);
				assert.deepEqual(links.map(({ length }) => length), [1, 1]);

				const bookingtime = await place.credential('bookingtimeApi');
				const organization = ownNode('bookingtime', bookingtime, {
					resource: 'organization', operation: 'get', organization: { __rl: true, mode: 'id', value: '={{ $json.id }}' },
				});
				const own = String(bookingtime.fields.organizationId);
				const organizations = await outputs(place, organization, [{ id: own }, { id: 'f6nobody' }]);
				assert.deepEqual(organizations.map(({ length }) => length), [1, 1]);
			});
		});

		/** What came out at both outputs. */
		async function outputs(place: Stage, step: Step, items: NonNullable<FlowOptions['items']>): Promise<[Item[], Item[]]> {
			const { raw } = await place.run({ ...step, onError: 'continueErrorOutput' }, { items });
			const { data } = raw as { data: { resultData: { runData: Record<string, Array<{ data: { main: Array<Item[] | null> } }>> } } };
			const [good, bad] = data.resultData.runData[SUBJECT]?.at(-1)?.data.main ?? [];
			return [good ?? [], bad ?? []];
		}
	});
});

function leave(from: string, to: string, status = 302): string {
	return `${from}/leave?status=${status}&to=${encodeURIComponent(to)}`;
}
