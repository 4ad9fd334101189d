import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';
import { resourceProperties, runOperations } from '../shared/operations';
import { options, requestOptions } from '../shared/properties';
import { worker } from './resources/worker';

const resources = [worker];

export class Calenso implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Calenso',
		name: 'calenso',
		icon: { light: 'file:calenso.svg', dark: 'file:calenso.dark.svg' },
		group: ['input'],
		version: 1,
		subtitle: '={{ $parameter["operation"] + ": " + $parameter["resource"] }}',
		description: 'Read workers from the Calenso online booking system',
		defaults: { name: 'Calenso' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'calensoApi', required: true }],
		properties: [...resourceProperties(resources), options(...requestOptions)],
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await runOperations(this, 'calensoApi', resources);
	}
}
