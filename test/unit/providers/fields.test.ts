import type { TokenRequest } from '../../../credentials/tokens/request';
import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import { ApiError } from '../../../credentials/tokens/errors';
import { bookingtime, calenso, custom, fusio, meister1, reads } from '../support/credentials';
import { N8n, Row } from '../support/n8n';
import { VirtualTime } from '../support/virtualTime';

type Name = keyof typeof reads;
const good: Record<Name, ICredentialDataDecryptedObject> = {
	calenso,
	bookingtime,
	meister1,
	fusio,
	custom,
};
const calensoCustom = {
	environment: 'custom',
	baseUrl: 'https://c.example',
	tokenUrl: 'https://a.example',
};

describe('A field that cannot be used is an error that names its label:', () => {
	const rows: Array<[Name, ICredentialDataDecryptedObject, string]> = [
		['calenso', { clientId: '' }, 'Client ID is empty'],
		['calenso', { clientId: '  ' }, 'Client ID is empty'],
		['calenso', { clientSecret: '' }, 'Client Secret is empty'],
		['calenso', { clientSecret: ' \t' }, 'Client Secret is empty'],
		['calenso', { audience: '' }, 'Audience is empty'],
		['calenso', { monthlyBudget: -1 }, 'Monthly Token Budget is not a whole number'],
		['calenso', { monthlyBudget: 1.5 }, 'Monthly Token Budget is not a whole number'],
		['calenso', { monthlyBudget: 'many' }, 'Monthly Token Budget is not a whole number'],
		['calenso', { ...calensoCustom, baseUrl: 'c.example/api' }, 'API Base URL has no https://'],
		['calenso', { ...calensoCustom, baseUrl: '' }, 'API Base URL is empty'],
		['calenso', { ...calensoCustom, baseUrl: 'ftp://c.example' }, 'API Base URL has no https://'],
		['calenso', { ...calensoCustom, baseUrl: 'https://' }, 'API Base URL is not an address'],
		[
			'calenso',
			{ ...calensoCustom, baseUrl: 'https://user:pass@c.example' },
			'API Base URL carries a user name or password',
		],
		[
			'calenso',
			{ ...calensoCustom, tokenUrl: 'https://a.example/?x=1' },
			'Token URL has a part after ? or #',
		],
		[
			'calenso',
			{ ...calensoCustom, tokenUrl: 'https://a.example/#x' },
			'Token URL has a part after ? or #',
		],
		['bookingtime', { organizationId: 'f6/x' }, 'Organization ID holds a character that no id has'],
		['bookingtime', { organizationId: 'f6 x' }, 'Organization ID holds a character that no id has'],
		[
			'bookingtime',
			{ organizationId: '..\\x' },
			'Organization ID holds a character that no id has',
		],
		['bookingtime', { locale: '' }, 'Locale is empty'],
		['bookingtime', { locale: 'de/../x' }, 'Locale is not a locale'],
		['bookingtime', { clientId: '' }, 'Client ID is empty'],
		['bookingtime', { tokenUrl: 'auth.bookingtime.com' }, 'Token URL has no https://'],
		['bookingtime', { baseUrl: 'api.bookingtime.com' }, 'API Host has no https://'],
		['meister1', { clientId: '' }, 'Client ID is empty'],
		['meister1', { clientSecret: '' }, 'Client Secret is empty'],
		['meister1', { baseUrl: 'auth.meister1.com' }, 'Base URL has no https://'],
		['fusio', { baseUrl: '' }, 'Base URL is empty'],
		['fusio', { baseUrl: 'fusio.example' }, 'Base URL has no https://'],
		['fusio', { appKey: ' ' }, 'App Key is empty'],
		['fusio', { appSecret: '' }, 'App Secret is empty'],
		['fusio', { wayIn: 'login', username: '' }, 'User Name is empty'],
		['fusio', { wayIn: 'password', password: '' }, 'Password is empty'],
		['custom', { baseUrl: 'api.example' }, 'API Base URL has no https://'],
		['custom', { tokenUrl: '' }, 'Token URL is empty'],
		['custom', { clientId: '' }, 'Client ID is empty'],
		['custom', { clientProof: 'basic', clientId: '' }, 'Client ID is empty'],
		['custom', { grant: 'password', username: '' }, 'User Name is empty'],
		['custom', { grant: 'login', username: 'u', password: ' ' }, 'Password is empty'],
		['custom', { extraParameters: '{' }, 'Extra Parameters is not a JSON object'],
		['custom', { extraParameters: '[]' }, 'Extra Parameters is not a JSON object'],
		['custom', { requestHeaders: 'X-A: 1' }, 'Token Request Headers is not a JSON object'],
		['custom', { requestHeaders: '{"X-A\\nB": "1"}' }, 'Token Request Headers'],
		['custom', { requestHeaders: '{"X-A": "1\\r\\nX-B: 2"}' }, 'Token Request Headers'],
		['custom', { grant: 'ownBody', ownBody: 'null' }, 'Own Body is not a JSON object'],
		[
			'custom',
			{ renewBy: 'refreshToken', refreshUrl: 'auth.example' },
			'Refresh URL has no https://',
		],
		[
			'custom',
			{ renewBy: 'refreshToken', refreshParameters: '5' },
			'Refresh Parameters is not a JSON object',
		],
		['custom', { headerName: 'X-A\nX-B' }, 'Header Name is not a header name'],
		['custom', { headerName: 'X A' }, 'Header Name is not a header name'],
		['custom', { headerPrefix: 'Bea\r\nrer' }, 'Header Prefix'],
		['custom', { additionalHosts: 'https://' }, 'Further Hosts holds something that is not a host'],
		['custom', { lifetime: -5 }, 'Token Lifetime is not a whole number'],
		['custom', { lifetime: 0 }, 'Token Lifetime'],
		['custom', { tokenUrl: 'auth.example' }, 'Token URL has no https://'],
		['custom', { tokenUrl: 'https://user:pass@a.example' }, 'Token URL carries a user name'],
		['custom', { tokenUrl: 'https://a.example/#x' }, 'Token URL has a part after #'],
		['custom', { tokenUrl: 'https://a.example/?key=$secret' }, 'Token URL holds $secret, but'],
		['custom', { tokenUrl: 'https://a.example/ x' }, 'Token URL is not an address'],
		['custom', { extraParameters: '{"a":"$password"}' }, 'Extra Parameters holds $password, but'],
		[
			'custom',
			{ extraParameters: '{"a":"$refreshToken"}' },
			'Extra Parameters holds $refreshToken',
		],
		['custom', { extraParameters: 5 }, 'Extra Parameters is not a JSON object'],
		[
			'custom',
			{ apiHeaders: '{"X-A": "1\\n2"}' },
			'API Headers holds a header that cannot be sent',
		],
		['custom', { attachTo: 'cookie' }, 'Cookie or Parameter Name is empty'],
		['custom', { attachTo: 'query', carrierName: 'a b' }, 'Cookie or Parameter Name holds'],
		['custom', { headerValue: 'Token' }, 'Header Value does not hold $token once'],
		['custom', { headerValue: '$token $token' }, 'Header Value does not hold $token once'],
		['custom', { furtherTokens: '{"X CSRF": "csrf"}' }, 'Further Tokens does not say'],
		['custom', { furtherTokens: '{"X-CSRF": 5}' }, 'Further Tokens does not say'],
		['custom', { expiredWhen: 'sometimes' }, 'Means “Expired” is not a list of statuses'],
		['custom', { expiredWhen: '200' }, 'Means “Expired” calls every 200 an expiry'],
		['custom', { timeout: 61 }, 'Token Request Time-Out is out of bounds'],
		['custom', { timeout: 0 }, 'Token Request Time-Out is out of bounds'],
		['custom', { grant: 'refreshToken' }, 'Refresh Token is empty'],
		['custom', { grant: 'jwt' }, 'Signing Key is empty'],
		[
			'custom',
			{ grant: 'jwt', signingKey: 'x', jwtAlgorithm: 'RS256' },
			'Signing Key cannot be used',
		],
		['custom', { grant: 'jwt', signingKey: 'x', jwtLifetime: 0 }, 'JWT Lifetime is no lifetime'],
		['custom', { clientProof: 'privateKeyJwt' }, 'Signing Key is empty'],
		['custom', { clientProof: 'clientSecretJwt', clientSecret: '' }, 'Client Secret is empty'],
	];

	it.each(rows)('%s %j', (name, bad, words) => {
		const read = () => reads[name]({ ...good[name], ...bad });
		expect(read).toThrow(ApiError);
		expect(read).toThrow(expect.objectContaining({ kind: 'field' }));
		expect(read).toThrow(`The field ${words}`);
	});

	it('and the person sees it through the hooks, before anything is sent', async () => {
		const sent: unknown[] = [];
		const n8n = new N8n(
			new VirtualTime().process('main'),
			new Row({ ...calenso, clientSecret: '' }),
			reads.calenso,
			async (options) => sent.push(options),
		);
		await expect(n8n.httpRequest({ url: 'https://my.calenso.com/api/v1/workers' })).rejects.toThrow(
			'Calenso credential: The field Client Secret is empty. Fill it in.',
		);
		expect(sent).toHaveLength(0);
	});
});

