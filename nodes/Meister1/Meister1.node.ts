import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeProperties,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';
import { resourceProperties, runOperations } from '../shared/operations';
import { concurrency, options } from '../shared/properties';
import { ssoUrl } from './resources/ssoUrl';

const resources = [ssoUrl];

const allowedHosts: INodeProperties = {
	displayName: 'Allowed Back URL Hosts',
	name: 'allowedHosts',
	type: 'string',
	default: '',
	placeholder: 'e.g. www.example.com, *.example.org',
	description:
		'Hosts that a back URL may lead to, separated by commas. Others are refused. Without this option all are allowed.',
};

const output: INodeProperties = {
	displayName: 'Output',
	name: 'output',
	type: 'options',
	default: 'link',
	options: [
		{ name: 'Link', value: 'link', description: 'The link and when it expires' },
		{
			name: 'Redirect Ready',
			value: 'redirect',
			description: 'Also the status code and headers to set in Respond to Webhook',
		},
	],
	description: 'What each output item holds',
};

export class Meister1 implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Meister1',
		name: 'meister1',
		icon: { light: 'file:meister1.svg', dark: 'file:meister1.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: '={{ $parameter["operation"] + ": " + $parameter["resource"] }}',
		description: 'Generate single sign-on (SSO) links that sign users in to Meister1 accounts',
		defaults: { name: 'Meister1' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'meister1Api', required: true }],
		properties: [...resourceProperties(resources), options(allowedHosts, output, concurrency)],
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await runOperations(this, 'meister1Api', resources);
	}
}
