import type {
	ICredentialDataDecryptedObject,
	ICredentialType,
	INodeProperties,
} from 'n8n-workflow';
import { RECORD_PROPERTY } from './record';

/**
 * Where n8n keeps the token record. All four options carry weight: n8n calls the hook only for a hidden, expirable
 * property, takes exactly `''` for “never fetched”, and blanks a password before it sends a credential to the browser.
 */
export const recordProperty: INodeProperties = {
	displayName: 'Token Record',
	name: RECORD_PROPERTY,
	type: 'hidden',
	typeOptions: { expirable: true, password: true },
	default: '',
};

/** The monthly token budget of a credential. */
export function budgetProperty(tokens: number, description: string): INodeProperties {
	return {
		displayName: 'Monthly Token Budget',
		name: 'monthlyBudget',
		type: 'number',
		typeOptions: { minValue: 0, numberPrecision: 0 },
		default: tokens,
		description,
	};
}

/** What a credential test says where the token was issued and the API answered `value`; n8n says “Not Found” alone. */
export function whenAnswered(value: number, what: string, next: string) {
	const message = `A token was issued, but ${what} (${value}). ${next}.`;
	return { type: 'responseCode' as const, properties: { value, message } };
}

/** Names of the fields that hold a secret: whatever n8n masks, and what its sign-in keeps in a credential. */
export function secretFieldsOf({ extends: parents, properties }: ICredentialType): string[] {
	const masked = properties.filter(({ typeOptions }) => typeOptions?.password === true);
	const ofSignIn = parents?.includes('oAuth2Api') ? ['clientSecret', 'oauthTokenData'] : [];
	return [...new Set([...masked.map(({ name }) => name), ...ofSignIn])];
}

/** All texts in those fields, but for the token record's. */
export function maskedValues(
	type: ICredentialType,
	credentials: ICredentialDataDecryptedObject,
): string[] {
	const texts = (value: unknown): string[] =>
		typeof value === 'string'
			? [value]
			: typeof value === 'object' && value !== null
				? Object.values(value).flatMap(texts)
				: [];
	return secretFieldsOf(type)
		.filter((name) => name !== RECORD_PROPERTY)
		.flatMap((name) => texts(credentials[name]));
}
