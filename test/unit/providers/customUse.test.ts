import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import type { ApiRequest } from '../../../nodes/session/session';
import { ApiError } from '../../../credentials/tokens/errors';
import { custom, reads, TOKEN_URL } from '../support/credentials';
import { execution } from '../support/context';
import { N8n, Row } from '../support/n8n';
import { broken, SimulatedProvider, type Reply } from '../support/provider';
import { findSecret } from '../support/secrets';
import { START, VirtualTime } from '../support/virtualTime';

const GET: ApiRequest = { method: 'GET', path: 'things' };
const HOUR = 3_600_000;

function world(fields: ICredentialDataDecryptedObject = {}) {
	const time = new VirtualTime();
	const provider = new SimulatedProvider({ now: () => time.now(), tokenUrl: TOKEN_URL.custom });
	const row = new Row({ ...custom, ...fields });
	const n8n = new N8n(time.process('main'), row, reads.custom, provider.request);
	provider.onApi = () => ({ status: 200, body: {} });
	const send = async (request = GET) => {
		const session = await execution(n8n, 'customTokenApi');
		return await time.run(session.send(request));
	};
	const error = async (request = GET): Promise<ApiError> => {
		try {
			await send(request);
		} catch (thrown) {
			if (thrown instanceof ApiError) return thrown;
		}
		throw new Error('It threw no ApiError');
	};
	const status = async () => (await execution(n8n, 'customTokenApi')).status();
	return { time, provider, row, n8n, send, error, status };
}

describe('A reply of the API that means “expired”', () => {
	const rows: Array<[string, ICredentialDataDecryptedObject, Reply]> = [
		['419, without a word', {}, { status: 419 }],
		['498, without a word', {}, { status: 498 }],
		['403 that says so', {}, { status: 403, body: { message: 'The session has expired' } }],
		['400 that says so', {}, { status: 400, body: { error: 'Token expired' } }],
		[
			'400 that calls the session token invalid (Parse)',
			{},
			{ status: 400, body: { code: 209, error: 'Invalid session token' } },
		],
		[
			'403 that calls the access token invalid',
			{},
			{ status: 403, body: { message: 'The access token is not valid.' } },
		],
		[
			'403 that calls the token invalid and no more (Directus)',
			{},
			{
				status: 403,
				body: { errors: [{ message: 'Invalid token.', extensions: { code: 'INVALID_TOKEN' } }] },
			},
		],
		['440, without a word (IIS)', {}, { status: 440 }],
		['a code with a line', {}, { status: 403, body: { error: 'token_expired' } }],
		['a code in capitals', {}, { status: 400, body: { code: 'ACCESS_TOKEN_EXPIRED' } }],
		['a code in one word', {}, { status: 400, body: { errors: [{ code: 'accessTokenExpired' }] } }],
		['the name of an error', {}, { status: 403, body: { name: 'TokenExpiredError' } }],
		[
			'a code the other way round (AWS)',
			{},
			{ status: 403, body: { __type: 'ExpiredTokenException' } },
		],
		['jwt expired', {}, { status: 403, body: { message: 'jwt expired' } }],
		[
			'a signature that has expired (PyJWT)',
			{},
			{ status: 403, body: { detail: 'Signature has expired.' } },
		],
		[
			'a session that timed out',
			{},
			{ status: 403, body: '<error>Your session has timed out.</error>' },
		],
		['403, as the credential says', { expiredWhen: '403' }, { status: 403 }],
		[
			'400 with a code (Parse)',
			{ expiredWhen: '400 "code": 209' },
			{ status: 400, body: { code: 209, error: 'Invalid session token' } },
		],
		[
			'200 with a code (Marketo)',
			{ expiredWhen: '403; 200 "code":"602"' },
			{
				status: 200,
				body: { success: false, errors: [{ code: '602', message: 'Access token expired' }] },
			},
		],
	];

	it.each(rows)('costs one token, and the request goes again: %s', async (_, fields, reply) => {
		const { provider, time, send } = world(fields);
		await send();
		time.pass(60_000);
		let refusals = 1;
		provider.onApi = () => (refusals-- > 0 ? reply : { status: 200, body: { fine: true } });
		expect((await send()).body).toEqual({ fine: true });
		expect(provider.tokenRequests).toHaveLength(2);
	});

	it.each<[string, ICredentialDataDecryptedObject, Reply]>([
		['403 for want of a permission', {}, { status: 403, body: { message: 'Not for you' } }],
		['400 for a token in the body', {}, { status: 400, body: { message: 'Invalid token' } }],
		['400 for another field', {}, { status: 400, body: { message: 'Invalid page token' } }],
		['403 for another token', {}, { status: 403, body: { message: 'Invalid CSRF token' } }],
		[
			'400 for another code',
			{ expiredWhen: '400 "code":209' },
			{ status: 400, body: { code: 101 } },
		],
		['404', { expiredWhen: '403' }, { status: 404 }],
		['a longer code', { expiredWhen: '400 "code":20' }, { status: 400, body: { code: 209 } }],
		[
			'another thing that expired',
			{},
			{ status: 403, body: { token: 'x', message: 'Your subscription has expired' } },
		],
		[
			'a token of a person',
			{},
			{ status: 400, body: { message: 'The password reset token has expired' } },
		],
		['a link', {}, { status: 400, body: { code: 'INVITATION_TOKEN_EXPIRED' } }],
		['an upload', {}, { status: 400, body: 'The upload session has expired' }],
	])('is none, and costs none: %s', async (_, fields, reply) => {
		const { provider, send, error } = world(fields);
		await send();
		provider.onApi = () => reply;
		for (let time = 0; time < 5; time++) await error();
		expect(provider.tokenRequests).toHaveLength(1);
	});
});

