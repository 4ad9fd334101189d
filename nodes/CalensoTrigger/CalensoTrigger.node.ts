import type {
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
	IPollFunctions,
} from 'n8n-workflow';
import {
	changeOutputs,
	changesField,
	firstActivation,
	polling,
	triggerOptions,
} from '../changes/fields';
import { pollForChanges } from '../changes/poll';
import { watchedWorkers } from './watchedWorkers';

export class CalensoTrigger implements INodeType {
	description: INodeTypeDescription = {
		...polling,
		displayName: 'Calenso Trigger',
		name: 'calensoTrigger',
		icon: { light: 'file:calenso.svg', dark: 'file:calenso.dark.svg' },
		subtitle: '={{ $parameter["resource"] + ": " + $parameter["changes"].join(", ") }}',
		description: 'Starts the workflow when Calenso workers are new, changed or gone',
		defaults: { name: 'Calenso Trigger' },
		outputs: changeOutputs,
		credentials: [{ name: 'calensoApi', required: true }],
		properties: [
			{
				displayName: 'Watch',
				name: 'resource',
				type: 'options',
				noDataExpression: true,
				default: 'worker',
				options: [{ name: 'Worker', value: 'worker' }],
				description: 'Which records to watch',
			},
			changesField,
			firstActivation,
			triggerOptions(),
		],
	};

	async poll(this: IPollFunctions): Promise<INodeExecutionData[][] | null> {
		return await pollForChanges(this, 'calensoApi', watchedWorkers);
	}
}
