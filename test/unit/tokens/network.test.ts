import { networkError } from '../../../credentials/tokens/network';

const url = new URL('https://api.example/things');

describe('Why no reply came', () => {
	const sentences: Array<[string, RegExp, boolean]> = [
		['ENOTFOUND', /^The host of the API was not found\.$/, true],
		['ECONNREFUSED', /^The API could not be reached\.$/, true],
		['ECONNABORTED', /^The API did not answer within 3 s\.$/, false],
		['ECONNRESET', /^The connection to the API broke off before an answer came\.$/, false],
		[
			'CERT_HAS_EXPIRED',
			/^The certificate of the API is not trusted \(CERT_HAS_EXPIRED\)\.$/,
			true,
		],
		['EMFILE', /^The host of n8n has no connection left for the API \(EMFILE\)\.$/, true],
		['EWEIRD', /^The connection to the API broke \(EWEIRD\)\.$/, false],
	];
	// As n8n's HTTP client throws it; as the request helper of n8n 2 wraps it; and as that of n8n 1 does, without a cause.
	const shapes: Array<[string, (code: string) => Error]> = [
		['bare', (code) => Object.assign(new Error('secret'), { code })],
		['with a cause', (code) => new Error('secret', { cause: { code } })],
		['as httpCode', (code) => Object.assign(new Error('secret'), { httpCode: code })],
	];

	describe.each(shapes)('is read from a code %s', (_, make) => {
		it.each(sentences)('%s', (code, sentence, neverSent) => {
			const error = networkError('the API', url, make(code), 3_000);
			expect(error.message).toMatch(sentence);
			expect(error.neverSent).toBe(neverSent);
		});
	});

	it.each(['ERR_INVALID_CHAR', 'ERR_UNESCAPED_CHARACTERS', 'ERR_HTTP_INVALID_HEADER_VALUE'])(
		'is n8n’s, and nothing was sent, where Node refuses the request itself (%s)',
		(code) => {
			const { kind, neverSent } = networkError('the API', url, { code }, 3_000);
			expect({ kind, neverSent }).toEqual({ kind: 'internal', neverSent: true });
		},
	);

	it.each([
		{ code: 'ETIMEDOUT', syscall: 'connect', address: '10.0.0.1', port: 443 },
		{
			code: 'ECONNRESET',
			message: 'Client network socket disconnected before secure TLS connection was established',
		},
	])('is “not reached” for all that happens before there is a connection: %o', (failed) => {
		const { message, neverSent } = networkError('the API', url, failed, 3_000);
		expect({ message, neverSent }).toEqual({
			message: 'The API could not be reached.',
			neverSent: true,
		});
	});

	it.each([
		{ code: 'EAI_FAIL', syscall: 'getaddrinfo', hostname: 'api.example' },
		{ code: 'ESERVFAIL', syscall: 'queryA', hostname: 'api.example' },
	])('is a host that was not found, whatever a name server says: %o', (failed) => {
		const { message, neverSent } = networkError('the API', url, failed, 3_000);
		expect({ message, neverSent }).toEqual({
			message: 'The host of the API was not found.',
			neverSent: true,
		});
	});

	it('may have been sent where a record was damaged on the way', () => {
		const damaged = [
			{ code: 'ERR_SSL_SSLV3_ALERT_BAD_RECORD_MAC' },
			{ code: 'EPROTO', message: 'write EPROTO ssl3_read_bytes:sslv3 alert bad record mac' },
		];
		for (const error of damaged) {
			expect(networkError('the API', url, error, 3_000).neverSent).toBe(false);
		}
	});

	it('says nothing of an HTTP status or a text that stands in the place of a code', () => {
		for (const httpCode of ['404', 'my-secret']) {
			const { message } = networkError(
				'the API',
				url,
				Object.assign(new Error('x'), { httpCode }),
				3_000,
			);
			expect(message).toBe('The connection to the API broke.');
		}
	});

	it.each([
		['SELF_SIGNED_CERT_IN_CHAIN', /NODE_EXTRA_CA_CERTS/],
		['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', /NODE_EXTRA_CA_CERTS/],
		['CERT_HAS_EXPIRED', /the server needs another certificate/],
		['ERR_TLS_CERT_ALTNAME_INVALID', /the server needs another certificate/],
		['EPROTO', /begins with http:/],
		['ERR_SSL_WRONG_VERSION_NUMBER', /begins with http:/],
		['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', /client certificate/],
	])('%s is told with what helps', (code, next) => {
		expect(networkError('the API', url, { code }, 3_000).description).toMatch(next);
	});
});

describe('Where n8n goes through a proxy', () => {
	const refused = { code: 'ECONNREFUSED', syscall: 'connect', address: '10.0.0.9', port: 3128 };
	const unknown = { code: 'ENOTFOUND', syscall: 'getaddrinfo', hostname: 'proxy.example' };
	const tell = (error: object, to = url) => {
		const { message, description, neverSent } = networkError('the API', to, error, 3_000);
		return { message, description, neverSent };
	};

	it.each([
		['as it is', (error: object) => error],
		['as a cause', (error: object) => new Error('x', { cause: error })],
		['in a wrapper with its code', (error: object) => ({ code: 'ECONNREFUSED', cause: error })],
		['one of several', (error: object) => ({ code: 'ECONNREFUSED', errors: [error, error] })],
	])('it is the proxy that could not be reached, %s', (_, wrap) => {
		expect(tell(wrap(refused))).toEqual({
			message: 'The proxy 10.0.0.9:3128, through which n8n goes to the API, could not be reached.',
			description: expect.stringContaining('HTTPS_PROXY') as string,
			neverSent: true,
		});
	});

	it('or was not found', () => {
		expect(tell(unknown).message).toMatch(/^The proxy proxy\.example, .* was not found\.$/);
	});

	it('unless n8n may have been led to another host', () => {
		const { message } = networkError('the API', undefined, refused, 3_000);
		expect(message).toBe('The API could not be reached.');
	});

	it('and else the host itself', () => {
		expect(tell({ ...refused, port: 443 }).message).toBe('The API could not be reached.');
		const own = { ...unknown, hostname: 'api.example' };
		expect(tell(own).message).toBe('The host of the API was not found.');
		const elsewhere = new URL('http://api.example:3128/');
		expect(tell(refused, elsewhere).message).toBe('The API could not be reached.');
	});
});
