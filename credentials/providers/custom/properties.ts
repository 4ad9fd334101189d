import type { INodeProperties } from 'n8n-workflow';
import { budgetProperty } from '../../tokens/properties';
import { JWT_ALGORITHMS } from '../../tokens/jwt';

const PLACEHOLDERS =
	'Write $clientId, $clientSecret, $username, $password or $secret where these fields belong.';

export const grant: INodeProperties = {
	displayName: 'What Kind of API Is It?',
	name: 'grant',
	type: 'options',
	options: [
		{
			name: 'Log-In with Name and Password',
			value: 'login',
			description: 'User name and password in the body or in a Basic header, without OAuth2',
		},
		{
			name: 'OAuth2 Client Credentials',
			value: 'clientCredentials',
			description: 'With client ID and secret; what most APIs for servers use',
		},
		{
			name: 'OAuth2 Password',
			value: 'password',
			description: 'With user name and password, and usually a client too',
		},
		{
			name: 'Refresh Token That You Have',
			value: 'refreshToken',
			description: 'Somebody gave you one, or you got it in the browser',
		},
		{
			name: 'Signed JWT',
			value: 'jwt',
			description: 'With a key that signs: service accounts, or a JWT that is the token',
		},
		{
			name: 'Something Else',
			value: 'ownBody',
			description: 'A request that you write yourself, as for an API key',
		},
	],
	default: 'clientCredentials',
	description: 'How the API gives out tokens; its documentation says it under “Authentication”',
};

export const baseUrl: INodeProperties = {
	displayName: 'API Base URL',
	name: 'baseUrl',
	type: 'string',
	default: '',
	required: true,
	placeholder: 'e.g. https://api.example.com/v1',
	description:
		'The part of the address that is the same for every request; the token is sent to this host only',
};

export const tokenUrl: INodeProperties = {
	displayName: 'Token URL',
	name: 'tokenUrl',
	type: 'string',
	default: '',
	required: true,
	placeholder: 'e.g. https://auth.example.com/oauth/token',
	description: 'The address that tokens are requested from, exactly as the documentation writes it',
};

export const jwtUse: INodeProperties = {
	displayName: 'The JWT Is',
	name: 'jwtUse',
	type: 'options',
	options: [
		{
			name: 'Exchanged for a Token',
			value: 'exchange',
			description: 'At the token URL, as for service accounts of Google or Salesforce',
		},
		{
			name: 'The Token Itself',
			value: 'token',
			description: 'Sent with each API request, as for Ghost or App Store Connect',
		},
	],
	default: 'exchange',
	description: 'What the API does with the JWT',
};

export const ownRefreshToken: INodeProperties = {
	displayName: 'Refresh Token',
	name: 'ownRefreshToken',
	type: 'string',
	typeOptions: { password: true },
	default: '',
	required: true,
	description:
		'Used first; then the one that each reply brings. Do not use it anywhere else: most APIs end a refresh token when it is used.',
};

export const clientProof: INodeProperties = {
	displayName: 'Client ID and Secret Go Into',
	name: 'clientProof',
	type: 'options',
	options: [
		{ name: 'Body', value: 'body', description: 'As fields of the request body' },
		{ name: 'Basic Header', value: 'basic', description: 'As an Authorization: Basic header' },
		{
			name: 'Basic Header, Form-Encoded',
			value: 'basicEncoded',
			description:
				'The same as RFC 6749 has it; differs where ID or secret holds a + / : % or blank',
		},
		{
			name: 'Signed JWT (Client Secret)',
			value: 'clientSecretJwt',
			description: 'Client_secret_jwt: signed with the client secret',
		},
		{
			name: 'Signed JWT (Private Key)',
			value: 'privateKeyJwt',
			description: 'Private_key_jwt: signed with a key instead of a secret',
		},
		{ name: 'Nowhere', value: 'none', description: 'The client does not prove itself' },
	],
	default: 'body',
	description: 'Where the API’s documentation wants them; if it does not say, try Body first',
};

