import type { IHttpRequestOptions } from 'n8n-workflow';
import { attach, ownUrl, type OutgoingRequest } from '../../../credentials/tokens/attach';
import { RECORD_PROPERTY } from '../../../credentials/tokens/record';
import { boughtInMonth, readLedger } from '../../../credentials/tokens/ledger';
import { calenso, custom, fusio, meister1, reads, TOKEN_URL } from '../support/credentials';
import { N8n, Row } from '../support/n8n';
import { SimulatedProvider } from '../support/provider';
import { VirtualTime } from '../support/virtualTime';

const API = 'https://my.calenso.com/api/v1';
const DAY = 86_400_000;

function calensoWorld(fields = {}) {
	const time = new VirtualTime();
	const provider = new SimulatedProvider({ now: () => time.now(), tokenUrl: TOKEN_URL.calenso });
	const row = new Row({ ...calenso, ...fields });
	const n8n = new N8n(time.process('main'), row, reads.calenso, provider.request);
	const get = (): IHttpRequestOptions => ({ method: 'GET', url: `${API}/workers` });
	const post = () => ({
		method: 'POST' as const,
		uri: `${API}/appointments`,
		body: { a: 1 },
		json: true,
	});
	return { time, provider, row, n8n, get, post };
}

const count = (row: Row) => {
	const { ledger } = JSON.parse(row.text) as { ledger: object };
	const { client } = reads.calenso(row.stored);
	return boughtInMonth(readLedger(ledger), client, Date.UTC(2026, 10, 15));
};

describe('A request with an empty record', () => {
	it('buys one token, stores it, and is sent once', async () => {
		const { provider, row, n8n, get } = calensoWorld();
		await expect(n8n.httpRequest(get())).resolves.toEqual([]);
		expect(provider.tokenRequests).toHaveLength(1);
		expect(provider.apiRequests.map(({ token }) => token)).toEqual(['token-1']);
		expect(row.record.tokens[''].value).toBe('token-1');
		expect(count(row)).toBe(1);
	});

	it('asks for the token with a time-out of its own, no redirects and no repetition', async () => {
		const { provider, n8n, get } = calensoWorld();
		await n8n.httpRequest(get());
		const [{ options }] = provider.tokenRequests;
		expect(options).toMatchObject({
			timeout: 10_000,
			disableFollowRedirect: true,
			ignoreHttpStatusErrors: true,
		});
	});
});

describe('Many requests at once', () => {
	it.each([
		['on an empty record', ''],
		['on an expired token', 'expired'],
	])('%s share one token request, and none is refused', async (_, state) => {
		const { time, provider, n8n, get } = calensoWorld();
		if (state === 'expired') {
			await n8n.httpRequest(get());
			time.pass(DAY);
		}
		const before = provider.tokenRequests.length;
		provider.onToken = async () => {
			await time.sleep(200);
			return undefined;
		};
		await time.run(
			Promise.all(Array.from({ length: 300 }, async () => await n8n.httpRequest(get()))),
		);
		expect(provider.tokenRequests.length - before).toBe(1);
		expect(provider.refused).toHaveLength(0);
		expect(
			provider.apiRequests.slice(-300).every(({ token }) => token === `token-${before + 1}`),
		).toBe(true);
	});

	it('of the HTTP Request node share one token request too', async () => {
		const { provider, n8n, post } = calensoWorld();
		await Promise.all(Array.from({ length: 50 }, async () => await n8n.legacyRequest(post())));
		expect(provider.tokenRequests).toHaveLength(1);
		expect(provider.apiRequests).toHaveLength(50);
	});

	it('of two credentials with the same client share one token', async () => {
		const { time, provider, row, n8n, get } = calensoWorld();
		const second = new N8n(time.process('main'), new Row(calenso), reads.calenso, provider.request);
		second.hooks = n8n.hooks;
		await n8n.httpRequest(get());
		await second.httpRequest(get());
		expect(provider.tokenRequests).toHaveLength(1);
		expect(second.row.record.tokens).toEqual(row.record.tokens);
	});
});

