import {
	NodeOperationError,
	type ICredentialDataDecryptedObject,
	type IDataObject,
} from 'n8n-workflow';
import { type CredentialName, issuers } from '../../credentials/providers';
import { DIED, type Keeper } from '../../credentials/tokens/keeper';
import { permissionError, type Want } from '../../credentials/tokens/purchase';
import { encodeRecord, RECORD_PROPERTY } from '../../credentials/tokens/record';
import type { TokenIssuer } from '../../credentials/tokens/issuer';
import { keeper as processKeeper } from '../../credentials/tokens/processKeeper';
import { type ApiReply, type ApiRequest, buildRequest, ownTarget, readReply } from './request';
import { cancelSignal, CredentialRow, type NodeContext, type TokenRow } from './row';
import { ApiError, fromReply } from '../shared/errors';
import { MemoryRow } from './memoryRow';
import { renewRow } from './renewal';
import { sendWithRetries } from './retry';
import { type TokenStatus, tokenStatus } from './status';

export type { ApiReply, ApiRequest } from './request';
export type { TokenStatus } from './status';
export type { CredentialName } from '../../credentials/providers';

/** What a node knows of a credential, and the one way to send a request with it. */
export interface Session {
	/** The credential's fields without secrets and without the token record. */
	readonly fields: Readonly<IDataObject>;
	/** API base without trailing slash. */
	readonly baseUrl: string;
	/** Headers that the credential sets, in lower case: no request may set them itself. */
	readonly credentialHeaders: readonly string[];
	/**
	 * Sends one request with a usable token.
	 * @throws ApiError with the provider's own words and what to do next.
	 */
	send(request: ApiRequest): Promise<ApiReply>;
	/** What is known of the token, never the token itself; sends nothing. */
	status(): TokenStatus;
	/** Buys a token now, within the budget. @throws ApiError where none was to be had. */
	renew(): Promise<TokenStatus>;
	/** Drops the stored token; the count of this month stays. */
	forget(): Promise<TokenStatus>;
}

const unreadable = {
	message: 'The credential cannot be read.',
	description: 'Open it, check its fields and save it again.',
};
const SECRET_FIELDS = [
	'clientSecret',
	'appSecret',
	'password',
	'refreshToken',
	'oauthTokenData',
	RECORD_PROPERTY,
];
/** After so many refusals in a row the rest is not sent: Fusio bans hosts that go on. */
const MOST_REFUSALS = 3;
const MOST_REDIRECTS = 5;

/** Reads the credential once and keeps it for the whole execution. */
export async function openSession(
	context: NodeContext,
	credentialName: CredentialName,
	keeper: Keeper = processKeeper,
): Promise<Session> {
	const data = { ...(await context.getCredentials(credentialName)) };
	try {
		const issuer = keeper.issuer(issuers[credentialName], data);
		const Row = issuer.inMemory ? MemoryRow : CredentialRow;
		const row = new Row(context, credentialName, keeper);
		return new OpenSession(context, row, issuer, data, keeper);
	} catch (error) {
		const { message, description } = error instanceof ApiError ? error : unreadable;
		throw new NodeOperationError(context.getNode(), message, { description });
	}
}

class OpenSession implements Session {
	readonly fields: Readonly<IDataObject>;
	readonly baseUrl: string;
	readonly credentialHeaders: readonly string[];
	private refusals = 0;
	private lastRefusal?: ApiError;
	private readonly renewing = new Map<string, Promise<string>>();

	constructor(
		private readonly context: NodeContext,
		private readonly row: TokenRow,
		private readonly issuer: TokenIssuer,
		private readonly data: ICredentialDataDecryptedObject,
		private readonly keeper: Keeper,
	) {
		keeper.manage(data);
		this.baseUrl = issuer.apiBase;
		this.credentialHeaders = [issuer.header.name.toLowerCase()];
		this.fields = Object.fromEntries(
			Object.entries(data).filter(([name]) => !SECRET_FIELDS.includes(name)),
		) as IDataObject;
	}

	async send(request: ApiRequest): Promise<ApiReply> {
		const { issuer } = this;
		const url = ownTarget(issuer, request);
		if (this.lastRefusal !== undefined && this.refusals >= MOST_REFUSALS && !request.neverError) {
			throw new ApiError(
				'permission',
				`Not sent: ${issuer.provider} refused the ${MOST_REFUSALS} requests before this one. ${this.lastRefusal.message}`,
				this.lastRefusal.description,
				{ httpStatus: this.lastRefusal.httpStatus },
			);
		}
		const { reply, token } = await this.sendRenewing(request, url);
		if (reply.status < 400) this.refusals = 0;
		if (reply.status < 400 || request.neverError) return reply;
		if (reply.status === 401 || reply.status === 403) this.refusals++;
		const error =
			reply.status === 401
				? this.refusal(reply, token)
				: fromReply(issuer.provider, reply.status, reply.body, [...issuer.secrets, token]);
		if (reply.status === 401 || reply.status === 403) this.lastRefusal = error;
		throw error;
	}

