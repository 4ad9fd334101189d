import type { ICredentialTestRequest, ICredentialType, Icon, INodeProperties } from 'n8n-workflow';
import { CALENSO, readCalenso } from './providers/calenso';
import { authenticateWith, preAuthenticationWith } from './tokens/hooks';
import { budgetProperty, recordProperty, whenAnswered } from './tokens/properties';

export class CalensoApi implements ICredentialType {
	name = 'calensoApi';

	displayName = 'Calenso API';

	icon: Icon = { light: 'file:icons/calenso.svg', dark: 'file:icons/calenso.dark.svg' };

	documentationUrl =
		'https://github.com/n8n-nodes-tokenkeeper/n8n-nodes-tokenkeeper/blob/main/docs/calenso.md';

	properties: INodeProperties[] = [
		recordProperty,
		{
			displayName: 'Client ID',
			name: 'clientId',
			type: 'string',
			default: '',
			required: true,
			description: 'Calenso gives you client ID and client secret when it opens the API for you',
		},
		{
			displayName: 'Client Secret',
			name: 'clientSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
		},
		{
			displayName: 'Environment',
			name: 'environment',
			type: 'options',
			options: [
				{ name: 'Production', value: 'production', description: 'The system at my.calenso.com' },
				{
					name: 'Development System for Customers',
					value: 'development',
					description: 'The system at api.calenso.io',
				},
				{ name: 'Custom', value: 'custom', description: 'Addresses of your own' },
			],
			default: 'production',
			description: 'Which of Calenso’s systems to use',
		},
		{
			displayName: 'API Base URL',
			name: 'baseUrl',
			type: 'string',
			default: CALENSO.production,
			placeholder: 'e.g. https://my.calenso.com/api/v1',
			displayOptions: { show: { environment: ['custom'] } },
			description:
				'The part of the address that is the same for every request; the token is sent to this host only',
		},
		{
			displayName: 'Token URL',
			name: 'tokenUrl',
			type: 'string',
			default: CALENSO.tokenUrl,
			placeholder: 'e.g. https://calenso.eu.auth0.com/oauth/token',
			displayOptions: { show: { environment: ['custom'] } },
			description: 'The address that tokens are requested from',
		},
		{
			displayName: 'Audience',
			name: 'audience',
			type: 'string',
			default: CALENSO.audience,
			required: true,
			description:
				'Which API the token is for. Keep the default, without a slash at the end, unless Calenso told you another one.',
			hint: 'Keep the default',
		},
		{
			...budgetProperty(
				31,
				'How many tokens may be requested in a calendar month (UTC). Calenso blocks clients that use more than 31. 0 means no limit.',
			),
			hint: 'Calenso blocks clients that use more than 31 in a month. Used up, no request is sent.',
		},
	];

	authenticate = authenticateWith(readCalenso, this);

	preAuthentication = preAuthenticationWith(readCalenso, this);

	test: ICredentialTestRequest = {
		request: {
			baseURL: `={{$credentials.environment === "custom" ? $credentials.baseUrl.replace(/\\/+$/, "") : $credentials.environment === "development" ? "${CALENSO.development}" : "${CALENSO.production}"}}`,
			url: '/workers',
		},
		rules: [
			whenAnswered(401, 'the API does not accept it', 'Check Environment and Audience'),
			whenAnswered(404, 'there is no list of workers at this address', 'Check the environment'),
			whenAnswered(403, 'this client may not read the workers', 'Ask Calenso for the permission'),
		],
	};
}
