import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';
import { anyCredential, authentication, credentialOf } from '../shared/authentication';
import { runCalls } from '../shared/operations';
import { options, requestOptions } from '../shared/properties';
import { paginationFields } from './paginationFields';
import { protectedCall } from './protectedCall';
import { arrayFormat, requestFields } from './requestFields';
import { fullResponse, itemsAt, longNumbers, neverError, responseFields } from './response';

export class ProtectedCall implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Protected Call',
		name: 'protectedCall',
		icon: { light: 'file:protectedCall.svg', dark: 'file:protectedCall.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle:
			'={{ ($parameter["method"] === "CUSTOM" ? $parameter["customMethod"] : $parameter["method"]) + " " + $parameter["path"] }}',
		description:
			'Send a request to an API that needs an access token (Fusio, Calenso, bookingtime, Meister1 or any API with a token endpoint). The token is fetched, kept and renewed by itself.',
		defaults: { name: 'Protected Call' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: anyCredential,
		properties: [
			authentication,
			...requestFields,
			...responseFields,
			...paginationFields,
			options(arrayFormat, fullResponse, itemsAt, longNumbers, neverError, ...requestOptions),
		],
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await runCalls(this, credentialOf(this), protectedCall);
	}
}
