import {
	type ICredentialDataDecryptedObject,
	type INodeProperties,
	NodeHelpers,
} from 'n8n-workflow';
import { generateKeyPairSync } from 'node:crypto';
import { CustomTokenApi } from '../../../credentials/CustomTokenApi.credentials';
import { readCustom } from '../../../credentials/providers/custom';

type Fields = ICredentialDataDecryptedObject;

const { properties } = new CustomTokenApi();
const KINDS = ['clientCredentials', 'login', 'password', 'refreshToken', 'jwt', 'ownBody'];
const defaults = Object.fromEntries(properties.map(({ name, default: value }) => [name, value]));

/** What n8n hands to the hooks of what is stored: the fields that the form shows, with their defaults. */
function handedOver(stored: Fields): Fields {
	return NodeHelpers.getNodeParameters(
		properties,
		stored as never,
		true,
		false,
		null,
		null,
	) as Fields;
}

/** What the form stores of what was typed: what it shows and what is not a default. */
function saved(typed: Fields): Fields {
	const all = { ...defaults, ...typed } as never;
	return NodeHelpers.getNodeParameters(properties, all, false, false, null, null) as Fields;
}

function shown(typed: Fields): INodeProperties[] {
	const all = { ...defaults, ...typed } as never;
	return properties.filter(
		(property) =>
			property.type !== 'hidden' && NodeHelpers.displayParameter(all, property, null, null),
	);
}

describe('The form of a Custom Token API credential', () => {
	const ways: Fields[] = [
		...KINDS.map((grant) => ({ grant })),
		...['basic', 'none', 'privateKeyJwt', 'clientSecretJwt'].flatMap((clientProof) =>
			['clientCredentials', 'password', 'refreshToken'].map((grant) => ({ grant, clientProof })),
		),
		{ grant: 'jwt', jwtUse: 'token' },
		{ grant: 'ownBody', bodyFormat: 'text' },
	];

	it.each(ways)('asks for the kind first, then for at most eight things: %j', (way) => {
		const names = shown(way).map(({ name }) => name);
		expect(names[0]).toBe('grant');
		expect(names[names.length - 1]).toBe('moreOptions');
		expect(names.length - 2).toBeLessThanOrEqual(8);
		expect(names).toContain('baseUrl');
	});

	it.each(ways)('shows no field twice, with or without more options: %j', (way) => {
		const changed = { requestHeaders: '{"X":"1"}', headerName: 'X-A', refreshRotates: false };
		for (const typed of [
			way,
			{ ...way, moreOptions: true },
			{ ...way, ...changed },
			{ ...way, ...changed, moreOptions: true },
		]) {
			const names = shown(typed).map(({ name }) => name);
			expect(names).toEqual([...new Set(names)]);
		}
	});

	it('shows under More Options what the kind can use, and always what differs from its default', () => {
		const names = (typed: Fields) => shown(typed).map(({ name }) => name);
		expect(names({ grant: 'login' })).not.toContain('requestHeaders');
		expect(names({ grant: 'login', moreOptions: true })).toContain('requestHeaders');
		expect(names({ grant: 'login', requestHeaders: '{"X":"1"}' })).toContain('requestHeaders');
		expect(names({ grant: 'jwt', jwtUse: 'token', moreOptions: true })).not.toContain(
			'tokenMethod',
		);
	});

	it('masks every secret, and takes placeholders in every JSON field that may hold one', () => {
		const masked = properties.filter(({ typeOptions }) => typeOptions?.password === true);
		expect([...new Set(masked.map(({ name }) => name))].sort()).toEqual(
			['clientSecret', 'ownRefreshToken', 'password', 'secret', 'signingKey', 'tokenRecord'].sort(),
		);
	});
});

