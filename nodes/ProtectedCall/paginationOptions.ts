import type { INodeProperties } from 'n8n-workflow';

function shownFor(...kinds: string[]): INodeProperties['displayOptions'] {
	return { show: { '/pagination': kinds } };
}

const where = (displayName: string, description: string): INodeProperties => ({
	displayName,
	name: 'in',
	type: 'options',
	default: 'body',
	options: [
		{ name: 'Header', value: 'header', description: 'A header of the reply' },
		{ name: 'Reply Body', value: 'body', description: 'A path in the body of the reply' },
	],
	description,
});

const cursorIn: INodeProperties = {
	...where('Cursor In', 'Where the next cursor is. Of a header, Cursor At is the name.'),
	name: 'cursorIn',
	displayOptions: shownFor('cursor'),
};

const statuses: INodeProperties = {
	displayName: 'End at Status Codes',
	name: 'endStatuses',
	type: 'string',
	default: '404',
	placeholder: 'e.g. 404, 400',
	description:
		'Answers that mean the page before was the last, in place of the usual ones (400, 404, 410, 416 and 422; of a page that the API itself has named, 404). They never apply to the first page.',
};

const firstOffset: INodeProperties = {
	displayName: 'First Offset',
	name: 'firstOffset',
	type: 'number',
	typeOptions: { minValue: 0 },
	default: 0,
	displayOptions: shownFor('offset'),
	description:
		'Where the list begins: 0 if the parameter skips entries, 1 for a start index as in SCIM',
};

const signs: INodeProperties = {
	displayName: 'How the List Ends',
	name: 'signs',
	type: 'fixedCollection',
	typeOptions: { multipleValues: true },
	placeholder: 'Add sign',
	default: {},
	description:
		'What in a reply tells that the list is at its end. Without one, pages are read until an empty one comes.',
	options: [
		{
			displayName: 'Sign',
			name: 'sign',
			values: [
				{
					displayName: 'At',
					name: 'at',
					type: 'string',
					default: '',
					placeholder: 'e.g. meta.total or X-Total-Count',
					description: 'Path in the body, or name of the header',
				},
				where('In', 'In which part of the reply it is'),
				{
					displayName: 'Says',
					name: 'says',
					type: 'options',
					default: 'total',
					options: [
						{
							name: 'How Many Entries There Are',
							value: 'total',
							description: 'A number, as total or X-Total-Count',
						},
						{
							name: 'How Many Pages There Are',
							value: 'pages',
							description: 'A number, as pageTotal or X-Total-Pages',
						},
						{
							name: 'Whether There Are More Pages',
							value: 'more',
							description: 'A flag that is false on the last page, as has_more',
						},
						{
							name: 'Whether This Page Is the Last',
							value: 'last',
							description: 'A flag that is true on the last page, as isLast',
						},
					],
				},
			],
		},
	],
};

const step: INodeProperties = {
	displayName: 'Offset Counts',
	name: 'offsetCounts',
	type: 'options',
	default: 'entries',
	displayOptions: shownFor('offset'),
	options: [
		{ name: 'Entries', value: 'entries', description: 'It moves by as many entries as came' },
		{
			name: 'Full Pages',
			value: 'pageSize',
			description:
				'It moves by Page Size, however many entries came: for APIs that filter a page after they have cut it',
		},
		{ name: 'Pages', value: 'pages', description: 'It moves by one' },
	],
	description: 'By how much the offset grows from page to page',
};

const numberParameter: INodeProperties = {
	displayName: 'Page Parameter',
	name: 'numberParameter',
	type: 'string',
	default: 'page',
	displayOptions: shownFor('linkInBody', 'linkInHeader'),
	description:
		'Name of the parameter for the next page, where the API gives its number (X-Next-Page: 2) and not its address',
};

const pageSize: INodeProperties = {
	displayName: 'Page Size',
	name: 'pageSize',
	type: 'number',
	typeOptions: { minValue: 1 },
	default: 50,
	displayOptions: shownFor('page', 'offset'),
	description:
		'How many entries a full page has. A shorter page after a full one is the last, which saves the request for an empty one.',
};

const parameterIn: INodeProperties = {
	displayName: 'Parameter In',
	name: 'parameterIn',
	type: 'options',
	default: 'query',
	options: [
		{
			name: 'Body',
			value: 'body',
			description:
				'A field of the JSON or form body; the name may be a path such as variables.after',
		},
		{ name: 'Header', value: 'header', description: 'A header of the request' },
		{
			name: 'Path',
			value: 'path',
			description: 'Where its name stands in curly brackets, as in /customers/{page}',
		},
		{ name: 'Query', value: 'query', description: 'A parameter of the address' },
	],
	description: 'Where the parameter is sent',
};

const until: INodeProperties = {
	displayName: 'Until',
	name: 'until',
	type: 'fixedCollection',
	placeholder: 'Add record',
	default: {},
	description:
		'End at the first record that is known already, so that only newer ones are read. The list has to begin with the newest.',
	options: [
		{
			displayName: 'Record',
			name: 'record',
			values: [
				{
					displayName: 'Compare',
					name: 'compare',
					type: 'options',
					default: 'date',
					options: [
						{
							name: 'Date',
							value: 'date',
							description: 'The first record that is as old as the date, or older',
						},
						{ name: 'Value', value: 'value', description: 'The record that has the value' },
					],
				},
				{
					displayName: 'Date',
					name: 'date',
					type: 'dateTime',
					default: '',
					displayOptions: { show: { compare: ['date'] } },
					description:
						'Date of the newest record that is known. While it is empty, the whole list is read.',
				},
				{
					displayName: 'Record Field',
					name: 'field',
					type: 'string',
					default: '',
					placeholder: 'e.g. updatedAt',
					description: 'Path in a record of what is compared',
				},
				{
					displayName: 'Value',
					name: 'value',
					type: 'string',
					default: '',
					displayOptions: { show: { compare: ['value'] } },
					description:
						'Value in the newest record that is known, such as its ID. While it is empty, the whole list is read.',
				},
			],
		},
	],
};

/** What only some lists need. */
export const paginationOptions: INodeProperties = {
	displayName: 'Pagination Options',
	name: 'paginationOptions',
	type: 'collection',
	placeholder: 'Add option',
	default: {},
	displayOptions: { hide: { pagination: ['off'] } },
	options: [
		cursorIn,
		statuses,
		firstOffset,
		signs,
		step,
		numberParameter,
		pageSize,
		parameterIn,
		until,
	],
};
