import type { ICredentialDataDecryptedObject, IHttpRequestOptions } from 'n8n-workflow';
import type { CredentialName } from '../../../credentials';
import { type NodeContext } from '../../../nodes/session/row';
import { openSession, type Session } from '../../../nodes/session/session';
import { node, type N8n } from './n8n';

/** What a node's `this` is to a session, in one process of n8n. */
export function contextOf(n8n: N8n, name: CredentialName, log: string[] = []): NodeContext {
	const context = {
		getNode: () => ({ ...node, credentials: { [name]: { id: '7', name: 'Credential' } } }),
		getCredentials: async () => await n8n.row.read(),
		logger: { info: (message: string) => log.push(message) },
		helpers: {
			httpRequest: async (options: IHttpRequestOptions) => await n8n.plainRequest(options),
			httpRequestWithAuthentication: async (
				_name: string,
				options: IHttpRequestOptions,
				more?: { credentialsDecrypted?: { data?: ICredentialDataDecryptedObject } },
			) => await n8n.httpRequest(options, more?.credentialsDecrypted?.data),
		},
	};
	return context as unknown as NodeContext;
}

/** One execution of a node in one process. */
export async function execution(n8n: N8n, name: CredentialName, log?: string[]): Promise<Session> {
	return await openSession(contextOf(n8n, name, log), name, n8n.hooks);
}
