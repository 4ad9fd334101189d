import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';
import { anyCredential, authentication, credentialOf } from '../shared/authentication';
import { tokenOperation, tokenOperations } from './tokenOperations';

export class ApiToken implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'API Token',
		name: 'apiToken',
		icon: { light: 'file:apiToken.svg', dark: 'file:apiToken.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle:
			'={{ $parameter["operation"] + ": " + $parameter["authentication"].replace(/(OAuth2)?Api$/, "") }}',
		description:
			'Check when the access token of a credential expires and how much of its monthly token budget is used, renew it early, or forget it. The token itself is never shown.',
		defaults: { name: 'API Token' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: anyCredential,
		properties: [authentication, tokenOperations],
		hints: [
			{
				message: 'Renew buys one token now. It runs once, however many items come in.',
				displayCondition: '={{ $parameter["operation"] === "renew" }}',
				whenToDisplay: 'beforeExecution',
				location: 'ndv',
			},
		],
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await tokenOperation(this, credentialOf(this));
	}
}
