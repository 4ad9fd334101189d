import type { IAuthenticate, ICredentialType, IHttpRequestOptions } from 'n8n-workflow';
import { realEnvironment } from './environment';
import { Keeper } from './keeper';
import type { ReadIssuer } from './issuer';

/** The one keeper of this process: what it remembers is shared by all credentials, nodes and executions. */
export const keeper = new Keeper(realEnvironment);

/** A credential type's `authenticate`. */
export function authenticateWith(read: ReadIssuer): IAuthenticate {
	return async (credentials, request: IHttpRequestOptions) =>
		await keeper.authenticate(read, credentials, request);
}

/** A credential type's `preAuthentication`. */
export function preAuthenticationWith(read: ReadIssuer): ICredentialType['preAuthentication'] {
	return async function (credentials) {
		return await keeper.preAuthentication(read, this, credentials);
	};
}

/** `preAuthentication` of a credential type that extends n8n's `oAuth2Api`. */
export function oAuth2HookWith(read: ReadIssuer): ICredentialType['preAuthentication'] {
	return async function (credentials) {
		return await keeper.oAuth2Hook(read, this, credentials);
	};
}
