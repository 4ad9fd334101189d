import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { readDecryptedCredential } from '../n8n/database.mts';
import type { JsonObject } from '../n8n/types.mts';
import type { Fault } from '../sandbox/faults.mts';
import type { CredentialType } from './support/accounts.mts';
import type { FlowOptions, Step } from './support/flows.mts';
import { httpRequest, ownNode, protectedCall, type Stored } from './support/requests.mts';
import { startStage, told, type Stage } from './support/start.mts';
import { printTable, short } from './support/table.mts';

/** What one run came to. */
interface Seen {
	/** What a person reads in the editor; '' where it went well. */
	readonly said: string;
	readonly items: number;
	/** Requests that arrived at the token endpoint, and tokens that left it. */
	readonly asked: number;
	readonly issued: number;
	readonly api: number;
}

type Expected = { readonly says: RegExp | 'nothing' } & Partial<Omit<Seen, 'said'>>;
type Through = 'own node' | 'HTTP Request' | 'HTTP Request, again at once' | 'own node, again at once';

/** Says what to do next, and is not what n8n says when it is told nothing. */
const NEXT_STEP = /Check|Try again|Ask |Enter |Add |Choose|raise Monthly|Correct|Take /;
const GENERIC = /please check your|service was not able|problem in node|unknown error|Error in workflow|^Request failed|credentials invalid|went wrong/i;