describe('Opening and saving the credential', () => {
	it('buys nothing while a token is usable, and one where there is none', async () => {
		const { provider, row, n8n, get } = calensoWorld();
		for (let times = 0; times < 10; times++) await n8n.openCredential(get());
		expect(provider.tokenRequests).toHaveLength(1);
		expect(row.writes).toBe(1);
	});

	it('uses the last token up to its last moment, since a budget is set', async () => {
		const { time, provider, n8n, get } = calensoWorld();
		await n8n.openCredential(get());
		time.pass(DAY - 1);
		await n8n.openCredential(get());
		expect(provider.tokenRequests).toHaveLength(1);
		time.pass(1);
		await n8n.openCredential(get());
		expect(provider.tokenRequests).toHaveLength(2);
		expect(provider.refused).toHaveLength(0);
	});

	it.each([
		['clientSecret', 'another secret'],
		['clientId', 'another client'],
		['audience', 'https://another'],
	])(
		'with another %s does not use the old token; changed back, nothing is bought',
		async (field, value) => {
			const { provider, row, n8n, get } = calensoWorld();
			await n8n.httpRequest(get());
			row.save({ [field]: value });
			await n8n.openCredential(get());
			expect(provider.tokenRequests).toHaveLength(2);
			expect(provider.apiRequests.at(-1)?.token).toBe('token-2');
			row.save({ [field]: calenso[field] });
			await n8n.openCredential(get());
			await n8n.httpRequest(get());
			expect(provider.tokenRequests).toHaveLength(2);
			expect(provider.apiRequests.at(-1)?.token).toBe('token-1');
		},
	);

	it('with a changed secret goes on counting, since the client is the same', async () => {
		const { row, n8n, get } = calensoWorld();
		await n8n.httpRequest(get());
		row.save({ clientSecret: 'another secret' });
		n8n.restart();
		await n8n.httpRequest(get());
		expect(count(row)).toBe(2);
	});

	it('with a changed API address of the same system keeps the token', async () => {
		const { provider, row, n8n, get } = calensoWorld();
		await n8n.httpRequest(get());
		row.save({ environment: 'development' });
		await n8n.httpRequest({ ...get(), url: 'https://api.calenso.io/api/v1/workers' });
		expect(provider.tokenRequests).toHaveLength(1);
	});
});

describe('A stored record that cannot be read', () => {
	it.each(['{', 'null', '[]', '{"version":0}', '{"version":1,"tokens":7}', 'eyJ'])(
		'%s is no token: one is bought',
		async (text) => {
			const { provider, row, n8n, get } = calensoWorld();
			row.save({ [RECORD_PROPERTY]: text });
			await n8n.httpRequest(get());
			expect(provider.tokenRequests).toHaveLength(1);
		},
	);

	it('keeps its count when it is cut off', async () => {
		const { row, n8n, get } = calensoWorld();
		await n8n.httpRequest(get());
		row.save({ [RECORD_PROPERTY]: row.text.slice(0, -40) });
		n8n.restart();
		await n8n.httpRequest(get());
		expect(count(row)).toBe(2);
	});
});

describe('The HTTP Request node', () => {
	it('sends a POST that was answered 500 once, and buys nothing', async () => {
		const { provider, n8n, post } = calensoWorld();
		await n8n.legacyRequest(post());
		provider.onApi = ({ method }) => (method === 'POST' ? { status: 500 } : undefined);
		await expect(n8n.legacyRequest(post())).rejects.toThrow();
		expect(provider.apiRequests.filter(({ method }) => method === 'POST')).toHaveLength(2);
		expect(provider.tokenRequests).toHaveLength(1);
	});

	it.each([400, 403, 404, 409, 429])('buys nothing for a %i', async (status) => {
		const { provider, n8n, post } = calensoWorld();
		provider.onApi = ({ method }) => (method === 'POST' ? { status } : undefined);
		await expect(n8n.legacyRequest(post())).rejects.toThrow();
		await expect(n8n.legacyRequest(post())).rejects.toThrow();
		expect(provider.tokenRequests).toHaveLength(1);
		expect(provider.apiRequests.filter(({ method }) => method === 'POST')).toHaveLength(2);
	});

	it('asks something harmless after an error at most once a minute, to see whether the token still works', async () => {
		const { time, provider, n8n, post } = calensoWorld();
		provider.onApi = ({ method }) => (method === 'POST' ? { status: 500 } : undefined);
		for (let times = 0; times < 5; times++) await n8n.legacyRequest(post()).catch(() => undefined);
		const probes = () => provider.apiRequests.filter(({ method }) => method === 'GET').length;
		expect(probes()).toBe(1);
		time.pass(60_000);
		await n8n.legacyRequest(post()).catch(() => undefined);
		expect(probes()).toBe(2);
	});

	it('replaces a revoked token and sends a GET again', async () => {
		const { time, provider, n8n, get } = calensoWorld();
		const read = () => ({ method: 'GET' as const, uri: get().url });
		await n8n.legacyRequest(read());
		time.pass(3_600_000);
		provider.revokeAll();
		await expect(n8n.legacyRequest(read())).resolves.toEqual([]);
		expect(provider.tokenRequests).toHaveLength(2);
	});

	it('replaces a revoked token but does not send a POST again; the next one gets the new token', async () => {
		const { time, provider, n8n, post } = calensoWorld();
		await n8n.legacyRequest(post());
		time.pass(3_600_000);
		provider.revokeAll();
		await expect(n8n.legacyRequest(post())).rejects.toThrow();
		const posts = () => provider.apiRequests.filter(({ method }) => method === 'POST');
		expect(posts()).toHaveLength(2);
		await expect(n8n.legacyRequest(post())).resolves.toEqual([]);
		expect(posts()).toHaveLength(3);
		expect(provider.tokenRequests).toHaveLength(2);
	});

	it('says the reason where no token is to be had', async () => {
		const { provider, n8n, post } = calensoWorld();
		provider.onToken = () => ({ status: 401, body: { error: 'access_denied' } });
		await expect(n8n.legacyRequest(post())).rejects.toThrow(
			expect.objectContaining({
				message: expect.stringContaining('refused the client id or secret') as string,
			}),
		);
		expect(provider.apiRequests).toHaveLength(0);
		expect(provider.tokenRequests).toHaveLength(1);
	});
});

