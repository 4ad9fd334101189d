import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';
import { resourceProperties, runOperations } from '../shared/operations';
import { options, requestOptions } from '../shared/properties';
import { authentication, credentialOf, credentials } from './authentication';
import { searchOrganizations } from './organization';
import { appointment } from './resources/appointment';
import { customer } from './resources/customer';
import { organization } from './resources/organization';

const resources = [appointment, customer, organization];

export class Bookingtime implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'bookingtime',
		name: 'bookingtime',
		icon: { light: 'file:bookingtime.svg', dark: 'file:bookingtime.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: '={{ $parameter["operation"] + ": " + $parameter["resource"] }}',
		description:
			'Create, find, list, update and delete customers, and read organizations and appointments in bookingtime',
		defaults: { name: 'bookingtime' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials,
		properties: [authentication, ...resourceProperties(resources), options(...requestOptions)],
	};

	methods = { listSearch: { searchOrganizations } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await runOperations(this, credentialOf(this), resources);
	}
}
