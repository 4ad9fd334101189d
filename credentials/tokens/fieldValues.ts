import type {
	ICredentialDataDecryptedObject,
	ICredentialType,
	INodeProperties,
	INodePropertyOptions,
} from 'n8n-workflow';
import { Fields } from './fields';

/**
 * The values of a credential's fields as their kinds promise them: an expression can give anything, and what no reader
 * knows must not be read as an empty field, or as its default.
 *
 * @throws ApiError `field`, by the field's label
 */
export function fieldValues(
	type: ICredentialType,
	credentials: ICredentialDataDecryptedObject,
): ICredentialDataDecryptedObject {
	const fields = new Fields(type.displayName, credentials);
	const values = { ...credentials };
	for (const property of type.properties) {
		const { name, displayName } = property;
		const value: unknown = credentials[name];
		if (value === undefined || value === null || value === '' || isFree(property)) continue;
		const read = readValue(type, property, value);
		if (read === undefined) {
			throw fields.error(
				`The field ${displayName} holds something that does not belong there`,
				nextStep(type, property),
			);
		}
		values[name] = read;
	}
	return values;
}

/** JSON fields take objects as well, and hidden ones are ours. */
function isFree({ type }: INodeProperties): boolean {
	return !['string', 'number', 'boolean', 'options'].includes(type);
}

function readValue(type: ICredentialType, { name, type: kind }: INodeProperties, value: unknown) {
	switch (kind) {
		case 'boolean':
			return typeof value === 'boolean' ? value : { true: true, false: false }[String(value)];
		case 'options':
			return choicesOf(type, name).some((choice) => choice.value === value)
				? (value as string)
				: undefined;
		default: {
			// Scopes and hosts may be a list.
			const parts = [value].flat();
			const plain = parts.every((part) => typeof part === 'string' || typeof part === 'number');
			if (!plain) return undefined;
			return kind === 'number' && !Array.isArray(value) ? (value as number) : parts.join(' ');
		}
	}
}

/** Of all forms in which the field stands. */
function choicesOf({ properties }: ICredentialType, name: string): INodePropertyOptions[] {
	return properties
		.filter((property) => property.name === name)
		.flatMap(({ options = [] }) => options as INodePropertyOptions[]);
}

function nextStep(type: ICredentialType, { name, type: kind }: INodeProperties): string {
	const kinds: Readonly<Record<string, string>> = {
		boolean: 'true or false',
		number: 'a number',
		options: `one of ${choicesOf(type, name)
			.map(({ value }) => String(value))
			.join(', ')}`,
	};
	return `Look at what its expression gives: it must be ${kinds[kind] ?? 'a text'}`;
}
