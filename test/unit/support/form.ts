import {
	NodeHelpers,
	type ICredentialDataDecryptedObject,
	type ICredentialType,
	type INodeProperties,
	type INodePropertyOptions,
} from 'n8n-workflow';

type Fields = ICredentialDataDecryptedObject;

/** What n8n masks. */
export function isMasked({ typeOptions }: INodeProperties): boolean {
	return typeOptions?.password === true;
}

/** A credential's form as somebody fills it in: defaults where there are any, something usable where there are none. */
export function filledIn(type: ICredentialType): Fields {
	const fields: Fields = {};
	for (const property of type.properties) fields[property.name] = typed(property);
	if (type.extends?.includes('oAuth2Api') === true) {
		fields.oauthTokenData = Object.fromEntries([['refresh_token', 'canary-of-sign-in.7']]);
	}
	return fields;
}

/** The same with the choices made under which a field is shown. */
export function showing(type: ICredentialType, property: INodeProperties, base: Fields): Fields {
	const { show = {}, hide = {} } = property.displayOptions ?? {};
	const chosen: Fields = { ...base };
	for (const [name, values] of Object.entries(show)) {
		const condition = type.properties.find((other) => other.name === name);
		if (condition !== undefined) Object.assign(chosen, showing(type, condition, chosen));
		if (!(values ?? []).includes(chosen[name] as string)) chosen[name] = values?.[0] as string;
	}
	for (const [name, values] of Object.entries(hide)) {
		const condition = type.properties.find((other) => other.name === name);
		if (!(values ?? []).includes(chosen[name] as string)) continue;
		const free = optionsOf(condition).find((value) => !(values ?? []).includes(value as string));
		chosen[name] = free as string;
	}
	return chosen;
}

/** Other values that a field may have. */
export function others(property: INodeProperties, value: unknown): unknown[] {
	switch (property.type) {
		case 'options':
			return optionsOf(property).filter((option) => option !== value);
		case 'boolean':
			return [value !== true];
		case 'number':
			return [Number(value) + 1];
		case 'json':
			return ['{"other":"value"}'];
		default:
			if (/URL|Host$/.test(property.displayName)) return ['https://other.example/x'];
			return [`${String(value)}x`];
	}
}

/** Whether n8n's form shows a field. */
export function isShown(property: INodeProperties, fields: Fields): boolean {
	return NodeHelpers.displayParameter(fields as never, property, null, null);
}

function typed(property: INodeProperties): Fields[string] {
	const { name, displayName, type } = property;
	if (property.default !== '' || type !== 'string') return property.default as Fields[string];
	if (isMasked(property)) return `canary-of-${name}/7 ?ü`;
	if (!property.required && !/ID$|Name$/.test(displayName)) return '';
	return /URL|Host/.test(displayName) ? `https://${name.toLowerCase()}.example` : `some-${name}`;
}

function optionsOf(property: INodeProperties | undefined): unknown[] {
	return ((property?.options ?? []) as INodePropertyOptions[]).map(({ value }) => value);
}