describe('A 401 of the API', () => {
	it.each([
		['etcdserver: invalid auth token', 'dead'],
		['Invalid access token', 'dead'],
		['Invalid token', 'dead'],
		['Invalid session token', 'dead'],
		['Unauthorized', 'unclear'],
		['Invalid CSRF token', 'unclear'],
	])('with “%s” is %s', (message, verdict) => {
		expect(reads.custom(custom).verdict({ status: 401, headers: {}, body: { message } })).toBe(
			verdict,
		);
	});
});

describe('A refusal is about', () => {
	it.each<[ICredentialDataDecryptedObject, string]>([
		[{ grant: 'clientCredentials', clientId: 'c', clientSecret: 'secret' }, 'client'],
		[{ grant: 'password', clientProof: 'none', username: 'u', password: 'secret' }, 'both'],
		[{ grant: 'login', username: 'u', password: 'secret' }, 'person'],
		[{ grant: 'ownBody', clientSecret: 'secret', password: '' }, 'client'],
		[{ grant: 'ownBody', username: 'u', password: 'secret', clientSecret: '' }, 'person'],
		[{ grant: 'ownBody', username: 'u', password: 'secret', clientSecret: 'key1' }, 'both'],
	])('%j: the %s', (fields, proof) => {
		const ownBody = { key: 'x' };
		expect(reads.custom({ ...custom, ownBody, ...fields }).grant.reply.proof).toBe(proof);
	});
});