export const clientId: INodeProperties = {
	displayName: 'Client ID',
	name: 'clientId',
	type: 'string',
	default: '',
};

export const clientSecret: INodeProperties = {
	displayName: 'Client Secret',
	name: 'clientSecret',
	type: 'string',
	typeOptions: { password: true },
	default: '',
};

export const signingKey: INodeProperties = {
	displayName: 'Signing Key',
	name: 'signingKey',
	type: 'string',
	typeOptions: { password: true, rows: 4 },
	default: '',
	placeholder: 'e.g. -----BEGIN PRIVATE KEY-----',
	description:
		'A private key (PEM or JWK), a whole key file of a service account (Google, Box, Zitadel), or a shared secret. With its certificate, the thumbprints are sent too.',
	hint: 'From a service account of Google, Box or Zitadel paste the whole key file; issuer and key ID are in it',
};

export const jwtIssuer: INodeProperties = {
	displayName: 'Issuer',
	name: 'jwtIssuer',
	type: 'string',
	default: '',
	description:
		'The claim “iss”: who signs. Empty means the one in the key file, or the client ID where a client proves itself.',
};

export const jwtKeyId: INodeProperties = {
	displayName: 'Key ID',
	name: 'jwtKeyId',
	type: 'string',
	default: '',
	description: 'The header “kid”: which key it is. Empty means the one in the key file, if any.',
};

export const jwtClaims: INodeProperties = {
	displayName: 'JWT Claims',
	name: 'jwtClaims',
	type: 'json',
	default: '{}',
	placeholder: 'e.g. {"scope": "https://www.googleapis.com/auth/drive"}',
	description: `Further claims as a JSON object: scope, sub, aud and so on; iat and exp are set by themselves. “$now”, “$now+600” and “$now-60” are times, “$uuid” is another text each time, null leaves a claim out. ${PLACEHOLDERS}`,
};

export const username: INodeProperties = {
	displayName: 'User Name',
	name: 'username',
	type: 'string',
	default: '',
};

export const password: INodeProperties = {
	displayName: 'Password',
	name: 'password',
	type: 'string',
	typeOptions: { password: true },
	default: '',
};

export const ownBody: INodeProperties = {
	displayName: 'Own Body',
	name: 'ownBody',
	type: 'json',
	default: '{ "apiKey": "$clientSecret" }',
	description: `A JSON object. ${PLACEHOLDERS}`,
};

export const ownText: INodeProperties = {
	displayName: 'Own Text',
	name: 'ownText',
	type: 'string',
	typeOptions: { rows: 6 },
	default: '',
	placeholder: 'e.g. <soap:Envelope …>',
	description: `The whole body, such as XML; what is filled in is escaped for it. ${PLACEHOLDERS}`,
};

export const bodyFormat: INodeProperties = {
	displayName: 'Body Format',
	name: 'bodyFormat',
	type: 'options',
	options: [
		{ name: 'Form', value: 'form', description: 'What OAuth2 prescribes' },
		{ name: 'JSON', value: 'json', description: 'What most log-ins take' },
		{ name: 'Query', value: 'query', description: 'In the address, without a body' },
	],
	default: 'form',
	description: 'How the parameters of the token request are written',
	hint: 'OAuth2 takes Form, most log-ins JSON',
};

export const ownBodyFormat: INodeProperties = {
	...bodyFormat,
	options: [
		...(bodyFormat.options ?? []),
		{ name: 'Text', value: 'text', description: 'As you write it: XML, SOAP, a list' },
	],
};

export const scope: INodeProperties = {
	displayName: 'Scope',
	name: 'scope',
	type: 'string',
	default: '',
	placeholder: 'e.g. read write',
	description:
		'What the token is to be good for, as the documentation writes it. If the API grants less, the test says so.',
};