describe('A credential that was stored before there were kinds', () => {
	/** As the form of the first version stored them: no field that has its default. */
	const before: Array<[string, Fields]> = [
		[
			'client credentials',
			{
				tokenUrl: 'https://a.example/token',
				clientId: 'i',
				clientSecret: 's',
				extraParameters: '{"audience":"x"}',
			},
		],
		[
			'Basic and another header',
			{
				tokenUrl: 'https://a.example/token',
				clientId: 'i',
				clientSecret: 's',
				clientProof: 'basic',
				headerName: 'X-Token',
				headerPrefix: 'none',
			},
		],
		[
			'a log-in',
			{
				grant: 'login',
				tokenUrl: 'https://a.example/login',
				username: 'u',
				password: 'p',
				bodyFormat: 'json',
				passField: 'pass',
				requestHeaders: '{"X-Tenant":"7"}',
				accessPath: 'data.jwt',
				headerName: 'X-Auth-Token',
			},
		],
		[
			'an own body',
			{
				grant: 'ownBody',
				tokenUrl: 'https://a.example/t',
				clientId: 'i',
				clientSecret: 's',
				username: 'u',
				password: 'p',
				ownBody: '{"k":"$clientSecret","u":"$username","p":"$password","i":"$clientId"}',
				lifetime: 60,
			},
		],
		[
			'a password, with other names',
			{
				grant: 'password',
				tokenUrl: 'https://a.example/t',
				clientId: 'i',
				clientSecret: 's',
				username: 'u',
				password: 'p',
				grantTypeField: 'g',
				clientIdField: 'ci',
				clientProofField: 'cs',
				usernameField: 'un',
				passField: 'pw',
			},
		],
		[
			'refreshing without rotation',
			{
				tokenUrl: 'https://a.example/t',
				clientId: 'i',
				clientSecret: 's',
				renewBy: 'refreshToken',
				refreshPath: 'r.t',
				refreshField: 'rt',
				refreshUrl: 'https://a.example/r',
				refreshMethod: 'PUT',
				refreshSendsClient: false,
				refreshParameters: '{"a":1}',
				refreshRotates: false,
			},
		],
		[
			'budget, hosts and test',
			{
				tokenUrl: 'https://a.example/t',
				clientId: 'i',
				clientSecret: 's',
				monthlyBudget: 5,
				additionalHosts: 'f.example',
				testPath: '/me',
				expiryPath: 'ttl',
			},
		],
	];

	it.each(before)('keeps each of its fields: %s', (_, stored) => {
		const all = { baseUrl: 'https://api.example', ...stored };
		expect(handedOver(all)).toMatchObject(all);
		expect(saved(handedOver(all))).toMatchObject(all);
	});

	it.each(before)('sends the same as if all fields were handed over: %s', (_, stored) => {
		const all = { baseUrl: 'https://api.example', ...stored };
		const essence = (fields: Fields) => {
			const { grant, secrets, ...issuer } = readCustom(fields);
			const { request, refresh, ...rest } = grant;
			return [
				JSON.parse(JSON.stringify(issuer)),
				rest,
				[...secrets].sort(),
				typeof request === 'function' ? request('', 0) : request,
				refresh?.('r', '', 0),
			];
		};
		expect(essence(handedOver(all))).toEqual(essence({ ...defaults, ...all }));
	});

	it('has the fingerprint that it had, so that its token is still used', () => {
		// Computed by the first version of this package.
		const { owner } = readCustom(
			handedOver({
				baseUrl: 'https://api.example',
				tokenUrl: 'https://auth.example/token',
				clientId: 'i',
				clientSecret: 's',
			}),
		);
		expect(owner).toBe('aTVe7JJiS3d3i99CZ3Ec5r');
	});
});

