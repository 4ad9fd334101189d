import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import type { CredentialName } from '../../../credentials';
import { bookingtime, calenso, custom, fusio, meister1, reads } from '../support/credentials';
import { execution } from '../support/context';
import { N8n, Row } from '../support/n8n';
import type { Reply, SentRequest } from '../support/provider';
import { SimulatedProvider } from '../support/provider';
import { findSecret, formsOf } from '../support/secrets';
import { VirtualTime } from '../support/virtualTime';

const CANARIES = {
	clientSecret: 'canary-client/secret+1?ü',
	appSecret: 'canary-app/secret+2?ü',
	password: 'canary-password/3 ?ü',
	refreshing: 'canary-refresh.token-4',
	bearer: 'canary-access.token-5',
};
const secrets = Object.values(CANARIES);
const hidden = {
	clientSecret: CANARIES.clientSecret,
	appSecret: CANARIES.appSecret,
	password: CANARIES.password,
};

/** What the credential is called, where it is from, what it sends its requests to, and the secrets that its provider knows. */
const credentials: Array<
	[string, CredentialName, keyof typeof reads, ICredentialDataDecryptedObject, string, string[]]
> = [
	[
		'Calenso',
		'calensoApi',
		'calenso',
		calenso,
		'https://my.calenso.com/api/v1/x',
		[CANARIES.clientSecret],
	],
	[
		'bookingtime',
		'bookingtimeApi',
		'bookingtime',
		bookingtime,
		'https://api.bookingtime.com/app/v3/de/organization/f6own/show',
		[CANARIES.clientSecret],
	],
	[
		'Meister1',
		'meister1Api',
		'meister1',
		meister1,
		'https://auth.meister1.com/v1/sso',
		[CANARIES.clientSecret],
	],
	[
		'Fusio’s app',
		'fusioApi',
		'fusio',
		{ ...fusio, renewBy: 'refreshToken' },
		'https://fusio.example/x',
		[CANARIES.appSecret],
	],
	[
		'Fusio’s password',
		'fusioApi',
		'fusio',
		{ ...fusio, wayIn: 'password' },
		'https://fusio.example/x',
		[CANARIES.password],
	],
	[
		'Fusio’s log-in',
		'fusioApi',
		'fusio',
		{ ...fusio, wayIn: 'login' },
		'https://fusio.example/x',
		[CANARIES.password],
	],
	[
		'a custom body',
		'customTokenApi',
		'custom',
		custom,
		'https://api.example/v1/x',
		[CANARIES.clientSecret],
	],
	[
		'a custom header',
		'customTokenApi',
		'custom',
		{ ...custom, clientProof: 'basic' },
		'https://api.example/v1/x',
		[CANARIES.clientSecret],
	],
	[
		'a custom password',
		'customTokenApi',
		'custom',
		{ ...custom, grant: 'password', username: 'u' },
		'https://api.example/v1/x',
		[CANARIES.clientSecret, CANARIES.password],
	],
];

const good: Reply = {
	status: 200,
	body: {
		access_token: CANARIES.bearer,
		accessToken: CANARIES.bearer,
		token: CANARIES.bearer,
		refresh_token: CANARIES.refreshing,
		refreshToken: CANARIES.refreshing,
		expires_in: 300,
		expiresIn: 300,
	},
};

/** A provider that repeats all it heard and knows in its error. */
function indiscreet(
	status: number,
	{ headers, body }: SentRequest,
	known: readonly string[],
): Reply {
	const words = [...known.flatMap(formsOf), headers.authorization ?? '', body].join(' ');
	return {
		status,
		body: { error: words, error_description: words, message: words, errors: [{ message: words }] },
	};
}

function axiosLike(sent: SentRequest): Error {
	const error = new Error(`connect ECONNRESET ${sent.body} ${sent.headers.authorization}`);
	return Object.assign(error, {
		kind: 'ECONNRESET',
		config: { data: sent.body, headers: sent.headers },
		request: sent,
		cause: new Error(sent.body),
	});
}

function world(name: keyof typeof reads, fields: ICredentialDataDecryptedObject, url: string) {
	const time = new VirtualTime();
	const isToken = (sent: string) => /\/token$|\/login$/.test(new URL(sent).pathname);
	const provider = new SimulatedProvider({ now: () => time.now(), tokenUrl: 'https://' });
	let token: (sent: SentRequest) => Reply = () => good;
	let api: (sent: SentRequest) => Reply = () => ({ status: 200, body: {} });
	provider.onToken = (sent) => (isToken(sent.url) ? token(sent) : api(sent));
	const row = new Row({ ...fields, ...hidden });
	const log: string[] = [];
	const n8n = new N8n(time.process('main'), row, reads[name], provider.request);
	return {
		time,
		row,
		log,
		n8n,
		onToken: (answer: typeof token) => (token = answer),
		onApi: (answer: typeof api) => (api = answer),
		throughSession: async (credential: CredentialName) => {
			const session = await execution(n8n, credential, log);
			return await time.run(
				session.send({ method: 'GET', path: url, retry: false }).then(
					() => undefined,
					(error: Error) => error,
				),
			);
		},
		throughHooks: async () => [
			await n8n.httpRequest({ url }).then(
				() => undefined,
				(error: Error) => error,
			),
			await n8n.legacyRequest({ uri: url }).then(
				() => undefined,
				(error: Error) => error,
			),
			await n8n.openCredential({ url }).then(
				() => undefined,
				(error: Error) => error,
			),
		],
	};
}

