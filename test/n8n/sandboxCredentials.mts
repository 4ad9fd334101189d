import type { CredentialFields } from '../sandbox/info.mts';
import type { JsonObject } from './types.mts';

/**
 * The sandbox's credentials as n8n stores them, by type. The sandbox tells of its API of an own kind what a
 * documentation would tell; here that is put into the fields of the Custom Token API credential.
 */
export function sandboxCredentials(fields: CredentialFields): Record<string, JsonObject> {
	const { tokenUrl, baseUrl, username, password, tokenPath, expiryPath, headerName, headerPrefix } =
		fields.customTokenApi;
	return {
		...fields,
		customTokenApi: {
			tokenUrl,
			baseUrl,
			username,
			password,
			expiryPath,
			headerName,
			headerPrefix,
			grant: 'login',
			bodyFormat: 'json',
			accessPath: tokenPath,
			testPath: 'items',
		},
	};
}
