import { networkError } from '../../../credentials/tokens/network';

describe('Why no reply came', () => {
	const sentences: Array<[string, RegExp, boolean]> = [
		['ENOTFOUND', /^The host of the API was not found\.$/, true],
		['ECONNREFUSED', /^The API could not be reached\.$/, true],
		['ECONNABORTED', /^The API did not answer within 3 s\.$/, false],
		['ECONNRESET', /^The connection to the API broke off before an answer came\.$/, false],
		[
			'CERT_HAS_EXPIRED',
			/^The certificate of the API is not trusted \(CERT_HAS_EXPIRED\)\.$/,
			false,
		],
		['EMFILE', /^The connection to the API broke \(EMFILE\)\.$/, false],
	];
	// As n8n's HTTP client throws it; as the request helper of n8n 2 wraps it; and as that of n8n 1 does, without a cause.
	const shapes: Array<[string, (code: string) => Error]> = [
		['bare', (code) => Object.assign(new Error('secret'), { code })],
		['with a cause', (code) => new Error('secret', { cause: { code } })],
		['as httpCode', (code) => Object.assign(new Error('secret'), { httpCode: code })],
	];

	describe.each(shapes)('is read from a code %s', (_, make) => {
		it.each(sentences)('%s', (code, sentence, neverSent) => {
			const error = networkError('the API', make(code), 3_000);
			expect(error.message).toMatch(sentence);
			expect(error.neverSent).toBe(neverSent);
		});
	});

	it('says nothing of an HTTP status or a text that stands in the place of a code', () => {
		for (const httpCode of ['404', 'my-secret']) {
			const { message } = networkError(
				'the API',
				Object.assign(new Error('x'), { httpCode }),
				3_000,
			);
			expect(message).toBe('The connection to the API broke.');
		}
	});
});
