import type {
	ICredentialDataDecryptedObject,
	IDataObject,
	IHttpRequestHelper,
	IHttpRequestOptions,
} from 'n8n-workflow';
import type { Environment } from './environment';
import { redact, ApiError } from './errors';
import { parseUrl } from './fields';
import { type Outcome, Purchaser } from './purchase';
import { decodeRecord, encodeRecord, RECORD_PROPERTY, type TokenRecord } from './record';
import { Shelves } from './shelf';
import type { ReadIssuer, TokenIssuer } from './issuer';
import { type HttpRequest, sendTokenRequest } from './transport';
import { parseJson } from './wire';

/** A request as either of n8n's two request helpers passes it; the legacy one says `uri`, `simple` and so on. */
export type OutgoingRequest = IHttpRequestOptions & {
	uri?: string;
	simple?: boolean;
	resolveWithFullResponse?: boolean;
	followRedirect?: boolean;
	followAllRedirects?: boolean;
};

/**
 * What is known of a decrypted credential object while n8n takes it from `authenticate` to `preAuthentication` and
 * back: the object is the same, its identity is the thread.
 */
type Ticket =
	/** No usable token in it: the hook is to get one. */
	| { readonly kind: 'wanted'; readonly slot: string; readonly legacy: boolean }
	/** The hook has done what it could. */
	| { readonly kind: 'served'; readonly slot: string; readonly error?: ApiError }
	/** A request left with this token; the hook is called again only if it failed. */
	| {
			readonly kind: 'presented';
			readonly slot: string;
			readonly token: string;
			readonly legacy: boolean;
			readonly safe: boolean;
	  }
	/** A node's session renews by itself: a stale token is an error, not a reason to call the hook. */
	| { readonly kind: 'managed' }
	/** A node's session wants n8n to store what this returns. */
	| { readonly kind: 'task'; readonly run: (http: HttpRequest) => Promise<TokenRecord> }
	| { readonly kind: 'done' };

/** Message of the error to a session whose token died between its check and its request. */
export const DIED = 'The token died a moment ago.';

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];
const PROBE_PAUSE = 60_000;

/**
 * n8n's two credential hooks, made of a provider's issuer.
 *
 * ```
 * authenticate ── usable ──▶ header attached ──▶ request
 *      └── not usable ──▶ throws { response: { status: 401 } } ──▶ n8n calls preAuthentication ──▶ authenticate again
 * ```
 *
 * n8n treats an error of that shape as a refused request, before any request has left. That is how a token is renewed
 * before it is used, and how the renewal knows which request it is for.
 */
export class Keeper {
	readonly shelves = new Shelves();
	readonly purchaser: Purchaser;
	private readonly tickets = new WeakMap<object, Ticket>();
	private readonly issuers = new WeakMap<object, TokenIssuer>();
	private readonly probed = new Map<string, number>();

	constructor(readonly environment: Environment) {
		this.purchaser = new Purchaser(environment, this.shelves);
	}

	/** Reads and checks the fields, once per object. @throws ApiError `field` */
	issuer(read: ReadIssuer, credentials: ICredentialDataDecryptedObject): TokenIssuer {
		const known = this.issuers.get(credentials);
		if (known !== undefined) return known;
		const issuer = read(credentials);
		this.issuers.set(credentials, issuer);
		return issuer;
	}

	record(issuer: TokenIssuer, credentials: ICredentialDataDecryptedObject): TokenRecord {
		const shelf = this.shelves.of(issuer.owner);
		const text = credentials[RECORD_PROPERTY];
		const known = shelf.decoded;
		// One owner may have several clients: fields that shape no token can name them.
		if (known?.text === text && known?.record.ledger.client === issuer.client) return known.record;
		const record = decodeRecord(text, issuer.owner, issuer.client);
		shelf.decoded = { text, record };
		return record;
	}

	/**
	 * n8n's `authenticate`: attaches a usable token.
	 * @throws ApiError where the request may not carry it, or none is to be had; an error of the shape of a 401 where
	 * one has to be got first.
	 */
	async authenticate(
		read: ReadIssuer,
		credentials: ICredentialDataDecryptedObject,
		request: OutgoingRequest,
	): Promise<IHttpRequestOptions> {
		try {
			return this.attachToken(read, credentials, request);
		} catch (error) {
			throw shown(error);
		}
	}

