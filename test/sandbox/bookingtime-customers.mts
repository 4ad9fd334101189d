import { letters } from './accounts.mts';
import type { Complaint } from './bookingtime-envelope.mts';

/** A customer as bookingtime shows it in full. */
export type Customer = Record<string, unknown> & {
	readonly id: string;
	readonly organizationId: string;
};

/** The customers of all organizations. */
export class Customers {
	readonly #byOrganization = new Map<string, Map<string, Customer>>();
	#nextCustomId = 10_001;
	#seed = -1;

	/** The customers of one organization, oldest first. `seed`: how many it starts with. */
	of(organizationId: string, seed: number): Map<string, Customer> {
		if (seed !== this.#seed) {
			this.#seed = seed;
			this.#byOrganization.clear();
		}
		let customers = this.#byOrganization.get(organizationId);
		if (customers === undefined) {
			this.#byOrganization.set(organizationId, (customers = new Map()));
			for (let index = 1; index <= seed; index++)
				this.add(customers, organizationId, person(index));
		}
		return customers;
	}

	add(
		customers: Map<string, Customer>,
		organizationId: string,
		fields: Record<string, unknown>,
	): Customer {
		const id = `c0${letters(30)}`;
		const customer = {
			class: 'CUSTOMER',
			id,
			customId: this.#nextCustomId++,
			gender: 'NOT_SPECIFIED',
			title: null,
			firstName: null,
			lastName: null,
			birthday: null,
			email: null,
			mobile: null,
			notes: null,
			address: null,
			locale: 'de',
			organizationId,
			...known(fields),
		};
		customers.set(id, customer);
		return customer;
	}

	edit(
		customers: Map<string, Customer>,
		customer: Customer,
		fields: Record<string, unknown>,
	): Customer {
		const edited = { ...customer, ...known(fields) };
		customers.set(customer.id, edited);
		return edited;
	}
}

/** The short form, in which `add` and the lists answer. `customId` is a string here, a number in the full form. */
export function short(customer: Customer): Record<string, unknown> {
	const { id, customId, firstName, lastName, organizationId } = customer;
	return {
		class: 'CUSTOMER_SHORT',
		id,
		customId: String(customId),
		firstName,
		lastName,
		organizationId,
	};
}

/** Which fields are required and which values refused is not known of the provider: this is a careful guess. */
export function complaintsAbout(fields: Record<string, unknown> | undefined): Complaint[] {
	if (fields === undefined)
		return [{ parameter: null, text: 'The request body is not a JSON object.' }];
	const complaints: Complaint[] = [];
	const complain = (parameter: string, text: string) => complaints.push({ parameter, text });
	for (const name of ['firstName', 'lastName']) {
		if (typeof fields[name] !== 'string' || fields[name] === '')
			complain(name, 'This parameter is missing.');
	}
	if (
		fields.gender !== undefined &&
		!['FEMALE', 'MALE', 'NOT_SPECIFIED'].includes(String(fields.gender))
	) {
		complain('gender', 'This parameter has an unknown value.');
	}
	const { country } = (fields.address ?? {}) as Record<string, unknown>;
	if (country !== undefined && country !== null && !/^[A-Z]{2}$/.test(String(country))) {
		complain('address.country', 'This is not a valid country code.');
	}
	return complaints;
}

const FIELDS = [
	...[
		'customId',
		'gender',
		'title',
		'firstName',
		'lastName',
		'birthday',
		'email',
		'mobile',
		'notes',
	],
	...['address', 'locale'],
];

function known(fields: Record<string, unknown>): Record<string, unknown> {
	return Object.fromEntries(Object.entries(fields).filter(([name]) => FIELDS.includes(name)));
}

const FIRST = ['Lena', 'Jonas', 'Mia', 'Paul', 'Zoë', 'Noah'];
const LAST = ['Müller', 'Schmidt', 'Öztürk', 'Fischer', 'Le Blanc'];

function person(index: number): Record<string, unknown> {
	const firstName = FIRST[index % FIRST.length] ?? '';
	const lastName = `${LAST[index % LAST.length] ?? ''} ${index}`;
	const address = {
		name: null,
		extra: null,
		street: `Gasse ${index}`,
		zip: '04109',
		city: 'Leipzig',
		country: 'DE',
	};
	return { firstName, lastName, email: `customer${index}@example.com`, address };
}