describe('A request answered 401', () => {
	it('is sent once more with one new token', async () => {
		const { time, provider, n8n, get } = calensoWorld();
		await n8n.httpRequest(get());
		time.pass(3_600_000);
		provider.revokeAll();
		await expect(n8n.httpRequest(get())).resolves.toEqual([]);
		expect(provider.tokenRequests).toHaveLength(2);
		expect(provider.refused).toHaveLength(1);
	});

	it('makes no second token of the first one’s replacement', async () => {
		const { time, provider, n8n, get } = calensoWorld();
		await n8n.httpRequest(get());
		time.pass(3_600_000);
		provider.onApi = () => ({ status: 401, body: { message: 'No' } });
		for (let times = 0; times < 5; times++) {
			await expect(n8n.httpRequest(get())).rejects.toThrow();
			time.pass(3_600_000);
		}
		expect(provider.tokenRequests).toHaveLength(2);
	});

	it('by many at once buys one token for all of them', async () => {
		const { time, provider, n8n, get } = calensoWorld();
		await n8n.httpRequest(get());
		time.pass(3_600_000);
		provider.revokeAll();
		await Promise.all(Array.from({ length: 100 }, async () => await n8n.httpRequest(get())));
		expect(provider.tokenRequests).toHaveLength(2);
	});

	it('right after the token was bought buys nothing and is explained', async () => {
		const { provider, n8n, get } = calensoWorld();
		provider.onApi = () => ({ status: 401 });
		await expect(n8n.httpRequest(get())).rejects.toThrow();
		await expect(n8n.httpRequest(get())).rejects.toThrow(
			/refused the token \(401\) although Calenso issued it/,
		);
		expect(provider.tokenRequests).toHaveLength(1);
	});

	it('with a wrong client secret costs one attempt, not two', async () => {
		const { provider, n8n, get } = calensoWorld();
		provider.onToken = () => ({
			status: 401,
			body: { error: 'access_denied', error_description: 'Unauthorized' },
		});
		await expect(n8n.httpRequest(get())).rejects.toThrow(
			/Calenso refused the client id or secret \(401: “Unauthorized”\)/,
		);
		expect(provider.tokenRequests).toHaveLength(1);
		expect(provider.apiRequests).toHaveLength(0);
	});
});

