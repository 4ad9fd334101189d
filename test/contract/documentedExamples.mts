import { readFileSync } from 'node:fs';
import type { IDataObject, INodeProperties, INodePropertyCollection, INodePropertyOptions } from 'n8n-workflow';

/** The worked examples of a page of the documentation: heading, and the node's parameters after its table. */
export function documentedExamples(page: string, properties: readonly INodeProperties[], heading = 'Examples'): Map<string, IDataObject> {
	const text = readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8');
	const [, after = ''] = text.split(`\n## ${heading}\n`);
	return new Map(
		(after.split('\n## ', 1)[0] ?? '')
			.split('\n### ')
			.slice(1)
			.map((section) => [section.split('\n', 1)[0] ?? '', parametersOf(section, properties)]),
	);
}

function parametersOf(section: string, properties: readonly INodeProperties[]): IDataObject {
	const parameters: IDataObject = {};
	for (const [, field = '', value = ''] of section.matchAll(/^\| (?!field)([^|]+?) \| (.+) \|$/gm)) {
		Object.assign(parameters, parameter(field, value, parameters, properties));
	}
	return parameters;
}

function parameter(field: string, value: string, so: IDataObject, properties: readonly INodeProperties[]): IDataObject {
	const plain = value.replace(/^[*`]|[*`]$/g, '');
	const options = (so.options ?? {}) as IDataObject;
	const paging = (so.paginationOptions ?? {}) as IDataObject;
	const pagingFields = properties.find(({ name }) => name === 'paginationOptions')?.options as INodeProperties[];
	switch (field) {
		case 'Query Parameters':
			return { queryType: 'json', queryJson: JSON.stringify(Object.fromEntries(new URLSearchParams(plain))) };
		case 'JSON':
			return { bodyType: 'json', bodyJson: plain.includes('{{') ? `=${plain}` : plain };
		case 'Items At':
			return { options: { ...options, itemsAt: plain } };
		case 'How the List Ends': {
			const [, at, place, says] = /^`(.+)` in \*(.+)\*: \*(.+)\*$/.exec(value) ?? [];
			const sign = inner(pagingFields, 'signs');
			return { paginationOptions: { ...paging, signs: { sign: [{ at, in: chosen(sign, 'in', place), says: chosen(sign, 'says', says) }] } } };
		}
		case 'Until': {
			const [, compare, wanted, at] = /^\*(.+)\* `(.+)` in `(.+)`$/.exec(value) ?? [];
			const kind = chosen(inner(pagingFields, 'until'), 'compare', compare);
			return { paginationOptions: { ...paging, until: { record: { compare: kind, [kind]: wanted, field: at } } } };
		}
	}
	const optionFields = properties.find(({ name }) => name === 'options')?.options as INodeProperties[];
	const inBatch = inner(optionFields, 'batches').find(({ displayName }) => displayName === field);
	if (inBatch) {
		const { batch = {} } = (options.batches ?? {}) as { batch?: IDataObject };
		return { options: { ...options, batches: { batch: { ...batch, [inBatch.name]: typed(inBatch, plain) } } } };
	}
	const inOptions = pagingFields.find(({ displayName }) => displayName === field);
	if (inOptions) return { paginationOptions: { ...paging, [inOptions.name]: typed(inOptions, plain) } };
	const shown = properties.find(({ displayName, displayOptions }) => {
		const kinds = displayOptions?.show?.pagination;
		return displayName === field && (kinds === undefined || kinds.includes(so.pagination as string));
	});
	if (shown === undefined) throw new Error(`the documentation names a field that the node does not have: ${field}`);
	return { [shown.name]: typed(shown, plain) };
}

const inner = (fields: INodeProperties[], name: string) =>
	(fields.find((candidate) => candidate.name === name)?.options?.[0] as INodePropertyCollection).values;

const chosen = (fields: INodeProperties[], name: string, label?: string) =>
	String(typed(fields.find((field) => field.name === name) as INodeProperties, label ?? ''));

function typed({ type, options, displayName }: INodeProperties, written: string): string | number {
	if (type === 'number') return Number(written);
	if (type !== 'options') return written;
	const option = (options as INodePropertyOptions[]).find(({ name }) => name === written);
	if (option === undefined) throw new Error(`the documentation names a choice that "${displayName}" does not have: ${written}`);
	return String(option.value);
}