describe('A field may be', () => {
	it.each([
		['https://c.example/', 'https://c.example'],
		['https://c.example/api/v1///', 'https://c.example/api/v1'],
		[' https://c.example/api ', 'https://c.example/api'],
		['HTTPS://C.example:443/Api', 'https://c.example/Api'],
		['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
	])('an address such as %s', (baseUrl, apiBase) => {
		expect(reads.custom({ ...custom, baseUrl }).apiBase).toBe(apiBase);
	});

	it('an id with blanks around it, a secret with blanks that are part of it', () => {
		const { request } = reads.calenso({ ...calenso, clientId: ' id ', clientSecret: ' s ' }).grant;
		const { body } = request as TokenRequest;
		expect(new URLSearchParams(body).get('client_id')).toBe('id');
		expect(new URLSearchParams(body).get('client_secret')).toBe(' s ');
	});

	it('left empty where there is a default', () => {
		expect(reads.calenso({ ...calenso, monthlyBudget: '' }).budget).toBe(31);
		expect(
			reads
				.bookingtime({ ...bookingtime, organizationId: '', clientSecret: '' })
				.slotOf(new URL('https://api.bookingtime.com/app/v3/de')),
		).toBe('');
		expect(reads.fusio({ ...fusio, testPath: '' }).probeUrl).toBe(
			'https://fusio.example/authorization/whoami',
		);
		expect(
			reads.custom({ ...custom, headerName: '', accessPath: '', clientIdField: '' }).attachments[0]
				.name,
		).toBe('Authorization');
	});
});
