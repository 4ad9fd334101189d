import {
	type ICredentialDataDecryptedObject,
	type IDataObject,
	type IExecuteFunctions,
	type IHttpRequestHelper,
	type INodeTypes,
	Workflow,
} from 'n8n-workflow';
import { BookingtimeOAuth2Api } from '../../../credentials/BookingtimeOAuth2Api.credentials';
import { readBookingtimeSignIn } from '../../../credentials/providers/bookingtimeSignIn';
import { TokenEngine } from '../../../credentials/tokens/engine';
import { Hooks } from '../../../credentials/tokens/hooks';
import { openSession, type Session } from '../../../nodes/session/session';
import { node } from '../support/n8n';
import { SimulatedProvider } from '../support/provider';
import { findSecret } from '../support/secrets';
import { VirtualTime } from '../support/virtualTime';

const TOKEN_URL = 'https://auth.bookingtime.com/oauth/token';
const API = 'https://api.bookingtime.com/app/v3/de';
const REFRESH_TOKEN = 'refresh.of-the-person';

/** As n8n hands them over after a sign-in. */
const signedIn: ICredentialDataDecryptedObject = {
	grantType: 'authorizationCode',
	authUrl: 'https://auth.bookingtime.com/sign-in',
	accessTokenUrl: TOKEN_URL,
	clientId: '70client',
	clientSecret: 'bookingtime-secret',
	apiKind: 'app',
	organizationId: 'f6own',
	locale: 'de',
	baseUrl: 'https://api.bookingtime.com',
	oauthTokenData: {
		refresh_token: REFRESH_TOKEN,
		token_type: 'JWT',
		expires_in: 2_592_000,
		callbackQueryString: { iss: 'https://auth.bookingtime.com' },
	},
};

const dead = {
	status: 400,
	body: { error: 'invalid_grant', error_description: `No: ${REFRESH_TOKEN}` },
};

/** One process of n8n with the credential in it. */
function start(fields: ICredentialDataDecryptedObject = signedIn) {
	const time = new VirtualTime();
	const provider = new SimulatedProvider({
		now: () => time.now(),
		tokenUrl: TOKEN_URL,
		lifetime: 300,
	});
	const environment = time.process('main');
	const hooks = new Hooks(new TokenEngine(environment));
	const helper = { helpers: { httpRequest: provider.request } } as unknown as IHttpRequestHelper;
	const stage = {
		time,
		provider,
		fields,
		/** What n8n does before each request of a node that is not ours: it reads the row anew. */
		hook: async (): Promise<IDataObject> => {
			const { oauthTokenData } = await environment.drive(
				hooks.oAuth2Hook(readBookingtimeSignIn, helper, { ...stage.fields }),
			);
			return oauthTokenData as IDataObject;
		},
		session: async (): Promise<Session> => {
			const context = {
				getNode: () => node,
				getCredentials: async () => ({ ...stage.fields }),
				logger: { info: () => undefined },
				helpers: {
					httpRequest: provider.request,
					httpRequestWithAuthentication: () => {
						throw new Error('n8n would refresh without an organization');
					},
				},
			} as unknown as IExecuteFunctions;
			const session = await openSession(context, 'bookingtimeOAuth2Api', hooks);
			return {
				...session,
				send: async (request) => await environment.drive(session.send(request)),
				status: () => session.status(),
				renew: async () => await environment.drive(session.renew()),
				forget: async () => await environment.drive(session.forget()),
			};
		},
	};
	return stage;
}

const show = (organization = 'f6own') => ({
	method: 'GET' as const,
	path: `/organization/${organization}/show`,
});

const bodies = (provider: SimulatedProvider) => provider.tokenRequests.map(({ body }) => body);

