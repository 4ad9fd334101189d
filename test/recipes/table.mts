import type { INodeProperties } from 'n8n-workflow';
import type { Recipe } from './recipes.mts';

/** Fields whose values are everybody's own. */
const OWN = [
	'grant',
	'clientId',
	'clientSecret',
	'username',
	'password',
	'signingKey',
	'ownRefreshToken',
];

/** The recipes as a table for people, with the names that the form shows. */
export function recipeTable(
	recipes: readonly Recipe[],
	properties: readonly INodeProperties[],
	ranOn: Readonly<Record<string, string>>,
): string {
	const rows = recipes.map((recipe) => {
		const { name, documentation, fields, open } = recipe;
		const kind = optionName(properties, 'grant', String(fields.grant));
		const set = Object.entries(fields)
			.filter(
				([field, value]) =>
					!OWN.includes(field) ||
					!/^(my-|anna|<)|clientCred|^(login|password|jwt|ownBody|refreshToken)$/.test(
						String(value),
					),
			)
			.map(
				([field, value]) => `**${labelOf(properties, field)}** ${shown(properties, field, value)}`,
			);
		const remarks = [open, ranOn[name]].filter((remark) => remark !== undefined);
		return `| [${name}](${documentation}) | ${kind} | ${[...set, ...remarks].join('<br>')} |`;
	});
	return ['| API | kind | fields |', '|---|---|---|', ...rows].join('\n');
}

function labelOf(properties: readonly INodeProperties[], name: string): string {
	const found = properties.find((property) => property.name === name);
	if (found === undefined) throw new Error(`There is no field ${name}`);
	return found.displayName;
}

function shown(properties: readonly INodeProperties[], name: string, value: unknown): string {
	const found = properties.find((property) => property.name === name);
	if (found?.type === 'options') return optionName(properties, name, String(value));
	if (typeof value === 'boolean') return value ? 'on' : 'off';
	return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

function optionName(properties: readonly INodeProperties[], name: string, value: string): string {
	const options = properties.find((property) => property.name === name)?.options ?? [];
	const option = options.find((one) => 'value' in one && one.value === value);
	if (option === undefined) throw new Error(`The field ${name} has no option ${value}`);
	return option.name;
}