	private attachToken(
		read: ReadIssuer,
		credentials: ICredentialDataDecryptedObject,
		request: OutgoingRequest,
	): IHttpRequestOptions {
		const ticket = this.tickets.get(credentials);
		if (ticket?.kind === 'task') throw unauthorized();
		if (ticket?.kind === 'done') throw new Error('Stored; there is nothing to send.');
		const issuer = this.issuer(read, credentials);
		const url = ownUrl(issuer, request);
		const slot = issuer.slotOf(url);
		const record = this.record(issuer, credentials);
		const served = ticket?.kind === 'served' && ticket.slot === slot;
		if (served && ticket.error !== undefined) {
			this.tickets.delete(credentials);
			throw ticket.error;
		}
		const managed = ticket?.kind === 'managed';
		const token = this.usable(issuer, record, slot, served || managed);
		if (token === undefined) {
			if (managed) throw new Error(DIED);
			this.tickets.set(credentials, { kind: 'wanted', slot, legacy: isLegacy(request) });
			throw unauthorized();
		}
		if (!managed) {
			const safe = SAFE_METHODS.includes((request.method ?? 'GET').toUpperCase());
			const legacy = isLegacy(request);
			this.tickets.set(credentials, { kind: 'presented', slot, token, legacy, safe });
		}
		return attach(issuer, token, request);
	}

	/** n8n's `preAuthentication`: answers what is to be stored, `{}` for nothing new. Never throws. */
	async preAuthentication(
		read: ReadIssuer,
		helper: IHttpRequestHelper,
		credentials: ICredentialDataDecryptedObject,
	): Promise<IDataObject> {
		const ticket = this.tickets.get(credentials);
		const http: HttpRequest = async (options) =>
			(await helper.helpers.httpRequest(options)) as unknown;
		if (ticket?.kind === 'task') {
			this.tickets.set(credentials, { kind: 'done' });
			return this.store(credentials, await ticket.run(http));
		}
		if (ticket?.kind !== 'wanted' && ticket?.kind !== 'presented') return {};
		const issuer = this.issuer(read, credentials);
		const { slot, legacy } = ticket;
		const stored = this.record(issuer, credentials);
		let refused: string | undefined;
		if (ticket.kind === 'presented') {
			const dead = (stored.tokens[slot]?.expiresAt ?? 0) <= this.environment.now();
			if (legacy) {
				// This helper comes here after any error, and sends the request again if it gets an answer: a request that
				// changes something may have been carried out.
				if (!dead) {
					if (!(await this.probeRefuses(issuer, http, ticket.token))) return {};
					this.shelves.of(issuer.owner).refused.set(slot, ticket.token);
				}
				if (!ticket.safe) return {};
			}
			refused = ticket.token;
		}
		const outcome = await this.purchaser.obtain(issuer, slot, stored, { refused }, http);
		return this.serve(credentials, slot, legacy, outcome);
	}

	/**
	 * The `preAuthentication` of a credential that extends n8n's `oAuth2Api`: n8n calls it before each request, uses what
	 * it answers for that request alone and does not tell where the request goes. So the token is the one of the
	 * credential's own slot, and lives in this process's memory.
	 * @throws ApiError where none is to be had.
	 */
	async oAuth2Hook(
		read: ReadIssuer,
		helper: IHttpRequestHelper,
		credentials: ICredentialDataDecryptedObject,
	): Promise<IDataObject> {
		const issuer = this.shownIssuer(read, credentials);
		const slot = issuer.slotOf(new URL(issuer.apiBase));
		const { record, error } = await this.purchaser.obtain(
			issuer,
			slot,
			this.record(issuer, credentials),
			{},
			async (options) => (await helper.helpers.httpRequest(options)) as unknown,
		);
		if (error !== undefined) throw shown(error);
		const stored = credentials.oauthTokenData as IDataObject;
		const access_token = record.tokens[slot].value;
		return { oauthTokenData: { ...stored, access_token, token_type: 'Bearer' } };
	}

	private shownIssuer(read: ReadIssuer, credentials: ICredentialDataDecryptedObject): TokenIssuer {
		try {
			return this.issuer(read, credentials);
		} catch (error) {
			throw shown(error);
		}
	}

	/** Lets a session send its requests with this object, and renew by itself. */
	manage(credentials: ICredentialDataDecryptedObject): void {
		this.tickets.set(credentials, { kind: 'managed' });
	}

	/** Lets n8n store what the task answers; `authenticate` throws afterwards, so that nothing is sent. */
	assign(
		credentials: ICredentialDataDecryptedObject,
		run: (http: HttpRequest) => Promise<TokenRecord>,
	): void {
		this.tickets.set(credentials, { kind: 'task', run });
	}

	/** Whether a task was carried out: n8n wraps the error that ends it. */
	isDone(credentials: ICredentialDataDecryptedObject): boolean {
		return this.tickets.get(credentials)?.kind === 'done';
	}