describe('The exchange after a sign-in', () => {
	it('sends client id, refresh token and organization, and no secret', async () => {
		const { provider, hook } = start();
		await hook();
		const [request] = provider.tokenRequests;
		expect(Object.fromEntries(new URLSearchParams(request.body))).toEqual({
			grant_type: 'refresh_token',
			client_id: '70client',
			refresh_token: REFRESH_TOKEN,
			organization_id: 'f6own',
		});
		expect(request.url).toBe(TOKEN_URL);
		expect(request.headers).not.toHaveProperty('authorization');
		expect(request.options).toMatchObject({ disableFollowRedirect: true });
	});

	it('names no organization where the credential has none', async () => {
		const { provider, hook } = start({ ...signedIn, organizationId: ' ' });
		await hook();
		expect(bodies(provider)[0]).not.toContain('organization_id');
	});

	it.each([
		['nobody has signed in', undefined],
		['the sign-in brought an access token alone', { access_token: 'a' }],
		['the sign-in brought something else', { refresh_token: 'two words' }],
	])('says that the account is not connected where %s', async (_, oauthTokenData) => {
		const { provider, hook, session } = start({ ...signedIn, oauthTokenData } as never);
		await expect(hook()).rejects.toThrow(/nobody has signed in.*connect the account/);
		await expect(session()).rejects.toMatchObject({
			description: expect.stringContaining('connect the account') as string,
		});
		expect(provider.tokenRequests).toEqual([]);
	});

	it('belongs to one sign-in at one client: another person gets other tokens', () => {
		const owner = (change: IDataObject) =>
			readBookingtimeSignIn({ ...signedIn, ...change } as never).owner;
		const own = owner({});
		expect(
			owner({ clientSecret: 'other', locale: 'en', organizationId: 'f6other', authUrl: '' }),
		).toBe(own);
		const others = [
			{ oauthTokenData: { refresh_token: 'of-another-person' } },
			{ clientId: '70other' },
			{ accessTokenUrl: 'https://auth.example/token' },
		].map(owner);
		expect(new Set([own, ...others]).size).toBe(4);
	});
});

describe('The hook that n8n calls before each request', () => {
	it('answers the stored reply with an access token in it, as Bearer', async () => {
		const { hook } = start();
		expect(await hook()).toEqual({
			...(signedIn.oauthTokenData as object),
			access_token: 'token-1',
			token_type: 'Bearer',
		});
	});

	it('exchanges once for thirty requests at once, and not again while the token is fresh', async () => {
		const { time, provider, hook } = start();
		const answers = await Promise.all(Array.from({ length: 30 }, hook));
		expect(new Set(answers.map(({ access_token }) => access_token))).toEqual(new Set(['token-1']));
		time.pass(260_000);
		expect((await hook()).access_token).toBe('token-1');
		expect(provider.tokenRequests).toHaveLength(1);
	});

	it('exchanges before the token dies, and uses the old one where that fails', async () => {
		const { time, provider, hook } = start();
		await hook();
		time.pass(271_000);
		provider.onToken = () => ({ status: 503, headers: { 'retry-after': '5' } });
		expect((await hook()).access_token).toBe('token-1');
		time.pass(6_000);
		provider.onToken = undefined;
		expect((await hook()).access_token).toBe('token-3');
		expect(provider.tokenRequests).toHaveLength(3);
	});

	it('says that the account must be connected again where the sign-in is over, and asks no more for 30 s', async () => {
		const stage = start();
		stage.provider.onToken = () => dead;
		const errors = await Promise.all(
			Array.from({ length: 5 }, async () => await stage.hook().catch((error: Error) => error)),
		);
		for (const error of errors as Error[]) {
			expect(error.message).toMatch(
				/\(400: “No: •••”\)\. The account must be connected again\. Open the credential/,
			);
			expect(findSecret(error, [REFRESH_TOKEN, 'bookingtime-secret'])).toBeUndefined();
		}
		expect(stage.provider.tokenRequests).toHaveLength(1);

		stage.provider.onToken = undefined;
		stage.fields = { ...signedIn, oauthTokenData: { refresh_token: 'of-the-same-person' } };
		expect((await stage.hook()).access_token).toBe('token-2');
	});

	it('gives no such advice where bookingtime is down', async () => {
		const { provider, hook } = start();
		provider.onToken = () => ({ status: 500 });
		await expect(hook()).rejects.toThrow(/failed to issue a token \(500\)\. Try again later/);
	});
});