function expectNoSecret(errors: unknown): void {
	expect(findSecret(errors, secrets)).toBeUndefined();
}

describe('The search for secrets', () => {
	it('finds one in hidden properties, causes, stacks and messages, in each of its forms', () => {
		for (const form of formsOf(CANARIES.clientSecret)) {
			const inHidden = new Error('x');
			Object.defineProperty(inHidden, 'config', { value: { deep: [form] }, enumerable: false });
			expect(findSecret(inHidden, secrets)).toBeDefined();
			expect(findSecret(new Error('x', { cause: new Error(form) }), secrets)).toBeDefined();
			expect(findSecret(new Error(`a ${form} b`), secrets)).toBeDefined();
			expect(findSecret({ [Symbol('s')]: new Map([[form, 1]]) }, secrets)).toBeDefined();
		}
		expect(findSecret(new Error('nothing'), secrets)).toBeUndefined();
	});
});

describe.each(credentials)(
	'No error shows a secret of %s',
	(_, credential, name, fields, url, own) => {
		it.each([400, 401, 403, 404, 429, 500, 503])(
			'when the token endpoint repeats all of them with %i',
			async (status) => {
				for (const way of ['session', 'hooks']) {
					const { onToken, throughSession, throughHooks, log } = world(name, fields, url);
					onToken((sent) => indiscreet(status, sent, own));
					const errors =
						way === 'session' ? [await throughSession(credential)] : await throughHooks();
					expect(errors.every((error) => error instanceof Error)).toBe(true);
					expectNoSecret([errors, log]);
				}
			},
		);

		it('when renewing fails and the stored tokens are repeated', async () => {
			const { time, row, onToken, throughSession, throughHooks } = world(name, fields, url);
			expect(await throughSession(credential)).toBeUndefined();
			time.pass(86_400_000);
			const kept = row.text.includes(CANARIES.refreshing) ? [CANARIES.refreshing] : [];
			onToken((sent) => indiscreet(400, sent, [...own, CANARIES.bearer, ...kept]));
			expectNoSecret([await throughSession(credential), await throughHooks()]);
		});

		it('when the second of two requests is refused with what the first one brought', async () => {
			let requests = 0;
			const { onToken, throughSession } = world(name, fields, url);
			onToken((sent) =>
				++requests === 1
					? { status: 200, body: { refresh_token: CANARIES.refreshing } }
					: indiscreet(403, sent, [...own, CANARIES.refreshing]),
			);
			expectNoSecret(await throughSession(credential));
		});

		it('when the connection breaks with an error that holds the whole request', async () => {
			for (const way of ['session', 'hooks']) {
				const { onToken, throughSession, throughHooks } = world(name, fields, url);
				onToken((sent) => {
					throw axiosLike(sent);
				});
				const errors =
					way === 'session' ? [await throughSession(credential)] : await throughHooks();
				expect(errors.every((error) => error instanceof Error)).toBe(true);
				expectNoSecret(errors);
			}
		});

		it('when the reply cannot be used', async () => {
			for (const body of [
				`<html>${secrets.join()}`,
				[...secrets],
				{ access_token: CANARIES.bearer, token_type: 'mac' },
				'',
			]) {
				const { onToken, throughSession } = world(name, fields, url);
				onToken(() => ({ status: 200, body }));
				expectNoSecret(await throughSession(credential));
			}
		});

		it.each([400, 401, 403, 404, 429, 500])(
			'when the API repeats its token with %i',
			async (status) => {
				const { onApi, throughSession } = world(name, fields, url);
				onApi((sent) => indiscreet(status, sent, [CANARIES.bearer, ...own]));
				const error = await throughSession(credential);
				expect(error).toBeInstanceOf(Error);
				expectNoSecret(error);
			},
		);

		it('when the request to the API breaks with an error that holds it', async () => {
			const { onApi, throughSession } = world(name, fields, url);
			onApi((sent) => {
				throw axiosLike(sent);
			});
			expectNoSecret(await throughSession(credential));
		});

		it('when the request would go to another host', async () => {
			const { n8n } = world(name, fields, url);
			const foreign = `https://evil.example/${encodeURIComponent(CANARIES.password)}`;
			expectNoSecret(await n8n.httpRequest({ url: foreign }).catch((error: Error) => error));
		});
	},
);
