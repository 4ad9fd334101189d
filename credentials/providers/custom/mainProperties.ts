import type { INodeProperties } from 'n8n-workflow';
import { main, type Shown } from './form';
import * as property from './properties';

/** Kinds in which a client of OAuth2 proves itself. */
export const BY_CLIENT = ['clientCredentials', 'password', 'refreshToken'];
const BY_SECRET: Shown = {
	grant: BY_CLIENT,
	clientProof: ['body', 'basic', 'basicEncoded', 'none', 'clientSecretJwt'],
};
const OTHERS = [...BY_CLIENT, 'login', 'ownBody'];
const SOME_BODY: Shown = { grant: ['login', 'ownBody'] };

/** Kinds that ask a token endpoint: all but a JWT that is the token itself. */
export const ASKING: readonly Shown[] = [
	{ grant: OTHERS },
	{ grant: ['jwt'], jwtUse: ['exchange'] },
];

/** Of each kind eight fields at most: what most APIs of it need. */
export const mainProperties: INodeProperties[] = [
	...main(property.grant),
	...main(property.baseUrl),
	...main(property.jwtUse, { grant: ['jwt'] }),
	...ASKING.flatMap((shown) => main(property.tokenUrl, shown)),
	...main(property.ownRefreshToken, { grant: ['refreshToken'] }),
	...main(property.clientProof, { grant: BY_CLIENT }),
	...main(property.clientId, { grant: BY_CLIENT }),
	...main(property.clientSecret, BY_SECRET, { grant: ['ownBody'] }),
	...main(
		property.signingKey,
		{ grant: ['jwt'] },
		{ grant: BY_CLIENT, clientProof: ['privateKeyJwt'] },
	),
	...main(property.jwtIssuer, { grant: ['jwt'] }),
	...main(property.jwtKeyId, { grant: ['jwt'] }),
	...main(property.jwtClaims, { grant: ['jwt'] }),
	...main(
		{
			...property.username,
			hint: 'If the API calls it email or id, set User Name Field under More Options',
		},
		{ grant: ['password', 'login'] },
	),
	...main(property.password, { grant: ['password', 'login'] }),
	...main(property.refreshRotates, { grant: ['refreshToken'] }),
	...main(property.ownBodyFormat, { grant: ['ownBody'] }),
	...main(property.bodyFormat, { grant: ['login'] }),
	...main(property.ownBody, { grant: ['ownBody'], bodyFormat: ['form', 'json', 'query'] }),
	...main(property.ownText, { grant: ['ownBody'], bodyFormat: ['text'] }),
	...main(property.scope, { grant: ['clientCredentials'] }),
	...main(property.extraParameters, { grant: ['clientCredentials'] }),
	...main(property.accessPath, SOME_BODY),
	...main(property.expiryPath, SOME_BODY),
	...main(property.testPath),
	...main(property.moreOptions),
];