describe('what a fault costs and what the user reads, in a real n8n', { timeout: 1_200_000 }, () => {
	let stage: Stage;
	const lines: string[][] = [];
	before(async () => {
		stage = await startStage();
	});
	after(async () => {
		await stage?.stop();
		const head = ['injected', 'through', 'what the user saw', 'token requests', 'tokens bought', 'API requests'];
		printTable('Every row was run in a real n8n, with a client of its own.', head, lines);
	});

	/** Runs a node, tells the table, and holds what was seen against what is expected. */
	async function row(injected: string, through: Through, step: Step, expected: Expected, options?: FlowOptions): Promise<Seen> {
		const provider = providerOf(step);
		const earlier = await stage.counts(provider);
		const execution = await stage.run(step, options);
		const { tokenRequests, tokensIssued, apiRequests } = await stage.counts(provider);
		const seen: Seen = {
			said: told(execution),
			items: execution.status === 'success' ? execution.items().length : 0,
			asked: tokenRequests - earlier.tokenRequests,
			issued: tokensIssued - earlier.tokensIssued,
			api: apiRequests - earlier.apiRequests,
		};
		const outcome = seen.said === '' ? `✓ ${seen.items} item${seen.items === 1 ? '' : 's'}` : `✗ ${short(seen.said)}`;
		lines.push([injected, through, outcome, String(seen.asked), String(seen.issued), String(seen.api)]);
		const { says, ...numbers } = expected;
		const where = `${injected}, ${through}: ${outcome}`;
		if (says === 'nothing') assert.equal(seen.said, '', where);
		else assert.match(seen.said, says, where);
		for (const [name, value] of Object.entries(numbers)) assert.equal(seen[name as keyof Seen], value, `${where}: ${name}`);
		return seen;
	}

	function helpful({ said }: Seen): void {
		assert.match(said, NEXT_STEP);
		assert.doesNotMatch(said, GENERIC);
	}

	function providerOf(step: Step) {
		const [type] = Object.keys(step.credentials ?? {}) as CredentialType[];
		return stage.consumers[type as CredentialType].provider;
	}

	const own = (credential: Stored) => stage.consumers[credential.type].own(credential);
	const http = (credential: Stored) => stage.consumers[credential.type].http(credential);
	const clear = async () => await stage.sandbox.reset();

	/** Tokens that the stored record says were asked for, this month. */
	async function counted({ id }: Stored): Promise<number> {
		const { tokenRecord } = await readDecryptedCredential(stage.n8n, id);
		const { ledger } = JSON.parse(String(tokenRecord)) as { ledger: { months: Record<string, Record<string, number>> } };
		return Object.values(ledger.months).flatMap((figures) => Object.values(figures)).reduce((sum, figure) => sum + figure, 0);
	}

	describe('at the token endpoint (Calenso, budget of 31)', () => {
		type TokenFault = Omit<Fault, 'provider' | 'endpoint'>;
		const failing: ReadonlyArray<readonly [label: string, fault: TokenFault, says: RegExp, issued?: number]> = [
			['no answer', { kind: 'hang' }, /did not answer within 10 s/],
			['500', { kind: 'status', status: 500 }, /failed to issue a token \(500/],
			['502', { kind: 'status', status: 502 }, /failed to issue a token \(502/],
			['503 with Retry-After 40', { kind: 'status', status: 503, retryAfter: 40 }, /asks to wait .*\(503.* (40|39) s/],
			['503 without Retry-After', { kind: 'status', status: 503 }, /asks to wait .*\(503/],
			['429 with Retry-After 40', { kind: 'rate-limit', retryAfter: 40 }, /asks to wait .*“Global limit has been reached”.* (40|39) s/],
			['429 with a date', { kind: 'rate-limit', retryAfter: new Date(Date.now() + 3600_000).toUTCString() }, /asks to wait .* \d\d min/],
			['connection cut', { kind: 'reset' }, /connection to the token endpoint of Calenso broke \(ECONNRESET\)/],
			['connection cut after the token was made', { kind: 'reset-after' }, /connection to the token endpoint of Calenso broke/, 1],
			['a web page', { kind: 'html' }, /with a web page/],
			['200 without a token', { kind: 'no-token' }, /with no token in it/],
			['200, empty', { kind: 'empty' }, /with an empty reply/],
			['200, JSON cut off', { kind: 'malformed' }, /with something that is not JSON/],
			['200, a list', { kind: 'not-an-object', value: [1] }, /with JSON that is not an object/],
			['200, a text', { kind: 'not-an-object', value: 'token' }, /with JSON that is not an object/],
			['200, more than 1 MiB', { kind: 'huge' }, /with more than 1 MiB/],
			['token of type mac', { kind: 'token-type', value: 'mac' }, /a token of another type than Bearer/, 1],
			['wrong secret', { kind: 'wrong-secret' }, /refused the client id or secret \(401/],
			['401', { kind: 'unauthorized' }, /refused the client id or secret \(401/],
			['302 to a foreign host', { kind: 'redirect' }, /redirected the token request \(302\), which is not followed/],
			['307 to a foreign host', { kind: 'redirect', status: 307 }, /redirected the token request \(307\), which is not followed/],
		];
		for (const [label, fault, says, issued = 0] of failing) {
			it(label, async () => {
				await clear();
				await stage.sandbox.fault({ provider: 'calenso', endpoint: 'token', ...fault });
				const [first, second] = [await stage.credential('calensoApi'), await stage.credential('calensoApi')];
				const expected = { says, asked: 1, issued, api: 0 };
				helpful(await row(label, 'own node', own(first), expected));
				helpful(await row(label, 'HTTP Request', http(second), expected));
				assert.equal(await counted(first), 1, 'the token request is counted, whatever came of it');
				assert.equal(await counted(second), 1);
				// 1 s and a purchase is the shortest pause: these two are in time on any machine that is not on fire.
				if (!/no answer/.test(label)) {
					await row(label, 'HTTP Request, again at once', http(second), { says, api: 0 });
				}
				assert.equal((await stage.sandbox.requests({ provider: 'foreign' })).length, 0);
			});
		}

		it('is left in peace while a failure is fresh, however many executions and items ask', async () => {
			await clear();
			await stage.sandbox.fault({ provider: 'calenso', endpoint: 'token', kind: 'rate-limit', retryAfter: 60 });
			const credential = await stage.credential('calensoApi');
			const says = /The next token request is possible in \d+ s|asks to wait/;
			await row('429, 20 items', 'own node', own(credential), { says, asked: 1, api: 0 }, { items: items(20) });
			helpful(await row('429, 20 items', 'HTTP Request, again at once', http(credential), { says, asked: 0, api: 0 }, { items: items(20) }));
			helpful(await row('429, 20 items', 'own node, again at once', own(credential), { says, asked: 0, api: 0 }, { items: items(20) }));
			assert.equal((await stage.n8n.rest.openCredential(credential.id)).status, 'Error');
			assert.equal((await stage.counts('calenso')).tokenRequests, 1);
		});

		const harmless: ReadonlyArray<readonly [label: string, fault: TokenFault]> = [
			['2 s late', { kind: 'delay', ms: 2_000 }],
			['2 s late, token made before', { kind: 'delay', ms: 2_000, late: true }],
			...(['missing', 'empty', 'string', 'absolute', 'garbage', 'zero', 'null'] as const).map(
				(shape) => [`expires_in ${shape}`, { kind: 'expiry', shape }] as const,
			),
		];
		for (const [label, fault] of harmless) {
			it(label, async () => {
				await clear();
				await stage.sandbox.fault({ provider: 'calenso', endpoint: 'token', ...fault });
				const [first, second] = [await stage.credential('calensoApi'), await stage.credential('calensoApi')];
				await row(label, 'own node', own(first), { says: 'nothing', items: 30, asked: 1, api: 1 });
				await row(label, 'HTTP Request', http(second), { says: 'nothing', asked: 1, api: 1 });
				await row(label, 'own node, again at once', own(second), { says: 'nothing', asked: 0, api: 1 });
			});
		}

		it('refusals of its own', async () => {
			await clear();
			const { ungranted } = stage.sandbox.info.accounts.calenso;
			const noGrant = await stage.credential('calensoApi', { ...ungranted });
			helpful(await row('client without a grant for the audience', 'own node', own(noGrant), { says: /refused to issue a token \(403/, asked: 1, api: 0 }));
			const secret = await stage.credential('calensoApi', { clientSecret: 'wrong' });
			helpful(await row('client secret wrong in the credential', 'HTTP Request', http(secret), { says: /refused the client id or secret \(401/, asked: 1, api: 0 }));
			const host = await stage.credential('calensoApi', { tokenUrl: 'http://tokens.invalid/oauth/token' });
			helpful(await row('token host that does not exist', 'own node', own(host), { says: /host of the token endpoint of Calenso was not found/, asked: 0, api: 0 }));
			const port = await stage.credential('calensoApi', { tokenUrl: 'http://127.0.0.1:9/oauth/token' });
			helpful(await row('token host that nobody listens at', 'HTTP Request', http(port), { says: /token endpoint of Calenso could not be reached/, asked: 0, api: 0 }));
			const path = await stage.credential('calensoApi', { tokenUrl: `${stage.sandbox.info.urls.calensoAuth}/wrong` });
			helpful(await row('token URL with a wrong path', 'own node', own(path), { says: /refused to issue a token \(404.*Check the token URL/, asked: 0, api: 0 }));
		});

		it('a budget that is used up', async () => {
			await clear();
			const credential = await stage.credential('calensoApi', { monthlyBudget: 1 });
			await row('budget of 1, first token', 'own node', own(credential), { says: 'nothing', asked: 1, api: 1 });
			await stage.change(credential, { audience: 'https://another.example.com' });
			const says = /budget of this Calenso credential is used up: 1 of 1\..*can be bought on \d{4}-\d\d-01 \(UTC\), or raise Monthly Token Budget/;
			helpful(await row('budget of 1, another audience', 'own node', own(credential), { says, asked: 0, api: 0 }));
			helpful(await row('budget of 1, another audience', 'HTTP Request', http(credential), { says, asked: 0, api: 0 }));
		});
	});

	describe('at the other token endpoints', () => {
		for (const type of ['bookingtimeApi', 'meister1Api', 'fusioApi', 'customTokenApi'] as const) {
			it(`${type}: 500, web page, wrong secret`, async () => {
				const { provider } = stage.consumers[type];
				for (const [label, kind, says] of [
					['500', 'status', /failed to issue a token \(500/],
					['a web page', 'html', /with a web page/],
					['wrong secret', 'wrong-secret', /refused the client id or secret/],
				] as const) {
					await clear();
					await stage.sandbox.fault({ provider, endpoint: 'token', kind });
					helpful(await row(`${provider}: ${label}`, 'own node', own(await stage.credential(type)), { says, asked: 1, issued: 0, api: 0 }));
					helpful(await row(`${provider}: ${label}`, 'HTTP Request', http(await stage.credential(type)), { says, asked: 1, issued: 0, api: 0 }));
				}
			});
		}

		it('a dead refresh token costs the full way in, once', async () => {
			await clear();
			for (const [type, asked] of [['meister1Api', 2], ['bookingtimeApi', 3]] as const) {
				const { provider } = stage.consumers[type];
				await stage.sandbox.settings({ meister1: { lifetime: 2 }, bookingtime: { accessLifetime: 2 } });
				const credential = await stage.credential(type);
				await row(`${provider}: first token`, 'own node', own(credential), { says: 'nothing', api: 1 });
				await new Promise((resolve) => setTimeout(resolve, 2_200));
				await stage.sandbox.settings({ meister1: { lifetime: 3600 }, bookingtime: { accessLifetime: 300 } });
				await stage.sandbox.revoke(provider, { refresh: true });
				await row(`${provider}: refresh token dead`, 'own node', own(credential), { says: 'nothing', asked, api: 1 });
				await row(`${provider}: refresh token dead`, 'own node, again at once', own(credential), { says: 'nothing', asked: 0, api: 1 });
			}
		});

		it('bookingtime: the second step fails, the first one is kept', async () => {
			await clear();
			await stage.sandbox.fault({ provider: 'bookingtime', endpoint: 'token', operation: 'step2', kind: 'status', times: 1 });
			const credential = await stage.credential('bookingtimeApi');
			helpful(await row('bookingtime: 500 in step 2', 'own node', own(credential), { says: /failed to issue a token \(500/, asked: 2, issued: 1, api: 0 }));
			await new Promise((resolve) => setTimeout(resolve, 1_100));
			await row('bookingtime: 500 in step 2, 1 s later', 'own node', own(credential), { says: 'nothing', asked: 1, issued: 1, api: 1 });
		});
	});

	describe('at the API', () => {
		const get = (credential: Stored, options: JsonObject = {}) => protectedCall(credential, { path: '/todo', options });
		const post = (credential: Stored, options: JsonObject = {}) =>
			protectedCall(credential, { path: '/todo', method: 'POST', bodyType: 'json', bodyJson: '{"title":"Buy milk"}', options });
		const httpPost = (credential: Stored) => stage.consumers.fusioApi.post(credential);
		const httpGet = (credential: Stored, options: JsonObject = {}) => httpRequest(credential, { url: `${stage.sandbox.info.urls.fusio}/todo`, options });

		async function readyFor(fault: Omit<Fault, 'provider' | 'endpoint'>, type: CredentialType = 'fusioApi'): Promise<Stored> {
			await clear();
			const credential = await stage.credential(type);
			assert.equal(told(await stage.run(http(credential))), '');
			await clear();
			await stage.sandbox.fault({ provider: stage.consumers[type].provider, endpoint: 'api', ...fault });
			return credential;
		}

		it('500', async () => {
			const credential = await readyFor({ kind: 'status', status: 500 });
			const says = /Fusio answered 500.*Try again later/;
			await row('GET 500', 'own node', get(credential), { says, asked: 0, api: 4 });
			await row('GET 500, Retry off', 'own node', get(credential, { retry: false }), { says, asked: 0, api: 1 });
			await row('POST 500', 'own node', post(credential), { says, asked: 0, api: 1 });
			// The second request is a probe, a GET, which tells a revoked token from any other error.
			await row('POST 500', 'HTTP Request', httpPost(credential), { says: /./, asked: 0, api: 2 });
			await row('POST 500', 'HTTP Request, again at once', httpPost(credential), { says: /./, asked: 0, api: 1 });
			const sent = await stage.sandbox.requests({ provider: 'fusio', endpoint: 'api' });
			assert.equal(sent.filter(({ method }) => method === 'POST').length, 3);
			await readyFor({ kind: 'status', status: 500, times: 1 });
			await row('GET 500 once', 'own node', get(credential), { says: 'nothing', asked: 0, api: 2 });
		});

		it('404', async () => {
			const credential = await readyFor({ kind: 'delay', ms: 0 });
			const missing = `${stage.sandbox.info.urls.fusio}/nothing-here`;
			helpful(await row('GET 404', 'own node', protectedCall(credential, { path: '/nothing-here' }), { says: /Fusio answered 404: Unknown location/, asked: 0, api: 1 }));
			await row('GET 404', 'HTTP Request', httpRequest(credential, { url: missing }), { says: /./, asked: 0, api: 2 });
		});

		it('429 and 503', async () => {
			const credential = await readyFor({ kind: 'rate-limit', retryAfter: 1, times: 1 });
			await row('POST 429 once, Retry-After 1', 'own node', post(credential), { says: 'nothing', asked: 0, api: 2 });
			await readyFor({ kind: 'rate-limit', retryAfter: 900 });
			helpful(await row('GET 429, Retry-After 900', 'own node', get(credential), { says: /Fusio answered 429.*Try again later/, asked: 0, api: 1 }));
			await readyFor({ kind: 'status', status: 503, retryAfter: 1, times: 1 });
			await row('POST 503 once, Retry-After 1', 'own node', post(credential), { says: 'nothing', asked: 0, api: 2 });
		});

		it('no answer, connection cut', async () => {
			const credential = await readyFor({ kind: 'hang' });
			const says = /did not answer within 1 s.*Try again/;
			helpful(await row('POST without an answer, Timeout 1', 'own node', post(credential, { timeout: 1 }), { says, asked: 0, api: 1 }));
			helpful(await row('GET without an answer, Timeout 1', 'own node', get(credential, { timeout: 1, retry: false }), { says, asked: 0, api: 1 }));
			// The probe gets no answer either.
			await row('GET without an answer, Timeout 1', 'HTTP Request', httpGet(credential, { timeout: 1000 }), { says: /./, asked: 0, api: 2 });
			await readyFor({ kind: 'reset' });
			helpful(await row('POST cut', 'own node', post(credential), { says: /connection .* broke \(ECONNRESET\)/, asked: 0, api: 1 }));
			helpful(await row('GET cut', 'own node', get(credential), { says: /connection .* broke \(ECONNRESET\)/, asked: 0, api: 4 }));
			await readyFor({ kind: 'reset-after', times: 1 });
			helpful(await row('POST cut after it was carried out', 'own node', post(credential), { says: /connection .* broke \(ECONNRESET\)/, asked: 0, api: 1 }));
			await readyFor({ kind: 'reset', times: 1 });
			await row('GET cut once', 'own node', get(credential), { says: 'nothing', asked: 0, api: 2 });
			const fresh = await readyFor({ kind: 'delay', ms: 1_500 });
			await row('GET 1.5 s late', 'own node', get(fresh), { says: 'nothing', asked: 0, api: 1 });
		});

		it('replies that are not what they should be', async () => {
			const json = (credential: Stored) => protectedCall(credential, { path: '/todo', responseFormat: 'json' });
			const credential = await readyFor({ kind: 'html' });
			helpful(await row('200, a web page', 'own node', json(credential), { says: /a web page instead of JSON/, asked: 0, api: 1 }));
			await readyFor({ kind: 'malformed' });
			helpful(await row('200, JSON cut off', 'own node', json(credential), { says: /something else instead of JSON/, asked: 0, api: 1 }));
			await readyFor({ kind: 'huge' });
			await row('200, 1.2 MB', 'own node', json(credential), { says: 'nothing', items: 1, asked: 0, api: 1 });
			for (const [label, kind] of [['empty', 'empty'], ['an object without a list', 'no-token'], ['a web page', 'html']] as const) {
				const calenso = await readyFor({ kind }, 'calensoApi');
				helpful(await row(`200, ${label}`, 'own node', own(calenso), { says: /Calenso's reply holds no list|a web page instead/, asked: 0, api: 1 }));
				const bookingtime = await readyFor({ kind }, 'bookingtimeApi');
				if (kind !== 'no-token') helpful(await row(`200, ${label}`, 'own node', own(bookingtime), { says: /bookingtime's reply holds no record|a web page instead/, asked: 0, api: 1 }));
				const meister1 = await readyFor({ kind }, 'meister1Api');
				helpful(await row(`200, ${label}`, 'own node', own(meister1), { says: /Meister1's reply holds no link|a web page instead/, asked: 0, api: 1 }));
			}
		});

		it('401', async () => {
			const credential = await readyFor({ kind: 'unauthorized' });
			const says = /Fusio answered 401: Invalid access token\. No further token was bought/;
			const seen = await row('401 to a token that was just bought', 'own node', get(credential), { says, asked: 0, api: 1 });
			helpful(seen);
			const second = await readyFor({ kind: 'unauthorized' }, 'calensoApi');
			await row('401 to a token that was just bought', 'HTTP Request', http(second), { says: /No further token was bought|authoriz/i, asked: 0 });

			const many = await readyFor({ kind: 'unauthorized' });
			const refusals = await row('401 to each of 40 items', 'own node', get(many), { says: /No further token was bought/, asked: 0 }, { items: items(40) });
			assert.ok(refusals.api <= 8, `the rest is not sent: ${refusals.api}`);
			const going = await readyFor({ kind: 'unauthorized' });
			const step: Step = { ...get(going), onError: 'continueRegularOutput' };
			const continued = await row('401 to each of 40 items, Continue On Fail', 'own node', step, { says: 'nothing', items: 40, asked: 0 }, { items: items(40) });
			assert.ok(continued.api <= 8, `the rest is not sent: ${continued.api}`);
		});

		it('a token that is revoked early', async () => {
			const credential = await readyFor({ kind: 'delay', ms: 0 });
			await row('(accepted before)', 'own node', get(credential), { says: 'nothing', asked: 0, api: 1 });
			await stage.sandbox.revoke('fusio');
			await row('token revoked', 'own node', get(credential), { says: 'nothing', asked: 1, api: 2 });
			await row('(accepted before)', 'own node', get(credential), { says: 'nothing', asked: 0, api: 1 });
			await stage.sandbox.revoke('fusio');
			await row('token revoked', 'HTTP Request', httpGet(credential), { says: 'nothing', asked: 1, api: 3 });
		});

		it('a scope that is missing', async () => {
			await clear();
			const credential = await stage.credential('fusioApi', { scopes: 'authorization' });
			helpful(await row('scope missing', 'own node', get(credential), { says: /not in the scope of the provided token.*No further token was bought/, asked: 1, api: 1 }));
			const second = await stage.credential('fusioApi', { scopes: 'authorization' });
			await row('scope missing', 'HTTP Request', httpGet(second), { says: /./, asked: 1 });
			await row('scope missing', 'HTTP Request, again at once', httpGet(second), { says: /./, asked: 0 });
		});

		it('redirects', async () => {
			const credential = await readyFor({ kind: 'redirect' });
			helpful(await row('302 to a foreign host', 'own node', get(credential), { says: /would go to 127\.0\.0\.1:\d+, but this credential's token is for/, asked: 0, api: 1 }));
			await row('302 to a foreign host', 'HTTP Request', httpGet(credential), { says: 'nothing', asked: 0, api: 1 });
			const { withAuthorization, withSecret } = await stage.counts('foreign');
			assert.deepEqual({ withAuthorization, withSecret }, { withAuthorization: 0, withSecret: 0 });
			await clear();
			await row('302 on the same host', 'own node', protectedCall(credential, { path: '/redirect-home' }), { says: 'nothing', asked: 0, api: 2 });
			await row('302 on the same host', 'HTTP Request', httpRequest(credential, { url: `${stage.sandbox.info.urls.fusio}/redirect-home` }), { says: 'nothing', asked: 0, api: 2 });
		});

		it('fields of a node that cannot be', async () => {
			await clear();
			const credential = await stage.credential('calensoApi', { baseUrl: 'my.calenso.com/api/v1' });
			helpful(await row('API base URL without https://', 'own node', own(credential), { says: /API Base URL has no https:\/\//, asked: 0, api: 0 }));
			const empty = await stage.credential('calensoApi', { clientId: ' ' });
			helpful(await row('blank client ID', 'own node', own(empty), { says: /field Client ID is empty/, asked: 0, api: 0 }));
			const byHttp = await row('blank client ID', 'HTTP Request', http(empty), { says: /field Client ID is empty/, asked: 0, api: 0 });
			helpful(byHttp);
			const unused = ownNode('meister1', await stage.credential('meister1Api'), { resource: 'ssoUrl', operation: 'generate', backUrl: 'javascript:alert(1)', accountId: '4711', locale: 'de-de' });
			helpful(await row('back URL that is none', 'own node', unused, { says: /"Back URL" is not a web address/, asked: 0, api: 0 }));
		});
	});
});

function items(count: number): JsonObject[] {
	return Array.from({ length: count }, (_, index) => ({ index }));
}
