import type { IHttpRequestOptions } from 'n8n-workflow';
import type { TokenRecord } from './record';

/** n8n's `helpers.httpRequest`: the only way out, so that its proxy, SSRF guard and allowed domains hold. */
export type HttpRequest = (options: IHttpRequestOptions) => Promise<unknown>;

/** Where a credential's record is kept, as the engine sees it. */
export interface TokenRow {
	/** Names the credential, in n8n's words its id. */
	readonly id: string;
	/** What was read or written last. */
	readonly stored: TokenRecord;
	/** What is stored now. @throws ApiError `storage` */
	read(): Promise<unknown>;
	/** @throws ApiError `storage` where n8n could not store it */
	write(record: TokenRecord): Promise<void>;
	/** The client for token requests: the one that n8n hands to the credential's hook. @throws ApiError `storage` */
	http(): Promise<HttpRequest>;
}
