import type { IHttpRequestOptions } from 'n8n-workflow';
import type { CredentialName } from '../../credentials';
import { attach } from '../../credentials/tokens/attach';
import type { Hooks } from '../../credentials/tokens/hooks';
import type { TokenIssuer } from '../../credentials/tokens/issuer';
import { emptyRecord, type StoredToken, type TokenRecord } from '../../credentials/tokens/record';
import type { HttpRequest } from '../../credentials/tokens/row';
import { cancelSignal, type NodeContext, type SessionRow } from './row';

/**
 * For credentials that extend n8n's `oAuth2Api`. n8n's request helper answers a 401 to them with a refresh of its own,
 * asks for a token without knowing where the request goes, and stores nothing that a hook answers. So the tokens are
 * in this process's memory, and this row attaches them: same origins, same redirects, same renewal as for the rest.
 */
export class MemoryRow implements SessionRow {
	readonly id = '';
	readonly stored: TokenRecord;

	constructor(
		private readonly context: NodeContext,
		_name: CredentialName,
		_hooks: Hooks,
		private readonly issuer: TokenIssuer,
	) {
		this.stored = emptyRecord(issuer.owner);
	}

	async read(): Promise<unknown> {
		return undefined;
	}

	/** The engine remembers by itself what it got. */
	async write(): Promise<void> {}

	async http(): Promise<HttpRequest> {
		return async (options) => (await this.context.helpers.httpRequest(options)) as unknown;
	}

	async send(token: StoredToken, options: IHttpRequestOptions): Promise<unknown> {
		const request = attach(this.issuer, token, options);
		const abortSignal = cancelSignal(this.context);
		return (await this.context.helpers.httpRequest({ ...request, abortSignal })) as unknown;
	}
}
