import type { INodeProperties } from 'n8n-workflow';
import { more, type Shown } from './form';
import { ASKING, BY_CLIENT } from './mainProperties';
import * as property from './properties';

const JWT: Shown = { grant: ['jwt'] };
const JWT_PROOF: Shown = { grant: BY_CLIENT, clientProof: ['privateKeyJwt', 'clientSecretJwt'] };
const KEY_PROOF: Shown = { grant: BY_CLIENT, clientProof: ['privateKeyJwt'] };
const EXCHANGE: Shown = { grant: ['jwt'], jwtUse: ['exchange'] };
const IN_BODY: Shown = {
	grant: ['clientCredentials', 'password', 'refreshToken'],
	clientProof: ['body'],
};
const WITH_GRANT_TYPE: readonly Shown[] = [{ grant: [...BY_CLIENT, 'ownBody'] }, EXCHANGE];
const OAUTH: readonly Shown[] = [{ grant: BY_CLIENT }, EXCHANGE];
/** What a refresh consists of, in kinds that have another way in, and in the one that has not. */
const REFRESHING: readonly Shown[] = [
	{ grant: ['clientCredentials', 'password', 'login', 'ownBody'], renewBy: ['refreshToken'] },
	{ ...EXCHANGE, renewBy: ['refreshToken'] },
	{ grant: ['refreshToken'] },
];
const NOT_ALONE: readonly Shown[] = [
	{ grant: ['clientCredentials', 'password', 'login', 'ownBody'] },
	EXCHANGE,
];

/** In the order of a token's life: the request, the reply, the renewal, the use. */
export const moreProperties: INodeProperties[] = [
	...more(property.clientId, { grant: ['login', 'ownBody', 'jwt'] }),
	...more(property.clientSecret, { grant: ['login', 'jwt'] }, KEY_PROOF),
	...more(property.username, { grant: ['ownBody', 'jwt', 'refreshToken'] }),
	...more(property.password, { grant: ['ownBody', 'jwt', 'refreshToken'] }),
	...more(property.secret),
	...more(property.basicHeader, { grant: ['login', 'ownBody'] }, EXCHANGE),
	...more(property.jwtIssuer, JWT_PROOF),
	...more(property.jwtSubject, JWT, JWT_PROOF),
	...more(property.jwtAudience, JWT, JWT_PROOF),
	...more(property.jwtLifetime, JWT, JWT_PROOF),
	...more(property.jwtAlgorithm, JWT, JWT_PROOF),
	...more(property.signingKeyFormat, JWT, KEY_PROOF),
	...more(property.jwtKeyId, JWT_PROOF),
	...more(property.jwtHeader, JWT, JWT_PROOF),
	...more(property.jwtClaims, JWT_PROOF),
	...more(property.assertionField, EXCHANGE),
	...more(property.tokenMethod, ...ASKING),
	...more(property.bodyFormat, ...OAUTH),
	...more(property.scope, { grant: ['password', 'refreshToken', 'login', 'ownBody'] }, EXCHANGE),
	...more(property.extraParameters, { grant: ['password', 'login', 'ownBody'] }, EXCHANGE),
	...more(property.requestHeaders, ...ASKING),
	...more(property.grantTypeField, ...WITH_GRANT_TYPE),
	...more(property.clientIdField, {
		grant: BY_CLIENT,
		clientProof: ['body', 'privateKeyJwt', 'clientSecretJwt'],
	}),
	...more(property.clientProofField, IN_BODY),
	...more(property.usernameField, { grant: ['password', 'login'] }),
	...more(property.passField, { grant: ['password', 'login'] }),
	...more(property.replyFormat, ...ASKING),
	...more(property.accessPath, ...OAUTH),
	...more(property.expiryPath, ...OAUTH),
	...more(property.expiryUnit, ...ASKING),
	...more(property.lifetime, ...ASKING),
	...more(property.furtherTokens, ...ASKING),
	...more(property.renewBy, ...NOT_ALONE),
	...more(property.refreshPath, ...REFRESHING),
	...more(property.refreshField, ...REFRESHING),
	...more(property.refreshUrl, ...REFRESHING),
	...more(property.refreshMethod, ...REFRESHING),
	...more(
		property.refreshSendsClient,
		{ ...IN_BODY, grant: ['clientCredentials', 'password'], renewBy: ['refreshToken'] },
		{ ...IN_BODY, grant: ['refreshToken'] },
	),
	...more(property.refreshParameters, ...REFRESHING),
	...more(property.refreshHeaders, ...REFRESHING),
	...more(property.refreshRotates, REFRESHING[0], REFRESHING[1]),
	...more(property.refreshedAccessPath, ...REFRESHING),
	...more(property.refreshedExpiryPath, ...REFRESHING),
	...more(property.refreshedRefreshPath, ...REFRESHING),
	...more(property.attachTo),
	...more(property.carrierName, { attachTo: ['cookie', 'query'] }),
	...more(property.headerName, { attachTo: ['header'] }),
	...more(property.headerPrefix, { attachTo: ['header'] }),
	...more(property.headerValue, { attachTo: ['header'] }),
	...more(property.apiHeaders),
	...more(property.expiredWhen),
	...more(property.apiDescriptionUrl),
	...more(property.additionalHosts),
	...more(property.monthlyBudget, ...ASKING),
	...more(property.timeout, ...ASKING),
];