describe('A JSON field', () => {
	const base: Fields = {
		baseUrl: 'https://api.example',
		tokenUrl: 'https://auth.example/t',
		clientId: 'i',
		clientSecret: 'client-secret-1',
		username: 'u-1',
		password: 'pass-word-2',
		secret: 'second-3',
	};
	const every =
		'{"a":"$clientId $clientSecret","b":["$username",{"c":"$password"}],"d":"x$secret"}';
	const filled = { a: 'i client-secret-1', b: ['u-1', { c: 'pass-word-2' }], d: 'xsecond-3' };
	const issuer = (fields: Fields) => {
		const { grant, ...rest } = readCustom({ ...base, ...fields });
		return {
			...rest,
			request: (
				grant.request as (
					slot: string,
					now: number,
				) => { headers: Record<string, string>; body?: string }
			)?.('', 0),
			refresh: grant.refresh?.('refresh-4', '', 0),
		};
	};

	it('takes an object as an expression gives it', () => {
		const { request } = issuer({ extraParameters: { audience: 'x' } as never });
		expect(new URLSearchParams(request.body).get('audience')).toBe('x');
	});

	it('has its placeholders filled in, wherever in it they stand', () => {
		const json = (text = '') => JSON.parse(text) as object;
		expect(json(issuer({ bodyFormat: 'json', extraParameters: every }).request.body)).toMatchObject(
			filled,
		);
		expect(
			json(issuer({ bodyFormat: 'json', grant: 'ownBody', ownBody: every }).request.body),
		).toEqual(filled);
		const refreshing = issuer({
			bodyFormat: 'json',
			renewBy: 'refreshToken',
			refreshField: 'none',
			refreshParameters: '{"r":"$refreshToken","d":"$secret"}',
			refreshHeaders: '{"X-R":"Bearer $refreshToken"}',
		}).refresh;
		expect(json(refreshing?.body)).toMatchObject({ r: 'refresh-4', d: 'second-3' });
		expect(refreshing?.headers['X-R']).toBe('Bearer refresh-4');
		expect(issuer({ requestHeaders: '{"X-K":"$secret"}' }).request.headers['X-K']).toBe('second-3');
		expect(issuer({ apiHeaders: '{"X-K":"$secret"}' }).fixedHeaders).toEqual({ 'X-K': 'second-3' });
	});

	it('takes secrets as they were typed, blanks at their ends included', () => {
		const typed = { clientSecret: ' a ', password: ' b ', secret: 'c ' };
		const { request } = issuer({
			...typed,
			extraParameters: '{"x":"$clientSecret|$password|$secret"}',
			requestHeaders: '{"X-K":"$secret|"}',
			tokenUrl: 'https://auth.example/t?k=$secret',
		});
		expect(new URLSearchParams(request.body).get('x')).toBe(' a | b |c ');
		expect(request.headers['X-K']).toBe('c |');
		expect((request as unknown as { url: string }).url).toBe('https://auth.example/t?k=c%20');
	});

	it('leaves out a parameter or header that it calls null', () => {
		const fields = { extraParameters: '{"client_id":null,"grant_type":null,"a":{"b":null}}' };
		const json = issuer({ ...fields, bodyFormat: 'json' }).request;
		expect(JSON.parse(json.body ?? '')).toEqual({
			client_secret: 'client-secret-1',
			a: { b: null },
		});
		expect([...new URLSearchParams(issuer(fields).request.body).keys()]).toEqual([
			'client_secret',
			'a',
		]);
		expect(issuer({ requestHeaders: '{"Accept":null,"X-A":5}' }).request.headers).toEqual({
			accept: 'application/json',
			'content-type': 'application/x-www-form-urlencoded',
			'X-A': '5',
		});
		const refreshing = { renewBy: 'refreshToken', refreshParameters: '{"grant_type":null}' };
		const { refresh } = issuer({
			...refreshing,
			grant: 'ownBody',
			ownBody: '{"session":null}',
			bodyFormat: 'json',
		});
		expect(JSON.parse(refresh?.body ?? '')).toEqual({ refresh_token: 'refresh-4' });
		expect(
			issuer({ grant: 'ownBody', ownBody: '{"session":null}', bodyFormat: 'json' }).request.body,
		).toBe('{"session":null}');
	});

	it('repeats the name of a list in a form (RFC 8707)', () => {
		const { request } = issuer({
			extraParameters: '{"resource":["https://a.example","https://b.example"],"deep":{"x":1}}',
		});
		const form = new URLSearchParams(request.body);
		expect(form.getAll('resource')).toEqual(['https://a.example', 'https://b.example']);
		expect(form.get('deep')).toBe('{"x":1}');
	});

	it('is blanked in errors where it may hold a key, in clear or filled in', () => {
		const inClear = ['typed', 'in', 'clear', '5'].join('-');
		for (const field of ['extraParameters', 'requestHeaders', 'apiHeaders']) {
			expect(issuer({ [field]: `{"X-Key":"${inClear}"}` }).secrets).toContain(inClear);
			expect(issuer({ [field]: '{"X-Key":"key=$secret"}' }).secrets).toContain('key=second-3');
		}
		expect(issuer({ grant: 'ownBody', ownBody: `{"a":{"b":["${inClear}"]}}` }).secrets).toContain(
			inClear,
		);
		expect(issuer({ tokenUrl: `https://auth.example/t?key=${inClear}` }).secrets).toContain(
			inClear,
		);
		for (const name of ['password', 'user_passwd', 'pwd', 'appSecret', 'API-Key', 'apikey']) {
			const word = ['sword', 'fish'].join('');
			const fields = {
				grant: 'ownBody',
				ownBody: JSON.stringify(Object.fromEntries([[name, word]])),
			};
			expect([name, issuer(fields).secrets.includes(word)]).toEqual([name, true]);
		}
		expect(issuer({}).secrets).toEqual(
			expect.arrayContaining(['client-secret-1', 'pass-word-2', 'second-3']),
		);
		expect(
			issuer({
				extraParameters: '{"scope":"read-all","audience":"https://a.example","response":"token"}',
			}).secrets,
		).not.toEqual(expect.arrayContaining(['read-all']));
	});
});

