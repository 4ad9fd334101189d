import type { ICredentialDataDecryptedObject, IHttpRequestOptions } from 'n8n-workflow';
import { type CredentialName, issuers } from '../../credentials/providers';
import type { Keeper } from '../../credentials/tokens/keeper';
import { decodeRecord, type TokenRecord } from '../../credentials/tokens/record';
import type { TokenIssuer } from '../../credentials/tokens/issuer';
import type { HttpRequest } from '../../credentials/tokens/transport';
import { cancelSignal, type NodeContext, type TokenRow } from './row';

/**
 * For credentials that extend n8n's `oAuth2Api`. n8n's request helper answers a 401 to them with a refresh of its own,
 * asks for a token without knowing where the request goes, and stores nothing that a hook answers. So the tokens are
 * in this process's memory, and the keeper attaches them: same origins, same redirects, same renewal as for the rest.
 */
export class MemoryRow implements TokenRow {
	constructor(
		private readonly context: NodeContext,
		private readonly name: CredentialName,
		private readonly keeper: Keeper,
	) {}

	async read(issuer: TokenIssuer): Promise<TokenRecord> {
		return this.keeper.shelves.merge(decodeRecord(undefined, issuer.owner, issuer.client));
	}

	async write(issuer: TokenIssuer, record: TokenRecord): Promise<void> {
		this.keeper.shelves.of(issuer.owner).record = record;
	}

	async writeResult(
		_source: TokenIssuer,
		_before: TokenRecord,
		task: (http: HttpRequest) => Promise<TokenRecord>,
	): Promise<void> {
		// The purchase remembers by itself what it got.
		await task(async (options) => await this.http(options));
	}

	async send(data: ICredentialDataDecryptedObject, options: IHttpRequestOptions): Promise<unknown> {
		const request = await this.keeper.authenticate(issuers[this.name], data, options);
		return await this.http({ ...request, abortSignal: cancelSignal(this.context) });
	}

	private async http(options: IHttpRequestOptions): Promise<unknown> {
		return (await this.context.helpers.httpRequest(options)) as unknown;
	}
}