export const extraParameters: INodeProperties = {
	displayName: 'Extra Parameters',
	name: 'extraParameters',
	type: 'json',
	default: '{}',
	placeholder: 'e.g. {"audience": "https://api.example.com"}',
	description: `Further parameters of the token request as a JSON object: audience, resource and so on; null takes one out. ${PLACEHOLDERS}`,
};

export const accessPath: INodeProperties = {
	displayName: 'Token in Reply',
	name: 'accessPath',
	type: 'string',
	default: 'access_token',
	placeholder: 'e.g. data.token',
	description:
		'Where the token stands in the reply: dots lead into objects, [0] into lists; header:Name and cookie:Name outside of the body',
	hint: 'Dots lead into objects, as in data.token',
};

export const expiryPath: INodeProperties = {
	displayName: 'Expiry in Reply',
	name: 'expiryPath',
	type: 'string',
	default: 'expires_in',
	placeholder: 'e.g. data.expiresAt',
	description:
		'Where the expiry stands in the reply: seconds, a date, a UNIX time or a duration. If the token is a JWT, it is read as well, and the earlier time counts.',
	hint: 'If it counts milliseconds, minutes or hours, set Expiry Counts under More Options',
};

export const testPath: INodeProperties = {
	displayName: 'Test Path',
	name: 'testPath',
	type: 'string',
	default: '',
	placeholder: 'e.g. /me',
	description:
		'Something harmless below the API base URL, requested with GET to test this credential. Empty means that the test only gets a token.',
};

export const moreOptions: INodeProperties = {
	displayName: 'More Options',
	name: 'moreOptions',
	type: 'boolean',
	default: false,
	description:
		'Whether to show all that can be set. Options that differ from what is usual are always shown.',
};

export const secret: INodeProperties = {
	displayName: 'Further Secret',
	name: 'secret',
	type: 'string',
	typeOptions: { password: true },
	default: '',
	description:
		'A second key, for $secret in other fields, such as a subscription key; or the passphrase of the signing key',
};

export const basicHeader: INodeProperties = {
	displayName: 'Basic Header',
	name: 'basicHeader',
	type: 'options',
	options: [
		{ name: 'Client ID and Secret', value: 'client', description: 'Either may be empty' },
		{
			name: 'Client ID and Secret, Form-Encoded',
			value: 'clientEncoded',
			description: 'As RFC 6749 has it',
		},
		{ name: 'None', value: 'none' },
		{
			name: 'User Name and Password',
			value: 'person',
			description: 'Instead of in the body',
		},
	],
	default: 'none',
	description: 'What goes into an Authorization: Basic header of the token request',
};

export const jwtSubject: INodeProperties = {
	displayName: 'Subject',
	name: 'jwtSubject',
	type: 'string',
	default: '',
	description: 'The claim “sub”: for whom. Empty means the client ID where a client proves itself.',
};

export const jwtAudience: INodeProperties = {
	displayName: 'JWT Audience',
	name: 'jwtAudience',
	type: 'string',
	default: '',
	description:
		'The claim “aud”: whom the JWT is for. Empty means the token URL, or none where the JWT is the token.',
};

export const jwtLifetime: INodeProperties = {
	displayName: 'JWT Lifetime (Seconds)',
	name: 'jwtLifetime',
	type: 'number',
	typeOptions: { minValue: 1 },
	default: 300,
	description: 'How long a JWT is good for: the claim “exp”. Each request gets a new one.',
};

export const jwtAlgorithm: INodeProperties = {
	displayName: 'JWT Algorithm',
	name: 'jwtAlgorithm',
	type: 'options',
	options: [
		{ name: 'By the Key', value: 'auto', description: 'RS256, ES256 to ES512, EdDSA or HS256' },
		...JWT_ALGORITHMS.map((name) => ({ name, value: name })),
	],
	default: 'auto',
	description: 'How the JWT is signed',
};

