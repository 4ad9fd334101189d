import { CALENSO_AUDIENCE } from './auth0.mts';
import type { Accounts } from './accounts.mts';
import type { Urls, World } from './world.mts';

/** Where everything is and how to get in: credentials under the field names of the n8n credentials. */
export interface Info {
	readonly pid: number;
	readonly urls: Urls;
	readonly credentials: CredentialFields;
	/** The same for the second client of each provider. */
	readonly secondCredentials: CredentialFields;
	/** Everybody else: sign-in users, organizations, Module API clients, Meister1's account ids, a client without grant. */
	readonly accounts: Accounts;
}

/** Fields by n8n credential type. */
export interface CredentialFields {
	readonly calensoApi: {
		readonly environment: 'custom';
		readonly baseUrl: string;
		readonly tokenUrl: string;
		readonly clientId: string;
		readonly clientSecret: string;
		readonly audience: string;
		readonly monthlyBudget: number;
	};
	readonly bookingtimeApi: {
		readonly apiKind: 'app';
		readonly clientId: string;
		readonly clientSecret: string;
		readonly organizationId: string;
		readonly locale: string;
		readonly baseUrl: string;
		readonly tokenUrl: string;
	};
	/** Authorization code flow; who can sign in there is in `accounts.bookingtime.users`. */
	readonly bookingtimeOAuth2Api: {
		readonly authUrl: string;
		readonly accessTokenUrl: string;
		readonly clientId: string;
		readonly clientSecret: string;
		readonly organizationId: string;
		readonly locale: string;
		readonly baseUrl: string;
	};
	readonly meister1Api: {
		readonly clientId: string;
		readonly clientSecret: string;
		readonly baseUrl: string;
	};
	readonly fusioApi: {
		readonly baseUrl: string;
		readonly wayIn: 'clientCredentials';
		readonly appKey: string;
		readonly appSecret: string;
		readonly username: string;
		readonly password: string;
		readonly scopes: string;
		readonly renewBy: 'askAnew';
	};
	/** The facts of the API with its own kind of token endpoint. */
	readonly customTokenApi: {
		readonly tokenUrl: string;
		readonly baseUrl: string;
		readonly username: string;
		readonly password: string;
		readonly tokenPath: string;
		readonly expiryPath: string;
		readonly expiryIs: 'absoluteSeconds';
		readonly headerName: string;
		readonly headerPrefix: string;
	};
}

/** Everything that somebody who uses the sandbox has to know. */
export function infoOf(world: World): Info {
	const { urls, accounts } = world;
	const credentials = credentialsOf(world, 0);
	return {
		pid: process.pid,
		urls,
		credentials,
		secondCredentials: credentialsOf(world, 1),
		accounts,
	};
}

function credentialsOf({ urls, accounts }: World, index: 0 | 1): CredentialFields {
	const calenso = pick(accounts.calenso.clients, index);
	const app = pick(accounts.bookingtime.apps, index);
	const fusioApp = pick(accounts.fusio.apps, index);
	const organizationId = pick(app.organizationIds, 0);
	const { clientId, clientSecret } = app;
	const baseUrl = urls.bookingtime;
	return {
		calensoApi: {
			environment: 'custom',
			baseUrl: `${urls.calenso}/api/v1`,
			tokenUrl: `${urls.calensoAuth}/oauth/token`,
			clientId: calenso.clientId,
			clientSecret: calenso.clientSecret,
			audience: CALENSO_AUDIENCE,
			monthlyBudget: 31,
		},
		bookingtimeApi: {
			apiKind: 'app',
			clientId,
			clientSecret,
			organizationId,
			locale: 'de',
			baseUrl,
			tokenUrl: `${urls.bookingtimeAuth}/oauth/token`,
		},
		bookingtimeOAuth2Api: {
			authUrl: `${urls.bookingtimeAuth}/oauth/authorize`,
			accessTokenUrl: `${urls.bookingtimeAuth}/oauth/token`,
			clientId,
			clientSecret,
			organizationId,
			locale: 'de',
			baseUrl,
		},
		meister1Api: {
			clientId: pick(accounts.meister1.users, index).clientId,
			clientSecret: pick(accounts.meister1.users, index).clientSecret,
			baseUrl: `${urls.meister1}/v1`,
		},
		fusioApi: {
			baseUrl: urls.fusio,
			wayIn: 'clientCredentials',
			appKey: fusioApp.clientId,
			appSecret: fusioApp.clientSecret,
			...nameAndPassword(pick(accounts.fusio.users, index)),
			scopes: '',
			renewBy: 'askAnew',
		},
		customTokenApi: {
			tokenUrl: `${urls.custom}/session/login`,
			baseUrl: urls.custom,
			...nameAndPassword(pick(accounts.custom.users, index)),
			tokenPath: 'data.auth.jwt',
			expiryPath: 'data.auth.validUntil',
			expiryIs: 'absoluteSeconds',
			headerName: 'X-Auth-Token',
			headerPrefix: '',
		},
	};
}

function nameAndPassword({ username, password }: { username: string; password: string }) {
	return { username, password };
}

/** The one asked for, or the last one if accounts were handed in and are fewer. */
function pick<T>(list: readonly T[], index: number): T {
	const picked = list[Math.min(index, list.length - 1)];
	if (picked === undefined) throw new Error('The sandbox needs at least one account of each kind');
	return picked;
}
