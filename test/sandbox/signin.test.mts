import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';

import { callsTo, form } from './calls.mts';
import type { Fields, Reply } from './calls.mts';
import { spawnSandbox } from './client.mts';
import type { SandboxClient } from './client.mts';

const CALLBACK = 'http://localhost:5678/rest/oauth2-credential/callback';

let sandbox: SandboxClient;

before(async () => {
	sandbox = await spawnSandbox();
});
after(() => sandbox.stop());

test('a person signs in, and the code buys a refresh token and no access token', async () => {
	const { organizationId, clientId } = sandbox.info.credentials.bookingtimeOAuth2Api;
	const code = await signIn({});
	const first = await redeem({ code });
	assert.deepEqual(Object.keys(first.body), ['refresh_token', 'token_type', 'expires_in']);
	assert.equal((await redeem({ code })).body.error, 'invalid_grant');

	const { bookingtime, bookingtimeSecond } = callsTo(sandbox.info);
	const second = await bookingtimeSecond(first.body.refresh_token, organizationId, {
		client_id: clientId,
	});
	assert.equal(second.body.expires_in, 300);
	const shown = await bookingtime(second.body.access_token, `/organization/${organizationId}/show`);
	assert.equal(shown.status, 200);
	assert.deepEqual((await sandbox.counts()).bookingtime.byGrant, { code: 1, step2: 1 });

	await sandbox.revoke('bookingtime', { refresh: true });
	const dead = await bookingtimeSecond(first.body.refresh_token, organizationId, {
		client_id: clientId,
	});
	assert.deepEqual([dead.status, dead.body.error], [400, 'invalid_grant']);
});

test('PKCE is checked where it is used, and a wrong secret refused', async () => {
	const verifier = randomBytes(32).toString('base64url');
	const challenge = createHash('sha256').update(verifier).digest('base64url');
	const pkce = { code_challenge: challenge, code_challenge_method: 'S256' };
	const wrong = await redeem({ code: await signIn(pkce), code_verifier: `${verifier}x` });
	assert.equal(wrong.body.error, 'invalid_grant');
	const code = await signIn(pkce);
	assert.equal(
		(await redeem({ code, code_verifier: verifier, client_secret: 'wrong' })).status,
		401,
	);
	assert.equal((await redeem({ code, code_verifier: verifier })).status, 200);
});

test('redirects to this host only', async () => {
	const { authUrl, clientId } = sandbox.info.credentials.bookingtimeOAuth2Api;
	const query = {
		response_type: 'code',
		client_id: clientId,
		redirect_uri: 'https://example.com/callback',
	};
	const refused = await fetch(`${authUrl}?${new URLSearchParams(query)}`);
	assert.equal(refused.status, 400);
	assert.match(await refused.text(), /redirect_uri/);
});

function redeem(change: Fields): Promise<Reply> {
	const { accessTokenUrl, clientId, clientSecret } = sandbox.info.credentials.bookingtimeOAuth2Api;
	return form(accessTokenUrl, {
		grant_type: 'authorization_code',
		redirect_uri: CALLBACK,
		client_id: clientId,
		client_secret: clientSecret,
		...change,
	});
}

/** Plays the person's browser: log-in, consent, and the code that comes back. */
async function signIn(more: Record<string, string>): Promise<string> {
	const { authUrl, clientId } = sandbox.info.credentials.bookingtimeOAuth2Api;
	const [user] = sandbox.info.accounts.bookingtime.users;
	const cookies = new Map<string, string>();

	async function go(url: string, fields?: Record<string, string>): Promise<string> {
		const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
		const init = fields === undefined ? {} : { method: 'POST', body: new URLSearchParams(fields) };
		const response = await fetch(url, { ...init, redirect: 'manual', headers: { cookie } });
		for (const set of response.headers.getSetCookie()) {
			const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
			cookies.set(name, value);
		}
		const location = response.headers.get('location');
		if (location === null) return url;
		const next = new URL(location, url).href;
		return next.startsWith(CALLBACK) ? next : await go(next);
	}

	const query = {
		response_type: 'code',
		client_id: clientId,
		redirect_uri: CALLBACK,
		state: 's',
		...more,
	};
	const login = await go(`${authUrl}?${new URLSearchParams(query)}`);
	const wrong = await go(login, { login: user?.username ?? '', password: 'wrong' });
	assert.equal(wrong, login);
	const consent = await go(login, { login: user?.username ?? '', password: user?.password ?? '' });
	const back = new URL(await go(consent, {}));
	assert.equal(back.searchParams.get('state'), 's');
	return back.searchParams.get('code') ?? assert.fail(back.href);
}