export const signingKeyFormat: INodeProperties = {
	displayName: 'Signing Key Is Written As',
	name: 'signingKeyFormat',
	type: 'options',
	options: [
		{ name: 'Base64', value: 'base64' },
		{ name: 'Hexadecimal', value: 'hex' },
		{ name: 'Text', value: 'text' },
	],
	default: 'text',
	description: 'How a shared secret is written; a private key says so by itself',
};

export const jwtHeader: INodeProperties = {
	displayName: 'JWT Header',
	name: 'jwtHeader',
	type: 'json',
	default: '{}',
	placeholder: 'e.g. {"x5t": "…"}',
	description: 'Further parts of the JWT’s header as a JSON object',
};

export const assertionField: INodeProperties = {
	displayName: 'JWT Field',
	name: 'assertionField',
	type: 'string',
	default: 'assertion',
	description:
		'What the API calls the parameter for the JWT; “none” if it goes elsewhere, as $jwt in Extra Parameters or Token Request Headers',
};

export const tokenMethod: INodeProperties = {
	displayName: 'Token Request Method',
	name: 'tokenMethod',
	type: 'options',
	options: [
		{ name: 'GET', value: 'GET', description: 'The parameters go into the query' },
		{ name: 'POST', value: 'POST' },
		{ name: 'PUT', value: 'PUT' },
	],
	default: 'POST',
	description: 'The method of the token request',
};

export const requestHeaders: INodeProperties = {
	displayName: 'Token Request Headers',
	name: 'requestHeaders',
	type: 'json',
	default: '{}',
	placeholder: 'e.g. {"X-Tenant": "7"}',
	description: `Further headers of the token request as a JSON object. ${PLACEHOLDERS}`,
};

export const grantTypeField: INodeProperties = {
	displayName: 'Grant Type Field',
	name: 'grantTypeField',
	type: 'string',
	default: 'grant_type',
	description: 'What the API calls the parameter for the grant type',
};

export const clientIdField: INodeProperties = {
	displayName: 'Client ID Field',
	name: 'clientIdField',
	type: 'string',
	default: 'client_id',
	description: 'What the API calls the parameter for the client ID',
};

export const clientProofField: INodeProperties = {
	displayName: 'Client Secret Field',
	name: 'clientProofField',
	type: 'string',
	default: 'client_secret',
	description: 'What the API calls the parameter for the client secret',
};

export const usernameField: INodeProperties = {
	displayName: 'User Name Field',
	name: 'usernameField',
	type: 'string',
	default: 'username',
	description: 'What the API calls the parameter for the user name',
};

export const passField: INodeProperties = {
	displayName: 'Password Field',
	name: 'passField',
	type: 'string',
	default: 'password',
	description: 'What the API calls the parameter for the password',
};

export const replyFormat: INodeProperties = {
	displayName: 'Reply Format',
	name: 'replyFormat',
	type: 'options',
	options: [
		{ name: 'Cookie', value: 'cookie', description: 'Token in Reply is the name of a cookie' },
		{ name: 'Form', value: 'form', description: 'Access_token=…&expires=…' },
		{
			name: 'Header',
			value: 'header',
			description: 'Token in Reply is the name of a reply header',
		},
		{ name: 'JSON', value: 'json' },
		{ name: 'Text', value: 'text', description: 'The whole body is the token' },
		{ name: 'XML', value: 'xml', description: 'Token in Reply is a path of element names' },
	],
	default: 'json',
	description: 'Where the token comes in the reply',
};

export const expiryUnit: INodeProperties = {
	displayName: 'Expiry Counts',
	name: 'expiryUnit',
	type: 'options',
	options: [
		{ name: 'Hours', value: 'hours' },
		{ name: 'Milliseconds', value: 'milliseconds' },
		{ name: 'Minutes', value: 'minutes' },
		{ name: 'Seconds', value: 'seconds' },
		{ name: 'Seconds or a Time', value: 'auto', description: 'What is usual' },
	],
	default: 'auto',
	description: 'What a plain number in the expiry counts',
};

