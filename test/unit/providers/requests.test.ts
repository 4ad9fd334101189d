import type { ICredentialDataDecryptedObject, IHttpRequestOptions } from 'n8n-workflow';
import { BanGuard } from '../../../credentials/tokens/ban';
import { ApiError } from '../../../credentials/tokens/errors';
import type { ReadIssuer, TokenIssuer } from '../../../credentials/tokens/issuer';
import { ClientMemory, OwnerMemory } from '../../../credentials/tokens/memory';
import { emptyRecord, type TokenRecord } from '../../../credentials/tokens/record';
import { Renewal } from '../../../credentials/tokens/renewal';
import type { IssuedToken } from '../../../credentials/tokens/reply';
import {
	bookingtime,
	calenso,
	custom,
	customDefaults,
	fusio,
	meister1,
	reads,
} from '../support/credentials';
import { broken } from '../support/provider';
import { START, VirtualTime } from '../support/virtualTime';

type Fields = ICredentialDataDecryptedObject;
type Answer = IssuedToken | ApiError;

/** What a request says, in an order of its own: method, address, headers, parameters. */
function said({ method, url, headers, body }: IHttpRequestOptions) {
	const json = String(headers?.['content-type']).includes('json');
	const text = typeof body === 'string' ? body : '';
	return {
		method,
		url,
		headers,
		parameters: json ? (JSON.parse(text) as object) : Object.fromEntries(new URLSearchParams(text)),
	};
}

/** A token reply with these values where the provider has them; `expiresAt` in s from now. */
function replyOf({ grant }: TokenIssuer, { token, refreshToken, expiresAt }: IssuedToken): object {
	const body: Record<string, unknown> = {};
	const put = (path: string | undefined, value: unknown) => {
		if (path === undefined || value === undefined) return;
		const [name, inner] = path.split('.');
		body[name] = inner === undefined ? value : { ...(body[name] as object), [inner]: value };
	};
	put(grant.reply.token, token);
	put(grant.reply.refreshToken, refreshToken);
	put(grant.reply.expiry, expiresAt);
	return body;
}

/** Gets one token with these answers, and tells what was asked for and what is kept; times in s from now. */
async function buy(
	read: ReadIssuer,
	fields: Fields,
	answers: Answer[],
	kept?: { readonly value: string; readonly expiresAt?: number },
	slot = '',
) {
	const issuer = read(fields);
	const asked: Array<ReturnType<typeof said>> = [];
	const rest = [...answers];
	const environment = new VirtualTime().process('main');
	const http = async (options: IHttpRequestOptions) => {
		asked.push(said(options));
		const answer = rest.shift() ?? {};
		if (answer === timedOut) throw broken('ETIMEDOUT');
		return answer instanceof ApiError
			? { statusCode: 400, headers: {}, body: Buffer.from('{"error":"invalid_grant"}') }
			: {
					statusCode: 200,
					headers: {},
					body: Buffer.from(JSON.stringify(replyOf(issuer, answer))),
				};
	};
	const stored: TokenRecord = {
		...emptyRecord(issuer.owner),
		refreshToken: kept && {
			value: kept.value,
			issuedAt: START,
			serial: 1,
			...(kept.expiresAt === undefined ? {} : { expiresAt: START + kept.expiresAt * 1000 }),
		},
	};
	const { record, token, error } = await new Renewal(environment, new BanGuard(environment)).run(
		issuer,
		new OwnerMemory(),
		new ClientMemory(),
		slot,
		stored,
		{ replaced: 0, alone: true },
		http,
	);
	const { refreshToken } = record;
	return {
		asked,
		bought: {
			error,
			token: token?.value,
			expiresAt: token && (token.expiresAt - START) / 1000,
			refreshToken: refreshToken && {
				value: refreshToken.value,
				...(refreshToken.expiresAt === undefined
					? {}
					: { expiresAt: (refreshToken.expiresAt - START) / 1000 }),
			},
		},
	};
}