describe('The token', () => {
	it.each([
		'https://evil.example/workers',
		'https://my.calenso.com.evil.example/workers',
		'https://my.calenso.com@evil.example/workers',
		'http://my.calenso.com/api/v1/workers',
		'https://my.calenso.com:8443/workers',
		'//evil.example/workers',
		'not an address',
		'',
	])('is not sent to %s', async (url) => {
		const { provider, n8n, get } = calensoWorld();
		await n8n.httpRequest(get());
		for (const send of [
			async () => await n8n.httpRequest({ url }),
			async () => await n8n.legacyRequest({ uri: url }),
			async () => await n8n.openCredential({ url }),
			// n8n sends to `url` where both are given.
			async () => await n8n.legacyRequest(Object.assign({ uri: get().url }, { url })),
		]) {
			await expect(send()).rejects.toThrow(/must not be sent to/);
		}
		expect(provider.apiRequests).toHaveLength(1);
		expect(provider.tokenRequests).toHaveLength(1);
	});

	it('is sent to a path joined to a base address of its own, and to no base address of another', async () => {
		const { provider, n8n } = calensoWorld();
		await n8n.httpRequest({ baseURL: API, url: '/workers' });
		await expect(
			n8n.httpRequest({ baseURL: 'https://evil.example', url: '/workers' }),
		).rejects.toThrow(/evil\.example/);
		await expect(n8n.httpRequest({ baseURL: API, url: 'https://evil.example/' })).rejects.toThrow(
			/evil\.example/,
		);
		expect(provider.apiRequests).toHaveLength(1);
	});

	it('takes the place of a header of the same name in any spelling', async () => {
		const { provider, n8n, get } = calensoWorld();
		await n8n.httpRequest({
			...get(),
			headers: { AUTHORIZATION: 'Bearer mine', authorization: 'x', 'X-Other': '1' },
		});
		const { options } = provider.apiRequests[0];
		expect(options.headers).toEqual({ 'X-Other': '1', Authorization: 'Bearer token-1' });
	});

	it('does not follow a redirect to another origin', async () => {
		const { provider, n8n, get, post } = calensoWorld();
		await n8n.httpRequest(get());
		await n8n.legacyRequest(post());
		for (const { options } of provider.apiRequests) {
			expect(options.sendCredentialsOnCrossOriginRedirect).toBe(false);
		}
	});

	it('in a header of another name follows no redirect at all', async () => {
		const time = new VirtualTime();
		const provider = new SimulatedProvider({ now: () => time.now(), tokenUrl: TOKEN_URL.custom });
		provider.onApi = () => ({ status: 200, body: {} });
		const row = new Row({ ...custom, headerName: 'X-Api-Token', headerPrefix: '' });
		const n8n = new N8n(time.process('main'), row, reads.custom, provider.request);
		await n8n.httpRequest({ url: 'https://api.example/v1/me' });
		await n8n.legacyRequest({ uri: 'https://api.example/v1/me' });
		const [modern, legacy] = provider.apiRequests.map(({ options }) => options);
		expect(modern).toMatchObject({
			headers: { 'X-Api-Token': 'token-1' },
			disableFollowRedirect: true,
		});
		expect(legacy).toMatchObject({
			headers: { 'X-Api-Token': 'token-1' },
			followRedirect: false,
			followAllRedirects: false,
		});
	});
});

describe('An address as people and servers write it', () => {
	const issuer = reads.custom({ ...custom, baseUrl: 'https://api.test' });
	const isOwn = (request: Partial<OutgoingRequest>) => {
		try {
			return ownUrl(issuer, request as OutgoingRequest).origin === 'https://api.test';
		} catch (error) {
			expect(error).toMatchObject({ kind: 'host' });
			return false;
		}
	};

	it.each([
		...['https://API.TEST/x', 'https://api.test:443/x', 'HTTPS://api.test/x', ' https://api.test '],
		...['https://ａpi.test/', 'https://api.test\\x', 'https://api.test\\@evil.test/'],
		...['https://evil@api.test/', 'https:api.test/x'],
	])('%s is the credential’s own', (uri) => {
		expect(isOwn({ uri })).toBe(true);
	});

	it.each([
		...[
			'https://evil.test/',
			'https://api.test.evil.test/',
			'https://evil.api.test/',
			'//evil.test/',
		],
		...[
			'https://api.test:8443/x',
			'http://api.test/',
			'https://api.test@evil.test/',
			'https://test/',
		],
		...[
			'https:\\\\evil.test/x',
			'https:/\\evil.test',
			'/\\evil.test',
			'https://evil.test\\.api.test/',
		],
		...[
			'https://api.test%2eevil.test',
			'https://[::1]/',
			'https://[::ffff:127.0.0.1]/',
			'ftp://api.test/',
		],
		...['https://api.test./', 'javascript:alert(1)', '', 'data:,x', 'https://xn--pi-tla.test/'],
	])('%s is not', (uri) => {
		expect(isOwn({ uri })).toBe(false);
	});

	it.each([
		['https://api.test', '/x', true],
		['https://api.test/', 'x', true],
		['https://api.test', '//evil.test', true],
		['https://api.test', '@evil.test', true],
		['https://api.test', '.evil.test', true],
		['https://api.test', 'https://evil.test', false],
		['https://evil.test', 'https://api.test', true],
		['https://evil.test', '/x', false],
		['', '//evil.test', false],
	])('%j with %j is sent there only if it is: %j', (baseURL, url, own) => {
		expect(isOwn({ baseURL, url })).toBe(own);
	});
});