	status(): TokenStatus {
		const record = this.keeper.shelves.merge(this.keeper.record(this.issuer, this.data));
		return tokenStatus(this.issuer, record, this.ownSlot(), this.keeper.environment.now());
	}

	async renew(): Promise<TokenStatus> {
		await this.renewToken(this.ownSlot(), { force: true });
		return this.status();
	}

	async forget(): Promise<TokenStatus> {
		const { issuer, keeper } = this;
		const { owner, ledger } = keeper.shelves.merge(await this.row.read(issuer));
		keeper.shelves.forget(issuer.owner);
		const empty = { owner, ledger, tokens: {}, notBefore: keeper.environment.now() };
		await this.row.write(issuer, empty);
		this.data[RECORD_PROPERTY] = encodeRecord(empty, keeper.environment.now());
		return this.status();
	}

	/** A 401 is answered by one renewal and one repetition, where a new token can help. */
	private async sendRenewing(request: ApiRequest, url: URL) {
		const slot = this.issuer.slotOf(url);
		const first = await this.sendOnce(request, url, slot);
		if (first.reply.status !== 401) return first;
		if (this.issuer.lacksPermission(first.reply.body)) return first;
		const renewed = await this.renewToken(slot, { refused: first.token }).catch(
			(error: unknown) => {
				// The API's own words say more than ours.
				if (error instanceof ApiError && error.kind === 'permission') return undefined;
				throw error;
			},
		);
		return renewed === undefined ? first : await this.sendOnce(request, url, slot);
	}

	private async sendOnce(request: ApiRequest, url: URL, slot: string) {
		let token = '';
		let target = url;
		for (let redirects = 0; ; redirects++) {
			const reply = await sendWithRetries(
				this.issuer,
				request,
				target,
				async () => {
					const send = async () => {
						token = await this.usableToken(slot);
						return await this.row.send(this.data, buildRequest(request, target));
					};
					return await send().catch(async (error: unknown) => {
						if (!(error instanceof Error) || error.message !== DIED) throw error;
						return await send();
					});
				},
				this.keeper.environment,
				cancelSignal(this.context),
			);
			const next = this.redirectTarget(request, reply, target);
			if (next === undefined || redirects >= MOST_REDIRECTS) {
				if (reply.status < 400) this.keeper.shelves.of(this.issuer.owner).proven.set(slot, token);
				return { reply: readReply(request, reply), token };
			}
			target = next;
		}
	}

	/** Redirects are followed for reading requests, and to the credential's own origins. */
	private redirectTarget(
		request: ApiRequest,
		reply: { status: number; headers: Readonly<Record<string, string>> },
		from: URL,
	): URL | undefined {
		const { location } = reply.headers;
		if (reply.status < 300 || reply.status > 399 || location === undefined) return undefined;
		if (!['GET', 'HEAD'].includes(request.method)) {
			if (request.neverError) return undefined;
			throw new ApiError(
				'api',
				`${this.issuer.provider} redirects this ${request.method} request (${reply.status}).`,
				'Only reading requests follow redirects. Enter the address that the API really answers at.',
				{ httpStatus: reply.status },
			);
		}
		return ownTarget(this.issuer, { path: new URL(location, from).href });
	}

	private async usableToken(slot: string): Promise<string> {
		const record = this.keeper.record(this.issuer, this.data);
		const token = this.keeper.usable(this.issuer, record, slot);
		return token ?? (await this.renewToken(slot, {}));
	}

	/** Items that need the same renewal share it. @throws ApiError where no token is to be had. */
	private async renewToken(slot: string, want: Want): Promise<string> {
		const name = JSON.stringify([slot, want]);
		const running = this.renewing.get(name) ?? this.renewTokenNow(slot, want);
		this.renewing.set(name, running);
		return await running.finally(() => this.renewing.delete(name));
	}

	private async renewTokenNow(slot: string, want: Want): Promise<string> {
		const { issuer, keeper } = this;
		const shelf = keeper.shelves.of(issuer.owner);
		const own = keeper.record(issuer, this.data).tokens[slot]?.value;
		// Another item of this execution was faster.
		if (want.refused !== undefined && own !== undefined && own !== want.refused) return own;
		const { record, error } = await renewRow(keeper, this.row, issuer, slot, want, (message) =>
			this.context.logger.info(message),
		);
		this.data[RECORD_PROPERTY] = encodeRecord(record, keeper.environment.now());
		if (error !== undefined) throw error;
		const token = keeper.usable(issuer, record, slot, true);
		if (token === undefined || token === want.refused) {
			throw permissionError(issuer.provider);
		}
		if (want.refused !== undefined) shelf.refused.delete(slot);
		return token;
	}

	private refusal(reply: ApiReply, token: string): ApiError {
		const { provider, secrets } = this.issuer;
		const { message } = fromReply(provider, reply.status, reply.body, [...secrets, token]);
		const { description } = permissionError(provider);
		return new ApiError('permission', `${message}.`.replace(/\.+$/, '.'), description, {
			httpStatus: 401,
		});
	}

	private ownSlot(): string {
		return this.issuer.slotOf(new URL(this.issuer.apiBase));
	}
}