const FORM = { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' };
const JSON_BODY = { accept: 'application/json', 'content-type': 'application/json' };
const basic = (text: string) => ({
	authorization: `Basic ${Buffer.from(text).toString('base64')}`,
});
const refused = new ApiError('grant', 'Refused.', 'Ask.');
const timedOut = new ApiError('network', 'No answer.', 'Wait.', { retryAfter: 0 });

describe('Calenso', () => {
	const request = {
		method: 'POST',
		url: 'https://calenso.eu.auth0.com/oauth/token',
		headers: FORM,
		parameters: {
			grant_type: 'client_credentials',
			client_id: 'calenso-client',
			client_secret: 'calenso-secret',
			audience: 'https://my.calenso.com/api/v1',
		},
	};

	it('asks Auth0 with client id, secret and audience in a form', async () => {
		const { asked, bought } = await buy(reads.calenso, calenso, [{ token: 't', expiresAt: 5 }]);
		expect(asked).toEqual([request]);
		expect(bought).toEqual({ token: 't', expiresAt: 5 });
	});

	it('asks the same for the development system, whose API has another address', async () => {
		const fields = { ...calenso, environment: 'development' };
		expect((await buy(reads.calenso, fields, [{ token: 't' }])).asked).toEqual([request]);
		expect(reads.calenso(fields)).toMatchObject({
			apiBase: 'https://api.calenso.io/api/v1',
			origins: ['https://api.calenso.io'],
			budget: 31,
		});
	});

	it('asks addresses of one’s own where the environment is custom', async () => {
		const fields = {
			...calenso,
			environment: 'custom',
			baseUrl: 'https://c.example/api/v1/',
			tokenUrl: 'https://a.example/token',
		};
		const { asked } = await buy(reads.calenso, fields, [{ token: 't' }]);
		expect(asked).toEqual([{ ...request, url: 'https://a.example/token' }]);
		expect(reads.calenso(fields).origins).toEqual(['https://c.example']);
	});
});

describe('bookingtime', () => {
	const url = 'https://auth.bookingtime.com/oauth/token';
	const first = {
		method: 'POST',
		url,
		headers: FORM,
		parameters: {
			grant_type: 'client_credentials',
			client_id: '70client',
			client_secret: 'bookingtime-secret',
		},
	};
	const second = (refresh_token: string, organization = 'f6own') => ({
		method: 'POST',
		url,
		headers: FORM,
		parameters: {
			grant_type: 'refresh_token',
			client_id: '70client',
			refresh_token,
			organization_id: organization,
		},
	});

	it('gets a refresh token with the secret, then an access token of the organization without it', async () => {
		const { asked, bought } = await buy(
			reads.bookingtime,
			bookingtime,
			[
				{ refreshToken: 'r', expiresAt: 9 },
				{ token: 't', expiresAt: 5 },
			],
			undefined,
			'f6own',
		);
		expect(asked).toEqual([first, second('r')]);
		expect(bought).toEqual({
			token: 't',
			expiresAt: 4,
			refreshToken: { value: 'r', expiresAt: 9 },
		});
	});

	it('uses the refresh token that is kept, and keeps it', async () => {
		const kept = { value: 'kept', expiresAt: 9 };
		const { asked, bought } = await buy(
			reads.bookingtime,
			bookingtime,
			[{ token: 't' }],
			kept,
			'f6other',
		);
		expect(asked).toEqual([second('kept', 'f6other')]);
		expect(bought).toMatchObject({ refreshToken: kept });
	});

	it('takes both steps again where the kept one is refused, and neither after a time-out', async () => {
		const kept = { value: 'kept' };
		const { asked } = await buy(
			reads.bookingtime,
			bookingtime,
			[refused, { refreshToken: 'r' }, { token: 't' }],
			kept,
			'f6own',
		);
		expect(asked).toEqual([second('kept'), first, second('r')]);
		const { asked: once, bought } = await buy(
			reads.bookingtime,
			bookingtime,
			[timedOut],
			kept,
			'f6own',
		);
		expect(once).toEqual([second('kept')]);
		expect(bought).toMatchObject({ error: { kind: 'network' } });
	});

	it('sends no secret for the Module API, and no organization where none is needed', async () => {
		const { asked } = await buy(reads.bookingtime, { ...bookingtime, clientSecret: '' }, [
			{ refreshToken: 'r' },
			{ token: 't' },
		]);
		expect(asked[0].parameters).toEqual({
			grant_type: 'client_credentials',
			client_id: '70client',
		});
		expect(asked[1].parameters).toEqual({
			grant_type: 'refresh_token',
			client_id: '70client',
			refresh_token: 'r',
		});
	});

	it.each([
		['/app/v3/de/organization/f6a/show', 'f6a'],
		['/app/v3/de/organization/f6a/customer/add', 'f6a'],
		['/module/v3/en/organization/f6%20b/customer/index/2', 'f6 b'],
		['/app/v3/de/organization/%E0%A4%A/show', '%E0%A4%A'],
		['/app/v3/de/static/language/list', ''],
		['/app/v3/de/app/70client/organization/list', ''],
		['/app/v3/de/something', 'f6own'],
		['/app/v3/de', 'f6own'],
	])('takes the token of %s for organization “%s”', (path, slot) => {
		expect(
			reads.bookingtime(bookingtime).slotOf(new URL(`https://api.bookingtime.com${path}`)),
		).toBe(slot);
	});

	it('is an API address of kind and locale', () => {
		expect(reads.bookingtime({ ...bookingtime, apiKind: 'module', locale: 'en_EN' }).apiBase).toBe(
			'https://api.bookingtime.com/module/v3/en_EN',
		);
	});
});

describe('Meister1', () => {
	const url = 'https://auth.meister1.com/v1/token';
	const ask = {
		method: 'POST',
		url,
		headers: FORM,
		parameters: {
			clientId: 'server-user',
			clientSecret: 'meister1-secret',
			grantType: 'client_credentials',
		},
	};
	const refresh = (refreshToken: string) => ({
		method: 'POST',
		url,
		headers: FORM,
		parameters: { clientId: 'server-user', grantType: 'refresh_token', refreshToken },
	});

	it('asks in camelCase and keeps the refresh token', async () => {
		const { asked, bought } = await buy(reads.meister1, meister1, [
			{ token: 't', refreshToken: 'r' },
		]);
		expect(asked).toEqual([ask]);
		expect(bought).toMatchObject({ refreshToken: { value: 'r' } });
	});

	it('refreshes without the secret, and takes the new refresh token', async () => {
		const { asked, bought } = await buy(
			reads.meister1,
			meister1,
			[{ token: 't', refreshToken: 'r2' }],
			{ value: 'r1' },
		);
		expect(asked).toEqual([refresh('r1')]);
		expect(bought).toMatchObject({ refreshToken: { value: 'r2' } });
	});

	it('falls back to the secret where the refresh token is refused', async () => {
		expect(
			(await buy(reads.meister1, meister1, [refused, { token: 't' }], { value: 'r1' })).asked,
		).toEqual([refresh('r1'), ask]);
	});

	it('is exclusive: its refresh token rotates', () =>
		expect(reads.meister1(meister1).grant.rotates).toBe(true));
});

describe('Fusio', () => {
	const url = 'https://fusio.example/authorization/token';
	const login = 'https://fusio.example/consumer/login';
	const grant = { grant_type: 'client_credentials', scope: 'authorization,todo' };

	it('asks with app key and secret in a Basic header, and nowhere else', async () => {
		const { asked, bought } = await buy(reads.fusio, fusio, [{ token: 't', refreshToken: 'r' }]);
		expect(asked).toEqual([
			{
				method: 'POST',
				url,
				headers: { ...FORM, ...basic('app-key:app-secret') },
				parameters: grant,
			},
		]);
		expect(bought).toMatchObject({ token: 't', refreshToken: undefined });
	});

	it('asks with user name and password in a Basic header', async () => {
		const { asked } = await buy(reads.fusio, { ...fusio, wayIn: 'password', scopes: '' }, [
			{ token: 't' },
		]);
		expect(asked).toEqual([
			{
				method: 'POST',
				url,
				headers: { ...FORM, ...basic('person:person-password') },
				parameters: { grant_type: 'client_credentials' },
			},
		]);
	});

	it('logs in with JSON, and scopes as a list', async () => {
		const { asked } = await buy(reads.fusio, { ...fusio, wayIn: 'login' }, [{ token: 't' }]);
		expect(asked).toEqual([
			{
				method: 'POST',
				url: login,
				headers: JSON_BODY,
				parameters: {
					username: 'person',
					password: 'person-password',
					scopes: ['authorization', 'todo'],
				},
			},
		]);
	});

	it('asks anew by default though a refresh token is there', async () => {
		const { asked } = await buy(reads.fusio, fusio, [{ token: 't' }], { value: 'r' });
		expect(asked[0].parameters).toEqual(grant);
		expect(reads.fusio(fusio).grant.rotates).toBe(false);
	});

	it('refreshes only where the credential says so, each in its way, and falls back', async () => {
		const fields = { ...fusio, renewBy: 'refreshToken' };
		const { asked } = await buy(
			reads.fusio,
			fields,
			[refused, { token: 't', refreshToken: 'r2' }],
			{ value: 'r' },
		);
		expect(asked.map(({ method, url: to, parameters }) => ({ method, to, parameters }))).toEqual([
			{ method: 'POST', to: url, parameters: { grant_type: 'refresh_token', refresh_token: 'r' } },
			{ method: 'POST', to: url, parameters: grant },
		]);
		const { asked: put } = await buy(reads.fusio, { ...fields, wayIn: 'login' }, [{ token: 't' }], {
			value: 'r',
		});
		expect(put).toEqual([
			{ method: 'PUT', url: login, headers: JSON_BODY, parameters: { refresh_token: 'r' } },
		]);
		expect(reads.fusio(fields).grant.rotates).toBe(true);
	});

	it('knows a missing scope by the beginning of the message', () => {
		const issuer = reads.fusio(fusio);
		const verdictOf = (message: string) =>
			issuer.verdict({ status: 401, headers: {}, body: { success: false, message } });
		expect(
			verdictOf('Access to this operation is not in the scope of the provided token in /x.php'),
		).toBe('permission');
		expect(verdictOf('Invalid access token')).toBe('dead');
		expect(verdictOf('Expired token in /x.php')).toBe('dead');
		expect(verdictOf('Missing authorization header')).toBe('unclear');
	});
});

describe('The Custom Token API credential sends the same as', () => {
	const withDefaults = (fields: Fields): Fields => ({
		...customDefaults,
		baseUrl: 'https://api.example',
		...fields,
	});
	const issued: IssuedToken = { token: 't', refreshToken: 'r2' };
	const refreshing = { renewBy: 'refreshToken' };

	const meister1Custom = withDefaults({
		tokenUrl: 'https://auth.meister1.com/v1/token',
		clientId: 'server-user',
		clientSecret: 'meister1-secret',
		grantTypeField: 'grantType',
		clientIdField: 'clientId',
		clientProofField: 'clientSecret',
		accessPath: 'accessToken',
		expiryPath: 'expiresIn',
		refreshPath: 'refreshToken',
		refreshField: 'refreshToken',
		refreshSendsClient: false,
		...refreshing,
	});
	const bookingtimeCustom = withDefaults({
		tokenUrl: 'https://auth.bookingtime.com/oauth/token',
		clientId: '70client',
		clientSecret: 'bookingtime-secret',
		refreshSendsClient: false,
		refreshRotates: false,
		refreshParameters: '{"organization_id": "f6own"}',
		...refreshing,
	});
	const fusioCustom = withDefaults({
		tokenUrl: 'https://fusio.example/authorization/token',
		clientProof: 'basic',
		clientId: 'app-key',
		clientSecret: 'app-secret',
		extraParameters: '{"scope": "authorization,todo"}',
	});
	const fusioLogin = withDefaults({
		tokenUrl: 'https://fusio.example/consumer/login',
		grant: 'login',
		bodyFormat: 'json',
		username: 'person',
		password: 'person-password',
		extraParameters: '{"scopes": ["authorization", "todo"]}',
		accessPath: 'token',
		refreshMethod: 'PUT',
	});

	const rows: Array<
		[
			string,
			ReadIssuer,
			Fields,
			Fields,
			Answer[],
			{ readonly value: string; readonly expiresAt?: number } | undefined,
			string,
		]
	> = [
		[
			'Calenso',
			reads.calenso,
			calenso,
			withDefaults({
				tokenUrl: 'https://calenso.eu.auth0.com/oauth/token',
				clientId: 'calenso-client',
				clientSecret: 'calenso-secret',
				extraParameters: '{"audience": "https://my.calenso.com/api/v1"}',
				monthlyBudget: 31,
			}),
			[{ token: 't' }],
			undefined,
			'',
		],
		[
			'bookingtime, from nothing',
			reads.bookingtime,
			bookingtime,
			bookingtimeCustom,
			[{ refreshToken: 'r' }, { token: 't' }],
			undefined,
			'f6own',
		],
		[
			'bookingtime, with a refresh token',
			reads.bookingtime,
			bookingtime,
			bookingtimeCustom,
			[{ token: 't' }],
			{ value: 'r', expiresAt: 9 },
			'f6own',
		],
		[
			'bookingtime, with a dead refresh token',
			reads.bookingtime,
			bookingtime,
			bookingtimeCustom,
			[refused, { refreshToken: 'r' }, { token: 't' }],
			{ value: 'old' },
			'f6own',
		],
		['Meister1, from nothing', reads.meister1, meister1, meister1Custom, [issued], undefined, ''],
		[
			'Meister1, with a refresh token',
			reads.meister1,
			meister1,
			meister1Custom,
			[issued],
			{ value: 'r' },
			'',
		],
		[
			'Meister1, with a dead refresh token',
			reads.meister1,
			meister1,
			meister1Custom,
			[refused, issued],
			{ value: 'r' },
			'',
		],
		['Fusio with an app', reads.fusio, fusio, fusioCustom, [issued], undefined, ''],
		[
			'Fusio with an app and a refresh token',
			reads.fusio,
			{ ...fusio, ...refreshing },
			{ ...fusioCustom, ...refreshing },
			[issued],
			{ value: 'r' },
			'',
		],
		[
			'Fusio with user name and password',
			reads.fusio,
			{ ...fusio, wayIn: 'password' },
			{ ...fusioCustom, clientId: 'person', clientSecret: 'person-password' },
			[issued],
			undefined,
			'',
		],
		[
			'Fusio’s log-in',
			reads.fusio,
			{ ...fusio, wayIn: 'login' },
			fusioLogin,
			[issued],
			undefined,
			'',
		],
		[
			'Fusio’s log-in with a refresh token',
			reads.fusio,
			{ ...fusio, wayIn: 'login', ...refreshing },
			{ ...fusioLogin, ...refreshing },
			[issued],
			{ value: 'r' },
			'',
		],
	];

	// When a kept refresh token expires is known to whoever kept it.
	const essence = ({
		token,
		refreshToken,
	}: {
		token?: string;
		refreshToken?: { readonly value: string; readonly expiresAt?: number };
	} = {}) => [token, refreshToken?.value];

	it.each(rows)('%s', async (_, read, fields, customFields, answers, kept, slot) => {
		const own = await buy(read, fields, answers, kept, slot);
		const same = await buy(reads.custom, customFields, answers, kept, slot);
		expect(same.asked).toEqual(own.asked);
		expect(essence(same.bought)).toEqual(essence(own.bought));
	});
});

describe('The Custom Token API credential', () => {
	it('fills its own body in at every depth, without the secret being typed in clear', async () => {
		const ownBody =
			'{"auth": {"key": "$clientId", "list": ["$clientSecret", 5]}, "user": "$username:$password", "n": 1}';
		const fields = {
			...custom,
			grant: 'ownBody',
			bodyFormat: 'json',
			ownBody,
			username: 'u',
			password: 'p$clientId',
		};
		const { asked } = await buy(reads.custom, fields, [{ token: 't' }]);
		expect(asked[0].parameters).toEqual({
			auth: { key: 'custom-client', list: ['custom-secret', 5] },
			user: 'u:p$clientId',
			n: 1,
		});
	});

	it('asks with the password grant of RFC 6749, 4.3', async () => {
		const fields = {
			...custom,
			grant: 'password',
			username: 'u',
			password: 'p',
			clientProof: 'none',
		};
		expect((await buy(reads.custom, fields, [{ token: 't' }])).asked[0].parameters).toEqual({
			grant_type: 'password',
			username: 'u',
			password: 'p',
		});
	});

	it('sends headers of one’s own, and keeps a refresh token that is not replaced', async () => {
		const fields = {
			...custom,
			requestHeaders: '{"X-Tenant": 7}',
			renewBy: 'refreshToken',
			refreshUrl: 'https://auth.example/refresh',
		};
		const { asked, bought } = await buy(reads.custom, fields, [{ token: 't' }], { value: 'r' });
		expect(asked[0]).toMatchObject({
			url: 'https://auth.example/refresh',
			headers: { 'X-Tenant': '7' },
		});
		expect(bought).toMatchObject({ refreshToken: { value: 'r' } });
	});

	it('attaches the token under a name and prefix of one’s own, and sends it to the further hosts', () => {
		const issuer = reads.custom({
			...custom,
			headerName: 'X-Api-Key',
			headerPrefix: '',
			additionalHosts: 'files.example, http://other.example:81/x',
		});
		expect(issuer.attachments).toEqual([
			{ in: 'header', name: 'X-Api-Key', prefix: '', suffix: '', token: '' },
		]);
		expect(issuer.origins).toEqual([
			'https://api.example',
			'https://files.example',
			'http://other.example:81',
		]);
		const prefixOf = (headerPrefix: string, headerName = 'Authorization') =>
			reads.custom({ ...custom, headerName, headerPrefix }).attachments[0].prefix;
		expect(prefixOf('Token')).toBe('Token ');
		expect(prefixOf('')).toBe('Bearer ');
		expect(prefixOf('none')).toBe('');
		expect(prefixOf('Key', 'X-Api-Key')).toBe('Key ');
	});
});

describe('A token is another one’s as soon as a field that shapes it changes:', () => {
	const rows: Array<[keyof typeof reads, Fields, string, unknown]> = [
		['calenso', calenso, 'clientId', 'x'],
		['calenso', calenso, 'clientSecret', 'x'],
		['calenso', calenso, 'audience', 'x'],
		['bookingtime', bookingtime, 'tokenUrl', 'https://x.example'],
		['bookingtime', bookingtime, 'clientId', 'x'],
		['bookingtime', bookingtime, 'clientSecret', 'x'],
		['meister1', meister1, 'baseUrl', 'https://x.example'],
		['meister1', meister1, 'clientId', 'x'],
		['meister1', meister1, 'clientSecret', 'x'],
		['fusio', fusio, 'baseUrl', 'https://x.example'],
		['fusio', fusio, 'appKey', 'x'],
		['fusio', fusio, 'appSecret', 'x'],
		['fusio', fusio, 'scopes', 'x'],
		['fusio', fusio, 'wayIn', 'login'],
		['custom', custom, 'tokenUrl', 'https://x.example'],
		['custom', custom, 'clientSecret', 'x'],
		['custom', custom, 'extraParameters', '{"scope":"x"}'],
		['custom', custom, 'requestHeaders', '{"X-Tenant":"8"}'],
		['custom', custom, 'grantTypeField', 'x'],
		['custom', custom, 'accessPath', 'x'],
	];

	it.each(rows)('%s %#', (name, fields, field, value) => {
		const owner = reads[name](fields).owner;
		expect(reads[name]({ ...fields, [field]: value } as Fields).owner).not.toBe(owner);
		expect(reads[name]({ ...fields }).owner).toBe(owner);
	});

	it('no fingerprint gives a secret away', () => {
		for (const [name, fields] of Object.entries({
			calenso,
			bookingtime,
			meister1,
			fusio,
			custom,
		})) {
			const { owner, client } = reads[name as keyof typeof reads](fields);
			expect(`${owner} ${client}`).toMatch(/^[\w-]{22} [\w-]{22}$/);
		}
	});
});
