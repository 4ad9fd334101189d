import type { ICredentialTestRequest, ICredentialType, Icon, INodeProperties } from 'n8n-workflow';
import { readFusio } from './providers/fusio';
import { authenticateWith, preAuthenticationWith } from './tokens/hooks';
import { budgetProperty, recordProperty, whenAnswered } from './tokens/properties';

export class FusioApi implements ICredentialType {
	name = 'fusioApi';

	displayName = 'Fusio API';

	icon: Icon = { light: 'file:icons/fusio.svg', dark: 'file:icons/fusio.dark.svg' };

	documentationUrl =
		'https://github.com/n8n-nodes-tokenkeeper/n8n-nodes-tokenkeeper/blob/main/docs/fusio.md';

	properties: INodeProperties[] = [
		recordProperty,
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. https://api.example.com',
			description: 'Address of your Fusio instance; the token is sent to this host only',
		},
		{
			displayName: 'Log In With',
			name: 'wayIn',
			type: 'options',
			options: [
				{
					name: 'App Key and Secret',
					value: 'clientCredentials',
					description: 'From Apps in Fusio’s backend; the usual way',
				},
				{
					name: 'User Name and Password',
					value: 'password',
					description: 'Through Fusio’s OAuth2 token endpoint',
				},
				{
					name: 'User Name and Password (Consumer Login)',
					value: 'login',
					description: 'Through /consumer/login, the way Fusio’s own apps log in',
				},
			],
			default: 'clientCredentials',
			description: 'How tokens are requested',
		},
		{
			displayName: 'App Key',
			name: 'appKey',
			type: 'string',
			default: '',
			required: true,
			displayOptions: { show: { wayIn: ['clientCredentials'] } },
			description: 'Shown in Fusio’s backend under Apps',
		},
		{
			displayName: 'App Secret',
			name: 'appSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			displayOptions: { show: { wayIn: ['clientCredentials'] } },
		},
		{
			displayName: 'User Name',
			name: 'username',
			type: 'string',
			default: '',
			required: true,
			displayOptions: { show: { wayIn: ['password', 'login'] } },
		},
		{
			displayName: 'Password',
			name: 'password',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			displayOptions: { show: { wayIn: ['password', 'login'] } },
		},
		{
			displayName: 'Scopes',
			name: 'scopes',
			type: 'string',
			default: '',
			placeholder: 'e.g. authorization, todo',
			description: 'Separated by commas. Empty means all scopes that the app or user has.',
		},
		{
			displayName: 'Renew By',
			name: 'renewBy',
			type: 'options',
			options: [
				{
					name: 'Requesting a New Token',
					value: 'askAnew',
					description: 'The old token stays good until it expires; right for nearly everybody',
				},
				{
					name: 'Refresh Token',
					value: 'refreshToken',
					description: 'The old token dies at once, also where another program uses it',
				},
			],
			default: 'askAnew',
			description: 'What to do when the token expires',
		},
		{
			displayName: 'Test Path',
			name: 'testPath',
			type: 'string',
			default: '/authorization/whoami',
			description:
				'Requested with GET to test this credential. The default needs the scope “authorization”; enter any harmless path that your scopes allow.',
			hint: 'Any harmless path that your scopes allow',
		},
		budgetProperty(
			0,
			'How many tokens may be requested in a calendar month (UTC). 0 means no limit.',
		),
	];

	authenticate = authenticateWith(readFusio, this);

	preAuthentication = preAuthenticationWith(readFusio, this);

	test: ICredentialTestRequest = {
		request: {
			baseURL: '={{$credentials.baseUrl.replace(/\\/+$/, "")}}',
			url: '={{"/" + ($credentials.testPath || "authorization/whoami").replace(/^\\/+/, "")}}',
		},
		rules: [
			whenAnswered(401, 'it may not call the Test Path', 'Enter one that its scopes allow'),
			whenAnswered(404, 'there is nothing at the Test Path', 'Enter another one'),
			whenAnswered(403, 'it may not call the Test Path', 'Enter one that its scopes allow'),
		],
	};
}
