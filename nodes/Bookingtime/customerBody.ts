import type { IDataObject } from 'n8n-workflow';
import { badInput } from '../shared/errors';
import { asText, collection, isObject, parsedObject, type Call } from '../shared/parameters';

/**
 * The body for what is filled in in such a collection. A field that is there and empty is sent
 * empty, since that is how a change clears it; one whose expression gives nothing is left out.
 */
export function customerBody(call: Call, collectionName: string): IDataObject {
	const { address: addressField, otherFields: json, ...plain } = collection(call, collectionName);
	const body = textsOf(plain);
	if (isObject(addressField) && isObject(addressField.value)) {
		// n8n fills in all parts of an address, so that an empty one says nothing.
		const parts = withoutEmpty(textsOf(addressField.value));
		if (Object.keys(parts).length > 0) body.address = parts;
	}
	return { ...body, ...parsedObject(json, 'Other Fields (JSON)', 'bigint') };
}

function textsOf(fields: IDataObject): IDataObject {
	return Object.fromEntries(
		Object.entries(fields)
			.filter(([, value]) => value !== undefined && value !== null)
			.map(([name, value]) => [name, asText(value, name)]),
	);
}

/** A new customer needs no empty fields. */
export function withoutEmpty(body: IDataObject): IDataObject {
	return Object.fromEntries(
		Object.entries(body)
			.map(([name, value]) => [name, isObject(value) ? withoutEmpty(value) : value] as const)
			.filter(([, value]) => value !== '' && !(isObject(value) && Object.keys(value).length === 0)),
	);
}

const WRITABLE = [
	'customId',
	'gender',
	'title',
	'firstName',
	'lastName',
	'birthday',
	'email',
	'mobile',
	'notes',
	'locale',
];
const ADDRESS_PARTS = ['name', 'extra', 'street', 'zip', 'city', 'country'];

/**
 * The changes together with the rest of the customer's fields, for the case that bookingtime
 * empties what an edit leaves out (its documentation does not say).
 */
export function withUnchanged(customer: IDataObject, changes: IDataObject): IDataObject {
	const { address: changedAddress, ...plain } = changes;
	const kept = isObject(customer.address) ? filled(customer.address, ADDRESS_PARTS) : {};
	const merged = isObject(changedAddress)
		? { ...kept, ...changedAddress }
		: (changedAddress ?? kept);
	return {
		...filled(customer, WRITABLE),
		...plain,
		...((!isObject(merged) || Object.keys(merged).length > 0) && { address: merged }),
	};
}

function filled(record: IDataObject, names: readonly string[]): IDataObject {
	return Object.fromEntries(
		names
			.filter((name) => record[name] !== undefined && record[name] !== null)
			.map((name) => [name, record[name]]),
	);
}

const SIMPLE = [
	'id',
	'customId',
	'organizationId',
	'gender',
	'title',
	'firstName',
	'lastName',
	'email',
	'mobile',
	'birthday',
];

/** The fields that most workflows use. */
export function simplified(customer: IDataObject): IDataObject {
	return Object.fromEntries(
		SIMPLE.filter((name) => name in customer).map((name) => [name, customer[name]]),
	);
}

/** @throws ApiError when nothing would change. */
export function requireChanges(changes: IDataObject): IDataObject {
	if (Object.keys(changes).length > 0) return changes;
	throw badInput('Update Fields', 'is empty', 'Add at least one field to change.');
}
