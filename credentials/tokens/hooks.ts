import type {
	IAuthenticate,
	ICredentialDataDecryptedObject,
	ICredentialType,
	IDataObject,
	IHttpRequestHelper,
	IHttpRequestOptions,
} from 'n8n-workflow';
import { attach, isLegacy, type OutgoingRequest, ownUrl } from './attach';
import { scopesInWords, TokenEngine } from './engine';
import { realEnvironment } from './environment';
import { ApiError } from './errors';
import type { ReadIssuer, TokenIssuer } from './issuer';
import type { Refusal } from './policy';
import { fieldValues } from './fieldValues';
import { Probe } from './probe';
import { maskedValues } from './properties';
import {
	encodeRecord,
	RECORD_PROPERTY,
	tokenIn,
	type StoredToken,
	type TokenRecord,
} from './record';
import type { HttpRequest } from './row';

/**
 * What is known of a decrypted credential object while n8n takes it from `authenticate` to `preAuthentication` and
 * back: the object is the same, its identity is the thread.
 */
type Ticket =
	/** A node's session chose the token. `left`: the request was handed to n8n's HTTP client. */
	| {
			readonly kind: 'managed';
			readonly issuer: TokenIssuer;
			readonly token: StoredToken;
			left: boolean;
	  }
	/** A node's session wants something of the hook: its HTTP client, or that n8n stores a record. */
	| { readonly kind: 'task'; readonly run: (http: HttpRequest) => TokenRecord | undefined }
	/** The task was handed to n8n. `stored`: n8n came back for more, so it has stored what it was given. */
	| { readonly kind: 'done'; stored: boolean }
	/** No usable token in it: the hook is to get one. */
	| { readonly kind: 'wanted'; readonly slot: string; readonly legacy: boolean }
	/** The hook has done what it could. */
	| { readonly kind: 'served'; readonly slot: string; readonly error?: ApiError }
	/** A request left with this token; the hook is called again only if it failed. */
	| {
			readonly kind: 'presented';
			readonly slot: string;
			readonly token: StoredToken;
			readonly request: OutgoingRequest;
	  };

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];

/**
 * n8n's two credential hooks: how tokens get into requests that are not a node's of this package.
 *
 * ```
 * authenticate ── usable ──▶ attached ──▶ request
 *      └── not usable ──▶ throws { response: { status: 401 } } ──▶ n8n calls preAuthentication ──▶ authenticate again
 * ```
 *
 * n8n treats an error of that shape as a refused request, before any request has left. That is how a token is renewed
 * before it is used, and how the renewal knows which request it is for.
 */
export class Hooks {
	private readonly tickets = new WeakMap<object, Ticket>();
	private readonly issuers = new WeakMap<object, TokenIssuer>();
	private readonly probe: Probe;

	constructor(readonly engine: TokenEngine) {
		this.probe = new Probe(engine);
	}

	/** Reads and checks the fields, once per object. @throws ApiError `field` */
	issuer(read: ReadIssuer, credentials: ICredentialDataDecryptedObject): TokenIssuer {
		const known = this.issuers.get(credentials);
		if (known !== undefined) return known;
		const issuer = read(credentials);
		this.issuers.set(credentials, issuer);
		return issuer;
	}

	/**
	 * n8n's `authenticate`: attaches a usable token.
	 * @throws an error with what happened and what to do next where the request may not carry one, or none is to be had;
	 * an error of the shape of a 401 where one has to be got first.
	 */
	async authenticate(
		read: ReadIssuer,
		credentials: ICredentialDataDecryptedObject,
		request: OutgoingRequest,
	): Promise<IHttpRequestOptions> {
		try {
			return await this.withToken(read, credentials, request);
		} catch (error) {
			throw shown(error);
		}
	}

	private async withToken(
		read: ReadIssuer,
		credentials: ICredentialDataDecryptedObject,
		request: OutgoingRequest,
	): Promise<IHttpRequestOptions> {
		const ticket = this.tickets.get(credentials);
		if (ticket?.kind === 'task') throw unauthorized();
		if (ticket?.kind === 'done') {
			ticket.stored = true;
			throw new Error('Done; there is nothing to send.');
		}
		if (ticket?.kind === 'managed') {
			ticket.left = true;
			return attach(ticket.issuer, ticket.token, request);
		}
		const issuer = this.issuer(read, credentials);
		const url = ownUrl(issuer, request);
		const { guard } = this.engine;
		const stop = guard.stop(issuer.provider, url.origin, issuer.ban);
		if (stop !== undefined) throw stop;
		const slot = issuer.slotOf(url);
		const served = ticket?.kind === 'served' && ticket.slot === slot ? ticket : undefined;
		if (served?.error !== undefined) {
			this.tickets.delete(credentials);
			throw served.error;
		}
		const usable = () => this.tokenOf(issuer, credentials, slot, served !== undefined);
		let token = usable();
		if (token !== undefined && issuer.ban !== undefined) {
			await guard.enterUntold(issuer.provider, url.origin, issuer.ban);
			// It may have waited.
			token = usable();
		}
		if (token === undefined) {
			this.tickets.set(credentials, { kind: 'wanted', slot, legacy: isLegacy(request) });
			throw unauthorized();
		}
		if (isCredentialTest(request)) {
			refuseFewerScopes(issuer, token);
			refuseDoubt(token);
		}
		this.tickets.set(credentials, { kind: 'presented', slot, token, request });
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
		switch (ticket?.kind) {
			case 'task': {
				const record = ticket.run(http);
				this.tickets.set(credentials, { kind: 'done', stored: false });
				return record === undefined ? {} : this.store(credentials, record);
			}
			case 'wanted': {
				const issuer = this.issuer(read, credentials);
				return await this.serve(issuer, credentials, ticket.slot, ticket.legacy, undefined, http);
			}
			case 'presented':
				return await this.afterFailure(this.issuer(read, credentials), credentials, ticket, http);
			default:
				return {};
		}
	}

