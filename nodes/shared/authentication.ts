import type { IExecuteFunctions, INodeCredentialDescription, INodeProperties } from 'n8n-workflow';
import type { CredentialName } from '../session/session';

/** For the nodes that work with any credential of this package. */

const NAMES: Readonly<Record<CredentialName, string>> = {
	bookingtimeApi: 'bookingtime',
	bookingtimeOAuth2Api: 'bookingtime (Sign-In)',
	calensoApi: 'Calenso',
	customTokenApi: 'Custom Token API',
	fusioApi: 'Fusio',
	meister1Api: 'Meister1',
};

export const authentication: INodeProperties = {
	displayName: 'Authentication',
	name: 'authentication',
	type: 'options',
	noDataExpression: true,
	default: 'customTokenApi',
	options: Object.entries(NAMES).map(([value, name]) => ({ name, value })),
	description:
		'Which kind of credential to use. Custom Token API is for any API with a token endpoint.',
};

export const anyCredential: INodeCredentialDescription[] = Object.keys(NAMES).map((name) => ({
	name,
	required: true,
	displayOptions: { show: { authentication: [name] } },
}));

export function credentialOf(context: IExecuteFunctions): CredentialName {
	return context.getNodeParameter('authentication', 0) as CredentialName;
}
