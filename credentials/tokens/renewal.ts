import type { IHttpRequestOptions } from 'n8n-workflow';
import { type BanGuard, judged } from './ban';
import { decodeText } from './charset';
import { mayBeIssued, nextFailure, waitingError } from './backoff';
import { ApiError } from './errors';
import type { Environment } from './environment';
import type { TokenIssuer } from './issuer';
import { boughtInMonth, countToken, nextMonth } from './ledger';
import type { ClientMemory, OwnerMemory } from './memory';
import { networkError, tokenEndpoint } from './network';
import {
	isTokenText,
	livingTokens,
	tokenIn,
	type StoredRefreshToken,
	type StoredToken,
	type TokenRecord,
} from './record';
import { readRefusal } from './refusal';
import {
	type IssuedToken,
	lowerCaseNames,
	mayHoldToken,
	type ReplyFields,
	readIssuedToken,
	type TokenReply,
} from './reply';
import type { TokenRequest } from './request';
import type { HttpRequest } from './row';
import { inWords } from './times';

/** What is wanted of one renewal. */
export interface Want {
	/** So many tokens before it were refused before their time. */
	readonly replaced: number;
	/** A refresh token that rotates may be used: nobody else does so at the same time. */
	readonly alone: boolean;
}

/** What became of a renewal: the record to store, and an error where it brought no token. */
export interface Outcome {
	readonly record: TokenRecord;
	readonly token?: StoredToken;
	readonly error?: ApiError;
}

/** After so many uses that brought nothing a refresh token is left, and the full way in is taken. */
const MOST_FAILED_REFRESHES = 2;
/** In ms: a provider whose times are whole seconds answers two requests of one second with one token. */
const LEAST_SPACING = 1_000;
/** In ms: what is left of a life without a budget, a tenth within these bounds. */
const LEAST_MARGIN = 1_000;
const MOST_MARGIN = 5_000;

/** Sends token requests: within the budget, counted, and not again while a failure is fresh. */
export class Renewal {
	private readonly processName: string;

	constructor(
		private readonly environment: Environment,
		private readonly guard: BanGuard,
	) {
		this.processName = environment.nonce().slice(0, 6);
	}

	/** Why no token request may be sent now; undefined where one may. */
	barred(
		issuer: TokenIssuer,
		owner: OwnerMemory,
		client: ClientMemory,
		slot: string,
	): ApiError | undefined {
		const since = this.environment.monotonic();
		const failure = owner.slot(slot).failure;
		if (failure !== undefined && since < failure.until) return waitingError(failure, since);
		return this.overBudget(issuer, client);
	}

	/** One renewal at a time for each client, whatever credential it is in. */
	async inTurn<T>(client: ClientMemory, slot: string, work: () => Promise<T>): Promise<T> {
		return await client.purchasesOf(slot).turn.alone(work);
	}

	/** Gets one token with as few requests as possible, and remembers it; only called `inTurn`. Never throws. */
	async run(
		issuer: TokenIssuer,
		owner: OwnerMemory,
		client: ClientMemory,
		slot: string,
		stored: TokenRecord,
		want: Want,
		http: HttpRequest,
	): Promise<Outcome> {
		const purchases = client.purchasesOf(slot);
		const { monotonic, sleep } = this.environment;
		const wait = purchases.lastIssue + LEAST_SPACING - monotonic();
		if (wait > 0) await sleep(wait);
		const outcome = await this.runNow(issuer, owner, client, slot, stored, want, http);
		const { token, error } = outcome;
		if (token !== undefined || error === undefined || mayBeIssued(error)) {
			purchases.lastIssue = monotonic();
		}
		return outcome;
	}

	private async runNow(
		issuer: TokenIssuer,
		owner: OwnerMemory,
		client: ClientMemory,
		slot: string,
		stored: TokenRecord,
		want: Want,
		http: HttpRequest,
	): Promise<Outcome> {
		const { now, monotonic } = this.environment;
		const askedAt = now();
		const way = new WayIn(this, issuer, client, slot, stored, want, http);
		try {
			const issued = await way.go();
			const token = this.tokenOf(issuer, slot, issued, askedAt, stored, want);
			const record: TokenRecord = {
				...stored,
				claim: undefined,
				ledger: client.ledger,
				serial: token.serial,
				tokens: { ...livingTokens(stored.tokens, now()), [slot]: token },
				refreshToken: way.refreshToken,
			};
			owner.record = record;
			owner.slot(slot).failure = undefined;
			return { record, token };
		} catch (error) {
			const known = error instanceof ApiError ? error : unexplained(issuer.provider);
			const memory = owner.slot(slot);
			memory.failure = nextFailure(issuer, memory.failure, known, monotonic());
			const record: TokenRecord = {
				...stored,
				claim: undefined,
				ledger: client.ledger,
				refreshToken: way.refreshToken,
			};
			owner.record = record;
			return { record, error: known };
		}
	}

