import type { INodeProperties } from 'n8n-workflow';
import { bodyFields } from './bodyFields';

function nameAndValue(displayName: string, name: string, what: string): INodeProperties {
	return {
		displayName,
		name,
		type: 'fixedCollection',
		typeOptions: { multipleValues: true },
		placeholder: `Add ${what}`,
		default: {},
		options: [
			{
				displayName: displayName.replace(/s$/, ''),
				name: 'entries',
				values: [
					{ displayName: 'Name', name: 'name', type: 'string', default: '' },
					{ displayName: 'Value', name: 'value', type: 'string', default: '' },
				],
			},
		],
	};
}

/** How names and values can be given. */
const waysToGive = [
	{ name: 'Fields Below', value: 'fields' },
	{ name: 'JSON', value: 'json' },
	{ name: 'None', value: 'none' },
];

export const requestFields: INodeProperties[] = [
	{
		displayName: 'Method',
		name: 'method',
		type: 'options',
		default: 'GET',
		options: [
			{ name: 'Custom', value: 'CUSTOM' },
			{ name: 'DELETE', value: 'DELETE' },
			{ name: 'GET', value: 'GET' },
			{ name: 'HEAD', value: 'HEAD' },
			{ name: 'OPTIONS', value: 'OPTIONS' },
			{ name: 'PATCH', value: 'PATCH' },
			{ name: 'POST', value: 'POST' },
			{ name: 'PUT', value: 'PUT' },
		],
		description: 'The HTTP method of the request',
	},
	{
		displayName: 'Custom Method',
		name: 'customMethod',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. PROPFIND',
		displayOptions: { show: { method: ['CUSTOM'] } },
		description: 'Name of the HTTP method',
	},
	{
		displayName: 'Path',
		name: 'path',
		type: 'string',
		default: '',
		placeholder: 'e.g. /todo',
		description:
			'Address below the API base that is set in the credential, or a full URL on one of its hosts. The token goes to no other host.',
	},
	{
		displayName: 'Query Parameters',
		name: 'queryType',
		type: 'options',
		default: 'none',
		options: waysToGive,
		description: 'How to give parameters that are added to the address',
	},
	{
		...nameAndValue('Parameters', 'query', 'parameter'),
		displayOptions: { show: { queryType: ['fields'] } },
	},
	{
		displayName: 'Query JSON',
		name: 'queryJson',
		type: 'json',
		default: '{}',
		displayOptions: { show: { queryType: ['json'] } },
		description: 'The parameters as a JSON object. A list repeats the parameter.',
	},
	{
		displayName: 'Headers',
		name: 'headersType',
		type: 'options',
		default: 'none',
		options: waysToGive,
		description: 'How to give headers. The credential adds the token by itself.',
	},
	{
		...nameAndValue('Header Fields', 'headers', 'header'),
		displayOptions: { show: { headersType: ['fields'] } },
	},
	{
		displayName: 'Headers JSON',
		name: 'headersJson',
		type: 'json',
		default: '{}',
		displayOptions: { show: { headersType: ['json'] } },
		description: 'The headers as a JSON object',
	},
	...bodyFields,
];

export const arrayFormat: INodeProperties = {
	displayName: 'Array Format',
	name: 'arrayFormat',
	type: 'options',
	default: 'repeat',
	options: [
		{ name: 'Brackets Only', value: 'brackets', description: 'As in a[]=1&a[]=2' },
		{ name: 'Brackets with Indices', value: 'indices', description: 'As in a[0]=1&a[1]=2' },
		{ name: 'No Brackets', value: 'repeat', description: 'As in a=1&a=2' },
	],
	description: 'How to write several values of one name in the query and in a form',
};
