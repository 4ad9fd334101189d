import { isSafeObjectProperty } from 'n8n-workflow';
import type { FormField } from './fields';
import { plain } from './text';

/**
 * Names by which a model gives the values, by field id. They are one set for the whole node: n8n refuses a tool that
 * has the same name twice with different descriptions.
 */
export function modelKeys(fields: readonly FormField[]): ReadonlyMap<string, string> {
	const taken = new Set<string>();
	const keys = new Map<string, string>();
	for (const { id, name } of fields) {
		const given = name.replace(/[^\w-]+/g, '_').slice(0, 56);
		const base = isSafeObjectProperty(given) && given !== '' ? given : 'value';
		let key = base;
		for (let count = 2; taken.has(key); count++) key = `${base}_${count}`;
		taken.add(key);
		keys.set(id, key);
	}
	return keys;
}

/**
 * The expression by which n8n asks a model for a value: name, description and kind are all that the model gets to see.
 * It is marked as n8n's editor marks its own, so that the editor shows it as “defined by the model”.
 */
export function orFromModel({ shape, required }: FormField, key: string): string {
	const { kind, choices, description, preset } = shape;
	const said = [
		description,
		choices.length > 0 && `One of: ${choices.slice(0, 40).join(', ')}`,
		kind === 'date' && 'A date such as 2025-12-31',
		kind === 'dateTime' && 'A time such as 2025-12-31T14:00:00+01:00',
		kind === 'array' && 'A list as JSON',
		kind === 'object' && 'A JSON object',
		kind === 'file' && 'Name of the input field that holds the file',
		preset !== undefined && `If not given: ${preset}`,
		!required && 'Optional: leave it empty if it is not needed',
	]
		.filter((sentence) => typeof sentence === 'string' && sentence !== '')
		.join('. ');
	// What is optional is asked for as text: with an empty text it can be left out, a number cannot.
	const type = required ? askedAs(kind, choices.length > 0) : 'string';
	const otherwise = required ? '' : ", ''";
	return `={{ /*n8n-auto-generated-fromAI-override*/ $fromAI('${key}', \`${quotable(said)}\`, '${type}'${otherwise}) }}`;
}

function askedAs(kind: string, chosen: boolean): string {
	if (chosen) return 'string';
	switch (kind) {
		case 'array':
		case 'object':
			return 'json';
		case 'boolean':
			return 'boolean';
		case 'integer':
		case 'number':
			return 'number';
		default:
			return 'string';
	}
}

/** Foreign text between the quotes of an expression: none of the signs that could end them or begin another one. */
function quotable(text: string): string {
	return plain(text, 500)
		.replace(/[`\\{}$"'()<>]/g, ' ')
		.replace(/ +/g, ' ')
		.trim();
}