	/**
	 * The `preAuthentication` of a credential that extends n8n's `oAuth2Api`: n8n calls it before each request, uses what
	 * it answers for that request alone and does not tell where the request goes. So the token is the one of the
	 * credential's own slot, and lives in this process's memory.
	 * @throws an error with what happened and what to do next where none is to be had.
	 */
	async oAuth2Hook(
		read: ReadIssuer,
		helper: IHttpRequestHelper,
		credentials: ICredentialDataDecryptedObject,
	): Promise<IDataObject> {
		try {
			const issuer = this.issuer(read, credentials);
			const slot = issuer.slotOf(new URL(issuer.apiBase));
			const http: HttpRequest = async (options) =>
				(await helper.helpers.httpRequest(options)) as unknown;
			const stored = this.engine.read(issuer, undefined);
			const { token, error } = await this.engine.obtain(issuer, slot, stored, undefined, http);
			if (token === undefined) throw error;
			const signIn = credentials.oauthTokenData as IDataObject;
			return { oauthTokenData: { ...signIn, access_token: token.value, token_type: 'Bearer' } };
		} catch (error) {
			throw shown(error);
		}
	}

	/** Lets a session send one request with these fields and this token. */
	present(
		credentials: ICredentialDataDecryptedObject,
		issuer: TokenIssuer,
		token: StoredToken,
	): void {
		this.tickets.set(credentials, { kind: 'managed', issuer, token, left: false });
	}

	/** Whether a presented request was handed to n8n's HTTP client: whatever failed before is n8n's own. */
	hasLeft(credentials: ICredentialDataDecryptedObject): boolean {
		const ticket = this.tickets.get(credentials);
		return ticket?.kind === 'managed' && ticket.left;
	}

	/** Lets n8n run a task within the hook and store what it answers; nothing is sent afterwards. */
	assign(
		credentials: ICredentialDataDecryptedObject,
		run: (http: HttpRequest) => TokenRecord | undefined,
	): void {
		this.tickets.set(credentials, { kind: 'task', run });
	}

	/** Whether n8n ran a task and stored what came of it: n8n wraps the error that ends it. */
	isDone(credentials: ICredentialDataDecryptedObject): boolean {
		const ticket = this.tickets.get(credentials);
		return ticket?.kind === 'done' && ticket.stored;
	}

	/** The token that can be sent now; undefined: the hook is to be called for one. */
	private tokenOf(
		issuer: TokenIssuer,
		credentials: ICredentialDataDecryptedObject,
		slot: string,
		served: boolean,
	): StoredToken | undefined {
		const stored = this.engine.read(issuer, credentials[RECORD_PROPERTY]);
		const decision = this.engine.consider(issuer, slot, stored);
		if (decision.kind === 'renew') return undefined;
		if (served) return decision.token;
		// What another credential of this client got is stored here as well.
		const isStored = tokenIn(stored, slot)?.value === decision.token.value;
		const waits = decision.kind === 'use' && decision.ageing && this.engine.mayRenew(issuer, slot);
		return isStored && !waits ? decision.token : undefined;
	}

	/**
	 * A request failed. n8n's newer helper comes here after a 401 alone, its older one (the HTTP Request node) after any
	 * error, and sends the request again if it gets an answer: a request that changes something may have been carried out.
	 */
	private async afterFailure(
		issuer: TokenIssuer,
		credentials: ICredentialDataDecryptedObject,
		{ slot, token, request }: Extract<Ticket, { kind: 'presented' }>,
		http: HttpRequest,
	): Promise<IDataObject> {
		const { engine } = this;
		const { origin } = ownUrl(issuer, request);
		engine.guard.countOne(origin, issuer.ban);
		const legacy = isLegacy(request);
		const safe = SAFE_METHODS.includes((request.method ?? 'GET').toUpperCase());
		let refused: Refusal = { value: token.value, verdict: 'unclear' };
		if (legacy) {
			const stored = engine.read(issuer, credentials[RECORD_PROPERTY]);
			if (engine.isCurrent(issuer, slot, stored, token.value)) {
				const verdict = await this.probe.ask(issuer, slot, token, safe ? request : undefined, http);
				if (verdict === 'accepted' || verdict === 'permission') return {};
				refused = { value: token.value, verdict };
				// Without the API's own words a token that costs something is not given up.
				if (verdict === 'dead' || issuer.budget === 0) engine.markDead(issuer, slot, token.value);
			}
			if (!safe) return {};
		}
		const again = safe ? request : undefined;
		return await this.serve(issuer, credentials, slot, legacy, refused, http, again);
	}

