import {
	NodeOperationError,
	type ICredentialDataDecryptedObject,
	type IDataObject,
	type IHttpRequestOptions,
} from 'n8n-workflow';
import {
	type CredentialName,
	credentialTypes,
	issuerReaders,
	secretFieldsOf,
} from '../../credentials';
import { headersOf } from '../../credentials/tokens/attach';
import { permissionError, type Question, scopesInWords } from '../../credentials/tokens/engine';
import { withoutTrailing } from '../../credentials/tokens/fields';
import { hooks as processHooks, type Hooks } from '../../credentials/tokens/hooks';
import type { TokenIssuer } from '../../credentials/tokens/issuer';
import type { Refusal } from '../../credentials/tokens/policy';
import { RECORD_PROPERTY, type StoredToken } from '../../credentials/tokens/record';
import { providerWords } from '../../credentials/tokens/errors';
import { findErrorText } from '../../credentials/tokens/errorWords';
import { ApiError, fromReply, ofRequest } from '../shared/errors';
import { MemoryRow } from './memoryRow';
import { sendFollowing } from './following';
import { takeIn } from './receive';
import { type ApiReply, type ApiRequest, ownTarget, readReply } from './request';
import { cancelSignal, CredentialRow, type NodeContext, type SessionRow } from './row';
import { type TokenStatus, tokenStatus } from './status';

export type { CredentialName } from '../../credentials';
export type { ApiReply, ApiRequest } from './request';
export type { TokenStatus } from './status';

/** What a node knows of a credential, and the one way to send a request with it. */
export interface Session {
	/** The credential's fields without secrets and without the token record. */
	readonly fields: Readonly<IDataObject>;
	/** API base without trailing slash. */
	readonly baseUrl: string;
	/** Fingerprint of the client that the credential names: with another one, the API may show other records. */
	readonly client: string;
	/** Names of the headers that the credential sets itself, in lower case. */
	readonly credentialHeaders: readonly string[];
	/**
	 * Sends one request with a usable token.
	 * @throws ApiError with the provider's own words and what to do next.
	 */
	send(request: ApiRequest): Promise<ApiReply>;
	/** What the API says is wrong in a reply, its secrets blanked; undefined where it says nothing. */
	words(body: unknown): string | undefined;
	/** What is known of the token, never the token itself; sends nothing. */
	status(): TokenStatus;
	/** Buys a token now, within the budget. @throws ApiError where none was to be had. */
	renew(): Promise<TokenStatus>;
	/** Drops the stored token; the count of this month stays. */
	forget(): Promise<TokenStatus>;
}

/** A request is sent so often at most, with another token or the same one once more. */
const MOST_TURNS = 12;

/** Reads the credential once and keeps it for the whole execution. */
export async function openSession(
	context: NodeContext,
	credentialName: CredentialName,
	hooks: Hooks = processHooks,
): Promise<Session> {
	const data = { ...(await context.getCredentials(credentialName)) };
	try {
		const issuer = issuerReaders[credentialName](data);
		const Row = issuer.inMemory ? MemoryRow : CredentialRow;
		const row = new Row(context, credentialName, hooks, issuer, data);
		return new OpenSession(context, row, issuer, shownFields(credentialName, data), hooks);
	} catch (error) {
		const { message, description } = error instanceof ApiError ? error : unreadable;
		throw new NodeOperationError(context.getNode(), message, { description });
	}
}

class OpenSession implements Session {
	readonly baseUrl: string;
	readonly client: string;
	readonly credentialHeaders: readonly string[];

	constructor(
		private readonly context: NodeContext,
		private readonly row: SessionRow,
		private readonly issuer: TokenIssuer,
		readonly fields: Readonly<IDataObject>,
		private readonly hooks: Hooks,
	) {
		this.baseUrl = issuer.apiBase;
		this.client = issuer.client;
		this.credentialHeaders = headersOf(issuer);
	}

	async send(request: ApiRequest): Promise<ApiReply> {
		const { issuer } = this;
		const url = ownTarget(issuer, request);
		const question = this.question(issuer.slotOf(url));
		let refused: Refusal | undefined;
		let last: { readonly reply: ApiReply; readonly token: StoredToken } | undefined;
		for (let turn = 0; turn < MOST_TURNS; turn++) {
			const sent = await this.sendOnce(request, url, { ...question, refused }).catch(
				(error: unknown) => {
					// The API's own words say more than ours.
					if (last !== undefined && isPermission(error)) return undefined;
					throw error;
				},
			);
			if (sent === undefined) break;
			last = sent;
			// What a host says that was shown no token tells nothing about it.
			if (sent.reply.foreignHost !== undefined) break;
			const verdict = issuer.verdict(sent.reply);
			if (verdict === 'accepted') {
				const { status } = sent.reply;
				this.hooks.engine.accepted(issuer, question.slot, sent.token.value, status);
				break;
			}
			if (verdict === 'permission') break;
			refused = { value: sent.token.value, verdict };
		}
		if (last === undefined) throw permissionError(issuer, undefined);
		const { reply, token } = last;
		const foreign = reply.foreignHost !== undefined;
		const good = reply.status < 400 && (foreign || issuer.verdict(reply) === 'accepted');
		if (good || request.neverError) return reply;
		const error = foreign ? this.foreignRefusal(reply) : this.refusal(reply, token);
		throw ofRequest(error, request.method, url, [...issuer.secrets, token.value]);
	}

