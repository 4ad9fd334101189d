import { Fields } from '../tokens/fields';
import { bearer, commonIssuer, fingerprint, originOf, type ReadIssuer } from '../tokens/issuer';
import {
	basicHeader,
	formRequest,
	jsonRequest,
	type ReplyFields,
	type TokenRequest,
} from '../tokens/wire';

type Parameters = Readonly<Record<string, unknown>>;

/** Any API with a token endpoint: every choice that the four providers make differently is a field. */
export const readCustom: ReadIssuer = (credentials) => {
	const fields = new Fields('Custom Token API', credentials);
	const apiBase = fields.url('baseUrl', 'API Base URL');
	const tokenUrl = fields.url('tokenUrl', 'Token URL');
	const refreshUrl =
		fields.optional('refreshUrl') === '' ? tokenUrl : fields.url('refreshUrl', 'Refresh URL');
	const refreshes = fields.optional('renewBy') === 'refreshToken';
	const request = tokenRequest(fields, tokenUrl);
	const reply: ReplyFields = {
		token: fields.optional('accessPath') || 'access_token',
		expiry: fields.optional('expiryPath') || 'expires_in',
		refreshToken: fields.optional('refreshPath') || 'refresh_token',
	};
	const testPath = fields.optional('testPath').replace(/^\/+/, '');
	const secrets = [
		fields.optional('clientSecret'),
		fields.optional('password'),
		...Object.values(texts(json(fields, 'requestHeaders', 'Token Request Headers'))),
	];
	return {
		...commonIssuer,
		provider: new URL(apiBase).host,
		apiBase,
		origins: [originOf(apiBase), ...fields.origins('additionalHosts', 'Further Hosts')],
		attachments: [{ ...bearer, name: headerName(fields), prefix: headerPrefix(fields) }],
		budget: fields.count('monthlyBudget', 'Monthly Token Budget', 0),
		owner: fingerprint(
			'custom',
			request,
			refreshes && refreshRequest(fields, refreshUrl, ''),
			reply,
		),
		// Without a name it is the key in the request that tells clients apart.
		client: fingerprint(
			tokenUrl,
			fields.optional('clientId') || fields.optional('username') || fingerprint(request),
		),
		secrets,
		lifetime: tokenLifetime(fields),
		probeUrl: testPath === '' ? undefined : `${apiBase}/${testPath}`,
		grant: {
			request,
			reply,
			...(refreshes
				? { refresh: (refreshToken: string) => refreshRequest(fields, refreshUrl, refreshToken) }
				: {}),
			rotates: refreshes && fields.flag('refreshRotates'),
		},
	};
};

function tokenRequest(fields: Fields, url: string): TokenRequest {
	const grant = fields.optional('grant');
	const proof = clientProof(fields, true);
	const person = () => ({
		[fields.optional('usernameField') || 'username']: fields.required('username', 'User Name'),
		[fields.optional('passField') || 'password']: fields.secret('password', 'Password'),
	});
	const grantType = fields.optional('grantTypeField') || 'grant_type';
	const byGrant: Parameters =
		grant === 'password'
			? { [grantType]: 'password', ...person(), ...proof.parameters }
			: grant === 'login'
				? person()
				: grant === 'ownBody'
					? ownBody(fields)
					: { [grantType]: 'client_credentials', ...proof.parameters };
	return build(
		fields,
		url,
		{ ...byGrant, ...json(fields, 'extraParameters', 'Extra Parameters') },
		proof.headers,
	);
}

function refreshRequest(fields: Fields, url: string, refreshToken: string): TokenRequest {
	const proof = clientProof(fields, fields.flag('refreshSendsClient'));
	const grantType = fields.optional('grantTypeField') || 'grant_type';
	const parameters: Parameters = {
		...(fields.optional('grant') === 'login' ? {} : { [grantType]: 'refresh_token' }),
		[fields.optional('refreshField') || 'refresh_token']: refreshToken,
		...proof.parameters,
		...json(fields, 'refreshParameters', 'Refresh Parameters'),
	};
	const method = fields.optional('refreshMethod') === 'PUT' ? 'PUT' : 'POST';
	return build(fields, url, parameters, proof.headers, method);
}