	/**
	 * Sends one token request once: no redirect is followed, nothing is repeated. It counts from the moment it leaves,
	 * and for good unless it is known that no token was issued: the provider said no, or there was no connection.
	 */
	async ask(
		issuer: TokenIssuer,
		client: ClientMemory,
		http: HttpRequest,
		request: TokenRequest,
		fields: ReplyFields,
		secrets: readonly string[],
		deadline: number,
	): Promise<IssuedToken> {
		const { now, monotonic } = this.environment;
		const { provider } = issuer;
		const over = this.overBudget(issuer, client);
		if (over !== undefined) throw over;
		const url = new URL(request.url);
		const { origin } = url;
		await this.guard.enter(provider, origin, issuer.ban);
		client.pending++;
		const askedAt = now();
		const timeout = Math.ceil(Math.max(1_000, deadline - monotonic()));
		let reply: TokenReply | undefined;
		try {
			reply = await send(http, request, timeout);
		} catch (error) {
			const failure = networkError(tokenEndpoint(provider), url, error, issuer.timeout);
			if (!failure.neverSent) this.count(client, issuer);
			throw failure;
		} finally {
			client.pending--;
			this.guard.leave(origin, issuer.ban, reply && judged(reply));
		}
		const banned = this.guard.banned(provider, origin, issuer.ban);
		if (banned !== undefined) throw banned;
		if (!mayHoldToken(reply, fields)) {
			const refusal = readRefusal(provider, reply, secrets, now(), fields);
			if (answerWasLost(refusal)) this.count(client, issuer);
			throw refusal;
		}
		this.count(client, issuer);
		return readIssuedToken(provider, reply, fields, askedAt, secrets);
	}

	now(): number {
		return this.environment.now();
	}

	deadline(timeout: number): number {
		return this.environment.monotonic() + timeout;
	}

	private tokenOf(
		issuer: TokenIssuer,
		slot: string,
		issued: IssuedToken,
		askedAt: number,
		stored: TokenRecord,
		want: Want,
	): StoredToken {
		if (!isTokenText(issued.token)) throw noToken(issuer);
		const told = issued.expiresAt ?? askedAt + issuer.lifetime;
		const unsaid = issued.expiresAt === undefined && issued.doubt === undefined;
		const notes = issued.notes ?? (unsaid ? [lifetimeUnsaid(issuer.lifetime)] : undefined);
		// Without a budget the last seconds are left: clocks of workers differ, and a token whose times are whole seconds
		// lives up to one less.
		const lifetime = told - askedAt;
		const margin = Math.min(Math.max(lifetime * 0.1, LEAST_MARGIN), MOST_MARGIN);
		const short = issuer.budget > 0 ? 0 : Math.min(margin, lifetime / 4);
		const end = Math.floor(told - short);
		const before = tokenIn(stored, slot);
		// Some providers hand out one token until it dies, and tell its whole lifetime each time.
		const again = before?.value === issued.token && before.expiresAt > askedAt;
		return {
			value: issued.token,
			issuedAt: askedAt,
			expiresAt: again ? Math.min(end, before.expiresAt) : end,
			serial: stored.serial + 1,
			...(want.replaced > 0 ? { replaced: want.replaced } : {}),
			...(issued.scope === undefined ? {} : { scopes: issued.scope }),
			...(issued.extras === undefined ? {} : { extras: issued.extras }),
			...(notes === undefined ? {} : { notes }),
			...(issued.doubt === undefined ? {} : { doubt: issued.doubt }),
		};
	}

	private count(client: ClientMemory, issuer: TokenIssuer): void {
		client.ledger = countToken(
			client.ledger,
			issuer.client,
			this.environment.now(),
			this.processName,
		);
	}

