import type { ExpiryUnit } from '../../tokens/expiry';
import type { ReplyFields } from '../../tokens/reply';
import { otherProof } from './clientProof';
import type { CustomFields } from './customFields';
import { askedScopes } from './tokenRequest';

/** Where in a reply to the full way in the token, its expiry and all else stand. @throws ApiError `field` */
export function replyFields(fields: CustomFields): ReplyFields {
	const places = {
		token: fields.text('accessPath', 'access_token'),
		expiry: fields.text('expiryPath', 'expires_in'),
		refreshToken: fields.text('refreshPath', 'refresh_token'),
	};
	return { ...readFields(fields, places), proof: proofOf(fields) };
}

/** Where they stand in a reply to a refresh, if their names differ there. @throws ApiError `field` */
export function refreshReplyFields(fields: CustomFields): ReplyFields {
	return readFields(fields, {
		token: fields.optional('refreshedAccessPath') || fields.text('accessPath', 'access_token'),
		expiry: fields.optional('refreshedExpiryPath') || fields.text('expiryPath', 'expires_in'),
		refreshToken:
			fields.optional('refreshedRefreshPath') || fields.text('refreshPath', 'refresh_token'),
	});
}

/** Names of further tokens in a reply, by the header that carries each. @throws ApiError `field` */
export function furtherTokens(fields: CustomFields): Record<string, string> {
	const tokens = Object.entries(fields.object('furtherTokens', 'Further Tokens'));
	for (const [name, path] of tokens) {
		const carrier = name.replace(/^(cookie|query):/i, '');
		if (typeof path === 'string' && path !== '' && /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(carrier)) {
			continue;
		}
		throw fields.error(
			'The field Further Tokens does not say where each one stands',
			'Enter a header and a place in the reply, such as {"X-CSRF-Token": "csrf_token"}',
		);
	}
	return Object.fromEntries(tokens) as Record<string, string>;
}

function readFields(fields: CustomFields, places: ReplyFields): ReplyFields {
	const format = fields.text('replyFormat', 'json');
	const unit = fields.text('expiryUnit', 'auto') as ExpiryUnit;
	const extras = furtherTokens(fields);
	const other = otherProof(fields);
	return {
		...places,
		token: tokenAt(places.token, format),
		...(format === 'form' || format === 'text' || format === 'xml' ? { format } : {}),
		...(unit === 'auto' ? {} : { expiryUnit: unit }),
		...(Object.keys(extras).length === 0 ? {} : { extras }),
		...(askedScopes(fields).length === 0 ? {} : { scope: 'scope' }),
		...(other === undefined ? {} : { otherProof: other }),
	};
}

function proofOf(fields: CustomFields): ReplyFields['proof'] {
	switch (fields.optional('grant')) {
		case 'login':
			return 'person';
		case 'password':
			return 'both';
		case 'ownBody':
			if (fields.optional('password') === '') return 'client';
			return fields.optional('clientSecret') === '' ? 'person' : 'both';
		default:
			return 'client';
	}
}

function tokenAt(path: string, format: string): string {
	if (format === 'text') return '';
	return format === 'header' || format === 'cookie' ? `${format}:${path}` : path;
}
