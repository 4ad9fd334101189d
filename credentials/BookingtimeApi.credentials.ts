import type { ICredentialTestRequest, ICredentialType, Icon, INodeProperties } from 'n8n-workflow';
import { BOOKINGTIME, localeProperty, readBookingtime } from './providers/bookingtime';
import { authenticateWith, preAuthenticationWith } from './tokens/hooks';
import { budgetProperty, recordProperty, whenAnswered } from './tokens/properties';

export class BookingtimeApi implements ICredentialType {
	name = 'bookingtimeApi';

	displayName = 'Bookingtime API';

	icon: Icon = { light: 'file:icons/bookingtime.svg', dark: 'file:icons/bookingtime.dark.svg' };

	documentationUrl =
		'https://github.com/n8n-nodes-tokenkeeper/n8n-nodes-tokenkeeper/blob/main/docs/bookingtime.md';

	properties: INodeProperties[] = [
		recordProperty,
		{
			displayName: 'API',
			name: 'apiKind',
			type: 'options',
			options: [
				{
					name: 'App API',
					value: 'app',
					description: 'For apps that have a client secret',
				},
				{
					name: 'Module API',
					value: 'module',
					description: 'For modules, which have no client secret',
				},
			],
			default: 'app',
			description: 'Which of bookingtime’s two APIs the client was made for',
		},
		{
			displayName: 'Client ID',
			name: 'clientId',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. 70…',
			description: 'The ID of your app or module at bookingtime',
		},
		{
			displayName: 'Client Secret',
			name: 'clientSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description: 'May stay empty for the Module API',
		},
		{
			displayName: 'Organization ID',
			name: 'organizationId',
			type: 'string',
			default: '',
			placeholder: 'e.g. f6…',
			description:
				'The organization that nodes use unless they name another one. Each organization gets a token of its own.',
		},
		localeProperty,
		{
			displayName: 'API Host',
			name: 'baseUrl',
			type: 'string',
			default: BOOKINGTIME.baseUrl,
			required: true,
			description: 'The token is sent to this host only.',
			hint: 'Keep the default',
		},
		{
			displayName: 'Token URL',
			name: 'tokenUrl',
			type: 'string',
			default: BOOKINGTIME.tokenUrl,
			required: true,
			description: 'The address that tokens are requested from.',
			hint: 'Keep the default',
		},
		budgetProperty(
			0,
			'How many token requests may be made in a calendar month (UTC). 0 means no limit. bookingtime documents none.',
		),
	];

	authenticate = authenticateWith(readBookingtime, this);

	preAuthentication = preAuthenticationWith(readBookingtime, this);

	test: ICredentialTestRequest = {
		request: {
			baseURL:
				'={{$credentials.baseUrl.replace(/\\/+$/, "")}}/{{$credentials.apiKind}}/v3/{{$credentials.locale}}',
			url: '={{$credentials.organizationId ? "/organization/" + $credentials.organizationId.trim() + "/show" : "/static/language/list"}}',
		},
		rules: [
			whenAnswered(401, 'the API does not accept it', 'Check API and Organization ID'),
			whenAnswered(404, 'there is no such organization', 'Check Organization ID, API and Locale'),
			whenAnswered(403, 'this client may not use this organization', 'Check Organization ID'),
		],
	};
}
