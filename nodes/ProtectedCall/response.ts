import type { IDataObject, INodeProperties } from 'n8n-workflow';
import type { Output } from '../shared/items';
import { listAt } from '../shared/lists';
import { isObject } from '../shared/parameters';
import type { ApiReply } from '../session/session';

const outputField: INodeProperties = {
	displayName: 'Put Output in Field',
	name: 'outputField',
	type: 'string',
	default: 'data',
	description: 'Name of the output field for a text or a file',
};

const responseFormat: INodeProperties = {
	displayName: 'Response Format',
	name: 'responseFormat',
	type: 'options',
	default: 'auto',
	options: [
		{ name: 'Auto-Detect', value: 'auto', description: 'As the content type of the reply says' },
		{ name: 'File', value: 'file', description: 'Binary data of the output item' },
		{ name: 'JSON', value: 'json', description: 'An error if the reply is not JSON' },
		{ name: 'Text', value: 'text' },
	],
	description: 'How to read the reply. A JSON list becomes one item per entry.',
};

/** From 1.1 on how a reply is read is an option: the default is right for nearly all. */
const FROM_1_1 = { show: { '@version': [{ _cnd: { gte: 1.1 } }] } };

export const responseOptions: INodeProperties[] = [
	{ ...responseFormat, displayOptions: FROM_1_1 },
	{ ...outputField, displayOptions: FROM_1_1 },
];

/** Of version 1. */
export const responseFields: INodeProperties[] = [
	{ ...responseFormat, displayOptions: { show: { '@version': [1] } } },
	{
		...outputField,
		required: true,
		displayOptions: { show: { responseFormat: ['auto', 'file', 'text'], '@version': [1] } },
	},
];

export const fullResponse: INodeProperties = {
	displayName: 'Full Response',
	name: 'fullResponse',
	type: 'boolean',
	default: false,
	description:
		'Whether to return the status code and the headers too, how often the request was sent and how long it waited, and not only the body',
};

export const neverError: INodeProperties = {
	displayName: 'Never Error',
	name: 'neverError',
	type: 'boolean',
	default: false,
	description: 'Whether to go on with the reply when its status code says error (400 and above)',
};

export const itemsAt: INodeProperties = {
	displayName: 'Items At',
	name: 'itemsAt',
	type: 'string',
	default: '',
	placeholder: 'e.g. data.items',
	description: 'Where in the reply the list is. Each of its entries becomes an item.',
};

export const longNumbers: INodeProperties = {
	displayName: 'Long Numbers',
	name: 'longNumbers',
	type: 'options',
	default: 'text',
	options: [
		{ name: 'As Text', value: 'text', description: 'Every digit is kept' },
		{ name: 'Rounded', value: 'rounded', description: 'As numbers; the last digits may change' },
	],
	description:
		'What to make of numbers in a JSON reply that have more digits than a JavaScript number can hold, such as 64-bit IDs',
};

export interface ReplyShape {
	readonly full: boolean;
	/** Dotted path of the list; '' where none is set. */
	readonly itemsAt: string;
	readonly outputField: string;
	/** What the API says is wrong in a reply. */
	readonly words?: (body: unknown) => string | undefined;
}

/** What comes out of the node for one reply. */
export function outputsOf(
	reply: ApiReply,
	{ full, itemsAt: at, outputField, words }: ReplyShape,
): Output[] {
	const about = aboutReply(reply);
	const around = (body: unknown): IDataObject => ({ ...about, body: body as IDataObject });

	if (reply.file !== undefined) {
		return [{ json: full ? about : {}, binary: { [outputField]: reply.file } }];
	}

	const body = reply.body === '' || reply.body === undefined ? null : reply.body;
	const splits = reply.status < 400 && (at !== '' || (Array.isArray(body) && !full));
	const entries = splits ? listAt(body, at, words) : [body];
	return entries.map((entry) => ({ json: full ? around(entry) : asJson(entry, outputField) }));
}

/** Cookies are a list, since a comma inside one (in a date) cannot be told from one between two. */
function aboutReply({ status, headers, cookies, attempts, waitedMs }: ApiReply): IDataObject {
	return {
		statusCode: status,
		headers: { ...headers, ...(cookies !== undefined && { 'set-cookie': [...cookies] }) },
		...(attempts !== undefined && { attempts }),
		...(waitedMs !== undefined && { waitedMs: Math.round(waitedMs) }),
	};
}

function asJson(entry: unknown, outputField: string): IDataObject {
	if (isObject(entry)) return entry;
	return entry === null ? {} : { [outputField]: entry as IDataObject };
}
