import { randomBytes, randomUUID } from 'node:crypto';

/** A client of a token endpoint. */
export interface Client {
	readonly clientId: string;
	readonly clientSecret: string;
}

/** A person or a server user. */
export interface User {
	readonly username: string;
	readonly password: string;
}

/** Everybody the sandbox knows. Two of each, so that tests can tell whose token they hold. */
export interface Accounts {
	readonly calenso: {
		readonly clients: readonly Client[];
		/** Right id and secret, but no grant for the API's audience. */
		readonly ungranted: Client;
	};
	readonly bookingtime: {
		readonly organizations: ReadonlyArray<{ readonly id: string; readonly name: string }>;
		readonly apps: ReadonlyArray<Client & { readonly organizationIds: readonly string[] }>;
		/** Clients of the Module API have no secret. */
		readonly modules: ReadonlyArray<{
			readonly clientId: string;
			readonly organizationIds: readonly string[];
		}>;
		readonly users: ReadonlyArray<User & { readonly organizationIds: readonly string[] }>;
	};
	readonly meister1: {
		readonly users: ReadonlyArray<Client & { readonly email: string }>;
		readonly accountIds: readonly string[];
	};
	readonly fusio: { readonly apps: readonly Client[]; readonly users: readonly User[] };
	readonly custom: { readonly users: readonly User[] };
}

/** New accounts with random names and secrets, different at each start. */
export function inventAccounts(): Accounts {
	const organizations = ['Praxis am Park', 'Studio Nord', 'Werkstatt Süd'].map((name) => ({
		id: `f6${letters(30)}`,
		name,
	}));
	const [first = '', second = '', third = ''] = organizations.map(({ id }) => id);
	return {
		calenso: { clients: [client(), client()], ungranted: client() },
		bookingtime: {
			organizations,
			apps: [
				{
					clientId: `70${letters(30)}`,
					clientSecret: letters(48),
					organizationIds: [first, second],
				},
				{ clientId: `70${letters(30)}`, clientSecret: letters(48), organizationIds: [third] },
			],
			modules: [{ clientId: `71${letters(30)}`, organizationIds: [first] }],
			users: [
				{ ...user('signin'), organizationIds: [first, second] },
				{ ...user('signin'), organizationIds: [third] },
			],
		},
		meister1: { users: [serverUser(), serverUser()], accountIds: ['4711', '4712'] },
		fusio: { apps: [app(), app()], users: [user('fusio'), user('fusio')] },
		custom: { users: [user('custom'), user('custom')] },
	};
}

/** Random letters and digits. */
export function letters(length: number): string {
	let text = '';
	while (text.length < length)
		text += randomBytes(length).toString('base64url').replace(/[-_]/g, '');
	return text.slice(0, length);
}

function client(): Client {
	return { clientId: letters(32), clientSecret: letters(64) };
}

function app(): Client {
	return { clientId: randomUUID(), clientSecret: randomBytes(32).toString('hex') };
}

function user(kind: string): User {
	return { username: `${kind}-${letters(6).toLowerCase()}`, password: letters(24) };
}

function serverUser(): Client & { email: string } {
	const name = `server-${letters(6).toLowerCase()}`;
	return { clientId: name, email: `${name}@example.com`, clientSecret: letters(40) };
}