	private overBudget(issuer: TokenIssuer, client: ClientMemory): ApiError | undefined {
		if (issuer.budget === 0) return undefined;
		const now = this.environment.now();
		const bought = boughtInMonth(client.ledger, issuer.client, now) + client.pending;
		if (bought < issuer.budget) return undefined;
		const from = new Date(nextMonth(now)).toISOString().slice(0, 10);
		return new ApiError(
			'budget',
			`The monthly token budget of this ${issuer.provider} credential is used up: ${bought} of ${issuer.budget}.`,
			`No token was requested. The next one can be bought on ${from} (UTC), or raise Monthly Token Budget in the credential if the provider allows more.`,
			{ neverSent: true },
		);
	}
}

/** One renewal's way: a refresh where there is a token for it, else the full way in, and what is to be kept of both. */
class WayIn {
	refreshToken: StoredRefreshToken | undefined;
	private readonly deadline: number;
	private readonly secrets: string[];

	constructor(
		private readonly renewal: Renewal,
		private readonly issuer: TokenIssuer,
		private readonly client: ClientMemory,
		private readonly slot: string,
		private readonly stored: TokenRecord,
		private readonly want: Want,
		private readonly http: HttpRequest,
	) {
		const { grant } = issuer;
		this.deadline = renewal.deadline(issuer.timeout);
		const first =
			grant.firstRefreshToken === undefined
				? undefined
				: { value: grant.firstRefreshToken, issuedAt: renewal.now(), serial: stored.serial + 1 };
		this.refreshToken = grant.refresh === undefined ? undefined : (stored.refreshToken ?? first);
		const tokens = [...Object.values(stored.tokens), this.refreshToken];
		this.secrets = [...issuer.secrets, ...tokens.map((token) => token?.value ?? '')];
	}

	/** @throws ApiError of the last request */
	async go(): Promise<IssuedToken> {
		const { grant } = this.issuer;
		if (grant.sign !== undefined) return grant.sign(this.renewal.now());
		const kept = this.usable();
		if (kept === undefined) return await this.full();
		return await this.refresh(kept).catch(async (error: unknown) => {
			if (error instanceof ApiError && this.failed(kept, error)) return await this.full();
			throw error;
		});
	}

	private usable(): StoredRefreshToken | undefined {
		const { grant } = this.issuer;
		const kept = this.refreshToken;
		if (kept === undefined || grant.refresh === undefined) return undefined;
		const alive = kept.dead !== true && (kept.expiresAt ?? Infinity) > this.renewal.now();
		if (!alive) return undefined;
		if (grant.request === undefined) return kept;
		if (grant.rotates && !this.want.alone) return undefined;
		return (kept.failed ?? 0) < MOST_FAILED_REFRESHES ? kept : undefined;
	}

	/** A refresh brought nothing. @returns whether the full way in is to be tried now */
	private failed(kept: StoredRefreshToken, error: ApiError): boolean {
		const { grant } = this.issuer;
		if (error.kind === 'budget' || error.kind === 'ban') return false;
		// A used one must not be sent again (RFC 9700, 4.14), and an answer that was lost may have brought the next one.
		const mayBeUsed = grant.rotates && answerWasLost(error);
		const refused = ['client', 'grant'].includes(error.kind);
		const failed = (kept.failed ?? 0) + 1;
		if (grant.request === undefined) {
			if (!refused) return false;
			if (grant.rotates) this.refreshToken = { ...kept, failed, dead: true };
			throw brokenChain(this.issuer, error);
		}
		const over = refused || error.kind === 'reply' || mayBeUsed;
		this.refreshToken = { ...kept, failed, ...(over ? { dead: true as const } : {}) };
		return error.kind !== 'busy' && (over || failed >= MOST_FAILED_REFRESHES);
	}

	private async full(): Promise<IssuedToken> {
		const { grant } = this.issuer;
		if (grant.request === undefined) throw brokenChain(this.issuer);
		const request =
			typeof grant.request === 'function'
				? grant.request(this.slot, this.renewal.now())
				: grant.request;
		this.refreshToken = undefined;
		const issued = await this.ask(request, grant.reply);
		this.keep(issued);
		const { refreshToken } = this;
		// The first of two steps: what it brought is kept even if the second one fails.
		return issued.token === undefined && refreshToken !== undefined
			? await this.refresh(refreshToken)
			: issued;
	}