describe('Two clients', () => {
	const own: Fields = {
		baseUrl: 'https://api.example',
		tokenUrl: 'https://auth.example/t',
		grant: 'ownBody',
		clientSecret: 'key-1',
	};

	it('with a key each and no name do not share a budget', () => {
		expect(readCustom(own).client).not.toBe(readCustom({ ...own, clientSecret: 'key-2' }).client);
		expect(readCustom(own).client).toBe(readCustom({ ...own, testPath: '/x' }).client);
	});

	it('have a token each, and a field that shapes no token changes none', () => {
		const signing = { ...own, grant: 'jwt', jwtUse: 'token', signingKey: 'shared-secret' };
		for (const base of [own, signing]) {
			expect(readCustom(base).owner).toBe(readCustom(base).owner);
			expect(
				readCustom({ ...base, headerName: 'X-A', timeout: 20, testPath: '/x', moreOptions: true })
					.owner,
			).toBe(readCustom(base).owner);
		}
		expect(readCustom({ ...signing, jwtClaims: '{"sub":"x"}' }).owner).not.toBe(
			readCustom(signing).owner,
		);
	});
});

describe('The token URL', () => {
	const base: Fields = { baseUrl: 'https://api.example', clientId: 'i', clientSecret: 's' };
	const request = (fields: Fields) =>
		(
			readCustom({ ...base, ...fields }).grant.request as (
				slot: string,
				now: number,
			) => { method: string; url: string; body?: string }
		)('', 0);

	it.each([
		'https://a.example/token/',
		'https://a.example/token?grant_type=x&y=1',
		'https://A.example:443/Token',
		'https://a.example',
	])('is sent exactly as written: %s', (tokenUrl) => {
		expect(request({ tokenUrl }).url).toBe(tokenUrl);
	});

	it('has blanks as %20 in its query, which every server reads, and + as what it is', () => {
		const { url } = request({
			tokenUrl: 'https://a.example/t',
			tokenMethod: 'GET',
			clientSecret: 'a b+c%20*&=ü',
		});
		expect(url).toContain('client_secret=a%20b%2Bc%2520*%26%3D%C3%BC');
	});

	it('takes placeholders, and parameters with GET', () => {
		expect(
			request({ tokenUrl: 'https://a.example/$clientId/t?k=$secret', secret: 'a/b+c' }).url,
		).toBe('https://a.example/i/t?k=a%2Fb%2Bc');
		expect(request({ tokenUrl: 'https://a.example/t?a=1', tokenMethod: 'GET' })).toEqual({
			method: 'GET',
			url: 'https://a.example/t?a=1&grant_type=client_credentials&client_id=i&client_secret=s',
			headers: { accept: 'application/json' },
		});
	});
});

