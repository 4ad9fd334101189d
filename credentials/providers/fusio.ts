import { Fields } from '../tokens/fields';
import {
	type ApiVerdictReply,
	type BanRule,
	commonIssuer,
	fingerprint,
	originOf,
	type ReadIssuer,
	type Verdict,
} from '../tokens/issuer';
import { valueAt } from '../tokens/json';
import { basicHeader, formRequest, jsonRequest, type TokenRequest } from '../tokens/request';

interface WayIn {
	readonly ask: TokenRequest;
	readonly refresh: (refreshToken: string) => TokenRequest;
	readonly tokenField: string;
	readonly proof: readonly string[];
}

/** `/authorization/token` with a Basic header, or `/consumer/login` with a JSON body. */
export const readFusio: ReadIssuer = (credentials) => {
	const fields = new Fields('Fusio', credentials);
	const apiBase = fields.url('baseUrl', 'Base URL');
	const scopes = fields
		.optional('scopes')
		.split(/[\s,]+/)
		.filter((scope) => scope !== '');
	const way = readWayIn(fields, apiBase, scopes);
	// A refresh kills the old access token at once, so by default a new token is asked for instead.
	const refreshes = fields.optional('renewBy') === 'refreshToken';
	const reply = {
		token: way.tokenField,
		expiry: 'expires_in',
		refreshToken: 'refresh_token',
		scope: 'scope',
		proof: ['login', 'password'].includes(fields.optional('wayIn')) ? 'person' : 'client',
	} as const;
	const testPath = fields.optional('testPath') || '/authorization/whoami';
	return {
		...commonIssuer,
		provider: 'Fusio',
		apiBase,
		origins: [originOf(apiBase)],
		budget: fields.count('monthlyBudget', 'Monthly Token Budget', 0),
		owner: fingerprint('fusio', way.ask.url, way.proof, scopes),
		client: fingerprint(way.ask.url, way.proof[0]),
		secrets: way.proof.slice(1),
		lifetime: 172_800_000,
		probeUrl: `${apiBase}/${testPath.replace(/^\/+/, '')}`,
		scopes,
		ban,
		verdict,
		grant: {
			request: way.ask,
			reply,
			...(refreshes ? { refresh: way.refresh } : {}),
			// A used refresh token died on 4.x, and the old access token dies at once.
			rotates: refreshes,
		},
	};
};

const MINUTE = 60_000;

/** Seen on Fusio 6.2.0: 32 to 34 answers within two minutes, then five minutes of 403, to good tokens as well. */
const ban: BanRule = {
	most: 28,
	window: 2 * MINUTE,
	lasts: 5 * MINUTE,
	rule: 'bans hosts that get about 32 refusals (4xx) within 2 minutes',
	isBan: ({ status, body }) =>
		(status === 403 || status === 400) && /^Your IP has sent to many requests/.test(wordsOf(body)),
	counts: ({ status, body }) =>
		status >= 400 &&
		status < 500 &&
		!(status === 404 && wordsOf(body).startsWith('Unknown location')),
};

/** 401 is Fusio's answer to a missing scope as well; only the words tell. Debug mode appends to them. */
function verdict({ status, body }: ApiVerdictReply): Verdict {
	if (status !== 401) return 'accepted';
	const words = wordsOf(body);
	if (words.startsWith('Access to this operation is not in the scope')) return 'permission';
	const dead = ['Invalid access token', 'Expired token', 'Signature verification failed'];
	return dead.some((beginning) => words.startsWith(beginning)) ? 'dead' : 'unclear';
}

/** Of the API's envelope, or of the token endpoint (RFC 6749, 5.2). */
function wordsOf(body: unknown): string {
	return String(valueAt(body, 'message') ?? valueAt(body, 'error_description') ?? '');
}

function readWayIn(fields: Fields, apiBase: string, scopes: readonly string[]): WayIn {
	const wayIn = fields.optional('wayIn');
	if (wayIn === 'login') {
		const url = `${apiBase}/consumer/login`;
		const username = fields.required('username', 'User Name');
		const password = fields.secret('password', 'Password');
		return {
			ask: jsonRequest(url, {
				username,
				password,
				scopes: scopes.length > 0 ? scopes : undefined,
			}),
			refresh: (refreshToken) => jsonRequest(url, { refresh_token: refreshToken }, {}, 'PUT'),
			tokenField: 'token',
			proof: [username, password],
		};
	}
	const url = `${apiBase}/authorization/token`;
	const [user, password] =
		wayIn === 'password'
			? [fields.required('username', 'User Name'), fields.secret('password', 'Password')]
			: [fields.required('appKey', 'App Key'), fields.secret('appSecret', 'App Secret')];
	const basic = basicHeader(user, password);
	return {
		ask: formRequest(
			url,
			{
				grant_type: 'client_credentials',
				scope: scopes.length > 0 ? scopes.join(',') : undefined,
			},
			basic,
		),
		refresh: (refreshToken) =>
			formRequest(url, { grant_type: 'refresh_token', refresh_token: refreshToken }, basic),
		tokenField: 'access_token',
		proof: [user, password],
	};
}