describe('A node with this credential', () => {
	it('sends through n8n’s plain helper, and shares its token with the hook', async () => {
		const { provider, hook, session } = start();
		const open = await session();
		await Promise.all([open.send(show()), open.send(show()), open.send(show())]);
		await hook();
		expect(provider.tokenRequests).toHaveLength(1);
		expect(provider.apiRequests.map(({ url, token }) => [url, token])).toEqual(
			Array(3).fill([`${API}/organization/f6own/show`, 'token-1']),
		);
		expect(provider.apiRequests[0].options).toMatchObject({
			disableFollowRedirect: true,
			sendCredentialsOnCrossOriginRedirect: false,
		});
	});

	it('has a token for each organization, and one for none', async () => {
		const { provider, session } = start();
		const open = await session();
		for (const path of [
			'/organization/f6own/show',
			'/organization/f6other/show',
			'/static/language/list',
			'/organization/f6other/show',
		]) {
			await open.send({ method: 'GET', path });
		}
		expect(
			bodies(provider).map((body) => new URLSearchParams(body).get('organization_id')),
		).toEqual(['f6own', 'f6other', null]);
		expect(provider.apiRequests.map(({ token }) => token)).toEqual([
			'token-1',
			'token-2',
			'token-3',
			'token-2',
		]);
	});

	it('renews before use: 1 exchange more and no refusal', async () => {
		const { time, provider, session } = start();
		await (await session()).send(show());
		time.pass(300_000);
		await (await session()).send(show());
		expect(provider.tokenRequests).toHaveLength(2);
		expect(provider.refused).toEqual([]);
	});

	it('answers a 401 with one exchange and one repetition', async () => {
		const { provider, session } = start();
		const open = await session();
		await open.send(show());
		provider.revokeAll();
		expect((await open.send(show())).status).toBe(200);
		expect(provider.tokenRequests).toHaveLength(2);
		expect(provider.refused).toHaveLength(1);
	});

	it('says that the account must be connected again where it was revoked', async () => {
		const { provider, session } = start();
		const open = await session();
		await open.send(show());
		provider.revokeAll();
		provider.onToken = () => dead;
		await expect(open.send(show())).rejects.toMatchObject({
			message: expect.stringMatching(/The account must be connected again\.$/) as string,
			description: expect.stringMatching(/^Open the credential and sign in/) as string,
		});
	});

	it('sends the token to no other origin, and shows nobody what n8n stored', async () => {
		const { provider, session } = start();
		const open = await session();
		for (const path of [
			'https://foreign.example/x',
			'https://api.bookingtime.com:8443/x',
			TOKEN_URL,
		]) {
			await expect(open.send({ method: 'GET', path })).rejects.toMatchObject({ kind: 'host' });
		}
		expect(provider.apiRequests).toEqual([]);
		expect(findSecret(open.fields, [REFRESH_TOKEN, 'bookingtime-secret'])).toBeUndefined();
		expect(open.fields).toMatchObject({ clientId: '70client', organizationId: 'f6own' });
	});

	it('can tell when the token expires, renew it and forget it', async () => {
		const { provider, session } = start();
		expect((await session()).status().usable).toBe(false);
		expect((await (await session()).renew()).secondsLeft).toBe(295);
		expect((await session()).status().usable).toBe(true);
		expect((await (await session()).forget()).usable).toBe(false);
		await (await session()).send(show());
		expect(provider.tokenRequests).toHaveLength(2);
	});
});

describe('The list of domains that n8n holds the credential to', () => {
	const property = (name: string) =>
		new BookingtimeOAuth2Api().properties.find((candidate) => candidate.name === name);

	it('is declared hidden, so that the editor neither opens nor closes it', () => {
		expect(property('allowedHttpRequestDomains')).toMatchObject({
			type: 'hidden',
			default: 'domains',
		});
		expect(property('allowedDomains')).toMatchObject({ type: 'hidden' });
	});

	it.each([
		['https://api.bookingtime.com', TOKEN_URL, 'api.bookingtime.com,auth.bookingtime.com'],
		[' HTTPS://127.0.0.1:4600/api ', 'http://localhost:4601/oauth/token', '127.0.0.1,localhost'],
		['https://api.bookingtime.com@foreign.example', '', 'api.bookingtime.com@foreign.example,'],
	])('is made of API host and token URL (%s)', (baseUrl, accessTokenUrl, allowed) => {
		const workflow = new Workflow({ nodes: [node], connections: {}, active: false, nodeTypes });
		const fields = {
			baseUrl,
			accessTokenUrl,
			allowedDomains: property('allowedDomains')?.default as string,
		};
		const resolved = workflow.expression.getComplexParameterValue(
			node,
			fields,
			'internal',
			{},
			undefined,
			undefined,
			fields,
		);
		expect((resolved as IDataObject).allowedDomains).toBe(allowed);
	});
});

/** No node type is asked for anything here but its fields. */
const nodeTypes = {
	getByNameAndVersion: () => ({ description: { properties: [] } }),
} as unknown as INodeTypes;