describe('The token goes', () => {
	it.each<[string, ICredentialDataDecryptedObject, Record<string, string>]>([
		[
			'with a prefix and no blank',
			{ headerValue: 'Token token=$token' },
			{ authorization: 'Token token=token-1' },
		],
		[
			'between prefix and suffix',
			{ headerValue: 'Token token="$token", v="1"' },
			{ authorization: 'Token token="token-1", v="1"' },
		],
		[
			'alone in a header of its own',
			{ headerName: 'X-Token', headerPrefix: '' },
			{ 'x-token': 'token-1' },
		],
		['in a cookie', { attachTo: 'cookie', carrierName: 'sid' }, { cookie: 'sid=token-1' }],
		[
			'beside fixed headers',
			{ apiHeaders: '{"X-Key":"$clientSecret"}' },
			{ authorization: 'Bearer token-1', 'x-key': 'custom-secret' },
		],
	])('%s', async (_, fields, headers) => {
		const { provider, send, n8n } = world(fields);
		await send();
		await n8n.httpRequest({ url: 'https://api.example/v1/x' });
		await n8n.legacyRequest({ uri: 'https://api.example/v1/x' });
		for (const sent of provider.apiRequests) expect(sent.headers).toMatchObject(headers);
		expect(provider.apiRequests).toHaveLength(3);
	});

	it('in the query, and into no error', async () => {
		const { provider, send, error } = world({ attachTo: 'query', carrierName: 'access_token' });
		await send({ ...GET, path: 'things?a=1' });
		expect(provider.apiRequests[0].url).toBe(
			'https://api.example/v1/things?a=1&access_token=token-1',
		);
		provider.onApi = ({ url }) => ({ status: 400, body: { message: `Bad request: ${url}` } });
		expect(findSecret(await error(), ['token-1'])).toBeUndefined();
	});

	it.each([
		['things?q=100%&x=%zz', 'things?q=100%&x=%zz&key=token-1'],
		['things?back=/a?b=c&d', 'things?back=/a?b=c&d&key=token-1'],
		['things?100%=1', 'things?100%=1&key=token-1'],
		['things?key=old&a=%20+b', 'things?a=%20+b&key=token-1'],
		['things#part', 'things?key=token-1#part'],
		['things?a=1#p?q#r', 'things?a=1&key=token-1#p?q#r'],
	])('in the query, and the rest of the address stays as it was: %s', async (path, sent) => {
		const { provider, n8n } = world({ attachTo: 'query', carrierName: 'key' });
		await n8n.httpRequest({ url: `https://api.example/v1/${path}` });
		await n8n.legacyRequest({ uri: `https://api.example/v1/${path}` });
		for (const { url } of provider.apiRequests) expect(url).toBe(`https://api.example/v1/${sent}`);
	});

	it.each([
		[
			'MediaBrowser Token="$token", Client="$clientId"',
			'MediaBrowser Token="token-1", Client="custom-client"',
		],
		['OAuth oauth_token=$token, key=$clientSecret', 'OAuth oauth_token=token-1, key=custom-secret'],
	])('among other fields of the credential: %s', async (headerValue, sent) => {
		const { provider, send } = world({ headerValue });
		await send();
		expect(provider.apiRequests[0].headers.authorization).toBe(sent);
	});

	it('with a second one of the same reply', async () => {
		const { provider, send } = world({
			furtherTokens: '{"X-CSRF-Token":"csrf","cookie:tenant":"t.id"}',
		});
		provider.onToken = () => ({
			status: 200,
			body: { access_token: 'session-1', csrf: 'csrf-1', t: { id: 7 }, expires_in: 60 },
		});
		await send();
		expect(provider.apiRequests[0].headers).toMatchObject({
			authorization: 'Bearer session-1',
			'x-csrf-token': 'csrf-1',
			cookie: 'tenant=7',
		});
	});
});

describe('A refresh token that a person has', () => {
	const own = { grant: 'refreshToken', ownRefreshToken: 'pasted-refresh' };
	/** Each refresh token is good once. */
	const rotating = (provider: SimulatedProvider) => {
		let good = 'pasted-refresh';
		let number = 0;
		provider.onToken = ({ body }) => {
			if (new URLSearchParams(body).get('refresh_token') !== good)
				return { status: 400, body: { error: 'invalid_grant', error_description: 'Used before' } };
			good = `refresh-${++number}`;
			return {
				status: 200,
				body: { access_token: `t-${number}`, refresh_token: good, expires_in: 3600 },
			};
		};
	};
	const used = (provider: SimulatedProvider) =>
		provider.tokenRequests.map(({ body }) => new URLSearchParams(body).get('refresh_token'));

	it('is used first, then what each reply brings, and never twice', async () => {
		const { provider, time, send, n8n } = world(own);
		rotating(provider);
		for (let life = 0; life < 4; life++) {
			await send();
			time.pass(2 * HOUR);
			if (life === 1) n8n.restart();
		}
		expect(used(provider)).toEqual(['pasted-refresh', 'refresh-1', 'refresh-2', 'refresh-3']);
	});

	it('that does not change is used again', async () => {
		const { provider, time, send } = world({ ...own, refreshRotates: false });
		for (let life = 0; life < 3; life++) {
			await send();
			time.pass(48 * HOUR);
		}
		expect(used(provider)).toEqual(Array(3).fill('pasted-refresh'));
	});

	it('that is lost is told, and not tried again and again', async () => {
		const { provider, time, error } = world(own);
		provider.onToken = () => ({
			status: 400,
			body: { error: 'invalid_grant', error_description: 'Used before' },
		});
		const { message, description } = await error();
		expect(message).toMatch(/refresh token of this api\.example credential can no longer be used/);
		expect(message).toMatch(/Used before/);
		expect(description).toMatch(/Get a new refresh token/);
		for (let hour = 0; hour < 5; hour++) {
			time.pass(HOUR);
			await error();
		}
		expect(used(provider)).toEqual(['pasted-refresh']);
	});

	it('is another credential’s when a person pastes a new one', async () => {
		const { provider, row, send, error } = world(own);
		provider.onToken = () => ({ status: 400, body: { error: 'invalid_grant' } });
		await error();
		provider.onToken = undefined;
		row.save({ ownRefreshToken: 'pasted-later' });
		await send();
		expect(used(provider)).toEqual(['pasted-refresh', 'pasted-later']);
	});
});