export const lifetime: INodeProperties = {
	displayName: 'Token Lifetime (Seconds)',
	name: 'lifetime',
	type: 'number',
	typeOptions: { minValue: 0 },
	default: 3600,
	description: 'Used where neither the reply nor the token says when it expires',
};

export const furtherTokens: INodeProperties = {
	displayName: 'Further Tokens',
	name: 'furtherTokens',
	type: 'json',
	default: '{}',
	placeholder: 'e.g. {"X-CSRF-Token": "csrf_token"}',
	description:
		'Other tokens of the same reply that API requests need, as a JSON object: the header (or cookie:Name, query:Name) that carries each, and where it stands in the reply',
};

export const renewBy: INodeProperties = {
	displayName: 'Renew By',
	name: 'renewBy',
	type: 'options',
	options: [
		{
			name: 'Requesting a New Token',
			value: 'askAnew',
			description: 'In the same way as the first one',
		},
		{
			name: 'Refresh Token',
			value: 'refreshToken',
			description: 'With the refresh token of the last reply; if it is refused, as the first one',
		},
	],
	default: 'askAnew',
	description: 'What to do when the token expires',
};

export const refreshPath: INodeProperties = {
	displayName: 'Refresh Token in Reply',
	name: 'refreshPath',
	type: 'string',
	default: 'refresh_token',
	description: 'Where the refresh token stands in the reply; dots lead into objects',
};

export const refreshField: INodeProperties = {
	displayName: 'Refresh Token Field',
	name: 'refreshField',
	type: 'string',
	default: 'refresh_token',
	description:
		'What the API calls the parameter for the refresh token; “none” if it goes elsewhere, as $refreshToken in the next fields',
};

export const refreshUrl: INodeProperties = {
	displayName: 'Refresh URL',
	name: 'refreshUrl',
	type: 'string',
	default: '',
	description: 'Empty means the token URL',
};

export const refreshMethod: INodeProperties = {
	displayName: 'Refresh Method',
	name: 'refreshMethod',
	type: 'options',
	options: [
		{ name: 'GET', value: 'GET' },
		{ name: 'POST', value: 'POST' },
		{ name: 'PUT', value: 'PUT' },
	],
	default: 'POST',
	description: 'The method of the refresh request',
};

export const refreshSendsClient: INodeProperties = {
	displayName: 'Send Client Secret with Refresh',
	name: 'refreshSendsClient',
	type: 'boolean',
	default: true,
	description: 'Whether the client secret goes into refresh requests too',
};

export const refreshParameters: INodeProperties = {
	displayName: 'Refresh Parameters',
	name: 'refreshParameters',
	type: 'json',
	default: '{}',
	description: `Further parameters of the refresh request as a JSON object; null takes one out. ${PLACEHOLDERS}`,
};

export const refreshHeaders: INodeProperties = {
	displayName: 'Refresh Headers',
	name: 'refreshHeaders',
	type: 'json',
	default: '{}',
	placeholder: 'e.g. {"Authorization": "Bearer $refreshToken"}',
	description: 'Further headers of the refresh request as a JSON object',
};

export const refreshRotates: INodeProperties = {
	displayName: 'Refresh Token Changes',
	name: 'refreshRotates',
	type: 'boolean',
	default: true,
	description:
		'Whether each refresh brings a new refresh token and ends the old one. Then only one worker at a time renews.',
};

export const refreshedAccessPath: INodeProperties = {
	displayName: 'Token in Refresh Reply',
	name: 'refreshedAccessPath',
	type: 'string',
	default: '',
	description: 'Empty means as in the first reply',
};

