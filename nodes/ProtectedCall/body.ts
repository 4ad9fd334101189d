import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { badInput } from '../shared/errors';
import { asText, parsedJson, requiredText, text, type Call } from '../shared/parameters';
import type { ApiRequest } from '../session/session';

export interface Body {
	readonly body?: ApiRequest['body'];
	/** Set where the body alone does not tell it. */
	readonly contentType?: string;
}

const WITHOUT_BODY = ['GET', 'HEAD'];

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

/** @throws ApiError when the body cannot be built. */
export async function bodyOf(call: Call, method: string): Promise<Body> {
	if (WITHOUT_BODY.includes(method)) return {};
	const { context, index } = call;
	switch (text(call, 'bodyType', 'Body')) {
		case 'json':
			return jsonBody(context.getNodeParameter('bodyJson', index, ''));
		case 'fields':
			return { body: Object.fromEntries(entries(call)) };
		case 'form':
			return {
				body: new URLSearchParams(
					entries(call).map(([name, value]): [string, string] => [name, asText(value, name)]),
				),
			};
		case 'raw': {
			const contentType = requiredText(call, 'contentType', 'Content Type');
			if (/\p{Cc}/u.test(contentType)) {
				throw badInput('Content Type', 'has a line break', 'Write it as application/xml.');
			}
			const content: unknown = context.getNodeParameter('bodyRaw', index, '');
			return {
				body: typeof content === 'string' ? content : asText(content, 'Content'),
				contentType,
			};
		}
		case 'binary':
			return await binaryBody(call);
		default:
			return {};
	}
}

function jsonBody(given: unknown): Body {
	const value = parsedJson(given, 'JSON');
	if (value === undefined) {
		throw badInput('JSON', 'is empty', 'Write the JSON to send, or set Body to None.');
	}
	// Text goes out as written: reading it would round long numbers.
	const json = typeof given === 'string' ? given : JSON.stringify(value);
	return { body: json, contentType: 'application/json' };
}

function entries({ context, index }: Call): Array<[string, IDataObject[string]]> {
	const filled = context.getNodeParameter('bodyFields.entries', index, []) as IDataObject[];
	return filled
		.map(({ name, value }): [string, IDataObject[string]] => [asText(name, 'Name'), value])
		.filter(([name]) => name !== '');
}

async function binaryBody(call: Call): Promise<Body> {
	const { context, index } = call;
	const field = requiredText(call, 'binaryField', 'Input Binary Field');
	const file = context.getInputData()[index].binary?.[field];
	if (!file) {
		throw badInput(
			'Input Binary Field',
			`names "${field.slice(0, 60)}", but this item has no such file`,
			'Check the name in the Binary tab of the node before this one.',
		);
	}
	return {
		body: await context.helpers.getBinaryDataBuffer(index, field),
		contentType: file.mimeType || 'application/octet-stream',
	};
}