describe('A token reply', () => {
	it('that leads on has the token in its cookie or header (a log-in for people)', async () => {
		for (const replyFormat of ['cookie', 'header']) {
			const { provider, send } = world({
				replyFormat,
				accessPath: replyFormat === 'cookie' ? 'SID' : 'X-Sid',
			});
			const headers = { location: '/home', 'set-cookie': 'SID=s-1; Path=/', 'x-sid': 's-1' };
			provider.onToken = () => ({ status: 302, headers });
			await send();
			expect(provider.apiRequests[0].headers.authorization).toBe('Bearer s-1');
		}
		const { provider, error } = world({ replyFormat: 'cookie', accessPath: 'SID' });
		provider.onToken = () => ({ status: 302, headers: { location: '/login?error' } });
		expect((await error()).message).toMatch(/redirected the token request \(302\)/);
	});

	it('is read in the encoding that it says', async () => {
		const { provider, error } = world();
		const latin = Buffer.from('{"error_description":"Schlüssel ungültig"}', 'latin1');
		const type = { 'content-type': 'application/json; charset=iso-8859-1' };
		provider.onToken = () => ({ status: 400, headers: type, body: latin });
		expect((await error()).message).toMatch(/“Schlüssel ungültig”/);
		const other = world();
		const utf16 = Buffer.from('\ufeff{"access_token":"t-16"}', 'utf16le');
		other.provider.onToken = () => ({ status: 200, body: utf16 });
		await other.send();
		expect(other.provider.apiRequests[0].headers.authorization).toBe('Bearer t-16');
	});
});

describe('A JWT that is the token', () => {
	it('is made here, used while it lives, and made anew', async () => {
		const { provider, time, send } = world({
			grant: 'jwt',
			jwtUse: 'token',
			signingKey: 'shared',
			tokenUrl: '',
		});
		await send();
		await send();
		time.pass(HOUR);
		await send();
		const tokens = provider.apiRequests.map(({ headers }) => headers.authorization);
		expect(provider.tokenRequests).toHaveLength(0);
		expect(tokens[0]).toMatch(/^Bearer eyJ/);
		expect(tokens[1]).toBe(tokens[0]);
		expect(tokens[2]).not.toBe(tokens[0]);
	});
});

describe('A JWT that is the token, and whose claims the person wrote', () => {
	const base = {
		grant: 'jwt',
		jwtUse: 'token',
		signingKey: 'shared',
		tokenUrl: '',
		jwtLifetime: 600,
	};
	const ends = async (jwtClaims: object) => {
		const { send, row, time } = world({ ...base, jwtClaims: jwtClaims as never });
		await send();
		const { expiresAt } = row.record.tokens[''] as unknown as { expiresAt: number };
		return Math.round((expiresAt - time.now()) / 1000);
	};

	it('lives no longer than they say', async () => {
		expect(await ends({})).toBe(595);
		expect(await ends({ exp: START / 1000 + 60 })).toBe(55);
		expect(await ends({ exp: START / 1000 + 6_000 })).toBe(595);
		expect(await ends({ exp: null })).toBe(595);
	});
});