export const refreshedExpiryPath: INodeProperties = {
	displayName: 'Expiry in Refresh Reply',
	name: 'refreshedExpiryPath',
	type: 'string',
	default: '',
	description: 'Empty means as in the first reply',
};

export const refreshedRefreshPath: INodeProperties = {
	displayName: 'Refresh Token in Refresh Reply',
	name: 'refreshedRefreshPath',
	type: 'string',
	default: '',
	description: 'Empty means as in the first reply',
};

export const attachTo: INodeProperties = {
	displayName: 'Send Token As',
	name: 'attachTo',
	type: 'options',
	options: [
		{ name: 'Cookie', value: 'cookie' },
		{ name: 'Header', value: 'header' },
		{ name: 'Query Parameter', value: 'query' },
	],
	default: 'header',
	description: 'Where in an API request the token goes',
};

export const carrierName: INodeProperties = {
	displayName: 'Cookie or Parameter Name',
	name: 'carrierName',
	type: 'string',
	default: '',
	placeholder: 'e.g. AuthSession',
	description: 'The cookie or query parameter that carries the token in API requests',
};

export const headerName: INodeProperties = {
	displayName: 'Header Name',
	name: 'headerName',
	type: 'string',
	default: 'Authorization',
	description: 'The header that carries the token in API requests',
};

export const headerPrefix: INodeProperties = {
	displayName: 'Header Prefix',
	name: 'headerPrefix',
	type: 'string',
	// Not 'Bearer': n8n's form puts a default back wherever a person has emptied a field.
	default: '',
	placeholder: 'e.g. Bearer',
	description:
		'What stands before the token, followed by a blank. Empty means Bearer in the header Authorization and nothing in any other. Enter “none” to send the token alone there too.',
	hint: 'Empty means Bearer in the header Authorization, and the token alone in any other',
};

export const headerValue: INodeProperties = {
	displayName: 'Header Value',
	name: 'headerValue',
	type: 'string',
	default: '',
	placeholder: 'e.g. Token token="$token"',
	description: `The whole value with $token in it, where a prefix and a blank are not enough. ${PLACEHOLDERS}`,
};

export const apiHeaders: INodeProperties = {
	displayName: 'API Headers',
	name: 'apiHeaders',
	type: 'json',
	default: '{}',
	placeholder: 'e.g. {"X-API-Key": "$secret"}',
	description: `Further headers of every API request as a JSON object, such as an application key. ${PLACEHOLDERS}`,
};

export const expiredWhen: INodeProperties = {
	displayName: 'Means “Expired”',
	name: 'expiredWhen',
	type: 'string',
	default: '',
	placeholder: 'e.g. 403; 400 "code":209',
	description:
		'Replies of the API after which a new token is needed, beside 401, 419, 440 and 498: statuses, each with words of the reply if need be, separated by semicolons',
};

export const apiDescriptionUrl: INodeProperties = {
	displayName: 'API Description URL',
	name: 'apiDescriptionUrl',
	type: 'string',
	default: '',
	placeholder: 'e.g. https://api.example.com/openapi.json',
	description:
		'Where the API’s OpenAPI or Swagger description is, as JSON. With it, Protected Call lists the operations and shows a form for each.',
};

export const additionalHosts: INodeProperties = {
	displayName: 'Further Hosts',
	name: 'additionalHosts',
	type: 'string',
	default: '',
	placeholder: 'e.g. files.example.com, https://cdn.example.com',
	description: 'Other hosts that the token may be sent to, separated by commas',
};

export const monthlyBudget: INodeProperties = budgetProperty(
	0,
	'How many tokens may be requested in a calendar month (UTC). 0 means no limit. Only one worker at a time requests a token while there is a limit.',
);

export const timeout: INodeProperties = {
	displayName: 'Token Request Time-Out (Seconds)',
	name: 'timeout',
	type: 'number',
	typeOptions: { minValue: 1, maxValue: 60 },
	default: 10,
	description: 'How long a token request may take, up to 60',
};
