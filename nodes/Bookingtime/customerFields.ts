import type { INodeProperties } from 'n8n-workflow';
import { sortedByName } from '../shared/properties';

/** The confirmed fields of a customer. What else the API takes goes into the JSON field. */

export const firstName: INodeProperties = {
	displayName: 'First Name',
	name: 'firstName',
	type: 'string',
	default: '',
	placeholder: 'e.g. Nathan',
	description: 'Given name of the customer',
};

export const lastName: INodeProperties = {
	displayName: 'Last Name',
	name: 'lastName',
	type: 'string',
	default: '',
	placeholder: 'e.g. Smith',
	description: 'Family name of the customer',
};

const address: INodeProperties = {
	displayName: 'Address',
	name: 'address',
	type: 'fixedCollection',
	placeholder: 'Add address',
	default: {},
	description: 'Postal address of the customer. Parts that you leave empty stay as they are.',
	options: [
		{
			displayName: 'Address',
			name: 'value',
			values: [
				{
					displayName: 'City',
					name: 'city',
					type: 'string',
					default: '',
				},
				{
					displayName: 'Country',
					name: 'country',
					type: 'string',
					default: '',
					placeholder: 'e.g. DE',
					description: 'Country code of two letters (ISO 3166-1 alpha-2)',
				},
				{
					displayName: 'Extra Line',
					name: 'extra',
					type: 'string',
					default: '',
					placeholder: 'e.g. 2nd floor',
				},
				{
					displayName: 'Name',
					name: 'name',
					type: 'string',
					default: '',
					description: 'Name on the address, where it differs from that of the customer',
				},
				{
					displayName: 'Street',
					name: 'street',
					type: 'string',
					default: '',
					description: 'Street and house number',
				},
				{
					displayName: 'ZIP',
					name: 'zip',
					type: 'string',
					default: '',
					description: 'Postal code',
				},
			],
		},
	],
};

const birthday: INodeProperties = {
	displayName: 'Birthday',
	name: 'birthday',
	type: 'string',
	default: '',
	placeholder: 'e.g. 1990-12-31',
	description: 'Date of birth, passed on exactly as you write it',
};

export const customId: INodeProperties = {
	displayName: 'Custom ID',
	name: 'customId',
	type: 'string',
	default: '',
	placeholder: 'e.g. CRM-1042',
	description: 'ID of the customer in a system of your own, to find the customer by later',
};

const email: INodeProperties = {
	displayName: 'Email',
	name: 'email',
	type: 'string',
	default: '',
	placeholder: 'e.g. nathan@example.com',
};

const gender: INodeProperties = {
	displayName: 'Gender',
	name: 'gender',
	type: 'options',
	default: 'NOT_SPECIFIED',
	options: [
		{ name: 'Female', value: 'FEMALE' },
		{ name: 'Male', value: 'MALE' },
		{ name: 'Not Specified', value: 'NOT_SPECIFIED' },
	],
};

const locale: INodeProperties = {
	displayName: 'Locale',
	name: 'locale',
	type: 'string',
	default: '',
	placeholder: 'e.g. de',
	description: 'Language in which bookingtime writes to the customer',
};

const mobile: INodeProperties = {
	displayName: 'Mobile',
	name: 'mobile',
	type: 'string',
	default: '',
	placeholder: 'e.g. +49 170 1234567',
	description: 'Mobile phone number',
};

const notes: INodeProperties = {
	displayName: 'Notes',
	name: 'notes',
	type: 'string',
	typeOptions: { rows: 3 },
	default: '',
};

const title: INodeProperties = {
	displayName: 'Title',
	name: 'title',
	type: 'string',
	default: '',
	placeholder: 'e.g. Dr.',
};

const otherFields: INodeProperties = {
	displayName: 'Other Fields (JSON)',
	name: 'otherFields',
	type: 'json',
	default: '{}',
	description: 'More fields as a JSON object, sent as they are. They win over the fields above.',
};

const optionalFields = [
	address,
	birthday,
	email,
	gender,
	locale,
	mobile,
	notes,
	otherFields,
	title,
] as const;

/** The collection of optional fields under the given name, with more fields where asked for. */
export function customerFields(
	displayName: string,
	name: string,
	...more: INodeProperties[]
): INodeProperties {
	return {
		displayName,
		name,
		type: 'collection',
		placeholder: 'Add field',
		default: {},
		options: sortedByName([...optionalFields, ...more]),
	};
}
