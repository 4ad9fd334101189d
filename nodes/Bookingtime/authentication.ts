import type {
	IExecuteFunctions,
	ILoadOptionsFunctions,
	INodeCredentialDescription,
	INodeProperties,
} from 'n8n-workflow';
import type { CredentialName } from '../session/session';

const APP = 'bookingtimeApi';
const SIGN_IN = 'bookingtimeOAuth2Api';

/** bookingtime's two ways in. */
export const authentication: INodeProperties = {
	displayName: 'Authentication',
	name: 'authentication',
	type: 'options',
	noDataExpression: true,
	default: APP,
	options: [
		{ name: 'App', value: APP, description: 'The app acts for itself, with its client secret' },
		{ name: 'Sign-In (OAuth2)', value: SIGN_IN, description: 'The app acts for whoever signs in' },
	],
	description: 'Who acts in bookingtime',
};

export const credentials: INodeCredentialDescription[] = [APP, SIGN_IN].map((name) => ({
	name,
	required: true,
	displayOptions: { show: { authentication: [name] } },
}));

export function credentialOf(context: IExecuteFunctions): CredentialName {
	return context.getNodeParameter('authentication', 0, APP) as CredentialName;
}

/** While the node is being set up. */
export function chosenCredential(context: ILoadOptionsFunctions): CredentialName {
	return context.getNodeParameter('authentication', APP) as CredentialName;
}