describe('A field of another kind', () => {
	/** Something for every field that differs from its default, as it stays when a person changes the kind. */
	const stale: Fields = Object.fromEntries(
		properties.map(({ name, type, options, default: value }) => {
			if (type === 'options') {
				const other = options?.find((one) => 'value' in one && one.value !== value);
				return [name, other !== undefined && 'value' in other ? other.value : value];
			}
			if (type === 'boolean') return [name, !value];
			if (type === 'number') return [name, 7];
			return [name, type === 'json' ? `{"stale-${name}":"$secret"}` : `stale-${name}`];
		}),
	) as Fields;
	const own: Fields = {
		baseUrl: 'https://api.example',
		tokenUrl: 'https://auth.example/t',
		refreshUrl: '',
		tokenRecord: '',
		moreOptions: false,
		headerValue: '',
		headerName: 'X-Own',
		additionalHosts: '',
		expiredWhen: '',
		signingKeyFormat: 'text',
		jwtAlgorithm: 'auto',
		furtherTokens: '{}',
		ownBody: '{"own":"$secret"}',
	};
	const ways: Fields[] = [
		...KINDS.map((grant) => ({ grant })),
		...['body', 'basic', 'basicEncoded', 'none', 'clientSecretJwt'].map((clientProof) => ({
			grant: 'clientCredentials',
			clientProof,
		})),
		{ grant: 'jwt', jwtUse: 'token' },
	];

	it.each(ways)('does nothing where the form does not show it: %j', (way) => {
		const all = {
			...stale,
			jwtUse: 'exchange',
			renewBy: 'askAnew',
			clientProof: 'body',
			...own,
			...way,
		};
		const seen = new Set(shown(all).map(({ name }) => name));
		const essence = (fields: Fields) => {
			const issuer = readCustom(fields);
			const { request, refresh, sign, ...rest } = issuer.grant;
			const at = typeof request === 'function' ? request('', 0) : request;
			const { apiBase, origins, attachments, fixedHeaders, budget, lifetime, timeout } = issuer;
			const used = [apiBase, origins, attachments, fixedHeaders, budget, lifetime, timeout];
			const asked = [issuer.scopes, issuer.probeUrl, rest, at, refresh?.('r', '', 0), sign?.(0)];
			return JSON.stringify([...used, ...asked]).replace(/eyJ[\w.-]+/g, 'jwt');
		};
		const fields = handedOver(all);
		for (const name of Object.keys(stale)) {
			if (!seen.has(name)) expect(essence(fields)).not.toContain(`stale-${name}"`);
		}
		const without = Object.fromEntries(Object.entries(all).filter(([name]) => seen.has(name)));
		expect(essence(fields)).toBe(essence(handedOver(without)));
	});
});

describe('A JWT that is signed', () => {
	const NOW = Date.UTC(2026, 10, 1);
	const base: Fields = {
		grant: 'jwt',
		baseUrl: 'https://api.example',
		tokenUrl: 'https://auth.example/t',
		signingKey: 'a shared secret',
	};
	type Asked = { url: string; headers: Record<string, string>; body?: string };
	const asked = (fields: Fields): Asked => {
		const { request } = readCustom({ ...base, ...fields }).grant;
		return (request as (slot: string, now: number) => Asked)('', NOW);
	};
	const part = (jwt: string, index: number) =>
		JSON.parse(Buffer.from(jwt.split('.')[index] ?? '', 'base64url').toString()) as Record<
			string,
			unknown
		>;
	const assertion = (fields: Fields) =>
		new URLSearchParams(asked(fields).body).get('assertion') ?? '';

	it('has times that count from now, and a name of its own each time', () => {
		const fields = {
			jwtClaims:
				'{"iat":"$now-60","nbf":"$now-60","exp":"$now+600","at":["$now"],"jti":"$uuid","n":7,"who":"$now-ish"}',
		};
		const claims = part(assertion(fields), 1);
		const now = NOW / 1000;
		expect(claims).toMatchObject({
			iat: now - 60,
			nbf: now - 60,
			exp: now + 600,
			at: [now],
			n: 7,
			who: '$now-ish',
		});
		expect(claims.jti).toMatch(/^[0-9a-f-]{36}$/);
		expect(part(assertion(fields), 1).jti).not.toBe(claims.jti);
		expect(readCustom({ ...base, ...fields }).owner).toBe(readCustom({ ...base, ...fields }).owner);
	});

	it('is made anew for each request, with another jti', () => {
		expect(part(assertion({}), 1).jti).not.toBe(part(assertion({}), 1).jti);
	});

	it('goes where the credential says: a header (GitHub), deep inside (Tableau)', () => {
		const github = asked({
			assertionField: 'none',
			requestHeaders: '{"Authorization":"Bearer $jwt"}',
		});
		expect(github.body).toBeUndefined();
		expect(part(github.headers.Authorization.slice(7), 1)).toMatchObject({ iat: NOW / 1000 });
		const tableau = asked({
			assertionField: 'none',
			bodyFormat: 'json',
			extraParameters: '{"credentials":{"jwt":"$jwt","site":{"contentUrl":""}}}',
		});
		const { credentials } = JSON.parse(tableau.body ?? '') as { credentials: { jwt: string } };
		expect(credentials.jwt.split('.')).toHaveLength(3);
		expect(() => asked({ grant: 'ownBody', ownBody: '{"j":"$jwt"}' })).toThrow(
			/Own Body holds \$jwt, which stands for nothing there/,
		);
	});

	it('takes what the key file says, and the person’s own before it', () => {
		const box = JSON.stringify({
			boxAppSettings: {
				clientID: 'c',
				appAuth: { publicKeyID: '7', privateKey: '<key>', passphrase: 'open' },
			},
			enterpriseID: '9',
		});
		const key = generateKeyPairSync('rsa', {
			modulusLength: 2048,
			privateKeyEncoding: {
				type: 'pkcs8',
				format: 'pem',
				cipher: 'aes-256-cbc',
				passphrase: 'open',
			},
			publicKeyEncoding: { type: 'spki', format: 'pem' },
		}).privateKey;
		const signingKey = box.replace('<key>', key.replaceAll('\n', '\\n'));
		const jwt = assertion({ signingKey });
		expect(part(jwt, 0)).toMatchObject({ alg: 'RS256', kid: '7' });
		expect(part(jwt, 1)).toMatchObject({ iss: 'c', sub: '9' });
		expect(
			part(assertion({ signingKey, jwtIssuer: 'i', jwtSubject: 's', jwtKeyId: 'k' }), 1),
		).toMatchObject({ iss: 'i', sub: 's' });
		expect(part(assertion({ signingKey, jwtClaims: '{"sub":null}' }), 1)).not.toHaveProperty('sub');
	});
});

