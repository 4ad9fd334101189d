import type { ICredentialTestRequest, ICredentialType, Icon, INodeProperties } from 'n8n-workflow';
import { BOOKINGTIME, localeProperty } from './providers/bookingtime';
import { readBookingtimeSignIn } from './providers/bookingtimeSignIn';
import { oAuth2HookWith } from './tokens/hooks';

/** The host in a field, for n8n's list of allowed domains. What is no plain address allows nothing. */
const hostOf = (field: string) =>
	`{{ $self["${field}"].trim().replace(/^https?:\\/\\//i, "").replace(/[:\\/].*$/, "") }}`;

export class BookingtimeOAuth2Api implements ICredentialType {
	name = 'bookingtimeOAuth2Api';

	extends = ['oAuth2Api'];

	displayName = 'Bookingtime OAuth2 API';

	icon: Icon = { light: 'file:icons/bookingtime.svg', dark: 'file:icons/bookingtime.dark.svg' };

	documentationUrl =
		'https://github.com/n8n-nodes-tokenkeeper/n8n-nodes-tokenkeeper/blob/main/docs/bookingtime-sign-in.md';

	properties: INodeProperties[] = [
		{
			displayName: 'Grant Type',
			name: 'grantType',
			type: 'hidden',
			default: 'authorizationCode',
		},
		{
			displayName: 'Authorization URL',
			name: 'authUrl',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. https://auth.bookingtime.com/…',
			description:
				'The page on which a person signs in. Parameters that it needs, such as a scope, can follow after a question mark.',
			hint: 'bookingtime does not publish the exact address. Ask for it where you registered your app.',
		},
		{
			displayName: 'Access Token URL',
			name: 'accessTokenUrl',
			type: 'string',
			default: BOOKINGTIME.tokenUrl,
			required: true,
			description: 'Keep the default. The address that tokens are requested from.',
		},
		{
			displayName: 'Client ID',
			name: 'clientId',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. 70…',
			description: 'The ID of your app at bookingtime',
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
			displayName: 'Use PKCE',
			name: 'usePkce',
			type: 'boolean',
			default: true,
			description:
				'Whether to protect the sign-in with a one-time code (RFC 7636). Turn off only if bookingtime’s sign-in page refuses it.',
		},
		{
			displayName: 'Scope',
			name: 'scope',
			type: 'hidden',
			default: '',
		},
		{
			displayName: 'Auth URI Query Parameters',
			name: 'authQueryParameters',
			type: 'hidden',
			default: '',
		},
		{
			displayName: 'Authentication',
			name: 'authentication',
			type: 'hidden',
			default: 'body',
		},
		{
			displayName: 'API',
			name: 'apiKind',
			type: 'options',
			options: [
				{ name: 'App API', value: 'app', description: 'For apps' },
				{ name: 'Module API', value: 'module', description: 'For modules' },
			],
			default: 'app',
			description: 'Which of bookingtime’s two APIs the client was made for',
		},
		{
			displayName: 'Organization ID',
			name: 'organizationId',
			type: 'string',
			default: '',
			placeholder: 'e.g. f6…',
			description:
				'The organization that nodes use unless they name another one. Each organization gets a token of its own; the HTTP Request node can use this one only.',
		},
		localeProperty,
		{
			displayName: 'API Host',
			name: 'baseUrl',
			type: 'string',
			default: BOOKINGTIME.baseUrl,
			required: true,
			description: 'Keep the default. The token is sent to this host only.',
		},
		// n8n gives the hook no address to check, so n8n's own check is declared instead of left to each person.
		{
			displayName: 'Allowed HTTP Request Domains',
			name: 'allowedHttpRequestDomains',
			type: 'hidden',
			default: 'domains',
		},
		{
			displayName: 'Allowed Domains',
			name: 'allowedDomains',
			type: 'hidden',
			default: `=${hostOf('baseUrl')},${hostOf('accessTokenUrl')}`,
		},
	];

	preAuthentication = oAuth2HookWith(readBookingtimeSignIn, this);

	test: ICredentialTestRequest = {
		request: {
			baseURL:
				'={{$credentials.baseUrl.replace(/\\/+$/, "")}}/{{$credentials.apiKind}}/v3/{{$credentials.locale}}',
			url: '={{$credentials.organizationId ? "/organization/" + $credentials.organizationId.trim() + "/show" : "/static/language/list"}}',
		},
	};
}
