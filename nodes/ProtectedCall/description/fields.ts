import type { FieldType, ResourceMapperField } from 'n8n-workflow';
import type { Operation } from './operation';
import type { Parameter } from './operationParameters';
import type { Choice, Kind, Shape } from './schema';
import { modelKeys, orFromModel } from './model';
import { plain } from './text';

/** Of a form that is longer, the rest is offered under Add Field. */
const MOST_SHOWN = 30;
/** The one field of a body that is a single value: no field of an object is called so, since a colon is encoded. */
export const WHOLE_BODY = 'body:';

/** What a form asks for; `values` finds the value by its id again. */
export interface FormField {
	readonly id: string;
	readonly name: string;
	/** What stands before it. */
	readonly label: string;
	readonly required: boolean;
	readonly shape: Shape;
}

/** @param taken Headers that the credential sets by itself: nobody is asked for them. */
export function parameterFields(operation: Operation, taken: readonly string[]): FormField[] {
	return parametersOf(operation, taken).map((parameter) => ({
		id: parameterId(parameter),
		name: parameter.name,
		label:
			parameter.in === 'path' || parameter.in === 'query' ? parameter.name : labelled(parameter),
		required: parameter.required,
		shape: parameter.shape,
	}));
}

export function parametersOf({ parameters }: Operation, taken: readonly string[]): Parameter[] {
	return parameters.filter(({ in: place, name }) =>
		place === 'cookie'
			? !taken.includes('cookie')
			: place !== 'header' || !taken.includes(name.toLowerCase()),
	);
}

/** n8n finds a field by a path with brackets and quotes, so other characters than these are encoded. */
export function parameterId({ in: place, name }: Pick<Parameter, 'in' | 'name'>): string {
	return `${place}:${fieldId(name)}`;
}

export function fieldId(name: string): string {
	return name.replace(/[^\w-]/gu, (sign) =>
		[...Buffer.from(sign)]
			.map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
			.join(''),
	);
}

export function bodyFormFields({ body }: Operation): FormField[] {
	if (body === undefined) return [];
	if (body.whole) {
		const { required, whole: shape } = body;
		return [{ id: WHOLE_BODY, name: 'Body', label: 'Body', required, shape }];
	}
	return body.fields.map(({ name, required, shape }) => ({
		id: fieldId(name),
		name,
		label: name,
		required,
		shape,
	}));
}

/**
 * The fields as n8n's resource mapper shows them.
 * @param forModel Fill them in with expressions by which an AI agent gives the values.
 */
export function mapperFields(
	fields: readonly FormField[],
	keys: ReadonlyMap<string, string> | undefined,
): ResourceMapperField[] {
	return fields.map((field, index) => {
		const { id, label, required, shape } = field;
		const removed = !required && index >= MOST_SHOWN;
		const key = keys?.get(id);
		const preset = key === undefined || removed ? shape.preset : orFromModel(field, key);
		return {
			id,
			displayName: plain(label, 80) + hint(shape),
			required,
			display: true,
			defaultMatch: false,
			...control(shape, required),
			...(removed && { removed }),
			...(preset !== undefined && { defaultValue: preset }),
		};
	});
}

/** Names by which a model knows the values of an operation, for parameters and body together. */
export function keysFor(operation: Operation, taken: readonly string[]) {
	return modelKeys([...parameterFields(operation, taken), ...bodyFormFields(operation)]);
}

function labelled({ name, in: place }: Parameter): string {
	return `${name} (${place})`;
}

function hint({ kind, entries }: Shape): string {
	switch (kind) {
		case 'date':
			return ' (YYYY-MM-DD)';
		case 'array':
			return ['any', 'array', 'object'].includes(entries) ? ' (JSON list)' : ' (a, b, …)';
		case 'file':
			return ' (input binary field)';
		default:
			return '';
	}
}

function control(
	{ kind, choices, entries }: Shape,
	required: boolean,
): Pick<ResourceMapperField, 'options' | 'type'> {
	if (choices.length > 0) return dropdown(choices);
	// n8n's own switch has no third state: what nobody touched would be sent as false.
	if (kind === 'boolean' && !required) return dropdown([true, false]);
	// Values separated by commas are easier to write than JSON, and n8n's JSON field marks an empty one as wrong.
	if (kind === 'array' && !['any', 'array', 'object'].includes(entries)) return { type: 'string' };
	return { type: types[kind] };
}

function dropdown(choices: readonly Choice[]): Pick<ResourceMapperField, 'options' | 'type'> {
	const options = choices.map((value) => ({ name: plain(String(value), 80) || '(empty)', value }));
	return { type: 'options', options };
}

const types: Readonly<Record<Kind, FieldType>> = {
	any: 'string',
	array: 'array',
	boolean: 'boolean',
	date: 'string',
	dateTime: 'dateTime',
	file: 'string',
	integer: 'number',
	number: 'number',
	object: 'object',
	string: 'string',
};
