import { ApiError, providerWords, type ErrorKind } from '../../../credentials/tokens/errors';
import { readRefusal } from '../../../credentials/tokens/refusal';
import { START } from '../support/virtualTime';
import { formsOf } from '../support/secrets';

const SECRET = 'se/cr+et ä=1';

function refusal(status: number, body: unknown, headers: Record<string, string> = {}): ApiError {
	const text = typeof body === 'string' ? body : JSON.stringify(body);
	return readRefusal('Provider', { status, headers, text }, [SECRET], START);
}

describe('A refused log-in', () => {
	const logIn = (status: number, body: unknown, proof: 'person' | 'both' = 'person') =>
		readRefusal('Server', { status, headers: {}, text: JSON.stringify(body) }, [SECRET], START, {
			proof,
		});

	it.each<[string, number, unknown, RegExp]>([
		[
			'Node-RED',
			403,
			{ error: 'invalid_grant', error_description: 'Invalid resource owner credentials' },
			/\(403: “Invalid resource owner credentials”\)/,
		],
		[
			'Parse Server',
			404,
			{ code: 101, error: 'Invalid username/password.' },
			/\(404: “Invalid username\/password\.”\)/,
		],
		[
			'etcd',
			400,
			{
				code: 3,
				message: 'etcdserver: authentication failed, invalid user ID or password',
			},
			/\(400: “etcdserver: authentication failed, invalid user ID or password”\)/,
		],
		[
			'Directus',
			401,
			{
				errors: [
					{ message: 'Invalid user credentials.', extensions: { code: 'INVALID_CREDENTIALS' } },
				],
			},
			/\(401: “Invalid user credentials\.”\)/,
		],
		['Verdaccio', 401, { error: 'bad username/password, access denied' }, /access denied”\)/],
		[
			'Django',
			400,
			{ non_field_errors: ['Unable to log in with provided credentials.'] },
			/“Unable to log in with provided credentials\.”/,
		],
		['Strapi', 400, { error: { message: 'Invalid identifier or password' } }, /or password”/],
		['a password that is told in a 422', 422, { message: 'The password is incorrect' }, /422/],
		['a user that is not there', 404, { message: 'User not found' }, /404: “User not found”/],
		['RFC 6749, 5.2, without a word', 400, { error: 'invalid_grant' }, /400: “invalid_grant”/],
		['no word at all', 401, '', /\(401\)/],
	])('is told as name or password, in the words of the server: %s', (_, status, body, words) => {
		const error = logIn(status, body);
		expect(error.kind).toBe('client');
		expect(error.message).toMatch(/^Server refused the name or password \(/);
		expect(error.message).toMatch(words);
	});

	it('tells a client that is refused as that, where there is one', () => {
		const body = { error: 'invalid_client' };
		expect(logIn(401, body, 'both').message).toMatch(/refused the client id or secret/);
		expect(logIn(401, body).message).toMatch(/refused the name or password/);
		expect(logIn(400, { error: 'invalid_grant' }, 'both').message).toMatch(/name or password/);
	});

	it.each<[string, number, unknown]>([
		['a field that is missing', 400, { message: '"email" is required' }],
		['a name that the API calls otherwise', 400, { message: 'username/email is required.' }],
		['a missing password', 422, { message: 'The password field must not be empty' }],
		['another address', 404, { message: 'Cannot POST /auth/logni' }],
		['a right that is missing', 403, { message: 'Client is not authorized to access "x".' }],
		['a grant that is not allowed', 400, { error: 'unsupported_grant_type' }],
	])('is none where it is %s', (_, status, body) => {
		expect(logIn(status, body).kind).toBe('grant');
	});
});

