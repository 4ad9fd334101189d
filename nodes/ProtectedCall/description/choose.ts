import type {
	ILoadOptionsFunctions,
	INodeListSearchResult,
	ResourceMapperField,
	ResourceMapperFields,
} from 'n8n-workflow';
import { ApiError, toNodeError } from '../../shared/errors';
import { asText, isObject } from '../../shared/parameters';
import { openSession, type CredentialName } from '../../session/session';
import { bodyFormFields, keysFor, mapperFields, parameterFields } from './fields';
import { loadDescription, type Description } from './load';
import type { Operation } from './operation';

const PAGE = 200;

/** Fills the list of operations; each word of a search must be in name, path, summary or tags. */
export async function searchApiOperations(
	this: ILoadOptionsFunctions,
	filter?: string,
	paginationToken?: string,
): Promise<INodeListSearchResult> {
	const { description } = await descriptionOf(this).catch((error: unknown) => {
		throw toNodeError(this.getNode(), error);
	});
	const words = (filter ?? '').toLowerCase().split(/\s+/);
	const found = description.operations.entries.filter((entry) =>
		words.every((word) => entry.words.includes(word)),
	);
	const from = Number(paginationToken) || 0;
	return {
		results: found.slice(from, from + PAGE).map(({ title, key }) => ({ name: title, value: key })),
		...(found.length > from + PAGE && { paginationToken: String(from + PAGE) }),
	};
}

/** The fields of the chosen operation's parameters. */
export async function apiParameterFields(
	this: ILoadOptionsFunctions,
): Promise<ResourceMapperFields> {
	return await formOf(this, 'apiParameters', (operation, taken, keys) => ({
		fields: mapperFields(parameterFields(operation, taken), keys),
		emptyFieldsNotice: 'This operation has no parameters.',
	}));
}

/** The fields of the chosen operation's body. */
export async function apiBodyFields(this: ILoadOptionsFunctions): Promise<ResourceMapperFields> {
	return await formOf(this, 'apiBody', (operation, _taken, keys) => ({
		fields: mapperFields(bodyFormFields(operation), keys),
		emptyFieldsNotice:
			operation.body === undefined
				? 'This operation has no body.'
				: 'The description does not say which fields the body has. Write it under Additional Body JSON.',
	}));
}

interface Form {
	readonly fields: ResourceMapperField[];
	readonly emptyFieldsNotice: string;
}

async function formOf(
	context: ILoadOptionsFunctions,
	form: string,
	build: (
		operation: Operation,
		taken: readonly string[],
		keys: ReadonlyMap<string, string> | undefined,
	) => Form,
): Promise<ResourceMapperFields> {
	const located: unknown = context.getCurrentNodeParameter('apiOperation', { extractValue: true });
	const wanted = asText(isObject(located) ? located.value : located, 'Operation');
	if (wanted === '') return { fields: [], emptyFieldsNotice: 'Choose an operation first.' };
	try {
		const { description, taken } = await descriptionOf(context);
		const operation = description.operation(wanted);
		// n8n makes a node of its own for AI agents, of the same type with this ending.
		const forModel = context.getNode().type.endsWith('Tool');
		const { fields, emptyFieldsNotice } = build(
			operation,
			taken,
			forModel ? keysFor(operation, taken) : undefined,
		);
		return fields.length === 0 ? { fields, emptyFieldsNotice } : { fields };
	} catch (error) {
		// With an error n8n says no more than that there are no fields; a form that is filled in stays as it is, though.
		const filled: unknown = context.getCurrentNodeParameter(form);
		const isFilled = isObject(filled) && Array.isArray(filled.schema) && filled.schema.length > 0;
		if (isFilled || !(error instanceof ApiError)) throw toNodeError(context.getNode(), error);
		return { fields: [], emptyFieldsNotice: error.sentences };
	}
}

async function descriptionOf(
	context: ILoadOptionsFunctions,
): Promise<{ readonly description: Description; readonly taken: readonly string[] }> {
	const type = context.getCurrentNodeParameter('authentication') as CredentialName;
	const options: unknown = context.getCurrentNodeParameter('options');
	const part = isObject(options) ? asText(options.descriptionPart, 'Fusio Operations') : '';
	const session = await openSession(context, type);
	const description = await loadDescription(context, session, part);
	return { description, taken: session.credentialHeaders };
}
