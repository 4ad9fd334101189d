import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import { readJwtExpiry } from '../tokens/expiry';
import {
	commonIssuer,
	fingerprint,
	originOf,
	TOKEN_TIMEOUT,
	type Grant,
	type ReadIssuer,
	type TokenIssuer,
} from '../tokens/issuer';
import { attachmentsOf, isBearer } from './custom/attaching';
import { CustomFields } from './custom/customFields';
import { refreshReplyFields, replyFields } from './custom/replyFields';
import { jwtLifetime, signed } from './custom/signing';
import { askedScopes, refreshRequest, tokenRequest } from './custom/tokenRequest';
import { verdictOf } from './custom/verdict';

/** In s; the time-out of a token request is no longer than that. */
const MOST_TIMEOUT = 60;

/** Any API that works with tokens: what others do differently is a field here. */
export const readCustom: ReadIssuer = (credentials) => {
	const fields = new CustomFields(credentials);
	const apiBase = fields.url('baseUrl', 'API Base URL');
	const attachments = attachmentsOf(fields);
	const fixedHeaders = fields.headers('apiHeaders', 'API Headers');
	const verdict = verdictOf(fields);
	const grant = grantOf(fields, !isBearer(attachments[0]));
	const testPath = fields.optional('testPath').replace(/^\/+/, '');
	return {
		...commonIssuer,
		// An API is called by the one name that is its own and no guess.
		provider: new URL(apiBase).host,
		apiBase,
		origins: [originOf(apiBase), ...fields.origins('additionalHosts', 'Further Hosts')],
		attachments,
		fixedHeaders,
		budget: fields.count('monthlyBudget', 'Monthly Token Budget', 0),
		owner: ownerOf(fields, credentials),
		client: clientOf(fields),
		secrets: fields.secrets(),
		lifetime: tokenLifetime(fields),
		timeout: timeoutOf(fields),
		scopes: wishedScopes(fields),
		probeUrl: testPath === '' ? undefined : `${apiBase}/${testPath}`,
		grant,
		verdict,
	} satisfies TokenIssuer;
};

function grantOf(fields: CustomFields, anyType: boolean): Grant {
	if (isSelfSigned(fields)) return selfSigned(fields);
	const type = anyType ? { anyType } : {};
	const reply = { ...replyFields(fields), ...type };
	// Each once now, so that a field that cannot be used is told before anything is sent.
	const ownsOne = fields.optional('grant') === 'refreshToken';
	if (!ownsOne) tokenRequest(fields, 0);
	if (!refreshes(fields)) return { request: fullWay(fields), reply, rotates: false };
	refreshRequest(fields, '', 0);
	return {
		...(ownsOne
			? { firstRefreshToken: fields.required('ownRefreshToken', 'Refresh Token') }
			: { request: fullWay(fields) }),
		reply,
		refresh: (refreshToken, _slot, now) => refreshRequest(fields, refreshToken, now),
		refreshReply: { ...refreshReplyFields(fields), ...type },
		rotates: fields.unlessOff('refreshRotates'),
	};
}

function fullWay(fields: CustomFields) {
	return (_slot: string, now: number) => tokenRequest(fields, now);
}

/** The token is made here, and no token endpoint is asked. */
function selfSigned(fields: CustomFields): Grant {
	const lifetime = jwtLifetime(fields);
	const sign = (now: number) => {
		const token = signed(fields, { unique: false }, now);
		// The claim counts whole seconds, and the person may have written an earlier one.
		const end = Math.floor(now / 1000) * 1000 + lifetime;
		return { token, expiresAt: Math.min(end, readJwtExpiry(token, now) ?? end) };
	};
	sign(0);
	return { reply: { token: '' }, rotates: false, sign };
}

function isSelfSigned(fields: CustomFields): boolean {
	return fields.optional('grant') === 'jwt' && fields.text('jwtUse', 'exchange') === 'token';
}

function refreshes(fields: CustomFields): boolean {
	const grant = fields.optional('grant');
	return grant === 'refreshToken' || fields.optional('renewBy') === 'refreshToken';
}

/** Fields that do not change which token comes, only what is done with it. */
const SHAPE_NO_TOKEN = [
	...['tokenRecord', 'moreOptions', 'baseUrl', 'additionalHosts', 'monthlyBudget', 'testPath'],
	'apiDescriptionUrl',
	...['attachTo', 'carrierName', 'headerName', 'headerPrefix', 'headerValue', 'apiHeaders'],
	...['expiredWhen', 'lifetime', 'timeout', 'allowedHttpRequestDomains', 'allowedDomains'],
];

/** Of the fields, not of a request made of them: what is signed differs each time. */
function ownerOf(fields: CustomFields, credentials: ICredentialDataDecryptedObject): string {
	const shaping = Object.entries(credentials)
		.filter(([name]) => !SHAPE_NO_TOKEN.includes(name))
		.sort(([a], [b]) => (a < b ? -1 : 1));
	if (isSigned(fields)) return fingerprint('custom', shaping);
	const request =
		fields.optional('grant') === 'refreshToken'
			? fields.optional('ownRefreshToken')
			: tokenRequest(fields, 0);
	const { token, expiry, refreshToken, format, expiryUnit, extras } = replyFields(fields);
	return fingerprint(
		'custom',
		request,
		refreshes(fields) && refreshRequest(fields, '', 0),
		{ token, expiry, refreshToken, format, expiryUnit, extras },
		...(refreshes(fields) ? differentReply(fields) : []),
	);
}

function differentReply(fields: CustomFields): unknown[] {
	const { token, expiry, refreshToken } = replyFields(fields);
	const refreshed = refreshReplyFields(fields);
	const same =
		refreshed.token === token &&
		refreshed.expiry === expiry &&
		refreshed.refreshToken === refreshToken;
	return same ? [] : [[refreshed.token, refreshed.expiry, refreshed.refreshToken]];
}

function isSigned(fields: CustomFields): boolean {
	return (
		fields.optional('grant') === 'jwt' ||
		['privateKeyJwt', 'clientSecretJwt'].includes(fields.optional('clientProof'))
	);
}

/** Whose tokens are counted: two keys at one token URL are two clients, also where they have no names. */
function clientOf(fields: CustomFields): string {
	const name = fields.optional('clientId') || fields.optional('username');
	const tokenUrl = isSelfSigned(fields) ? '' : fields.address('tokenUrl', 'Token URL');
	return name === '' ? fingerprint(tokenUrl, '', fields.secrets()) : fingerprint(tokenUrl, name);
}

/** What OpenID providers take without repeating it, and Microsoft's “all that was granted before”. */
const NOT_REPEATED = /^(openid|profile|email|offline_access)$|\/\.default$/;

function wishedScopes(fields: CustomFields): string[] {
	return askedScopes(fields).filter((scope) => !NOT_REPEATED.test(scope));
}

/** In ms. */
function timeoutOf(fields: CustomFields): number {
	const seconds = fields.count('timeout', 'Token Request Time-Out', TOKEN_TIMEOUT / 1000);
	if (seconds >= 1 && seconds <= MOST_TIMEOUT) return seconds * 1000;
	throw fields.error(
		'The field Token Request Time-Out is out of bounds',
		`Enter 1 to ${MOST_TIMEOUT} seconds`,
	);
}

/** In ms. */
function tokenLifetime(fields: CustomFields): number {
	const seconds = fields.count('lifetime', 'Token Lifetime', 3600);
	if (seconds === 0) {
		throw fields.error(
			'The field Token Lifetime is 0, so no token could be used',
			'Enter how many seconds a token lives',
		);
	}
	return seconds * 1000;
}