describe('What is odd', () => {
	it('is told by the status of the token', async () => {
		const { provider, send, status } = world();
		provider.onToken = () => ({ status: 200, body: { access_token: 't', expires_in: 864_000 } });
		await send();
		expect((await status()).notes).toEqual([
			expect.stringMatching(/10 days, which is longer than a day/),
		]);
	});

	it('a lifetime that may be misread makes the test of the credential fail, and what calls APIs goes on', async () => {
		const { provider, row, time, n8n, send, status } = world({ testPath: '/me' });
		provider.onToken = () => ({ status: 200, body: { access_token: 't', expires_in: 900_000 } });
		const test = { baseURL: 'https://api.example/v1', url: '/me' };
		const failed = await n8n.openCredential(test).catch((thrown: Error) => thrown);
		expect((failed as Error).message).toMatch(
			/^A token was issued, but its lifetime is not sure\. “expires_in” is 900000: as seconds .* Choose one/,
		);
		await send();
		expect((await status()).notes).toEqual([expect.stringMatching(/as milliseconds 15 min/)]);
		time.pass(20 * 60_000);
		await send();
		expect(provider.tokenRequests).toHaveLength(2);
		row.save({ expiryUnit: 'seconds' });
		await n8n.openCredential(test);
		time.pass(48 * HOUR);
		await send();
		expect(provider.tokenRequests).toHaveLength(3);
	});

	it('that nobody says when it expires is told', async () => {
		const { provider, send, status } = world({ lifetime: 600 });
		provider.onToken = () => ({ status: 200, body: { access_token: 't' } });
		await send();
		expect((await status()).notes).toEqual([
			'Neither the reply nor the token says when it expires; the lifetime from the credential counts: 10 min.',
		]);
	});

	it('a token that is handed out again keeps its end', async () => {
		const { provider, row, time, n8n, send } = world();
		provider.onToken = () => ({
			status: 200,
			body: { access_token: 'the-same', expires_in: 7200 },
		});
		await send();
		const ends = () => (row.record.tokens[''] as unknown as { expiresAt: number }).expiresAt;
		const first = ends();
		time.pass(HOUR);
		const session = await execution(n8n, 'customTokenApi');
		await time.run(session.renew());
		expect(provider.tokenRequests).toHaveLength(2);
		expect(ends()).toBe(first);
		time.pass(2 * HOUR);
		await send();
		expect(ends()).toBeGreaterThan(time.now());
	});
});

describe('Every sentence', () => {
	const name = 'orders.acme-corp.example:8443';
	const base = { baseUrl: `https://${name}/v1`, testPath: '/me' };
	const refusals: Reply[] = [
		...[400, 401, 403, 404, 405, 429, 500, 503].map((status) => ({
			status,
			body: { error: 'no' },
		})),
		...[301, 400, 403, 500].map((status) => ({ status, body: '' })),
		{ status: 200, body: '<html><title>Log in</title></html>' },
		{ status: 200, body: '' },
		{ status: 200, body: 'abc' },
		{ status: 200, body: [] },
		{ status: 200, body: {} },
		{ status: 200, body: { error: 'no' } },
		{ status: 200, body: { access_token: 't', token_type: 'mac' } },
		{ status: 200, body: { data: { access_token: 5 } } },
	];
	const wrong = /The The|[Tt]he token endpoint (?!of )|undefined|null|NaN|\[object|\.\.|\s\.|“”/;

	function check({ message, description }: { message: string; description?: string | null }): void {
		for (const text of [message, description ?? '']) expect(text).not.toMatch(wrong);
		expect(`${message} ${description}`).toMatch(
			/orders\.acme-corp\.example|Custom Token API credential/,
		);
		expect(message).toMatch(/^[A-Z]?.*[.”]$/);
	}

	it.each(refusals)('about the token request calls the API by its host: %j', async (reply) => {
		const { provider, error, n8n } = world(base);
		provider.onToken = () => reply;
		check(await error());
		const test = await n8n
			.openCredential({ url: `https://${name}/v1/me` })
			.catch((thrown: Error) => thrown);
		expect((test as Error).message).not.toMatch(wrong);
	});

	it.each([
		'ENOTFOUND',
		'ECONNREFUSED',
		'ETIMEDOUT',
		'ECONNRESET',
		'DEPTH_ZERO_SELF_SIGNED_CERT',
		'EWHATEVER',
	])('about the connection does so too: %s', async (code) => {
		const { provider, error } = world(base);
		provider.onToken = () => {
			throw broken(code);
		};
		check(await error());
	});

	it('about budget, host and permission does so too', async () => {
		const { provider, send, error, n8n } = world({ ...base, monthlyBudget: 1 });
		await send();
		const elsewhere = await n8n
			.httpRequest({ url: 'https://evil.example/' })
			.catch((thrown: Error) => thrown);
		check(elsewhere as Error);
		provider.onApi = () => ({ status: 401, body: {} });
		check(await error());
	});
});
