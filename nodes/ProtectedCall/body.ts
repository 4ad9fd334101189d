import type { IBinaryData, IDataObject } from 'n8n-workflow';
import { stringifyExact } from '../../credentials/tokens/json';
import { badInput } from '../shared/errors';
import { asText, isObject, parameter, parsedJson, requiredText, text, type Call } from '../shared/parameters';
import { pairsOf, type ArrayFormat } from '../shared/query';
import type { ApiRequest } from '../session/session';
import { type StoredFile, StreamedBody, unreadableFile } from '../session/upload';
import { WITHOUT_BODY } from './bodyFields';
import { multipart, type Part } from './multipart';

export interface Body {
	readonly body?: ApiRequest['body'];
	/** Set where the body alone does not tell it. */
	readonly contentType?: string;
	/** Nobody could read the body with another type: it names what separates the parts. */
	readonly typeIsFixed?: boolean;
}

/** @throws ApiError when the body cannot be built. */
export async function bodyOf(call: Call, method: string, format: ArrayFormat): Promise<Body> {
	// Not through `text`: n8n finds no property of this name while the field is hidden.
	const type = asText(parameter(call, 'bodyType', 'none'), 'Body');
	if (WITHOUT_BODY.includes(method)) {
		const written = text(call, 'method', 'Method') === 'CUSTOM' && !['', 'none'].includes(type);
		if (!written) return {};
		throw badInput(
			'Custom Method',
			`is ${method}, which n8n sends without a body`,
			'Choose another method (many APIs take a search as POST, too), or set Body to None.',
		);
	}
	switch (type) {
		case 'json':
			return jsonBody(parameter(call, 'bodyJson', ''));
		case 'fields':
			return { body: Object.fromEntries(entries(call)) };
		case 'form':
			return { body: new URLSearchParams(pairsOf(entries(call), format)) };
		case 'raw': {
			const contentType = requiredText(call, 'contentType', 'Content Type');
			if (/\p{Cc}/u.test(contentType)) {
				throw badInput('Content Type', 'has a line break', 'Write it as application/xml.');
			}
			const content = parameter(call, 'bodyRaw', '');
			return {
				body: typeof content === 'string' ? content : asText(content, 'Content'),
				contentType,
			};
		}
		case 'multipart':
			return multipart(await partsOf(call));
		case 'binary': {
			const given = parameter(call, 'binaryField', '');
			const named = isObject(given) ? given : requiredText(call, 'binaryField', FILE);
			const file = await fileAt(call, named);
			return { body: asBody(file.content), contentType: file.mimeType };
		}
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
	const json = typeof given === 'string' ? given : stringifyExact(value);
	return { body: json, contentType: 'application/json' };
}

function entries(call: Call): Array<[string, IDataObject[string]]> {
	const filled = parameter(call, 'bodyFields.entries', []) as IDataObject[];
	return filled
		.map(({ name, value }): [string, IDataObject[string]] => [asText(name, 'Name'), value])
		.filter(([name]) => name !== '');
}

async function partsOf(call: Call): Promise<Part[]> {
	const filled = parameter(call, 'parts.entries', []) as IDataObject[];
	const parts = await Promise.all(
		filled.map(async ({ type, name: given, value, binaryField }): Promise<Part[]> => {
			const name = asText(given, 'Name');
			if (name === '') return [];
			if (type === 'file') return [{ name, ...(await fileAt(call, binaryField)) }];
			return pairsOf([[name, value]], 'repeat').map(([, content]) => ({ name, content }));
		}),
	);
	return parts.flat();
}

interface File {
	readonly content: Buffer | StoredFile;
	readonly fileName: string;
	readonly mimeType: string;
}

/** In bytes: a smaller file is read at once. */
const SMALL = 1024 * 1024;

/** A file that is too large to be in memory as a whole; undefined for any other one. */
async function storedFile(
	{ helpers }: Call['context'],
	id: string,
): Promise<StoredFile | undefined> {
	const { fileSize: size } = await helpers.getBinaryMetadata(id);
	if (!Number.isSafeInteger(size) || size <= SMALL) return undefined;
	return { id, size, open: async () => await helpers.getBinaryStream(id) };
}

export function asBody(content: Buffer | StoredFile): Buffer | StreamedBody {
	return Buffer.isBuffer(content) ? content : new StreamedBody([content], content.id);
}

const FILE = 'Input Binary Field';

/**
 * A file of the input item.
 * @param given Its name; a path where the workflow keeps files in the JSON; or the file itself, as an expression gives it.
 * @throws ApiError when the item has no such file.
 */
export async function fileAt({ context, index }: Call, given: unknown): Promise<File> {
	const field = isObject(given) ? (given as unknown as IBinaryData) : asText(given, FILE);
	const file = fileOf(() => context.helpers.assertBinaryData(index, field));
	if (file === undefined) {
		throw badInput(
			FILE,
			typeof field === 'string'
				? `names "${field.slice(0, 60)}", but this item has no such file`
				: 'gives an object that is no file',
			'Check the name in the Binary tab of the node before this one.',
		);
	}
	const read = async () =>
		(file.id === undefined ? undefined : await storedFile(context, file.id)) ??
		(await context.helpers.getBinaryDataBuffer(index, field));
	return {
		content: await read().catch((error: unknown) => {
			throw unreadableFile(error);
		}),
		fileName: file.fileName ?? 'file',
		mimeType: file.mimeType || 'application/octet-stream',
	};
}

function fileOf(find: () => IBinaryData): IBinaryData | undefined {
	try {
		return find();
	} catch {
		return undefined;
	}
}
