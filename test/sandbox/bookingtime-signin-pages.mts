import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

import type Provider from 'oidc-provider';

import type { Accounts } from './accounts.mts';
import { escapeMarkup, page } from './answer.mts';
import { read } from './serve.mts';

/** A person who can sign in. */
export type User = Accounts['bookingtime']['users'][number];

/** Log-in and consent: `input[name=login]`, `input[name=password]`, `button[type=submit]`, `a#deny`. */
export function signInPages(provider: Provider, users: readonly User[]): RequestListener {
	async function show(
		request: IncomingMessage,
		response: ServerResponse,
		body: string,
	): Promise<void> {
		const { uid, prompt, params, session } = await provider.interactionDetails(request, response);
		const clientId = String(params.client_id);
		const finish = (result: Record<string, unknown>, options = { mergeWithLastSubmission: true }) =>
			provider.interactionFinished(request, response, result, options);
		if (request.url?.endsWith('/deny')) {
			const error = { error: 'access_denied', error_description: 'The user did not allow it.' };
			return await finish(error, { mergeWithLastSubmission: false });
		}
		const posted = request.method === 'POST' ? new URLSearchParams(body) : undefined;
		if (prompt.name === 'login') {
			const user = users.find(({ username }) => username === posted?.get('login'));
			const right = user !== undefined && user.password === posted?.get('password');
			if (right) return await finish({ login: { accountId: user.username } });
			return write(response, posted ? 'Unknown user or wrong password' : 'Sign in', loginForm(uid));
		}
		if (posted === undefined) return write(response, 'Allow access?', consentForm(uid, clientId));
		const grant = new provider.Grant({ accountId: session?.accountId ?? '', clientId });
		if (typeof params.scope === 'string') grant.addOIDCScope(params.scope);
		return await finish({ consent: { grantId: await grant.save() } });
	}

	return (request, response) => {
		read(request, (body) => {
			show(request, response, body).catch((error: unknown) => {
				write(response, 'This sign-in is over', `<p id="error">${escapeMarkup(String(error))}</p>`);
			});
		});
	};
}

function write(response: ServerResponse, title: string, body: string): void {
	const { status, headers, body: text } = page(200, title, body);
	response.writeHead(status, headers).end(text);
}

function loginForm(uid: string): string {
	const fields =
		'<p><input name="login" autofocus></p><p><input name="password" type="password"></p>';
	return `<form method="post" action="/sign-in/${uid}">${fields}<button type="submit">Sign in</button></form>`;
}

function consentForm(uid: string, clientId: string): string {
	const text = `<p>The app <b>${escapeMarkup(clientId)}</b> wants to act for you.</p>`;
	const button = `<button type="submit">Allow</button> <a id="deny" href="/sign-in/${uid}/deny">Deny</a>`;
	return `${text}<form method="post" action="/sign-in/${uid}">${button}</form>`;
}