function build(
	fields: Fields,
	url: string,
	parameters: Parameters,
	proof: Readonly<Record<string, string>>,
	method: TokenRequest['method'] = 'POST',
): TokenRequest {
	const headers = { ...proof, ...requestHeaders(fields) };
	return fields.optional('bodyFormat') === 'json'
		? jsonRequest(url, parameters, headers, method)
		: formRequest(url, texts(parameters), headers, method);
}

/** How the client proves itself (RFC 6749, 2.3): Basic header, fields of the body, or not at all. */
function clientProof(fields: Fields, withSecret: boolean) {
	const none = { headers: {}, parameters: {} as Parameters };
	const way = fields.optional('clientProof');
	const needed = ['clientCredentials', 'password'].includes(fields.optional('grant'));
	if (way === 'none' || !needed) return none;
	const clientId = fields.required('clientId', 'Client ID');
	if (way === 'basic') {
		return {
			...none,
			headers: basicHeader(clientId, fields.secret('clientSecret', 'Client Secret')),
		};
	}
	const secret = fields.optional('clientSecret');
	return {
		...none,
		parameters: {
			[fields.optional('clientIdField') || 'client_id']: clientId,
			...(withSecret && secret !== ''
				? { [fields.optional('clientProofField') || 'client_secret']: secret }
				: {}),
		},
	};
}

/** `$clientId`, `$clientSecret`, `$username` and `$password` stand for the fields, so that no secret is typed in clear. */
function ownBody(fields: Fields): Parameters {
	const fill = (value: unknown): unknown =>
		typeof value === 'string'
			? value.replace(/\$(clientId|clientSecret|username|password)\b/g, (_, name: string) =>
					fields.optional(name),
				)
			: Array.isArray(value)
				? value.map(fill)
				: typeof value === 'object' && value !== null
					? Object.fromEntries(Object.entries(value).map(([name, part]) => [name, fill(part)]))
					: value;
	return fill(json(fields, 'ownBody', 'Own Body')) as Parameters;
}

function json(fields: Fields, name: string, label: string): Parameters {
	const text = fields.optional(name);
	if (text === '') return {};
	try {
		const value: unknown = JSON.parse(text);
		if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
			return value as Parameters;
		}
	} catch {
		// Said below, in the same words as for a list or a number.
	}
	throw fields.error(
		`The field ${label} is not a JSON object`,
		'Enter one such as {"audience": "…"}',
	);
}

function texts(parameters: Parameters): Record<string, string> {
	return Object.fromEntries(
		Object.entries(parameters).map(([name, value]) => [
			name,
			typeof value === 'string' ? value : JSON.stringify(value),
		]),
	);
}

/** RFC 9110, 5.1: a field name is a token. */
const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;
/** RFC 9110, 5.5: no control characters. */
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

function headerName(fields: Fields): string {
	const name = fields.optional('headerName') || 'Authorization';
	if (!HEADER_NAME.test(name)) {
		throw fields.error(
			'The field Header Name is not a header name',
			'Enter one such as Authorization',
		);
	}
	return name;
}

function headerPrefix(fields: Fields): string {
	const prefix = fields.optional('headerPrefix');
	if (!HEADER_VALUE.test(prefix)) {
		throw fields.error(
			'The field Header Prefix holds a character that no header may have',
			'Enter one such as Bearer',
		);
	}
	if (prefix === '') return /^authorization$/i.test(headerName(fields)) ? 'Bearer ' : '';
	return /^none$/i.test(prefix) ? '' : `${prefix} `;
}

function requestHeaders(fields: Fields): Record<string, string> {
	const headers = texts(json(fields, 'requestHeaders', 'Token Request Headers'));
	for (const [name, value] of Object.entries(headers)) {
		if (!HEADER_NAME.test(name) || !HEADER_VALUE.test(value)) {
			throw fields.error(
				'The field Token Request Headers holds a header that cannot be sent',
				'Names are letters, digits and hyphens; neither name nor value may hold a line break',
			);
		}
	}
	return headers;
}

/** In ms. */
function tokenLifetime(fields: Fields): number {
	const seconds = fields.count('lifetime', 'Token Lifetime', 3600);
	if (seconds === 0) {
		throw fields.error(
			'The field Token Lifetime is 0, so no token could be used',
			'Enter how many seconds a token lives',
		);
	}
	return seconds * 1000;
}
