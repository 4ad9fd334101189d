import {
	type ICredentialDataDecryptedObject,
	type IDataObject,
	type IHttpRequestHelper,
	type IHttpRequestOptions,
	type INode,
	NodeApiError,
} from 'n8n-workflow';
import type { OutgoingRequest } from '../../../credentials/tokens/attach';
import { TokenEngine } from '../../../credentials/tokens/engine';
import { Hooks } from '../../../credentials/tokens/hooks';
import { RECORD_PROPERTY } from '../../../credentials/tokens/record';
import type { ReadIssuer } from '../../../credentials/tokens/issuer';
import type { Environment } from '../../../credentials/tokens/environment';
import type { DrivenEnvironment } from './virtualTime';

/** A credential's row in n8n's database. */
export class Row {
	reads = 0;
	writes = 0;
	/** Called before a read and before a write takes effect. */
	pause?: (what: 'read' | 'write') => Promise<void>;

	constructor(public stored: ICredentialDataDecryptedObject) {
		this.stored = { [RECORD_PROPERTY]: '', ...stored };
	}

	async read(): Promise<ICredentialDataDecryptedObject> {
		this.reads++;
		await this.pause?.('read');
		return { ...this.stored };
	}

	async write(fields: IDataObject): Promise<void> {
		this.writes++;
		await this.pause?.('write');
		this.stored = { ...this.stored, ...fields } as ICredentialDataDecryptedObject;
	}

	/** A person saves the form; the browser never had the record, n8n puts it back. */
	save(fields: ICredentialDataDecryptedObject): void {
		this.stored = { ...this.stored, ...fields };
	}

	get text(): string {
		return String(this.stored[RECORD_PROPERTY]);
	}

	get record(): { tokens: Record<string, { value: string }>; ledger: Record<string, object> } {
		return JSON.parse(this.text) as never;
	}
}

export const node: INode = {
	id: '1',
	name: 'Node',
	type: 'test',
	typeVersion: 1,
	position: [0, 0],
	parameters: {},
};

type Send = (options: IHttpRequestOptions) => Promise<unknown>;

/**
 * One process of n8n 2.41: its loops around the two credential hooks, as `docs` and n8n-core describe them. The real
 * ones are driven by the contract tests.
 */
export class N8n {
	hooks: Hooks;
	/** n8n before 2.36 writes the whole object back that the hook was called with. */
	writesWhole = false;
	private readonly helper: IHttpRequestHelper;

	constructor(
		readonly environment: Environment,
		readonly row: Row,
		private readonly read: ReadIssuer,
		private readonly send: Send,
	) {
		this.hooks = new Hooks(new TokenEngine(environment));
		this.helper = {
			helpers: { httpRequest: async (options: IHttpRequestOptions) => await send(options) },
		} as never;
	}

	/** The process dies and another one takes its place: what it remembered is gone. */
	restart(): void {
		this.hooks = new Hooks(new TokenEngine(this.environment));
	}

	/** A request without credentials. */
	async plainRequest(options: IHttpRequestOptions): Promise<unknown> {
		return await this.send(options);
	}

	/** Waiting takes no real time. */
	private async drive<T>(work: Promise<T>): Promise<T> {
		const { environment } = this;
		return 'drive' in environment
			? await (environment as DrivenEnvironment).drive(work)
			: await work;
	}

	/** What nodes use: the hook again after a 401, then once more. */
	async httpRequest(
		request: IHttpRequestOptions,
		handed?: ICredentialDataDecryptedObject,
	): Promise<unknown> {
		return await this.drive(this.httpRequestNow(request, handed));
	}

	private async httpRequestNow(
		request: IHttpRequestOptions,
		handed?: ICredentialDataDecryptedObject,
	): Promise<unknown> {
		const credentials = handed ?? (await this.row.read());
		try {
			await this.hook(credentials, false);
			return await this.send(await this.hooks.authenticate(this.read, credentials, request));
		} catch (error) {
			if ((error as { response?: { status?: number } }).response?.status !== 401)
				throw this.wrap(error);
			try {
				await this.hook(credentials, true);
				return await this.send(await this.hooks.authenticate(this.read, credentials, request));
			} catch (second) {
				throw this.wrap(second);
			}
		}
	}

	/** What the HTTP Request node uses: the hook after any error, and again if the hook has something. */
	async legacyRequest(request: Omit<OutgoingRequest, 'url'>): Promise<unknown> {
		return await this.drive(this.legacyRequestNow(request));
	}

	private async legacyRequestNow(request: Omit<OutgoingRequest, 'url'>): Promise<unknown> {
		const credentials = await this.row.read();
		const options = request as OutgoingRequest;
		try {
			await this.hook(credentials, false);
			return await this.send(await this.hooks.authenticate(this.read, credentials, options));
		} catch (error) {
			if (!(await this.hook(credentials, true))) throw this.wrap(error);
			try {
				return await this.send(await this.hooks.authenticate(this.read, credentials, options));
			} catch (second) {
				throw this.wrap(second);
			}
		}
	}

	/** A person opens the credential in the editor, or saves it: a test always calls the hook. */
	async openCredential(request: IHttpRequestOptions): Promise<unknown> {
		return await this.drive(this.openCredentialNow(request));
	}

	private async openCredentialNow(request: IHttpRequestOptions): Promise<unknown> {
		const credentials = await this.row.read();
		try {
			await this.hook(credentials, false, true);
			return await this.send(await this.hooks.authenticate(this.read, credentials, request));
		} catch (error) {
			if ((error as { response?: { status?: number } }).response?.status !== 401)
				throw this.wrap(error);
			await this.hook(credentials, true, true);
			return await this.send(await this.hooks.authenticate(this.read, credentials, request));
		}
	}

	/** n8n's CredentialsHelper: calls the hook only where it has to, stores what it answers. */
	private async hook(
		credentials: ICredentialDataDecryptedObject,
		expired: boolean,
		testing = false,
	): Promise<boolean> {
		if (credentials[RECORD_PROPERTY] !== '' && !expired && !testing) return false;
		const output = await this.hooks.preAuthentication(this.read, this.helper, credentials);
		if (output[RECORD_PROPERTY] === undefined) return false;
		await this.row.read();
		await this.row.write(this.writesWhole ? { ...credentials, ...output } : output);
		Object.assign(credentials, output);
		return true;
	}

	private wrap(error: unknown): NodeApiError {
		return new NodeApiError(node, error as never);
	}
}