	/**
	 * The value of a token that can be sent now.
	 * @param anyLiving An ageing token will do, since renewing it was tried.
	 */
	usable(
		issuer: TokenIssuer,
		record: TokenRecord,
		slot: string,
		anyLiving = false,
	): string | undefined {
		const token = record.tokens[slot];
		const decision = this.shelves.decide(issuer, slot, token, this.environment.now());
		if (decision.kind === 'use') return decision.token.value;
		if (decision.kind === 'stop') return token?.value;
		const { failures } = this.shelves.of(issuer.owner);
		const waiting = this.environment.monotonic() < (failures.get(slot)?.until ?? -Infinity);
		return anyLiving || waiting ? decision.fallback?.value : undefined;
	}

	private serve(
		credentials: ICredentialDataDecryptedObject,
		slot: string,
		legacy: boolean,
		{ record, error, changed }: Outcome,
	): IDataObject {
		this.tickets.set(credentials, { kind: 'served', slot, error });
		const news = this.store(credentials, record);
		// The legacy helper calls `authenticate` again only where it gets an answer; the error is thrown there.
		const unchanged = error !== undefined && !changed && !legacy;
		return unchanged ? {} : news;
	}

	private store(credentials: ICredentialDataDecryptedObject, record: TokenRecord): IDataObject {
		const stored = encodeRecord(record, this.environment.now());
		// n8n does the same, but only where the node has a credential of its own.
		credentials[RECORD_PROPERTY] = stored;
		return { [RECORD_PROPERTY]: stored };
	}

	/** Asks something harmless with the token, to tell a revoked one from any other error; at most once a minute. */
	private async probeRefuses(
		issuer: TokenIssuer,
		http: HttpRequest,
		token: string,
	): Promise<boolean> {
		const now = this.environment.now();
		const last = this.probed.get(issuer.owner) ?? -Infinity;
		if (issuer.probeUrl === undefined || Math.abs(now - last) < PROBE_PAUSE) return false;
		this.probed.set(issuer.owner, now);
		try {
			const { name, prefix } = issuer.header;
			const reply = await sendTokenRequest(issuer.provider, http, {
				method: 'GET',
				url: issuer.probeUrl,
				headers: { accept: 'application/json', [name]: `${prefix}${token}` },
			});
			return reply.status === 401 && !issuer.lacksPermission(parseJson(reply.text));
		} catch {
			return false;
		}
	}
}

/** n8n renews after errors of this shape; it is never shown, since the hook's own error takes its place. */
function unauthorized(): Error {
	return Object.assign(new Error('A token has to be got first.'), { response: { status: 401 } });
}

function isLegacy(request: OutgoingRequest): boolean {
	return 'uri' in request || 'simple' in request || 'resolveWithFullResponse' in request;
}

/** @throws ApiError `host` where the request goes to an origin that is not the credential's. */
function ownUrl(issuer: TokenIssuer, request: OutgoingRequest): URL {
	// Where both are given, n8n sends the request to `url`.
	const target = String(request.url ?? request.uri ?? '');
	const base = request.baseURL?.replace(/\/*$/, '/');
	const url = parseUrl(
		base && !/^[a-z]+:\/\//i.test(target) ? base + target.replace(/^\/+/, '') : target,
	);
	if (url !== undefined && issuer.origins.includes(url.origin)) return url;
	const where = url === undefined ? 'an address that cannot be read' : url.host;
	throw new ApiError(
		'host',
		`The ${issuer.provider} token must not be sent to ${redact(where, issuer.secrets)}.`,
		`This credential sends it to ${issuer.origins.map((origin) => new URL(origin).host).join(', ')} only.`,
	);
}

function attach(issuer: TokenIssuer, token: string, request: OutgoingRequest): IHttpRequestOptions {
	const { name, prefix } = issuer.header;
	const headers = Object.fromEntries(
		Object.entries(request.headers ?? {}).filter(
			([other]) => other.toLowerCase() !== name.toLowerCase(),
		),
	);
	request.headers = { ...headers, [name]: `${prefix}${token}` };
	request.sendCredentialsOnCrossOriginRedirect = false;
	if (name.toLowerCase() !== 'authorization') {
		// n8n takes the Authorization header off a redirect to another origin, but no other header.
		if (isLegacy(request))
			Object.assign(request, { followRedirect: false, followAllRedirects: false });
		else request.disableFollowRedirect = true;
	}
	return request;
}

/** n8n shows the message alone of what a hook throws. */
function shown(error: unknown): unknown {
	if (!(error instanceof ApiError)) return error;
	return Object.assign(new Error(error.sentences), { name: error.name });
}