	private async refresh(kept: StoredRefreshToken): Promise<IssuedToken> {
		const { grant } = this.issuer;
		if (grant.refresh === undefined) return {};
		const request = grant.refresh(kept.value, this.slot, this.renewal.now());
		const issued = await this.ask(request, grant.refreshReply ?? grant.reply);
		if (issued.refreshToken === undefined) {
			this.refreshToken = { ...kept, failed: undefined };
		} else this.keep(issued);
		if (issued.token === undefined) throw noToken(this.issuer);
		return issued;
	}

	private keep({ refreshToken, token, expiresAt }: IssuedToken): void {
		if (refreshToken === undefined || this.issuer.grant.refresh === undefined) return;
		this.secrets.push(refreshToken);
		this.refreshToken = {
			value: refreshToken,
			issuedAt: this.renewal.now(),
			serial: this.stored.serial + 1,
			// An expiry beside a token is the token's.
			...(token === undefined && expiresAt !== undefined ? { expiresAt } : {}),
		};
	}

	private async ask(request: TokenRequest, fields: ReplyFields): Promise<IssuedToken> {
		const { issuer, client, http, secrets, deadline } = this;
		return await this.renewal.ask(issuer, client, http, request, fields, secrets, deadline);
	}
}

/** The request was carried out for all that is known. */
function answerWasLost({ kind, neverSent }: ApiError): boolean {
	return kind === 'network' && !neverSent;
}

async function send(
	http: HttpRequest,
	{ method, url, headers, body }: TokenRequest,
	timeout: number,
): Promise<TokenReply> {
	return await exchange(http, { method, url, headers: { ...headers }, body }, timeout);
}

/**
 * One request and its whole reply, whatever its status; no redirect is followed.
 * @param timeout In ms.
 * @throws what n8n's client throws where no reply came
 */
export async function exchange(
	http: HttpRequest,
	request: IHttpRequestOptions,
	timeout: number,
): Promise<TokenReply> {
	const reply = (await http({
		...request,
		json: false,
		encoding: 'arraybuffer',
		returnFullResponse: true,
		ignoreHttpStatusErrors: true,
		disableFollowRedirect: true,
		timeout,
		abortSignal: AbortSignal.timeout(timeout),
	})) as { statusCode: number; headers?: Record<string, unknown>; body: unknown };
	const headers = Object.entries(reply.headers ?? {});
	const cookies = headers.find(([name]) => name.toLowerCase() === 'set-cookie')?.[1];
	const named = lowerCaseNames(reply.headers ?? {});
	return {
		status: reply.statusCode,
		...(Array.isArray(cookies) ? { setCookie: cookies.map(String) } : {}),
		headers: named,
		text: asText(reply.body, named['content-type'] ?? ''),
	};
}

function asText(body: unknown, contentType: string): string {
	if (typeof body === 'string') return body;
	if (Buffer.isBuffer(body)) return decodeText(body, contentType);
	if (body instanceof ArrayBuffer) return decodeText(Buffer.from(body), contentType);
	return body === undefined || body === null ? '' : JSON.stringify(body);
}

function lifetimeUnsaid(lifetime: number): string {
	return `Neither the reply nor the token says when it expires; the lifetime from the credential counts: ${inWords(lifetime)}.`;
}

/** What is not ours to explain is not shown: it may hold the request. */
function unexplained(provider: string): ApiError {
	return new ApiError(
		'internal',
		`The token request to ${provider} failed for a reason that this package does not know.`,
		'Check the fields of the credential; if they are right, report it with the version of n8n.',
		{ retryAfter: 0 },
	);
}

function noToken({ provider }: TokenIssuer): ApiError {
	return new ApiError(
		'reply',
		`${provider} answered the token request with no token in it.`,
		'Check the URLs in the credential.',
		{ retryAfter: 0 },
	);
}

function brokenChain({ provider, grant }: TokenIssuer, error?: ApiError): ApiError {
	const {
		what = `The refresh token of this ${provider} credential can no longer be used.`,
		next = 'Get a new refresh token at the provider and enter it in the credential. Each one brings the next; one that was used elsewhere, or not for too long, is lost.',
	} = grant.broken ?? {};
	const sentence = error === undefined ? what : `${error.message} ${what}`;
	return new ApiError(error?.kind ?? 'grant', sentence, next);
}
