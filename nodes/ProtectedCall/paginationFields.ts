import type { INodeProperties } from 'n8n-workflow';
import type { Pagination } from '../shared/pagination';
import { paginationOptions } from './paginationOptions';

function shownFor(...kinds: Array<Pagination['kind']>): INodeProperties['displayOptions'] {
	return { show: { pagination: kinds } };
}

export const paginationFields: INodeProperties[] = [
	{
		displayName: 'Pagination',
		name: 'pagination',
		type: 'options',
		default: 'off',
		options: [
			{
				name: 'Cursor',
				value: 'cursor',
				description: 'Each reply holds a value that the next request sends',
			},
			{
				name: 'Next Link in Body',
				value: 'linkInBody',
				description: 'Each reply holds the address or the number of the next page',
			},
			{
				name: 'Next Link in Header',
				value: 'linkInHeader',
				description: 'A header of each reply holds the address or the number of the next page',
			},
			{ name: 'Off', value: 'off', description: 'One request per item' },
			{
				name: 'Offset Parameter',
				value: 'offset',
				description: 'A parameter says how many entries to skip, or where the page begins',
			},
			{
				name: 'Page Parameter',
				value: 'page',
				description: 'A parameter says which page to return',
			},
		],
		description: 'How to get the pages of a long list',
	},
	{
		displayName: 'Parameter Name',
		name: 'pageParameter',
		type: 'string',
		required: true,
		default: 'page',
		displayOptions: shownFor('page'),
		description: 'Name of the parameter for the number of the page',
	},
	{
		displayName: 'First Page',
		name: 'firstPage',
		type: 'number',
		default: 1,
		displayOptions: shownFor('page'),
		description: 'Number of the first page, usually 1 or 0',
	},
	{
		displayName: 'Parameter Name',
		name: 'offsetParameter',
		type: 'string',
		required: true,
		default: 'offset',
		displayOptions: shownFor('offset'),
		description: 'Name of the parameter for the number of entries to skip',
	},
	{
		displayName: 'Parameter Name',
		name: 'cursorParameter',
		type: 'string',
		required: true,
		default: 'cursor',
		displayOptions: shownFor('cursor'),
		description: 'Name of the parameter that the cursor is sent in',
	},
	{
		displayName: 'Cursor At',
		name: 'cursorAt',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. meta.nextCursor',
		displayOptions: shownFor('cursor'),
		description:
			'Where in the reply the next cursor is. Without one there, the page was the last. The last entry of a list has the number -1.',
	},
	{
		displayName: 'Next Link At',
		name: 'linkAt',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. links.next',
		displayOptions: shownFor('linkInBody'),
		description:
			'Where in the reply the address of the next page is. Without one there, the page was the last.',
	},
	{
		displayName: 'Header Name',
		name: 'linkHeader',
		type: 'string',
		required: true,
		default: 'Link',
		displayOptions: shownFor('linkInHeader'),
		description: 'Name of the header. In a Link header, the address marked rel="next" is used.',
	},
	{
		displayName: 'Max Pages',
		name: 'maxPages',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 100,
		displayOptions: { hide: { pagination: ['off'] } },
		description: 'How many pages to read at most for each input item',
	},
	paginationOptions,
];
