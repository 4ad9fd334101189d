import { readFileSync } from 'node:fs';
import path from 'node:path';
import { installationFolder, n8nVersion } from '../../n8n/install.mts';
import type { Info } from '../../sandbox/info.mts';
import type { Provider } from '../../sandbox/journal.mts';
import type { Json, JsonObject } from '../../n8n/types.mts';
import type { CredentialType } from './accounts.mts';
import type { Step } from './flows.mts';

/** A stored credential and what is in its fields. */
export interface Stored {
	readonly id: string;
	readonly name: string;
	readonly type: CredentialType;
	readonly fields: JsonObject;
}

/** How a node of this package, and n8n's own HTTP Request node, ask the same thing of a provider. */
export interface Consumer {
	readonly provider: Provider;
	readonly own: (credential: Stored) => Step;
	readonly http: (credential: Stored) => Step;
	/** A POST that writes something. */
	readonly post: (credential: Stored) => Step;
}

export function consumersOf(info: Info): Record<CredentialType, Consumer> {
	const { calenso, bookingtime, meister1, fusio, custom } = info.urls;
	const [accountId = ''] = info.accounts.meister1.accountIds;
	const link = { backUrl: 'https://www.example.com/account', accountId, locale: 'de-de' };
	const organization = ({ fields }: Stored) => `${bookingtime}/app/v3/de/organization/${String(fields.organizationId)}`;
	return {
		calensoApi: {
			provider: 'calenso',
			own: (credential) => ownNode('calenso', credential, { resource: 'worker', operation: 'getMany', returnAll: true }),
			http: (credential) => httpRequest(credential, { url: `${calenso}/api/v1/workers` }),
			post: (credential) => httpRequest(credential, { url: `${calenso}/api/v1/workers`, ...jsonBody({ a: 1 }) }),
		},
		bookingtimeApi: {
			provider: 'bookingtime',
			own: (credential) =>
				ownNode('bookingtime', credential, {
					resource: 'organization', operation: 'get', organization: { __rl: true, mode: 'list', value: '' },
				}),
			http: (credential) => httpRequest(credential, { url: `${organization(credential)}/show` }),
			post: (credential) =>
				httpRequest(credential, { url: `${organization(credential)}/customer/add`, ...jsonBody({ firstName: 'Ada', lastName: 'Lovelace' }) }),
		},
		meister1Api: {
			provider: 'meister1',
			own: (credential) => ownNode('meister1', credential, { resource: 'ssoUrl', operation: 'generate', ...link }),
			http: (credential) => httpRequest(credential, { url: `${meister1}/v1/sso`, ...formBody(link) }),
			post: (credential) => httpRequest(credential, { url: `${meister1}/v1/sso`, ...formBody(link) }),
		},
		fusioApi: {
			provider: 'fusio',
			own: (credential) => protectedCall(credential, { path: '/todo' }),
			http: (credential) => httpRequest(credential, { url: `${fusio}/todo` }),
			post: (credential) => httpRequest(credential, { url: `${fusio}/todo`, ...jsonBody({ title: 'Buy milk' }) }),
		},
		customTokenApi: {
			provider: 'custom',
			own: (credential) => protectedCall(credential, { path: '/items' }),
			http: (credential) => httpRequest(credential, { url: `${custom}/items` }),
			post: (credential) => httpRequest(credential, { url: `${custom}/items`, ...jsonBody({ name: 'Sample' }) }),
		},
	};
}

export function protectedCall(credential: Stored, parameters: JsonObject): Step {
	return ownNode('protectedCall', credential, {
		authentication: credential.type, method: 'GET', queryType: 'none', headersType: 'none', responseFormat: 'auto', ...parameters,
	});
}

/** A version of n8n's HTTP Request node that shows its credential to other hosts unless an option forbids it, as all before 4.4 do. */
export const OPEN_HTTP_REQUEST = 4.2;

/** The version of n8n's HTTP Request node that a new workflow gets. */
export function newestHttpRequest(): number {
	const file = path.join(installationFolder(n8nVersion), 'node_modules/n8n-nodes-base/dist/nodes/HttpRequest/HttpRequest.node.js');
	return Number(/defaultVersion: ([\d.]+)/.exec(readFileSync(file, 'utf8'))?.[1]);
}

/** n8n's HTTP Request node with a credential of this package. */
export function httpRequest(credential: Stored, parameters: JsonObject, typeVersion = newestHttpRequest()): Step {
	return {
		type: 'n8n-nodes-base.httpRequest',
		typeVersion,
		parameters: { authentication: 'predefinedCredentialType', nodeCredentialType: credential.type, options: {}, ...parameters },
		credentials: reference(credential),
	};
}

export function ownNode(name: string, credential: Stored, parameters: JsonObject): Step {
	return { type: `n8n-nodes-tokenkeeper.${name}`, parameters: { options: {}, ...parameters }, credentials: reference(credential) };
}

function reference({ id, name, type }: Stored) {
	return { [type]: { id, name } };
}

export function jsonBody(body: Json): JsonObject {
	return { method: 'POST', sendBody: true, specifyBody: 'json', jsonBody: JSON.stringify(body) };
}

function formBody(fields: Readonly<Record<string, string>>): JsonObject {
	const parameters = Object.entries(fields).map(([name, value]) => ({ name, value }));
	return { method: 'POST', sendBody: true, contentType: 'form-urlencoded', bodyParameters: { parameters } };
}
