import type { Info } from './info.mts';

/** An answer, its body read as JSON where it says that it is. */
export interface Reply {
	readonly status: number;
	readonly headers: Headers;
	// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what a provider answers is looked at freely
	readonly body: any;
}

/** Fields of a form; undefined ones are left out. */
export type Fields = Record<string, string | undefined>;

/** Requests to the providers as a plain client would send them, with the first client's credentials. */
export function callsTo({ credentials }: Info) {
	const { calensoApi, bookingtimeApi, meister1Api, fusioApi } = credentials;
	const basic = Buffer.from(`${fusioApi.appKey}:${fusioApi.appSecret}`).toString('base64');
	return {
		calensoToken: (change: Fields = {}) =>
			form(calensoApi.tokenUrl, {
				grant_type: 'client_credentials',
				client_id: calensoApi.clientId,
				client_secret: calensoApi.clientSecret,
				audience: calensoApi.audience,
				...change,
			}),

		calensoWorkers: (token: string) => get(`${calensoApi.baseUrl}/workers`, token),

		bookingtimeFirst: (change: Fields = {}) =>
			form(bookingtimeApi.tokenUrl, {
				grant_type: 'client_credentials',
				client_id: bookingtimeApi.clientId,
				client_secret: bookingtimeApi.clientSecret,
				...change,
			}),

		bookingtimeSecond: (refresh: string, organization?: string, change: Fields = {}) =>
			form(bookingtimeApi.tokenUrl, {
				grant_type: 'refresh_token',
				client_id: bookingtimeApi.clientId,
				refresh_token: refresh,
				organization_id: organization,
				...change,
			}),

		bookingtime: (token: string, path: string, method = 'GET', body?: unknown) =>
			send(`${bookingtimeApi.baseUrl}/app/v3/de${path}`, method, bearer(token), body),

		meister1Token: (change: Fields = {}) =>
			form(`${meister1Api.baseUrl}/token`, {
				grantType: 'client_credentials',
				clientId: meister1Api.clientId,
				clientSecret: meister1Api.clientSecret,
				...change,
			}),

		fusioToken: (change: Fields = {}, authorization = `Basic ${basic}`) =>
			form(
				`${fusioApi.baseUrl}/authorization/token`,
				{ grant_type: 'client_credentials', ...change },
				authorization === '' ? {} : { authorization },
			),

		fusio: (path: string, authorization?: string, method = 'GET', body?: unknown) =>
			send(`${fusioApi.baseUrl}${path}`, method, authorization ? { authorization } : {}, body),
	};
}

/** A form-encoded POST. */
export async function form(
	url: string,
	fields: Fields,
	headers: Record<string, string> = {},
): Promise<Reply> {
	const given = Object.entries(fields).filter(
		(field): field is [string, string] => field[1] !== undefined,
	);
	return await read(
		await fetch(url, { method: 'POST', headers, body: new URLSearchParams(given) }),
	);
}

/** A request with or without a JSON body. */
export async function send(
	url: string,
	method: string,
	headers: Record<string, string>,
	body?: unknown,
): Promise<Reply> {
	const init = body === undefined ? {} : { body: JSON.stringify(body) };
	const type = { 'content-type': 'application/json' };
	return await read(await fetch(url, { method, headers: { ...headers, ...type }, ...init }));
}

/** A GET with a token. */
export function get(url: string, token: string): Promise<Reply> {
	return send(url, 'GET', bearer(token));
}

function bearer(token: string): { authorization: string } {
	return { authorization: `Bearer ${token}` };
}

async function read(response: Response): Promise<Reply> {
	const { status, headers } = response;
	const text = await response.text();
	const isJson = headers.get('content-type')?.includes('json') === true && text !== '';
	return { status, headers, body: isJson ? JSON.parse(text) : text };
}
