import { stringifyExact } from '../../../credentials/tokens/json';
import { badInput } from '../../shared/errors';
import { isObject, parsedJson, type Call } from '../../shared/parameters';
import { pairsOf } from '../../shared/query';
import { asBody, fileAt, type Body as BuiltBody } from '../body';
import { multipart, type Part } from '../multipart';
import type { Body } from './operationBody';
import { queryParts } from './serialize';

export const MORE_JSON = 'Additional Body JSON';

/** Values of a form by the names of the fields, in their order. */
export type Values = ReadonlyArray<readonly [name: string, value: unknown]>;

/**
 * The body that is sent: the form's values, and beside them what was written as JSON, which comes last.
 * @param whole The value of a body that is a single one.
 * @param more As it was given, text or value.
 */
export async function describedBody(
	call: Call,
	body: Body,
	values: Values,
	whole: unknown,
	more: unknown,
): Promise<BuiltBody> {
	const written = parsedJson(more, MORE_JSON, 'bigint');
	const isEmpty = isObject(written) && Object.keys(written).length === 0;
	const added = isEmpty ? undefined : written;
	const given = whole ?? (values.length === 0 ? added : merged(values, added));
	const contentType = body.contentType.includes('*') ? 'application/json' : body.contentType;
	switch (body.format) {
		case 'json': {
			if (given === undefined) return body.required ? { body: '{}', contentType } : {};
			// Text goes out as written.
			const asWritten = given === added && typeof more === 'string' ? more : stringifyExact(given);
			return { body: asWritten, contentType };
		}
		case 'form': {
			if (given === undefined) return {};
			return { body: new URLSearchParams(formParts(body, asObject(given)).join('&')) };
		}
		case 'multipart':
			return given === undefined ? {} : multipart(await partsOf(call, body, asObject(given)));
		case 'text': {
			if (given === undefined) return {};
			return { body: typeof given === 'string' ? given : stringifyExact(given), contentType };
		}
		case 'file': {
			if (given === undefined) return {};
			const { content, mimeType } = await fileAt(call, given);
			const isAnyType =
				contentType === 'application/octet-stream' || body.contentType.includes('*');
			return { body: asBody(content), contentType: isAnyType ? mimeType : contentType };
		}
	}
}

function merged(values: Values, added: unknown): object {
	const entries = values.map(([name, value]): [string, unknown] => [name, value]);
	if (added === undefined) return Object.fromEntries(entries);
	return Object.fromEntries([...entries, ...Object.entries(asObject(added))]);
}

function formParts({ fields }: Body, values: object): string[] {
	return Object.entries(values).flatMap(([name, value]: [string, unknown]) => {
		const field = fields.find((one) => one.name === name);
		if (field?.written) return queryParts({ ...field, ...field.written }, value);
		return [String(new URLSearchParams(pairsOf([[name, value]], 'repeat')))].filter(Boolean);
	});
}

function asObject(value: unknown): object {
	if (isObject(value)) return value;
	throw badInput(MORE_JSON, 'is not a JSON object', 'Write it as {"name": "value"}.');
}

async function partsOf(call: Call, { fields }: Body, values: object): Promise<Part[]> {
	const parts = await Promise.all(
		Object.entries(values).map(async ([name, value]: [string, unknown]): Promise<Part[]> => {
			const shape = fields.find((field) => field.name === name)?.shape;
			if (shape?.kind === 'file' || shape?.entries === 'file') {
				const files = (Array.isArray(value) ? value : [value]).map(
					async (field) => await fileAt(call, field),
				);
				return (await Promise.all(files)).map((file) => ({ name, ...file }));
			}
			const entries = (Array.isArray(value) ? (value as unknown[]) : [value]).filter(
				(entry) => entry !== undefined && entry !== null,
			);
			// OpenAPI 3.1, 4.8.15.1: the usual type of an object.
			return pairsOf([[name, value]], 'repeat').map(([, content], index) => ({
				name,
				content,
				...(isObject(entries[index]) && { mimeType: 'application/json' }),
			}));
		}),
	);
	return parts.flat();
}
