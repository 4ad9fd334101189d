import type { INodeProperties } from 'n8n-workflow';
import { paginationFields } from '../ProtectedCall/paginationFields';
import { requestFields } from '../ProtectedCall/requestFields';

const REUSED = ['path', 'queryType', 'query', 'queryJson', 'headersType', 'headers', 'headersJson'];

/** Which list to read, and how. */
export const listFields: INodeProperties[] = [
	{
		displayName: 'Method',
		name: 'method',
		type: 'options',
		default: 'GET',
		options: [
			{ name: 'GET', value: 'GET' },
			{ name: 'POST', value: 'POST' },
		],
		description: 'The HTTP method that the list is read with',
	},
	...requestFields.filter(({ name }) => REUSED.includes(name)),
	{
		displayName: 'Body',
		name: 'bodyType',
		type: 'hidden',
		default: 'json',
		displayOptions: { show: { method: ['POST'] } },
	},
	{
		displayName: 'Body JSON',
		name: 'bodyJson',
		type: 'json',
		default: '{}',
		displayOptions: { show: { method: ['POST'] } },
		description: 'The body of the request, for lists that are asked for by POST',
	},
	...paginationFields.map(asForTrigger),
];

/** How changes are found. */
export const findingFields: INodeProperties[] = [
	{
		displayName: 'Key',
		name: 'key',
		type: 'string',
		required: true,
		default: 'id',
		placeholder: 'e.g. orderNumber',
		description:
			'The field that tells a record from the others; several are separated by commas. Use dots to go deeper, e.g. order.number.',
	},
	{
		displayName: 'Compare',
		name: 'compared',
		type: 'string',
		default: '',
		placeholder: 'e.g. timestampEdit',
		description:
			'The fields of which a change counts, separated by commas. Leave it empty to compare whole records.',
	},
	{
		displayName: 'Find Changes By',
		name: 'finding',
		type: 'options',
		noDataExpression: true,
		default: 'compare',
		options: [
			{
				name: 'Asking for What Is Newer',
				value: 'newer',
				description: 'Send the greatest value seen, for APIs that filter by time or by number',
			},
			{
				name: 'Comparing the List',
				value: 'compare',
				description: 'Read the whole list and compare it with the one before',
			},
		],
	},
	{
		displayName: 'Greatest Value Of',
		name: 'newerAt',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. updatedAt',
		displayOptions: { show: { finding: ['newer'] } },
		description: 'The field with a date or number that grows with each change of a record',
	},
	{
		displayName: 'Parameter Name',
		name: 'newerParameter',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. updatedSince',
		displayOptions: { show: { finding: ['newer'] } },
		description: 'Name of the query parameter that the greatest value seen is sent in',
	},
	{
		displayName: 'First Value',
		name: 'newerFirst',
		type: 'string',
		default: '',
		placeholder: 'e.g. 2026-01-01T00:00:00Z',
		displayOptions: { show: { finding: ['newer'] } },
		description: 'What to send as long as no record was seen. Leave it empty to send nothing.',
	},
	{
		displayName: 'Overlap',
		name: 'newerOverlap',
		type: 'number',
		typeOptions: { minValue: 0 },
		default: 60,
		displayOptions: { show: { finding: ['newer'] } },
		description:
			'How far before the greatest value to ask from, for records that appear late. In seconds for dates, else in units of the value. What was handed on already is left out.',
	},
];

function asForTrigger(field: INodeProperties): INodeProperties {
	switch (field.name) {
		case 'maxPages':
			return {
				...field,
				default: 1000,
				description:
					'How many pages to read at most. A list with more of them is an error, since a part of it would tell nothing.',
			};
		// A list that is cut at what is known would tell nothing either.
		case 'paginationOptions':
			return {
				...field,
				options: field.options?.filter(({ name }) => name !== 'until'),
			} as INodeProperties;
		default:
			return field;
	}
}