describe('n8n’s client follows no redirect that could carry the header to another origin:', () => {
	const follows = (fields: object, request: Partial<OutgoingRequest> = {}) => {
		const issuer = reads.custom({ ...custom, baseUrl: 'https://api.test', ...fields });
		const token = { value: 't', issuedAt: 0, expiresAt: 1, serial: 1 };
		const options = { uri: `${issuer.apiBase}/x`, simple: true, ...request };
		const legacy = attach(issuer, token, { ...options } as never) as OutgoingRequest;
		const modern = attach(issuer, token, { ...request, url: options.uri } as OutgoingRequest);
		expect(modern.disableFollowRedirect).toBe(legacy.followRedirect === false ? true : undefined);
		return legacy.followRedirect !== false;
	};

	it.each([
		['to a subdomain on a port that is not listed', { additionalHosts: 'files.api.test:8443' }],
		['to a subdomain by http', { additionalHosts: 'http://files.api.test' }],
		[
			'from a port to a subdomain’s',
			{ baseUrl: 'https://api.test:8443', additionalHosts: 'x.api.test' },
		],
		['from one further host to another', { additionalHosts: 'b.test, c.b.test:81' }],
		['from http', { baseUrl: 'http://api.test' }],
		['in a cookie', { attachTo: 'cookie', carrierName: 'sid' }],
		['in the query', { attachTo: 'query', carrierName: 'token' }],
		['with a fixed header', { apiHeaders: '{"X-Key": "k"}' }],
		['with a further token', { furtherTokens: '{"X-CSRF": "csrf"}' }],
	])('%s', (_, fields) => {
		expect(follows(fields)).toBe(false);
	});

	it('where the request names another host itself', () => {
		expect(follows({}, { headers: { HOST: 'test' } })).toBe(false);
	});

	it.each([
		['no further host', {}],
		['a further host that is no subdomain', { additionalHosts: 'files.test:8443' }],
		['a subdomain on the same port', { additionalHosts: 'files.api.test, 127.0.0.1:81' }],
		['another port of the same host', { additionalHosts: 'api.test:8443' }],
	])('all others are followed, with %s', (_, fields) => {
		expect(follows(fields)).toBe(true);
	});
});

describe('A 401 that Fusio explains with a missing scope', () => {
	it('buys nothing, whichever way the request went', async () => {
		const time = new VirtualTime();
		const provider = new SimulatedProvider({
			now: () => time.now(),
			tokenUrl: 'https://fusio.example/authorization/token',
		});
		const n8n = new N8n(time.process('main'), new Row(fusio), reads.fusio, provider.request);
		const url = 'https://fusio.example/todo';
		await n8n.httpRequest({ url });
		time.pass(3_600_000);
		provider.onApi = () => ({
			status: 401,
			body: { message: 'Access to this operation is not in the scope of the provided token' },
		});
		await expect(n8n.legacyRequest({ uri: url })).rejects.toThrow();
		expect(provider.tokenRequests).toHaveLength(1);
	});
});

describe('A rotating refresh token', () => {
	it('is left to the nodes of this package: here nobody can tell whether another process is using it', async () => {
		const time = new VirtualTime();
		const provider = new SimulatedProvider({ now: () => time.now(), tokenUrl: TOKEN_URL.meister1 });
		let living = '';
		provider.onToken = ({ body }) => {
			const form = new URLSearchParams(body);
			if (form.get('grantType') === 'refresh_token' && form.get('refreshToken') !== living) {
				return { status: 400, body: { error: 'invalid_grant' } };
			}
			const number = provider.tokenRequests.length;
			living = `refresh-${number}`;
			provider.living.set(`token-${number}`, time.now() + 36_000_000);
			return {
				status: 200,
				body: {
					accessToken: `token-${number}`,
					expiresIn: 36_000,
					tokenType: 'Bearer',
					refreshToken: living,
				},
			};
		};
		provider.onApi = ({ token }) => ({
			status: provider.living.has(token ?? '') ? 200 : 401,
			body: {},
		});
		const n8n = new N8n(time.process('main'), new Row(meister1), reads.meister1, provider.request);
		const send = async () => await n8n.httpRequest({ url: 'https://auth.meister1.com/v1/sso' });
		const grants = () =>
			provider.tokenRequests.map(({ body }) => new URLSearchParams(body).get('grantType'));
		await send();
		time.pass(36_000_000);
		await send();
		expect(grants()).toEqual(['client_credentials', 'client_credentials']);
	});
});
