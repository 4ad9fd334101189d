import type { ICredentialType } from 'n8n-workflow';
import { BookingtimeApi } from './BookingtimeApi.credentials';
import { BookingtimeOAuth2Api } from './BookingtimeOAuth2Api.credentials';
import { CalensoApi } from './CalensoApi.credentials';
import { CustomTokenApi } from './CustomTokenApi.credentials';
import { FusioApi } from './FusioApi.credentials';
import { Meister1Api } from './Meister1Api.credentials';
import { readBookingtime } from './providers/bookingtime';
import { readBookingtimeSignIn } from './providers/bookingtimeSignIn';
import { readCalenso } from './providers/calenso';
import { readCustom } from './providers/custom';
import { readFusio } from './providers/fusio';
import { readMeister1 } from './providers/meister1';
import { readerOf } from './tokens/hooks';
import type { ReadIssuer } from './tokens/issuer';

/** One kind of credential. */
export interface CredentialEntry {
	/** What nodes call it where a person chooses. */
	readonly label: string;
	/** Fields and texts, as n8n has them. */
	readonly type: ICredentialType;
	/** How its fields become an issuer of tokens. */
	readonly read: ReadIssuer;
	/** Names of fields that may change without another token: they say what is asked of the API, not by whom. */
	readonly shapeNoToken?: readonly string[];
}

/** The one list of credentials: nodes, engine and tests take them from here. Sorted by label, as people see it. */
export const credentialTypes = {
	bookingtimeApi: {
		label: 'bookingtime',
		type: new BookingtimeApi(),
		read: readBookingtime,
		// The organization's token has a slot of its own.
		shapeNoToken: ['apiKind', 'baseUrl', 'locale', 'organizationId'],
	},
	bookingtimeOAuth2Api: {
		label: 'bookingtime (Sign-In)',
		type: new BookingtimeOAuth2Api(),
		read: readBookingtimeSignIn,
		// What n8n signs in with shapes the refresh token.
		shapeNoToken: [
			...['apiKind', 'baseUrl', 'locale', 'organizationId'],
			...['authUrl', 'clientSecret', 'usePkce'],
		],
	},
	calensoApi: {
		label: 'Calenso',
		type: new CalensoApi(),
		read: readCalenso,
		shapeNoToken: ['baseUrl', 'environment'],
	},
	customTokenApi: {
		label: 'Custom Token API',
		type: new CustomTokenApi(),
		read: readCustom,
		shapeNoToken: [
			...['additionalHosts', 'apiDescriptionUrl', 'apiHeaders', 'baseUrl'],
			...['attachTo', 'carrierName', 'headerName', 'headerPrefix'],
			...['lifetime', 'moreOptions', 'secret', 'timeout'],
		],
	},
	fusioApi: {
		label: 'Fusio',
		type: new FusioApi(),
		read: readFusio,
		shapeNoToken: ['renewBy'],
	},
	meister1Api: { label: 'Meister1', type: new Meister1Api(), read: readMeister1 },
} satisfies Record<string, CredentialEntry>;

/** The name of a credential of this package, as n8n stores it in a workflow. */
export type CredentialName = keyof typeof credentialTypes;

/** All of them, with their names. */
export const credentialEntries = Object.entries(credentialTypes) as ReadonlyArray<
	[CredentialName, CredentialEntry]
>;

/** How the fields of each become an issuer, with all that n8n masks as its secrets. */
export const issuerReaders = Object.fromEntries(
	credentialEntries.map(([name, { read, type }]) => [name, readerOf(read, type)]),
) as Readonly<Record<CredentialName, ReadIssuer>>;

export { secretFieldsOf } from './tokens/properties';
