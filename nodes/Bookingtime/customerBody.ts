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

/** What the API sets by itself: its mark of the kind of a record, where the record is, and when it changed. */
const COMPUTED =
	/^(?:class|id|organizationId|(?:created|updated|modified|changed)(?:At|On|By|Date|Time)?)$/;

/**
 * The changes together with the rest of the customer's fields, for the case that bookingtime
 * empties what an edit leaves out (its documentation does not say). That is everything that was
 * read, fields that are not documented too, except what the API computes and what is empty.
 */
export function withUnchanged(customer: IDataObject, changes: IDataObject): IDataObject {
	const { address: changedAddress, ...plain } = changes;
	const { address, ...others } = writable(customer);
	const kept = isObject(address) ? writable(address) : {};
	const merged = isObject(changedAddress)
		? { ...kept, ...changedAddress }
		: (changedAddress ?? kept);
	return {
		...others,
		...plain,
		...((!isObject(merged) || Object.keys(merged).length > 0) && { address: merged }),
	};
}

function writable(record: IDataObject): IDataObject {
	return Object.fromEntries(
		Object.entries(record).filter(
			([name, value]) => !COMPUTED.test(name) && value !== undefined && value !== null,
		),
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
