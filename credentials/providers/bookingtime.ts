import type { INodeProperties } from 'n8n-workflow';
import { Fields } from '../tokens/fields';
import { commonIssuer, fingerprint, originOf, type ReadIssuer } from '../tokens/issuer';
import { formRequest, type TokenRequest } from '../tokens/request';

export const BOOKINGTIME = {
	baseUrl: 'https://api.bookingtime.com',
	tokenUrl: 'https://auth.bookingtime.com/oauth/token',
} as const;

/** The same in both of bookingtime's credentials. */
export const localeProperty: INodeProperties = {
	displayName: 'Locale',
	name: 'locale',
	type: 'string',
	default: 'de',
	required: true,
	placeholder: 'e.g. de',
	description: 'Language of texts in replies, such as de, en, de_DE or en_EN',
};

/** Of both steps. */
export const REPLY = { token: 'access_token', expiry: 'expires_in', refreshToken: 'refresh_token' };

/**
 * Two steps: client credentials buy a refresh token (30 days, not rotated) and no access token; the refresh token and
 * an organization id, without the secret, buy an access token (5 min) for that organization.
 */
export const readBookingtime: ReadIssuer = (credentials) => {
	const fields = new Fields('bookingtime', credentials);
	const tokenUrl = fields.url('tokenUrl', 'Token URL');
	const clientId = fields.required('clientId', 'Client ID');
	const secret = fields.optional('clientSecret');
	const api = bookingtimeApi(fields);
	return {
		...commonIssuer,
		...api,
		provider: 'bookingtime',
		budget: fields.count('monthlyBudget', 'Monthly Token Budget', 0),
		owner: fingerprint('bookingtime', tokenUrl, clientId, secret),
		client: fingerprint(tokenUrl, clientId),
		secrets: [secret],
		lifetime: 300_000,
		grant: {
			request: formRequest(tokenUrl, {
				grant_type: 'client_credentials',
				client_id: clientId,
				client_secret: secret === '' ? undefined : secret,
			}),
			reply: REPLY,
			refresh: (refreshToken, slot) => exchangeRequest(tokenUrl, clientId, refreshToken, slot),
			rotates: false,
		},
	};
};

/** What a bookingtime credential says about the API, whichever way its tokens are got. */
export function bookingtimeApi(fields: Fields) {
	const baseUrl = fields.url('baseUrl', 'API Host');
	const kind = fields.optional('apiKind') === 'module' ? 'module' : 'app';
	const locale = fields.required('locale', 'Locale');
	const organizationId = fields.optional('organizationId');
	if (/[/\\?#%\s]/.test(organizationId)) {
		throw fields.error(
			'The field Organization ID holds a character that no id has',
			'Enter the id alone, such as f6… , without slashes or blanks',
		);
	}
	if (!/^[A-Za-z_-]+$/.test(locale)) {
		throw fields.error('The field Locale is not a locale', 'Enter one such as de or en');
	}
	const apiBase = `${baseUrl}/${kind}/v3/${locale}`;
	return {
		apiBase,
		origins: [originOf(baseUrl)],
		probeUrl:
			organizationId === ''
				? `${apiBase}/static/language/list`
				: `${apiBase}/organization/${organizationId}/show`,
		slotOf: (url: URL) => organizationOf(url, organizationId),
	};
}

/** An access token is bound to one organization: the one in the path, none for `/static/…` and the app's own list. */
export function organizationOf(url: URL, own: string): string {
	const inPath = /\/organization\/([^/]+)\//.exec(url.pathname)?.[1];
	if (inPath !== undefined) return safeDecode(inPath);
	return /\/static\/|\/organization\/list$/.test(url.pathname) ? '' : own;
}

/** Step 2; no secret is sent. The refresh token stays as it is. */
export function exchangeRequest(
	tokenUrl: string,
	clientId: string,
	refreshToken: string,
	organizationId: string,
): TokenRequest {
	return formRequest(tokenUrl, {
		grant_type: 'refresh_token',
		client_id: clientId,
		refresh_token: refreshToken,
		organization_id: organizationId === '' ? undefined : organizationId,
	});
}

function safeDecode(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}
