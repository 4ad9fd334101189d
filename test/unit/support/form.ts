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

/** The same with the choices made under which a field is shown: the first that work together. */
export function showing(type: ICredentialType, property: INodeProperties, base: Fields): Fields {
	for (const fields of choices(type, property, base)) {
		if (isShown(property, fields)) return fields;
	}
	return base;
}

function* choices(
	type: ICredentialType,
	property: INodeProperties,
	base: Fields,
	depth = 0,
): Generator<Fields> {
	if (depth > 4) return;
	const { show = {}, hide = {} } = property.displayOptions ?? {};
	let all: Fields[] = [base];
	for (const [name, values = []] of Object.entries(show)) {
		const variants = type.properties.filter((other) => other.name === name);
		all = all.flatMap((fields) => {
			const wanted = values.includes(fields[name] as string) ? [fields[name]] : values;
			return wanted.flatMap((value) =>
				variants.flatMap((variant) =>
					[...choices(type, variant, { ...fields, [name]: value as string }, depth + 1)]
						.map((made) => ({ ...made, [name]: value as string }))
						.filter((made) => isShown(variant, made))
						.slice(0, 4),
				),
			);
		});
	}
	for (const [name, values = []] of Object.entries(hide)) {
		const condition = type.properties.find((other) => other.name === name);
		all = all.map((fields) => {
			if (!values.includes(fields[name] as string)) return fields;
			const free = optionsOf(condition).find((value) => !values.includes(value as string));
			return { ...fields, [name]: free as string };
		});
	}
	yield* all;
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
