import type { ICredentialTestRequest, ICredentialType, Icon, INodeProperties } from 'n8n-workflow';
import { MEISTER1, readMeister1 } from './providers/meister1';
import { authenticateWith, preAuthenticationWith } from './tokens/hooks';
import { budgetProperty, recordProperty } from './tokens/properties';

export class Meister1Api implements ICredentialType {
	name = 'meister1Api';

	displayName = 'Meister1 API';

	icon: Icon = { light: 'file:icons/meister1.svg', dark: 'file:icons/meister1.dark.svg' };

	documentationUrl =
		'https://github.com/n8n-nodes-tokenkeeper/n8n-nodes-tokenkeeper/blob/main/docs/meister1.md';

	properties: INodeProperties[] = [
		recordProperty,
		{
			displayName: 'Client ID',
			name: 'clientId',
			type: 'string',
			default: '',
			required: true,
			description: 'User name of a server user; ask Meister1 for one',
			hint: 'The user name of the server user that Meister1 made for you',
		},
		{
			displayName: 'Client Secret',
			name: 'clientSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			description: 'Secret of the server user',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: MEISTER1.baseUrl,
			required: true,
			description: 'The token is sent to this host only.',
			hint: 'Keep the default',
		},
		budgetProperty(
			0,
			'How many tokens may be requested in a calendar month (UTC). 0 means no limit. Meister1 documents none.',
		),
	];

	authenticate = authenticateWith(readMeister1, this);

	preAuthentication = preAuthenticationWith(readMeister1, this);

	/**
	 * Meister1 documents nothing harmless to call: each SSO URL logs somebody in. So the test gets a token, which shows
	 * that client ID and secret are right, and takes any answer of the host for a good one.
	 */
	test: ICredentialTestRequest = {
		request: {
			baseURL: '={{$credentials.baseUrl.replace(/\\/+$/, "")}}',
			url: '/',
			ignoreHttpStatusErrors: true,
		},
	};
}
