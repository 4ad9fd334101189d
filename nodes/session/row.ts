import type {
	ICredentialDataDecryptedObject,
	IExecuteFunctions,
	IHttpRequestOptions,
	ILoadOptionsFunctions,
	IPollFunctions,
} from 'n8n-workflow';
import type { CredentialName } from '../../credentials';
import { ApiError } from '../../credentials/tokens/errors';
import type { Hooks } from '../../credentials/tokens/hooks';
import type { TokenIssuer } from '../../credentials/tokens/issuer';
import {
	RECORD_PROPERTY,
	type StoredToken,
	type TokenRecord,
} from '../../credentials/tokens/record';
import type { HttpRequest, TokenRow } from '../../credentials/tokens/row';

export type NodeContext = IExecuteFunctions | ILoadOptionsFunctions | IPollFunctions;

/** Aborted when the execution is cancelled; undefined where there is no execution. */
export function cancelSignal(context: NodeContext): AbortSignal | undefined {
	return 'getExecutionCancelSignal' in context ? context.getExecutionCancelSignal() : undefined;
}

/** A row, and how requests leave with its tokens. */
export interface SessionRow extends TokenRow {
	/** @throws ApiError `storage` where n8n failed before the request left; what n8n's HTTP client throws after that */
	send(token: StoredToken, options: IHttpRequestOptions): Promise<unknown>;
}

/**
 * The credential's row in n8n's database, read and written with nothing but n8n's documented interfaces: read by
 * `getCredentials`, written by the `preAuthentication` hook of a request that is never sent.
 */
export class CredentialRow implements SessionRow {
	readonly id: string;
	stored: TokenRecord;
	/** The row was read and nothing has been waited for since: n8n 1 is given it back as a whole. */
	private fresh?: ICredentialDataDecryptedObject;
	private client?: Promise<HttpRequest>;
	private readonly reference: { readonly id: string; readonly name: string };

	constructor(
		private readonly context: NodeContext,
		private readonly name: CredentialName,
		private readonly hooks: Hooks,
		private readonly issuer: TokenIssuer,
		private readonly data: ICredentialDataDecryptedObject,
	) {
		// Looked up once: n8n copies the whole node for it.
		const credential = context.getNode().credentials?.[name];
		this.reference = { id: credential?.id ?? '', name: credential?.name ?? name };
		this.id = `${this.reference.id} ${name}`;
		this.stored = hooks.engine.read(issuer, data[RECORD_PROPERTY]);
	}

	async read(): Promise<unknown> {
		try {
			this.fresh = await this.context.getCredentials(this.name);
		} catch {
			throw unreadable();
		}
		const text = this.fresh[RECORD_PROPERTY];
		this.stored = this.hooks.engine.read(this.issuer, text);
		return text;
	}

	async write(record: TokenRecord): Promise<void> {
		// n8n before 2.36 writes the whole object back: it must be the newest one, or an edit would be undone.
		if (this.fresh === undefined) await this.read();
		const fields = this.fresh ?? this.data;
		this.fresh = undefined;
		await this.task(fields, () => record);
		this.stored = record;
	}

	async http(): Promise<HttpRequest> {
		// Whoever asks is about to wait for a provider.
		this.fresh = undefined;
		this.client ??= this.captureClient();
		return await this.client;
	}

	async send(token: StoredToken, options: IHttpRequestOptions): Promise<unknown> {
		// Not empty, so that n8n leaves the hook alone; an object of its own, since items are sent side by side.
		const data = { ...this.data, [RECORD_PROPERTY]: 'attached' };
		this.hooks.present(data, this.issuer, token);
		this.fresh = undefined;
		try {
			return await this.request(data, options);
		} catch (error) {
			throw this.hooks.hasLeft(data) ? error : unreadable();
		}
	}

	private async captureClient(): Promise<HttpRequest> {
		let captured: HttpRequest | undefined;
		await this.task(this.data, (http) => {
			captured = http;
			return undefined;
		});
		if (captured === undefined) throw unstored();
		return captured;
	}

	/** Runs a task within n8n's hook, which stores what it answers. */
	private async task(
		fields: ICredentialDataDecryptedObject,
		run: (http: HttpRequest) => TokenRecord | undefined,
	): Promise<void> {
		// n8n calls the hook where the property is empty.
		const data = { ...fields, [RECORD_PROPERTY]: '' };
		this.hooks.assign(data, run);
		await this.request(data, { method: 'GET', url: this.issuer.apiBase }).catch(() => undefined);
		if (!this.hooks.isDone(data)) throw unstored();
	}

	/** n8n's request helper on a given object of fields instead of the row: nothing is read from the database. */
	private async request(
		data: ICredentialDataDecryptedObject,
		options: IHttpRequestOptions,
	): Promise<unknown> {
		const { context, name, reference } = this;
		return (await context.helpers.httpRequestWithAuthentication.call(context, name, options, {
			credentialsDecrypted: { ...reference, type: name, data },
		})) as unknown;
	}
}

function unreadable(): ApiError {
	return new ApiError(
		'storage',
		'n8n could not read the credential.',
		'Look at n8n’s log and at its database, and try again; no request was sent.',
		{ retryAfter: 0, neverSent: true },
	);
}

function unstored(): ApiError {
	return new ApiError(
		'storage',
		'n8n could not store the token in the credential.',
		'Look at n8n’s database: it may be away, full or read-only.',
		{ retryAfter: 0, neverSent: true },
	);
}
