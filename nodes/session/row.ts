import type {
	ICredentialDataDecryptedObject,
	IExecuteFunctions,
	IHttpRequestOptions,
	ILoadOptionsFunctions,
} from 'n8n-workflow';
import type { CredentialName } from '../../credentials/providers';
import type { Keeper } from '../../credentials/tokens/keeper';
import { encodeRecord, RECORD_PROPERTY, type TokenRecord } from '../../credentials/tokens/record';
import type { TokenIssuer } from '../../credentials/tokens/issuer';
import type { HttpRequest } from '../../credentials/tokens/transport';

export type NodeContext = IExecuteFunctions | ILoadOptionsFunctions;

/** Aborted when the execution is cancelled; undefined where there is no execution. */
export function cancelSignal(context: NodeContext): AbortSignal | undefined {
	return 'getExecutionCancelSignal' in context ? context.getExecutionCancelSignal() : undefined;
}

/** Where a credential's tokens are kept, and how its requests leave. */
export interface TokenRow {
	read(issuer: TokenIssuer): Promise<TokenRecord>;
	write(issuer: TokenIssuer, record: TokenRecord): Promise<void>;
	/** Runs a task with an HTTP client for token requests, and keeps what it answers. */
	writeResult(
		issuer: TokenIssuer,
		before: TokenRecord,
		task: (http: HttpRequest) => Promise<TokenRecord>,
	): Promise<void>;
	/** Sends a request with the token that is in these fields. */
	send(data: ICredentialDataDecryptedObject, options: IHttpRequestOptions): Promise<unknown>;
}

/**
 * The credential's row in n8n's database, read and written with nothing but n8n's documented interfaces: read by
 * `getCredentials`, written by the `preAuthentication` hook of a request that is never sent.
 */
export class CredentialRow implements TokenRow {
	constructor(
		private readonly context: NodeContext,
		readonly name: CredentialName,
		private readonly keeper: Keeper,
	) {}

	async fields(): Promise<ICredentialDataDecryptedObject> {
		return await this.context.getCredentials(this.name);
	}

	async read(issuer: TokenIssuer): Promise<TokenRecord> {
		return this.keeper.record(issuer, await this.fields());
	}

	async write(issuer: TokenIssuer, record: TokenRecord): Promise<void> {
		const ledger = this.keeper.shelves.ledger(issuer.client, record.ledger);
		await this.writeResult(issuer, record, async () => ({ ...record, ledger }));
	}

	/**
	 * Runs a task with the hook's own HTTP client and stores what it answers.
	 * @param before Only its fields matter: n8n must find a record that it takes for expired.
	 */
	async writeResult(
		issuer: TokenIssuer,
		before: TokenRecord,
		task: (http: HttpRequest) => Promise<TokenRecord>,
	): Promise<void> {
		const data: ICredentialDataDecryptedObject = {
			...(await this.knownFields()),
			[RECORD_PROPERTY]: encodeRecord(before, this.keeper.environment.now()),
		};
		this.keeper.assign(data, task);
		await this.send(data, { method: 'GET', url: issuer.apiBase }).catch((error: unknown) => {
			if (!this.keeper.isDone(data)) throw error;
		});
	}

	/** n8n's request helper on a given object of fields instead of the row: nothing is read from the database. */
	async send(data: ICredentialDataDecryptedObject, options: IHttpRequestOptions): Promise<unknown> {
		this.reference ??= this.storedCredential();
		return (await this.context.helpers.httpRequestWithAuthentication.call(
			this.context,
			this.name,
			options,
			{
				credentialsDecrypted: { ...this.reference, type: this.name, data },
			},
		)) as unknown;
	}

	/** Looked up once: n8n copies the whole node for it. */
	private reference?: { readonly id: string; readonly name: string };

	private storedCredential() {
		const stored = this.context.getNode().credentials?.[this.name];
		return { id: stored?.id ?? '', name: stored?.name ?? this.name };
	}

	private known?: ICredentialDataDecryptedObject;

	/** n8n before 2.36 writes the whole object back, so it must be a whole one. */
	private async knownFields(): Promise<ICredentialDataDecryptedObject> {
		this.known ??= await this.fields();
		return this.known;
	}
}