describe('A body that is text', () => {
	type Asked = { method: string; url: string; headers: Record<string, string>; body?: string };
	const asked = (ownText: string, fields: Fields = {}): Asked => {
		const stored = {
			grant: 'ownBody',
			baseUrl: 'https://api.example',
			tokenUrl: 'https://auth.example/t',
			bodyFormat: 'text',
			username: 'u<1>',
			password: `a&b"c'd\\e`,
			ownText,
			...fields,
		};
		const { request } = readCustom(handedOver(stored)).grant;
		return (request as (slot: string, now: number) => Asked)('', 0);
	};

	it('of XML is sent as such, what is filled in escaped', () => {
		const soap = '<e:Envelope><login u="$username">\n<p>$password</p></login></e:Envelope>';
		expect(asked(soap)).toMatchObject({
			method: 'POST',
			url: 'https://auth.example/t',
			headers: { accept: '*/*', 'content-type': 'text/xml; charset=utf-8' },
			body: '<e:Envelope><login u="u&lt;1&gt;">\n<p>a&amp;b&quot;c&apos;d\\e</p></login></e:Envelope>',
		});
		const headers = {
			requestHeaders: '{"SOAPAction":"login","Content-Type":"application/soap+xml"}',
		};
		expect(asked(soap, headers).headers).toEqual({
			accept: '*/*',
			SOAPAction: 'login',
			'Content-Type': 'application/soap+xml',
		});
	});

	it('of JSON that is no object is sent as such', () => {
		const { headers, body } = asked('["$username","$password"]');
		expect(headers['content-type']).toBe('application/json');
		expect(JSON.parse(body ?? '')).toEqual(['u<1>', `a&b"c'd\\e`]);
	});

	it('of another kind is sent as it is', () => {
		const { headers, body } = asked('user=$username\npass=$password');
		expect(headers['content-type']).toBe('text/plain; charset=utf-8');
		expect(body).toBe(`user=u<1>\npass=a&b"c'd\\e`);
	});

	it('leaves other parameters to the query, and must not be empty', () => {
		expect(asked('x', { extraParameters: '{"a":"b c"}' }).url).toBe(
			'https://auth.example/t?a=b%20c',
		);
		expect(() => asked(' ')).toThrow(/Own Text is empty/);
	});

	it('does nothing in another kind or format', () => {
		expect(asked('x', { bodyFormat: 'json', ownBody: '{"a":1}' }).body).toBe('{"a":1}');
		const login = asked('x', { grant: 'login', moreOptions: true });
		expect(login.body).toBe(
			new URLSearchParams({ username: 'u<1>', password: `a&b"c'd\\e` }).toString(),
		);
	});
});
