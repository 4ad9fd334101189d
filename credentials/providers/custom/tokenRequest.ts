import {
	formRequest,
	jsonRequest,
	queryRequest,
	textRequest,
	type Parameters,
	type TokenRequest,
} from '../../tokens/request';
import { basicProof, clientProof, nameAndPassword, type Proof } from './clientProof';
import type { CustomFields } from './customFields';
import { signed } from './signing';

/** RFC 7523, 2.1. */
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** OAuth2 has the client prove itself; a log-in, an own body or a JWT does not. */
const BY_CLIENT = ['clientCredentials', 'password', 'refreshToken'];

/**
 * The full way in, as the credential describes it.
 * @param now Epoch ms, for what is signed.
 * @throws ApiError `field`
 */
export function tokenRequest(fields: CustomFields, now: number): TokenRequest {
	const url = fields.address('tokenUrl', 'Token URL');
	const filled = fields.optional('grant') === 'jwt' ? { jwt: ownJwt(fields, url, now) } : undefined;
	const proof = proofOf(fields, url, true, now);
	const parameters = changed(
		{ ...parametersOf(fields, proof, filled?.jwt), ...scopeOf(fields) },
		fields.object('extraParameters', 'Extra Parameters', filled),
	);
	const headers = {
		...proof.headers,
		...fields.headers('requestHeaders', 'Token Request Headers', filled),
	};
	const method = methodOf(fields.optional('tokenMethod'));
	if (!writesText(fields)) return build(fields, url, parameters, headers, method);
	const address = queryRequest(url, parameters).url;
	return textRequest(address, fields.bodyText('ownText', 'Own Text'), headers, method);
}

/**
 * How a refresh token is used.
 * @param now Epoch ms, for what is signed.
 * @throws ApiError `field`
 */
export function refreshRequest(
	fields: CustomFields,
	refreshToken: string,
	now: number,
): TokenRequest {
	const url =
		fields.optional('refreshUrl') === ''
			? fields.address('tokenUrl', 'Token URL')
			: fields.address('refreshUrl', 'Refresh URL');
	const proof = proofOf(fields, url, fields.unlessOff('refreshSendsClient'), now);
	const grantType = fields.text('grantTypeField', 'grant_type');
	const field = fields.text('refreshField', 'refresh_token');
	const filled = { refreshToken };
	const parameters = changed(
		{
			...(fields.optional('grant') === 'login' ? {} : { [grantType]: 'refresh_token' }),
			...(/^none$/i.test(field) ? {} : { [field]: refreshToken }),
			...proof.parameters,
		},
		fields.object('refreshParameters', 'Refresh Parameters', filled),
	);
	const headers = {
		...proof.headers,
		...fields.headers('requestHeaders', 'Token Request Headers'),
		...fields.headers('refreshHeaders', 'Refresh Headers', filled),
	};
	return build(fields, url, parameters, headers, methodOf(fields.optional('refreshMethod')));
}

/** For the token endpoint, by its address without what may stand behind it. */
function ownJwt(fields: CustomFields, url: string, now: number): string {
	return signed(fields, { audience: url.split('?', 1)[0], unique: true }, now);
}

function parametersOf(fields: CustomFields, proof: Proof, jwt: string | undefined): Parameters {
	const grantType = fields.text('grantTypeField', 'grant_type');
	switch (fields.text('grant', 'clientCredentials')) {
		case 'password':
			return { [grantType]: 'password', ...person(fields), ...proof.parameters };
		case 'login':
			return fields.text('basicHeader', 'none') === 'person' ? {} : person(fields);
		case 'ownBody':
			return writesText(fields) ? {} : fields.object('ownBody', 'Own Body');
		case 'jwt': {
			const field = fields.text('assertionField', 'assertion');
			return /^none$/i.test(field) ? {} : { [grantType]: JWT_BEARER, [field]: jwt };
		}
		default:
			return { [grantType]: 'client_credentials', ...proof.parameters };
	}
}

/** A body that is neither a form nor a JSON object: SOAP, a list. */
function writesText(fields: CustomFields): boolean {
	return fields.optional('grant') === 'ownBody' && fields.optional('bodyFormat') === 'text';
}

function proofOf(fields: CustomFields, url: string, withSecret: boolean, now: number): Proof {
	return BY_CLIENT.includes(fields.text('grant', 'clientCredentials'))
		? clientProof(fields, url, withSecret, now)
		: basicProof(fields);
}

function person(fields: CustomFields): Parameters {
	const [username, password] = nameAndPassword(fields);
	return {
		[fields.text('usernameField', 'username')]: username,
		[fields.text('passField', 'password')]: password,
	};
}

function scopeOf(fields: CustomFields): Parameters {
	const scope = fields.optional('scope');
	return scope === '' ? {} : { scope };
}

/** What a person adds, replaces, or takes out by calling it null. */
function changed(own: Parameters, changes: Parameters): Parameters {
	const all = Object.entries({ ...own, ...changes });
	return Object.fromEntries(all.filter(([name]) => changes[name] !== null));
}

/** What is asked for, whichever field says so. */
export function askedScopes(fields: CustomFields): string[] {
	const parameters = fields.object('extraParameters', 'Extra Parameters', { jwt: '' });
	const { scope = scopeOf(fields).scope } = parameters;
	return [scope]
		.flat()
		.flatMap((part) => (typeof part === 'string' ? part.split(/[\s,]/) : []))
		.filter((part) => part !== '');
}

function methodOf(text: string): TokenRequest['method'] {
	return text === 'GET' || text === 'PUT' ? text : 'POST';
}

function build(
	fields: CustomFields,
	url: string,
	parameters: Parameters,
	headers: Readonly<Record<string, string>>,
	method: TokenRequest['method'],
): TokenRequest {
	const format = fields.text('bodyFormat', 'form');
	const nothing = Object.keys(parameters).length === 0;
	if (method === 'GET' || format === 'query' || nothing) {
		return queryRequest(url, parameters, headers, method);
	}
	return format === 'json'
		? jsonRequest(url, parameters, headers, method)
		: formRequest(url, parameters, headers, method);
}
