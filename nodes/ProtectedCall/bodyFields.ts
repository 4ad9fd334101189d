import type { INodeProperties } from 'n8n-workflow';

/** n8n's request helper takes the body off a GET, and nobody reads one of HEAD. */
export const WITHOUT_BODY = ['GET', 'HEAD'];

function shownFor(...types: string[]): INodeProperties['displayOptions'] {
	return { show: { bodyType: types }, hide: { method: WITHOUT_BODY } };
}

export const bodyFields: INodeProperties[] = [
	{
		displayName: 'Body',
		name: 'bodyType',
		type: 'options',
		default: 'none',
		displayOptions: { hide: { method: WITHOUT_BODY } },
		options: [
			{ name: 'Binary File', value: 'binary', description: 'A file of the input item' },
			{ name: 'Fields', value: 'fields', description: 'Names and values, sent as JSON' },
			{
				name: 'Form',
				value: 'form',
				description: 'Names and values, sent as a form (application/x-www-form-urlencoded)',
			},
			{ name: 'JSON', value: 'json', description: 'JSON that you write' },
			{
				name: 'Multipart Form',
				value: 'multipart',
				description: 'Names, values and files, sent as a form with files (multipart/form-data)',
			},
			{ name: 'None', value: 'none', description: 'No body' },
			{ name: 'Raw', value: 'raw', description: 'Text of any type, such as XML' },
		],
		description: 'What to send in the body of the request',
	},
	{
		displayName: 'Body Fields',
		name: 'bodyFields',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true },
		placeholder: 'Add field',
		default: {},
		displayOptions: shownFor('fields', 'form'),
		options: [
			{
				displayName: 'Field',
				name: 'entries',
				values: [
					{ displayName: 'Name', name: 'name', type: 'string', default: '' },
					{ displayName: 'Value', name: 'value', type: 'string', default: '' },
				],
			},
		],
	},
	{
		displayName: 'Parts',
		name: 'parts',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true },
		placeholder: 'Add part',
		default: {},
		displayOptions: shownFor('multipart'),
		options: [
			{
				displayName: 'Part',
				name: 'entries',
				values: [
					{
						displayName: 'Type',
						name: 'type',
						type: 'options',
						default: 'text',
						options: [
							{ name: 'File', value: 'file', description: 'A file of the input item' },
							{ name: 'Text', value: 'text' },
						],
					},
					{ displayName: 'Name', name: 'name', type: 'string', default: '' },
					{
						displayName: 'Value',
						name: 'value',
						type: 'string',
						default: '',
						displayOptions: { show: { type: ['text'] } },
					},
					{
						displayName: 'Input Binary Field',
						name: 'binaryField',
						type: 'string',
						default: 'data',
						displayOptions: { show: { type: ['file'] } },
						description: 'Name of the field of the input item that holds the file',
						hint: 'The name of the input field containing the binary file data to be sent',
					},
				],
			},
		],
		description: 'The values and files of the form. A name can be used more than once.',
	},
	{
		displayName: 'JSON',
		name: 'bodyJson',
		type: 'json',
		required: true,
		default: '{}',
		displayOptions: shownFor('json'),
		description: 'The JSON to send',
	},
	{
		displayName: 'Content Type',
		name: 'contentType',
		type: 'string',
		required: true,
		default: 'text/plain',
		placeholder: 'e.g. application/xml',
		displayOptions: shownFor('raw'),
		description: 'Type of the text, sent as the Content-Type header',
	},
	{
		displayName: 'Content',
		name: 'bodyRaw',
		type: 'string',
		typeOptions: { rows: 5 },
		default: '',
		displayOptions: shownFor('raw'),
		description: 'The text to send',
	},
	{
		displayName: 'Input Binary Field',
		name: 'binaryField',
		type: 'string',
		required: true,
		default: 'data',
		displayOptions: shownFor('binary'),
		description: 'Name of the field of the input item that holds the file',
		hint: 'The name of the input field containing the binary file data to be sent',
	},
];