	private async serve(
		issuer: TokenIssuer,
		credentials: ICredentialDataDecryptedObject,
		slot: string,
		legacy: boolean,
		refused: Refusal | undefined,
		http: HttpRequest,
		again?: OutgoingRequest,
	): Promise<IDataObject> {
		const stored = this.engine.read(issuer, credentials[RECORD_PROPERTY]);
		const tryAgain = async (token: StoredToken) =>
			await this.probe.send(issuer, slot, token, again, http);
		const outcome = await this.engine.obtain(issuer, slot, stored, refused, http, tryAgain);
		const { error, news } = outcome;
		this.tickets.set(credentials, { kind: 'served', slot, error });
		// The legacy helper calls `authenticate` again only where it gets an answer; the error is thrown there.
		if (error !== undefined && !news && !legacy) return {};
		return this.store(credentials, outcome.record);
	}

	private store(credentials: ICredentialDataDecryptedObject, record: TokenRecord): IDataObject {
		const stored = encodeRecord(record, this.engine.environment.now());
		// n8n does the same, but only where the node has a credential of its own.
		credentials[RECORD_PROPERTY] = stored;
		return { [RECORD_PROPERTY]: stored };
	}
}

/** The one engine of this process: what it remembers is shared by all credentials, nodes and executions. */
export const hooks = new Hooks(new TokenEngine(realEnvironment));

/** A credential type's `authenticate`. */
export function authenticateWith(read: ReadIssuer, type: ICredentialType): IAuthenticate {
	const issuer = readerOf(read, type);
	return async (credentials, request: IHttpRequestOptions) =>
		await hooks.authenticate(issuer, credentials, request);
}

/** A credential type's `preAuthentication`. */
export function preAuthenticationWith(
	read: ReadIssuer,
	type: ICredentialType,
): ICredentialType['preAuthentication'] {
	const issuer = readerOf(read, type);
	return async function (credentials) {
		return await hooks.preAuthentication(issuer, this, credentials);
	};
}

/** `preAuthentication` of a credential type that extends n8n's `oAuth2Api`. */
export function oAuth2HookWith(
	read: ReadIssuer,
	type: ICredentialType,
): ICredentialType['preAuthentication'] {
	const issuer = readerOf(read, type);
	return async function (credentials) {
		return await hooks.oAuth2Hook(issuer, this, credentials);
	};
}

/** Fields as their properties promise them; and whatever n8n masks is blanked in every text. */
export function readerOf(read: ReadIssuer, type: ICredentialType): ReadIssuer {
	return (credentials) => {
		const values = fieldValues(type, credentials);
		const issuer = read(values);
		const secrets = [...new Set([...issuer.secrets, ...maskedValues(type, values)])];
		return { ...issuer, secrets };
	};
}

/** n8n renews after errors of this shape; it is never shown, since the hook's own error takes its place. */
function unauthorized(): Error {
	return Object.assign(new Error('A token has to be got first.'), { response: { status: 401 } });
}

/** n8n shows the message alone of what a hook throws. */
function shown(error: unknown): unknown {
	if (!(error instanceof ApiError)) return error;
	return Object.assign(new Error(error.sentences), { name: error.name });
}

/** n8n's own test of a credential names the base URL apart; nodes of n8n send whole addresses. */
function isCredentialTest(request: OutgoingRequest): boolean {
	return !isLegacy(request) && request.baseURL !== undefined;
}

/** A person who tests a credential is told that less was granted than was asked for. */
function refuseFewerScopes(issuer: TokenIssuer, { scopes }: StoredToken): void {
	if (scopes === undefined || issuer.scopes.every((scope) => scopes.includes(scope))) return;
	throw new ApiError(
		'grant',
		`A token was issued, but ${issuer.provider} did not grant all that was asked for. ${scopesInWords(issuer, scopes)}`,
		'Have it granted there, or take it out of Scopes.',
	);
}

/** A lifetime that is believed wrongly shows only when the token is refused; so the test says what may be wrong. */
function refuseDoubt({ doubt }: StoredToken): void {
	if (doubt === undefined) return;
	throw new ApiError('reply', 'A token was issued, but its lifetime is not sure.', doubt);
}
