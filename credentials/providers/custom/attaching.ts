import type { Attachment } from '../../tokens/issuer';
import { type CustomFields, HEADER_NAME, HEADER_VALUE } from './customFields';
import { furtherTokens } from './replyFields';

/** Where in an API request the token goes, and each further one of the same reply. @throws ApiError `field` */
export function attachmentsOf(fields: CustomFields): Attachment[] {
	const further = Object.keys(furtherTokens(fields)).map((carrier): Attachment => {
		const [, place = 'header', name = carrier] = /^(cookie|query):(.*)$/i.exec(carrier) ?? [];
		const where = place.toLowerCase() as Attachment['in'];
		return { in: where, name, prefix: '', suffix: '', token: carrier };
	});
	return [ownAttachment(fields), ...further];
}

/** The scheme is the one whose tokens need no proof of their own. */
export function isBearer({ in: where, prefix }: Attachment): boolean {
	return where === 'header' && /^bearer $/i.test(prefix);
}

function ownAttachment(fields: CustomFields): Attachment {
	const where = fields.text('attachTo', 'header');
	if (where !== 'cookie' && where !== 'query') {
		return { in: 'header', name: headerName(fields), ...around(fields), token: '' };
	}
	const name = fields.required('carrierName', 'Cookie or Parameter Name');
	if (!HEADER_NAME.test(name)) {
		throw fields.error(
			'The field Cookie or Parameter Name holds a character that no such name has',
			'Letters, digits, hyphens and underscores will do',
		);
	}
	return { in: where, name, prefix: '', suffix: '', token: '' };
}

function headerName(fields: CustomFields): string {
	const name = fields.text('headerName', 'Authorization');
	if (HEADER_NAME.test(name)) return name;
	throw fields.error(
		'The field Header Name is not a header name',
		'Enter one such as Authorization',
	);
}

/** What stands before and behind the token. */
function around(fields: CustomFields): { prefix: string; suffix: string } {
	const whole = fields.filledText('headerValue', 'Header Value');
	const own = fields.optional('headerPrefix');
	const field = whole === '' ? 'Header Prefix' : 'Header Value';
	if (!HEADER_VALUE.test(whole + own)) {
		throw fields.error(
			`The field ${field} holds a character that no header may have`,
			whole === '' ? 'Enter one such as Bearer' : 'Enter one such as Token token="$token"',
		);
	}
	if (whole !== '') {
		const [prefix, suffix, ...more] = whole.split('$token');
		if (suffix !== undefined && more.length === 0) return { prefix, suffix };
		throw fields.error(
			'The field Header Value does not hold $token once',
			'Write $token where the token belongs, as in Token token="$token"',
		);
	}
	if (own === '') {
		return { prefix: /^authorization$/i.test(headerName(fields)) ? 'Bearer ' : '', suffix: '' };
	}
	return { prefix: /^none$/i.test(own) ? '' : `${own} `, suffix: '' };
}
