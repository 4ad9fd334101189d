import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';
import { anyCredential, authentication, credentialOf } from '../shared/authentication';
import { runCalls, runPlanned } from '../shared/operations';
import { options, requestOptions } from '../shared/properties';
import { batches } from './batchFields';
import { batchTasks, hasBatches } from './batches';
import { apiBodyFields, apiParameterFields, searchApiOperations } from './description/choose';
import {
	byHandOnly,
	describedFields,
	descriptionPart,
	request,
} from './description/describedFields';
import { idempotencyKey } from './idempotency';
import { paginationFields } from './paginationFields';
import { protectedCall } from './protectedCall';
import { arrayFormat, requestFields } from './requestFields';
import {
	fullResponse,
	itemsAt,
	longNumbers,
	neverError,
	responseFields,
	responseOptions,
} from './response';
import { redirects } from './sending';

export class ProtectedCall implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Protected Call',
		name: 'protectedCall',
		icon: { light: 'file:protectedCall.svg', dark: 'file:protectedCall.dark.svg' },
		group: ['transform'],
		version: [1, 1.1],
		defaultVersion: 1.1,
		subtitle:
			'={{ $parameter["request"] === "description" ? $parameter["apiOperation"]["value"] : ($parameter["method"] === "CUSTOM" ? $parameter["customMethod"] : $parameter["method"]) + " " + $parameter["path"] }}',
		description:
			'Send a request to an API that needs an access token (Fusio, Calenso, bookingtime, Meister1 or any API with a token endpoint). The token is fetched, kept and renewed by itself.',
		defaults: { name: 'Protected Call' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: anyCredential,
		properties: [
			authentication,
			request,
			...describedFields,
			...byHandOnly(requestFields),
			...responseFields,
			...paginationFields,
			options(
				arrayFormat,
				batches,
				descriptionPart,
				fullResponse,
				idempotencyKey,
				itemsAt,
				longNumbers,
				neverError,
				...responseOptions,
				redirects,
				...requestOptions,
			),
		],
	};

	methods = {
		listSearch: { searchApiOperations },
		resourceMapping: { apiParameterFields, apiBodyFields },
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return hasBatches(this)
			? await runPlanned(this, credentialOf(this), batchTasks)
			: await runCalls(this, credentialOf(this), protectedCall);
	}
}
