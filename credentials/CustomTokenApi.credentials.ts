import type { ICredentialTestRequest, ICredentialType, Icon, INodeProperties } from 'n8n-workflow';
import { readCustom } from './providers/custom';
import { authenticateWith, preAuthenticationWith } from './tokens/hooks';
import { budgetProperty, recordProperty, whenAnswered } from './tokens/properties';

const inBody = { grant: ['clientCredentials', 'password'], clientProof: ['body'] };
const person = { grant: ['password', 'login'] };
const refreshes = { renewBy: ['refreshToken'] };

export class CustomTokenApi implements ICredentialType {
	name = 'customTokenApi';

	displayName = 'Custom Token API';

	icon: Icon = { light: 'file:icons/customToken.svg', dark: 'file:icons/customToken.dark.svg' };

	documentationUrl =
		'https://github.com/n8n-nodes-tokenkeeper/n8n-nodes-tokenkeeper/blob/main/docs/custom-token-api.md';

	properties: INodeProperties[] = [
		recordProperty,
		{
			displayName: 'API Base URL',
			name: 'baseUrl',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. https://api.example.com/v1',
			description:
				'The part of the address that is the same for every request; the token is sent to this host only',
		},
		{
			displayName: 'Token URL',
			name: 'tokenUrl',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. https://auth.example.com/oauth/token',
			description: 'The address that tokens are requested from',
		},
		{
			displayName: 'Grant',
			name: 'grant',
			type: 'options',
			options: [
				{
					name: 'Client Credentials',
					value: 'clientCredentials',
					description: 'OAuth2 with client ID and secret; what most APIs for servers use',
				},
				{
					name: 'Log-In',
					value: 'login',
					description: 'User name and password in the body, without OAuth2',
				},
				{
					name: 'Own Body',
					value: 'ownBody',
					description: 'A body that you write yourself',
				},
				{
					name: 'Password',
					value: 'password',
					description: 'OAuth2 with user name and password, and usually a client too',
				},
			],
			default: 'clientCredentials',
			description: 'How a token is requested',
			hint: 'The API’s documentation says it. With client ID and secret: usually Client Credentials. With user name and password: usually Log-In.',
		},
		{
			displayName: 'Client ID and Secret Go Into',
			name: 'clientProof',
			type: 'options',
			options: [
				{ name: 'Body', value: 'body', description: 'As fields of the request body' },
				{ name: 'Basic Header', value: 'basic', description: 'As an Authorization: Basic header' },
				{ name: 'Nowhere', value: 'none', description: 'The client does not prove itself' },
			],
			default: 'body',
			displayOptions: { show: { grant: ['clientCredentials', 'password'] } },
			description: 'Where the API’s documentation wants them; if it does not say, try Body first',
		},
		{
			displayName: 'Client ID',
			name: 'clientId',
			type: 'string',
			default: '',
			displayOptions: { hide: { grant: ['login'] } },
		},
		{
			displayName: 'Client Secret',
			name: 'clientSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			displayOptions: { hide: { grant: ['login'] } },
		},
		{
			displayName: 'User Name',
			name: 'username',
			type: 'string',
			default: '',
			displayOptions: { hide: { grant: ['clientCredentials'] } },
		},
		{
			displayName: 'Password',
			name: 'password',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			displayOptions: { hide: { grant: ['clientCredentials'] } },
		},
		{
			displayName: 'Body Format',
			name: 'bodyFormat',
			type: 'options',
			options: [
				{ name: 'Form', value: 'form', description: 'What OAuth2 prescribes' },
				{ name: 'JSON', value: 'json' },
			],
			default: 'form',
			description: 'How the request body is written',
		},
		{
			displayName: 'Own Body',
			name: 'ownBody',
			type: 'json',
			default: '{ "apiKey": "$clientSecret" }',
			displayOptions: { show: { grant: ['ownBody'] } },
			description:
				'A JSON object. Write $clientId, $clientSecret, $username or $password where these fields belong.',
		},
		{
			displayName: 'Extra Parameters',
			name: 'extraParameters',
			type: 'json',
			default: '{}',
			placeholder: 'e.g. {"audience": "https://api.example.com"}',
			description:
				'Further fields of the request body as a JSON object: audience, resource, scope and so on',
		},
		{
			displayName: 'Token Request Headers',
			name: 'requestHeaders',
			type: 'json',
			default: '{}',
			placeholder: 'e.g. {"X-Tenant": "7"}',
			description: 'Further headers of the token request as a JSON object',
		},
		{
			displayName: 'Grant Type Field',
			name: 'grantTypeField',
			type: 'string',
			default: 'grant_type',
			displayOptions: { show: { grant: ['clientCredentials', 'password'] } },
			description: 'What the API calls the field for the grant type',
		},
		{
			displayName: 'Client ID Field',
			name: 'clientIdField',
			type: 'string',
			default: 'client_id',
			displayOptions: { show: inBody },
			description: 'What the API calls the field for the client ID',
		},
		{
			displayName: 'Client Secret Field',
			name: 'clientProofField',
			type: 'string',
			default: 'client_secret',
			displayOptions: { show: inBody },
			description: 'What the API calls the field for the client secret',
		},
		{
			displayName: 'User Name Field',
			name: 'usernameField',
			type: 'string',
			default: 'username',
			displayOptions: { show: person },
			description: 'What the API calls the field for the user name',
		},
		{
			displayName: 'Password Field',
			name: 'passField',
			type: 'string',
			default: 'password',
			displayOptions: { show: person },
			description: 'What the API calls the field for the password',
		},
		{
			displayName: 'Token in Reply',
			name: 'accessPath',
			type: 'string',
			default: 'access_token',
			placeholder: 'e.g. data.token',
			description: 'Where the token stands in the reply; dots lead into objects',
		},
		{
			displayName: 'Expiry in Reply',
			name: 'expiryPath',
			type: 'string',
			default: 'expires_in',
			placeholder: 'e.g. data.expiresAt',
			description:
				'Where the expiry stands in the reply: seconds, a UNIX time or an ISO date. Without it, the token itself is read if it is a JWT.',
		},
		{
			displayName: 'Token Lifetime (Seconds)',
			name: 'lifetime',
			type: 'number',
			typeOptions: { minValue: 0 },
			default: 3600,
			description: 'Used where neither the reply nor the token says when it expires',
		},
		{
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
					description:
						'With the refresh token of the last reply; if it is refused, as the first one',
				},
			],
			default: 'askAnew',
			description: 'What to do when the token expires',
		},
		{
			displayName: 'Refresh Token in Reply',
			name: 'refreshPath',
			type: 'string',
			default: 'refresh_token',
			displayOptions: { show: refreshes },
			description: 'Where the refresh token stands in the reply; dots lead into objects',
		},
		{
			displayName: 'Refresh Token Field',
			name: 'refreshField',
			type: 'string',
			default: 'refresh_token',
			displayOptions: { show: refreshes },
			description: 'What the API calls the field for the refresh token',
		},
		{
			displayName: 'Refresh URL',
			name: 'refreshUrl',
			type: 'string',
			default: '',
			displayOptions: { show: refreshes },
			description: 'Empty means the token URL',
		},
		{
			displayName: 'Refresh Method',
			name: 'refreshMethod',
			type: 'options',
			options: [
				{ name: 'POST', value: 'POST' },
				{ name: 'PUT', value: 'PUT' },
			],
			default: 'POST',
			displayOptions: { show: refreshes },
		},
		{
			displayName: 'Send Client Secret with Refresh',
			name: 'refreshSendsClient',
			type: 'boolean',
			default: true,
			displayOptions: { show: { ...inBody, ...refreshes } },
			description: 'Whether the client secret goes into refresh requests too',
		},
		{
			displayName: 'Refresh Parameters',
			name: 'refreshParameters',
			type: 'json',
			default: '{}',
			displayOptions: { show: refreshes },
			description: 'Further fields of the refresh request as a JSON object',
		},
		{
			displayName: 'Refresh Token Changes',
			name: 'refreshRotates',
			type: 'boolean',
			default: true,
			displayOptions: { show: refreshes },
			description:
				'Whether each refresh brings a new refresh token and ends the old one. Then only one worker at a time renews.',
		},
		{
			displayName: 'Header Name',
			name: 'headerName',
			type: 'string',
			default: 'Authorization',
			description: 'The header that carries the token in API requests',
		},
		{
			displayName: 'Header Prefix',
			name: 'headerPrefix',
			type: 'string',
			// Not 'Bearer': n8n's form puts a default back wherever a person has emptied a field.
			default: '',
			placeholder: 'e.g. Bearer',
			description:
				'What stands before the token, followed by a blank. Empty means Bearer in the header Authorization and nothing in any other. Enter “none” to send the token alone there too.',
			hint: 'Empty means Bearer in the header Authorization, and the token alone in any other',
		},
		{
			displayName: 'Further Hosts',
			name: 'additionalHosts',
			type: 'string',
			default: '',
			placeholder: 'e.g. files.example.com, https://cdn.example.com',
			description: 'Other hosts that the token may be sent to, separated by commas',
		},
		budgetProperty(
			0,
			'How many tokens may be requested in a calendar month (UTC). 0 means no limit. Only one worker at a time requests a token while there is a limit.',
		),
		{
			displayName: 'Test Path',
			name: 'testPath',
			type: 'string',
			default: '',
			placeholder: 'e.g. /me',
			description:
				'Something harmless below the API base URL, requested with GET to test this credential. Empty means that the test only gets a token.',
		},
	];

	authenticate = authenticateWith(readCustom, this);

	preAuthentication = preAuthenticationWith(readCustom, this);

	/** Without a test path any answer of the API's host will do: the token is there. */
	test: ICredentialTestRequest = {
		request: {
			baseURL: '={{$credentials.baseUrl.replace(/\\/+$/, "")}}',
			url: '={{"/" + ($credentials.testPath || "").replace(/^\\/+/, "")}}',
			ignoreHttpStatusErrors: '={{!$credentials.testPath}}' as unknown as boolean,
		},
		rules: [
			whenAnswered(
				401,
				'the API does not accept it',
				'Check Header Name, Header Prefix and Test Path',
			),
			whenAnswered(404, 'there is nothing at the Test Path', 'Check it and the API Base URL'),
			whenAnswered(403, 'it may not call the Test Path', 'Enter another one'),
		],
	};
}
