import type { IDataObject } from 'n8n-workflow';
import { checkedBackUrl } from '../../../nodes/Meister1/backUrl';
import { generate } from '../../../nodes/Meister1/resources/ssoUrl/generate';
import { call, fakeSession } from './fakes';

const grantUrl = 'https://auth.example.com/grant?token=t&userId=u';
const parameters = {
	backUrl: 'https://www.example.com/account?a=1&b=ü',
	accountId: 4711,
	locale: 'de-de',
};
const now = Date.parse('2026-03-31T10:00:00.000Z');

beforeEach(() => jest.useFakeTimers({ now }));
afterEach(() => jest.useRealTimers());

async function run(set: IDataObject = {}, body: unknown = { grantUrl, expiresIn: 15 }) {
	const session = fakeSession(() => body);
	const [output] = await generate.run(call(session, { parameters: { ...parameters, ...set } }));
	return { session, output };
}

describe('SSO URL: Generate', () => {
	it('sends the three fields as a form and says until when the link lives', async () => {
		const { session, output } = await run();
		expect(session.sent).toHaveLength(1);
		const [{ method, path, body, timeout }] = session.sent;
		expect({ method, path, timeout }).toEqual({ method: 'POST', path: '/sso', timeout: 10_000 });
		expect(Object.fromEntries(body as URLSearchParams)).toEqual({
			backUrl: parameters.backUrl,
			accountId: '4711',
			locale: 'de-de',
		});
		expect(output.json).toEqual({ grantUrl, expiresIn: 15, expiresAt: '2026-03-31T10:00:15.000Z' });
	});

	it('is ready for a redirect when asked to be', async () => {
		const { output } = await run({ options: { output: 'redirect' } });
		expect(output.json).toEqual({
			statusCode: 302,
			headers: { location: grantUrl, 'cache-control': 'no-store' },
			grantUrl,
			expiresIn: 15,
			expiresAt: '2026-03-31T10:00:15.000Z',
		});
	});

	it.each([[undefined], ['soon'], [0], [-1]])(
		'takes 15 seconds where the reply says %p',
		async (expiresIn) => {
			expect((await run({}, { grantUrl, expiresIn })).output.json.expiresIn).toBe(15);
		},
	);

	it.each([[undefined], [{}], [{ grantUrl: '' }], ['<html>']])(
		'says so when the reply is %j',
		async (body) => {
			await expect(run({}, body ?? null)).rejects.toThrow("Meister1's reply holds no link");
		},
	);

	it('refuses to hand on a link that has expired meanwhile', async () => {
		const { output } = await run();
		jest.setSystemTime(now + 14_999);
		expect(() => generate.handOver?.(output)).not.toThrow();
		jest.setSystemTime(now + 15_000);
		expect(() => generate.handOver?.(output)).toThrow('already too old');
	});

	it.each([
		[{ backUrl: '' }, '"Back URL" is empty'],
		[{ accountId: ' ' }, '"Account ID" is empty'],
	])('asks for what is missing (%j)', async (set, message) => {
		await expect(run(set)).rejects.toThrow(message);
	});

	it('asks for no link to a host that is not allowed', async () => {
		const session = fakeSession(() => ({ grantUrl }));
		const options = { allowedHosts: 'shop.example.org' };
		await expect(
			generate.run(call(session, { parameters: { ...parameters, options } })),
		).rejects.toThrow('leads to a host that is not allowed: www.example.com');
		expect(session.sent).toEqual([]);
	});
});

describe('back URL', () => {
	it.each([
		'www.example.com',
		'/account',
		'javascript:alert(1)',
		'data:text/html,x',
		'https://',
		'https://www.example.com\\@evil.example',
		'https://www.exam\nple.com/',
		'https://www.example.com/\r\nSet-Cookie: a=b',
		'https://www.example.com/a b',
	])('refuses %j', (url) => {
		expect(() => checkedBackUrl(url, undefined)).toThrow('"Back URL" is not a web address');
	});

	it('refuses a user name, which makes one host look like another', () => {
		expect(() =>
			checkedBackUrl('https://www.example.com@evil.example/', 'www.example.com'),
		).toThrow('has a user name');
	});

	it.each([
		['https://www.example.com/x', 'www.example.com'],
		['https://WWW.Example.com/x', ' other.example , www.EXAMPLE.com '],
		['https://a.example.com/', '*.example.com'],
		['https://a.b.example.com/', '*.example.com'],
		['https://localhost:8080/', 'localhost:8080'],
		['https://localhost:8080/', 'localhost'],
		['https://www.example.com/', 'https://www.example.com/'],
		['http://anything.example/', undefined],
	])('%s is allowed by %p', (url, allowed) => {
		expect(checkedBackUrl(url, allowed)).toBe(url);
	});

	it.each([
		['https://evil-example.com/', '*.example.com'],
		['https://example.com.evil.example/', 'example.com, *.example.com'],
		['https://example.com/', '*.example.com'],
		['https://evil.example/?https://www.example.com', 'www.example.com'],
		['https://localhost:9999/', 'localhost:8080'],
	])('%s is not allowed by %p', (url, allowed) => {
		expect(() => checkedBackUrl(url, allowed)).toThrow('is not allowed');
	});

	it('an empty list of hosts, as a failed expression leaves it, does not allow all', () => {
		expect(() => checkedBackUrl('https://evil.example/', ' , ')).toThrow(
			'"Allowed Back URL Hosts" is empty',
		);
	});
});
