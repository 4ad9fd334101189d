import type { IDataObject, INodeProperties } from 'n8n-workflow';
import type { Output } from '../shared/items';
import { listAt } from '../shared/lists';
import { isObject, type Call } from '../shared/parameters';
import type { ApiReply } from '../session/session';

export const responseFields: INodeProperties[] = [
	{
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
	},
	{
		displayName: 'Put Output in Field',
		name: 'outputField',
		type: 'string',
		required: true,
		default: 'data',
		displayOptions: { show: { responseFormat: ['auto', 'file', 'text'] } },
		description: 'Name of the output field for a text or a file',
	},
];

export const fullResponse: INodeProperties = {
	displayName: 'Full Response',
	name: 'fullResponse',
	type: 'boolean',
	default: false,
	description: 'Whether to return the status code and the headers too, and not only the body',
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
}

/** What comes out of the node for one reply. */
export async function outputsOf(
	{ context }: Call,
	url: URL,
	reply: ApiReply,
	{ full, itemsAt: at, outputField }: ReplyShape,
): Promise<Output[]> {
	const { status: statusCode, headers } = reply;
	const around = (body: unknown): IDataObject => ({
		statusCode,
		headers,
		body: body as IDataObject,
	});

	if (Buffer.isBuffer(reply.body)) {
		const file = await context.helpers.prepareBinaryData(
			reply.body,
			fileName(headers['content-disposition'], url),
			headers['content-type']?.split(';', 1)[0].trim(),
		);
		const json = full ? { statusCode, headers } : {};
		return [{ json, binary: { [outputField]: file } }];
	}

	const body = reply.body === '' || reply.body === undefined ? null : reply.body;
	const splits = statusCode < 400 && (at !== '' || (Array.isArray(body) && !full));
	const entries = splits ? listAt(body, at) : [body];
	return entries.map((entry) => ({ json: full ? around(entry) : asJson(entry, outputField) }));
}

function asJson(entry: unknown, outputField: string): IDataObject {
	if (isObject(entry)) return entry;
	return entry === null ? {} : { [outputField]: entry as IDataObject };
}

function fileName(disposition: string | undefined, url: URL): string | undefined {
	const encoded = /filename\*\s*=\s*UTF-8''([^;]+)/i.exec(disposition ?? '')?.[1];
	const plain = /filename\s*=\s*(?:"([^"]*)"|([^;]+))/i.exec(disposition ?? '');
	const named = encoded ?? plain?.[1] ?? plain?.[2] ?? url.pathname.split('/').pop() ?? '';
	const name = decoded(named).trim().split(/[/\\]/).pop();
	return name === '' ? undefined : name;
}

function decoded(name: string): string {
	try {
		return decodeURIComponent(name);
	} catch {
		return name;
	}
}
