import { basicHeader, encodedBasicHeader, type Parameters } from '../../tokens/request';
import type { CustomFields } from './customFields';
import { signed } from './signing';

/** What a request says about who asks. */
export interface Proof {
	readonly headers: Readonly<Record<string, string>>;
	readonly parameters: Parameters;
}

const NONE: Proof = { headers: {}, parameters: {} };

/**
 * How the client of an OAuth2 request proves itself: body or Basic header (RFC 6749, 2.3), a signed JWT (RFC 7523, 2.2),
 * or not at all.
 *
 * @param url The token endpoint: whom a JWT is for.
 * @param now Epoch ms.
 * @throws ApiError `field`
 */
export function clientProof(
	fields: CustomFields,
	url: string,
	withSecret: boolean,
	now: number,
): Proof {
	const way = fields.text('clientProof', 'body');
	if (way === 'none') return NONE;
	const clientId = fields.required('clientId', 'Client ID');
	const secret = typedSecret(fields);
	const idField = fields.text('clientIdField', 'client_id');
	switch (way) {
		case 'basic':
			return { ...NONE, headers: basicHeader(clientId, secret) };
		case 'basicEncoded':
			return { ...NONE, headers: encodedBasicHeader(clientId, secret) };
		case 'privateKeyJwt':
		case 'clientSecretJwt': {
			const shared = way === 'clientSecretJwt';
			const statement = {
				issuer: clientId,
				subject: clientId,
				audience: url.split('?', 1)[0],
				unique: true,
				sharedSecret: shared ? fields.secret('clientSecret', 'Client Secret') : undefined,
			};
			return {
				...NONE,
				parameters: {
					[idField]: clientId,
					client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
					client_assertion: signed(fields, statement, now),
				},
			};
		}
		default:
			return {
				...NONE,
				parameters: {
					[idField]: clientId,
					...(withSecret && secret !== ''
						? { [fields.text('clientProofField', 'client_secret')]: secret }
						: {}),
				},
			};
	}
}

/** What goes into a Basic header beside a log-in, an own body or a signed JWT. @throws ApiError `field` */
export function basicProof(fields: CustomFields): Proof {
	switch (fields.text('basicHeader', 'none')) {
		case 'person':
			return { ...NONE, headers: basicHeader(...nameAndPassword(fields)) };
		case 'client':
			return {
				...NONE,
				headers: basicHeader(fields.required('clientId', 'Client ID'), typedSecret(fields)),
			};
		case 'clientEncoded':
			return {
				...NONE,
				headers: encodedBasicHeader(fields.required('clientId', 'Client ID'), typedSecret(fields)),
			};
		default:
			return NONE;
	}
}

/** @throws ApiError `field` */
export function nameAndPassword(fields: CustomFields): [name: string, password: string] {
	return [fields.required('username', 'User Name'), fields.secret('password', 'Password')];
}

/** What to try next, where a provider refuses without saying why; undefined where there is no other way. */
export function otherProof(fields: CustomFields): string | undefined {
	const grant = fields.text('grant', 'clientCredentials');
	if (!['clientCredentials', 'password', 'refreshToken'].includes(grant)) return undefined;
	const field = 'under Client ID and Secret Go Into';
	const way = fields.text('clientProof', 'body');
	if (way === 'body') return `Then try Basic Header ${field}.`;
	if (way === 'basicEncoded') return `Then try Basic Header or Body ${field}.`;
	if (way !== 'basic') return undefined;
	const plain = /^[\w.*-]*$/.test(fields.optional('clientId') + fields.optional('clientSecret'));
	return plain
		? `Then try Body ${field}.`
		: `Then try Basic Header, Form-Encoded, or Body ${field}: ID or secret holds characters that APIs read in two ways.`;
}

/** A secret as it was typed; it may be empty. */
function typedSecret(fields: CustomFields): string {
	return fields.optional('clientSecret') === '' ? '' : fields.secret('clientSecret', '');
}
