import { type CredentialEntry, credentialTypes, type CredentialName } from '../index';

export type { CredentialName } from '../index';

/** How each credential type of this package becomes an issuer of tokens. */
export const issuers = Object.fromEntries(
	Object.entries<CredentialEntry>(credentialTypes).map(([name, { read }]) => [name, read]),
) as Readonly<Record<CredentialName, CredentialEntry['read']>>;
