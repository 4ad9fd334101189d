import type { IExecuteFunctions, INodeCredentialDescription, INodeProperties } from 'n8n-workflow';
import { credentialEntries, type CredentialName } from '../../credentials';

/** For the nodes that work with any credential of this package. */

export const authentication: INodeProperties = {
	displayName: 'Authentication',
	name: 'authentication',
	type: 'options',
	noDataExpression: true,
	default: 'customTokenApi',
	options: credentialEntries.map(([value, { label }]) => ({ name: label, value })),
	description:
		'Which kind of credential to use. Custom Token API is for any API with a token endpoint.',
};

export const anyCredential: INodeCredentialDescription[] = credentialEntries.map(([name]) => ({
	name,
	required: true,
	displayOptions: { show: { authentication: [name] } },
}));

export function credentialOf(context: IExecuteFunctions): CredentialName {
	return context.getNodeParameter('authentication', 0) as CredentialName;
}