	words(body: unknown): string | undefined {
		const text = findErrorText(body);
		if (text === undefined) return undefined;
		const { tokens } = this.hooks.engine.current(this.issuer, this.row.stored);
		return providerWords(text, [
			...this.issuer.secrets,
			...Object.values(tokens).flatMap((token) => hiddenOf(token)),
		]);
	}

	status(): TokenStatus {
		const { engine } = this.hooks;
		const record = engine.current(this.issuer, this.row.stored);
		return tokenStatus(this.issuer, record, this.ownSlot(), engine.environment.now());
	}

	async renew(): Promise<TokenStatus> {
		await this.hooks.engine.replace(this.question(this.ownSlot()));
		return this.status();
	}

	async forget(): Promise<TokenStatus> {
		await this.hooks.engine.forget(this.issuer, this.row);
		return this.status();
	}

	private question(slot: string): Question {
		return {
			issuer: this.issuer,
			slot,
			row: this.row,
			asker: {},
			signal: cancelSignal(this.context),
			log: (message) => this.context.logger.info(message),
		};
	}

	private async sendOnce(request: ApiRequest, url: URL, question: Question) {
		const { engine } = this.hooks;
		const { provider, ban } = this.issuer;
		const { environment } = engine;
		let token: StoredToken | undefined;
		const own = async (asked: ApiRequest, target: URL, options: IHttpRequestOptions) => {
			token = await engine.token(question);
			const { origin } = target;
			await engine.guard.enter(provider, origin, ban, question.signal);
			let answer: unknown;
			try {
				answer = await takeIn(asked, target, await this.row.send(token, options), environment);
				return answer;
			} finally {
				engine.guard.leave(origin, ban, judgedAnswer(asked, answer));
			}
		};
		const ways = {
			own,
			foreign: async (options: IHttpRequestOptions) => await this.foreign(options),
		};
		const reply = await sendFollowing(
			this.issuer,
			request,
			url,
			ways,
			environment,
			question.signal,
			{
				log: question.log,
				secrets: () => [...this.issuer.secrets, ...(token === undefined ? [] : hiddenOf(token))],
			},
		);
		return { reply, token: token as unknown as StoredToken };
	}

	/** n8n's plain helper: its proxy, its guard of internal addresses and the credential's allowed domains hold. */
	private async foreign(options: IHttpRequestOptions): Promise<unknown> {
		const { allowedHttpRequestDomains: mode, allowedDomains } = this.fields;
		return (await this.context.helpers.httpRequest({
			...options,
			abortSignal: cancelSignal(this.context),
			...(mode === 'domains' && { allowedDomains: String(allowedDomains ?? '') }),
		})) as unknown;
	}

	private foreignRefusal({ foreignHost, status, body }: ApiReply): ApiError {
		const { provider, secrets } = this.issuer;
		const { message } = fromReply(
			`${foreignHost}, where ${provider} led to,`,
			status,
			body,
			secrets,
		);
		return new ApiError('api', message, FOREIGN_HOST, { httpStatus: status });
	}

	private refusal(reply: ApiReply, token: StoredToken): ApiError {
		const { issuer } = this;
		const { provider, secrets } = issuer;
		const { origin } = new URL(issuer.apiBase);
		if (issuer.ban?.isBan(reply)) {
			const banned = this.hooks.engine.guard.banned(provider, origin, issuer.ban);
			if (banned !== undefined) return banned;
		}
		const hidden = [...secrets, ...hiddenOf(token)];
		const error = fromReply(provider, reply.status, reply.body, hidden);
		const { message, description } = error;
		if (issuer.verdict(reply) !== 'accepted') {
			const { description: next } = permissionError(issuer, token);
			const sentence = `${withoutTrailing('.', message)}.`;
			return new ApiError('permission', sentence, next, { httpStatus: reply.status });
		}
		if (reply.status !== 403 || token.scopes === undefined) return error;
		const scopes = scopesInWords(issuer, token.scopes);
		return new ApiError('api', message, `${description} ${scopes}`, { httpStatus: 403 });
	}

	private ownSlot(): string {
		return this.issuer.slotOf(new URL(this.issuer.apiBase));
	}
}

const FOREIGN_HOST =
	'That host was shown no token, since it is none of the credential. If it may see the token, add it to Further Hosts in the credential.';

const unreadable = {
	message: 'The credential cannot be read.',
	description: 'Open it, check its fields and save it again.',
};

function shownFields(
	name: CredentialName,
	data: ICredentialDataDecryptedObject,
): Readonly<IDataObject> {
	const hidden = new Set([...secretFieldsOf(credentialTypes[name].type), RECORD_PROPERTY]);
	const shown = Object.entries(data).filter(([field]) => !hidden.has(field));
	return Object.fromEntries(shown) as IDataObject;
}

/** What no text may show of a token. */
function hiddenOf({ value, extras = {} }: StoredToken): string[] {
	return [value, ...Object.values(extras)];
}

function isPermission(error: unknown): boolean {
	return error instanceof ApiError && error.kind === 'permission';
}

/** A reply as the rules of a ban look at it; undefined where none came. */
function judgedAnswer(request: ApiRequest, answer: unknown) {
	if (answer === undefined) return undefined;
	const { statusCode, headers, body } = answer as {
		readonly statusCode: number;
		readonly headers?: Record<string, string>;
		readonly body?: unknown;
	};
	if (statusCode < 400) return { status: statusCode, headers: headers ?? {}, body: undefined };
	const raw = Buffer.isBuffer(body) ? body : Buffer.from('');
	return readReply(
		{ ...request, reply: 'auto', neverError: true },
		{ status: statusCode, headers: headers ?? {}, body: raw },
	);
}
