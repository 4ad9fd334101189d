import { inventAccounts, type Accounts } from '../../sandbox/accounts.mts';
import type { Info } from '../../sandbox/info.mts';
import { sandboxCredentials } from '../../n8n/sandboxCredentials.mts';
import type { JsonObject } from '../../n8n/types.mts';

export const credentialTypes = ['calensoApi', 'bookingtimeApi', 'meister1Api', 'fusioApi', 'customTokenApi'] as const;
export type CredentialType = (typeof credentialTypes)[number];

/** Accounts for tests that each want a client of their own: no token, failure or count of one shines into another. */
export function manyAccounts(pairs = 30): Accounts {
	const all = Array.from({ length: pairs }, inventAccounts);
	const [first] = all as [Accounts];
	const more = Array.from({ length: pairs }, inventAccounts);
	return {
		calenso: { clients: [...all, ...more].flatMap(({ calenso }) => calenso.clients), ungranted: first.calenso.ungranted },
		bookingtime: {
			organizations: all.flatMap(({ bookingtime }) => bookingtime.organizations),
			apps: all.flatMap(({ bookingtime }) => bookingtime.apps),
			modules: first.bookingtime.modules,
			users: first.bookingtime.users,
		},
		meister1: { users: all.flatMap(({ meister1 }) => meister1.users), accountIds: first.meister1.accountIds },
		fusio: { apps: all.flatMap(({ fusio }) => fusio.apps), users: all.flatMap(({ fusio }) => fusio.users) },
		custom: { users: all.flatMap(({ custom }) => custom.users) },
	};
}

/** Hands out the fields of credentials, each with a client that nobody else gets. */
export function clientsOf(info: Info): (type: CredentialType) => JsonObject {
	const given = new Map<CredentialType, number>();
	const { calenso, bookingtime, meister1, fusio, custom } = info.accounts;
	const fields = sandboxCredentials(info.credentials);
	const own: Record<CredentialType, (index: number) => JsonObject> = {
		calensoApi: (index) => ({ ...at(calenso.clients, index) }),
		// Of each pair of apps, the first one has two organizations.
		bookingtimeApi: (index) => {
			const { clientId, clientSecret, organizationIds } = at(bookingtime.apps, index * 2);
			return { clientId, clientSecret, organizationId: at(organizationIds, 0) };
		},
		meister1Api: (index) => {
			const { clientId, clientSecret } = at(meister1.users, index);
			return { clientId, clientSecret };
		},
		fusioApi: (index) => {
			const { clientId, clientSecret } = at(fusio.apps, index);
			return { appKey: clientId, appSecret: clientSecret, ...at(fusio.users, index) };
		},
		customTokenApi: (index) => ({ ...at(custom.users, index) }),
	};
	return (type) => {
		const index = given.get(type) ?? 0;
		given.set(type, index + 1);
		return { ...fields[type], ...own[type](index) };
	};
}

function at<T>(list: readonly T[], index: number): T {
	const found = list[index];
	if (found === undefined) throw new Error('The tests use more clients than the sandbox was given: see manyAccounts.');
	return found;
}
