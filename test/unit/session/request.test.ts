import { buildRequest, type ApiRequest } from '../../../nodes/session/request';

const built = (request: Partial<ApiRequest>) =>
	buildRequest({ method: 'POST', path: '/', ...request }, new URL('https://api.example.com/'));

describe('a header', () => {
	it.each([
		['x-a', 'a\r\nb: c'],
		['x-a', '日本'],
		['host', 'evil.example'],
		['transfer-encoding', 'chunked'],
		['a b', '1'],
	])('%s: %j is never sent', (name, value) => {
		expect(() => built({ headers: { [name]: value } })).toThrow('cannot be sent');
	});
});

describe('a body', () => {
	const form = 'application/x-www-form-urlencoded';

	// n8n's request helper throws on a Buffer of this very type.
	it.each<[string, ApiRequest['body']]>([
		['raw text', 'a=1&b=%C3%BC'],
		['a file', Buffer.from('a=1&b=%C3%BC')],
		['a form', new URLSearchParams({ a: '1', b: 'ü' })],
	])('that is a form goes to n8n as text when it is %s', (_name, body) => {
		expect(built({ body, headers: { 'content-type': form } }).body).toBe('a=1&b=%C3%BC');
	});

	it('of another type goes to n8n as bytes, which it leaves alone', () => {
		expect(
			built({ body: '{"a": 1}', headers: { 'content-type': 'application/json' } }).body,
		).toEqual(Buffer.from('{"a": 1}'));
	});
});
