import type { INodeProperties } from 'n8n-workflow';
import { badInput } from '../shared/errors';
import { requiredText, text, type Call } from '../shared/parameters';
import type { Pagination } from '../shared/pagination';

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
				description: 'Each reply holds the address of the next page',
			},
			{
				name: 'Next Link in Header',
				value: 'linkInHeader',
				description: 'A header of each reply holds the address of the next page',
			},
			{ name: 'Off', value: 'off', description: 'One request per item' },
			{
				name: 'Offset Parameter',
				value: 'offset',
				description: 'A query parameter says how many entries to skip',
			},
			{
				name: 'Page Parameter',
				value: 'page',
				description: 'A query parameter says which page to return',
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
		description: 'Name of the query parameter for the number of the page',
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
		description: 'Name of the query parameter for the number of entries to skip',
	},
	{
		displayName: 'Parameter Name',
		name: 'cursorParameter',
		type: 'string',
		required: true,
		default: 'cursor',
		displayOptions: shownFor('cursor'),
		description: 'Name of the query parameter that the cursor is sent in',
	},
	{
		displayName: 'Cursor At',
		name: 'cursorAt',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. meta.nextCursor',
		displayOptions: shownFor('cursor'),
		description: 'Where in the reply the next cursor is. Without one there, the page was the last.',
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
];

/** @throws ApiError when a field is empty or not a number. */
export function paginationOf(call: Call): Pagination {
	const kind = text(call, 'pagination', 'Pagination') as Pagination['kind'];
	switch (kind) {
		case 'page':
			return {
				kind,
				parameter: requiredText(call, 'pageParameter', 'Parameter Name'),
				first: wholeNumber(call, 'firstPage', 'First Page', 0),
			};
		case 'offset':
			return { kind, parameter: requiredText(call, 'offsetParameter', 'Parameter Name'), first: 0 };
		case 'cursor':
			return {
				kind,
				parameter: requiredText(call, 'cursorParameter', 'Parameter Name'),
				at: requiredText(call, 'cursorAt', 'Cursor At'),
			};
		case 'linkInBody':
			return { kind, at: requiredText(call, 'linkAt', 'Next Link At') };
		case 'linkInHeader':
			return { kind, header: requiredText(call, 'linkHeader', 'Header Name') };
		default:
			return { kind: 'off' };
	}
}

export function maxPagesOf(call: Call, pagination: Pagination): number {
	return pagination.kind === 'off' ? 1 : wholeNumber(call, 'maxPages', 'Max Pages', 1);
}

function wholeNumber(call: Call, name: string, field: string, least: number): number {
	const value = Number(call.context.getNodeParameter(name, call.index, least));
	if (Number.isSafeInteger(value) && value >= least) return value;
	throw badInput(field, `is not a whole number of ${least} or more`, 'Enter one.');
}
