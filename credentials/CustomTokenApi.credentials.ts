import type { ICredentialTestRequest, ICredentialType, Icon, INodeProperties } from 'n8n-workflow';
import { readCustom } from './providers/custom';
import { mainProperties } from './providers/custom/mainProperties';
import { moreProperties } from './providers/custom/moreProperties';
import { authenticateWith, preAuthenticationWith } from './tokens/hooks';
import { recordProperty, whenAnswered } from './tokens/properties';

export class CustomTokenApi implements ICredentialType {
	name = 'customTokenApi';

	displayName = 'Custom Token API';

	icon: Icon = { light: 'file:icons/customToken.svg', dark: 'file:icons/customToken.dark.svg' };

	documentationUrl =
		'https://github.com/n8n-nodes-tokenkeeper/n8n-nodes-tokenkeeper/blob/main/docs/custom-token-api.md';

	/** First what kind of API it is, then at most eight fields for it, then all else. */
	properties: INodeProperties[] = [recordProperty, ...mainProperties, ...moreProperties];

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