describe('A refused token request', () => {
	it.each<[string, number, unknown, ErrorKind, RegExp]>([
		[
			'Auth0: wrong secret',
			401,
			{ error: 'access_denied', error_description: 'Unauthorized' },
			'client',
			/refused the client id or secret \(401: “Unauthorized”\)/,
		],
		['Auth0: wrong id', 401, { error: 'invalid_client' }, 'client', /\(401: “invalid_client”\)/],
		[
			'Auth0: no grant for the audience',
			403,
			{ error: 'access_denied', error_description: 'Client is not authorized to access "x".' },
			'grant',
			/refused to issue a token \(403: “Client is not authorized/,
		],
		[
			'Auth0: parameter missing',
			400,
			{ error: 'invalid_request', error_description: 'Missing required parameter: audience' },
			'grant',
			/Missing required parameter: audience/,
		],
		['Auth0: too many requests', 429, { error: 'too_many_requests' }, 'busy', /asks to wait/],
		[
			'Fusio: wrong Basic header',
			401,
			{ error: 'invalid_client', error_description: 'Unknown credentials' },
			'client',
			/Unknown credentials/,
		],
		[
			'Fusio: unknown grant',
			400,
			{ error: 'server_error', error_description: 'Invalid grant type' },
			'grant',
			/Invalid grant type/,
		],
		[
			'Fusio: scope not granted',
			400,
			{ error: 'invalid_scope', error_description: 'No valid scopes given' },
			'grant',
			/No valid scopes/,
		],
		[
			'Fusio: refresh token expired',
			400,
			{ error: 'invalid_request', error_description: 'Refresh token is expired' },
			'grant',
			/Refresh token is expired/,
		],
		[
			'Fusio: wrong password at log-in',
			400,
			{ success: false, title: 'Internal Server Error', message: 'Invalid name or password' },
			'client',
			/Invalid name or password/,
		],
		[
			'wrong password elsewhere',
			400,
			{ error: { message: 'Incorrect e-mail or password.' } },
			'client',
			/Incorrect e-mail or password/,
		],
		[
			'a wish for a scope that names a password',
			400,
			{ error: 'invalid_scope', error_description: 'The scope user.password is unknown' },
			'grant',
			/user\.password is unknown/,
		],
		[
			'Fusio: banned',
			403,
			{ success: false, message: 'Your IP has sent to many requests please try again later' },
			'grant',
			/Your IP has sent/,
		],
		[
			'invalid_client with 400',
			400,
			{ error: 'invalid_client' },
			'client',
			/refused the client id or secret/,
		],
		[
			'bookingtime’s envelope',
			400,
			{
				messageList: [
					{
						class: 'MESSAGE',
						type: 'failure',
						parameter: 'client_id',
						text: 'This parameter is missing.',
					},
				],
			},
			'grant',
			/client_id: This parameter is missing\./,
		],
		[
			'Calenso’s list of errors',
			404,
			{ errors: [{ code: '404', message: 'Not here' }] },
			'grant',
			/Not here.*Check the (token URL|URLs)/,
		],
		['a nested error', 400, { error: { message: 'Nested words' } }, 'grant', /Nested words/],
		['a wrong address', 404, '<html>', 'grant', /\(404\)\. Check the (token URL|URLs)/],
		['a redirect', 302, '', 'reply', /redirected the token request \(302\), which is not followed/],
		['a failure', 500, 'Internal error', 'provider', /failed to issue a token \(500\)/],
		[
			'a gateway without the provider',
			502,
			'<html>',
			'provider',
			/failed to issue a token \(502\)/,
		],
		[
			'a gateway that waited in vain',
			504,
			'<html>',
			'network',
			/^The token endpoint of .* did not answer in time, says a gateway before it \(504\)\. Try again later/,
		],
		[
			'a request that came too slowly',
			408,
			'',
			'provider',
			/failed to issue a token \(408\)\. Try again/,
		],
		['maintenance', 503, {}, 'busy', /asks to wait/],
	])('%s', (_, status, body, kind, words) => {
		const error = refusal(status, body);
		expect(error.kind).toBe(kind);
		expect(error.sentences).toMatch(words);
		expect(error.description).toMatch(/\.$/);
	});

	it('says when to ask again, as seconds and as a date', () => {
		expect(refusal(429, {}, { 'retry-after': '30' })).toMatchObject({
			retryAfter: 30_000,
			description: 'Try again in 30 s.',
		});
		expect(refusal(503, {}, { 'retry-after': 'Sun, 01 Nov 2026 00:15:00 GMT' })).toMatchObject({
			retryAfter: 900_000,
			description: 'Try again in 15 min.',
		});
	});

	it('takes a 403 that says when to come again for a wish to wait, and one that does not for a refusal', () => {
		const locked = { message: 'Too many failed log-ins' };
		expect(refusal(403, locked, { 'retry-after': '120' })).toMatchObject({
			kind: 'busy',
			retryAfter: 120_000,
			message: expect.stringContaining('“Too many failed log-ins”') as string,
		});
		expect(refusal(403, locked).kind).not.toBe('busy');
	});

	it('says that waiting helps, but not where only a person can help', () => {
		expect([401, 403, 400, 404, 302].map((status) => refusal(status, {}).retryAfter)).toEqual(
			Array(5).fill(undefined),
		);
		expect([500, 502, 503, 504, 524, 429].map((status) => refusal(status, {}).retryAfter)).toEqual([
			0, 0, 0, 0, 0, 0,
		]);
	});

	it.each([400, 401, 403, 404, 429, 500, 503])(
		'repeats no secret of the provider’s words (%i)',
		(status) => {
			for (const form of formsOf(SECRET)) {
				const { message, description, stack } = refusal(status, {
					error_description: `No: ${form}!`,
				});
				for (const text of [message, description, stack ?? '']) expect(text).not.toContain(form);
				expect(message).toContain('•••');
			}
		},
	);

	it('repeats no Basic header, wherever in it the secret stands', () => {
		for (const id of ['a', 'ab', 'abc', 'abcd', 'client-id']) {
			const header = Buffer.from(`${id}:${SECRET}`).toString('base64');
			const { message } = refusal(401, { error_description: `Basic ${header} is wrong` });
			const middle = header.slice(8, -6);
			expect(message).not.toContain(middle);
		}
	});

	it('repeats no more than 200 characters, no line breaks, and nothing of a huge reply', () => {
		expect(providerWords(`a\r\n\u0000b${'x'.repeat(500)}`, [])).toHaveLength(200);
		expect(providerWords('a\r\n\u0000b', [])).toBe('a b');
		expect(refusal(400, { message: 'x'.repeat(2 ** 20) }).message).toMatch(/\(400\)/);
	});
});
