import { redact } from './redact';

/** What can go wrong between a field of a credential or a node and the answer of an API. */
export type ErrorKind =
	/** A field is empty or cannot be used. */
	| 'field'
	/** The provider refused client id, secret or password. */
	| 'client'
	/** The provider refused what was asked for: audience, scope, organization, grant. */
	| 'grant'
	/** The provider asks to wait (429, 503). */
	| 'busy'
	/** No connection, no host, no answer in time. */
	| 'network'
	/** The provider's token endpoint failed (5xx). */
	| 'provider'
	/** A reply could not be read, or is not what was asked for. */
	| 'reply'
	/** The monthly token budget is used up. */
	| 'budget'
	/** The request goes to a host that must not see the token. */
	| 'host'
	/** The API refused a token that should be good: a permission is missing. */
	| 'permission'
	/** Nothing was sent, since the provider would ban this host; or it has banned it. */
	| 'ban'
	/** n8n's own database could not be read or written. */
	| 'storage'
	/** The execution was cancelled. */
	| 'cancelled'
	/** A fault of this package. */
	| 'internal'
	/** The API answered with an error. */
	| 'api'
	/** What was got is too old to be handed on. */
	| 'expired';

export interface ErrorDetails {
	/** In ms: earliest time at which asking again can help; undefined where only a person can help. */
	readonly retryAfter?: number;
	/** No request left, so nothing was carried out and no token was issued. */
	readonly neverSent?: boolean;
	/** Of the API's reply, where there was one. */
	readonly httpStatus?: number;
}

/**
 * The one error of this package: what happened as its message, what to do next as its description, both sentences in
 * the user's words.
 *
 * It is built from texts of this package and, at most, a shortened and redacted sentence of the provider; never from
 * a request, a reply or another error. It carries no `cause`, no `code` and no `response`: n8n shows and stores those.
 */
export class ApiError extends Error {
	override readonly name = 'ApiError';
	readonly retryAfter?: number;
	readonly neverSent: boolean;
	readonly httpStatus?: number;

	constructor(
		readonly kind: ErrorKind,
		message: string,
		readonly description: string,
		{ retryAfter, neverSent = false, httpStatus }: ErrorDetails = {},
	) {
		super(message);
		this.retryAfter = retryAfter;
		this.neverSent = neverSent;
		this.httpStatus = httpStatus;
	}

	/** For where n8n shows one text alone. */
	get sentences(): string {
		return `${this.message} ${this.description}`;
	}
}

/** Shortens a provider's sentence, takes control characters out of it and blanks every secret in it. */
export function providerWords(text: string, secrets: readonly string[]): string {
	// A JWT that was signed for one request is in no list of secrets, but is easily known.
	const shown = redact(text, secrets).replace(/[\w.-]+/g, (word) =>
		/^eyJ[^.]*\.[^.]*\./.test(word) ? '•••' : word,
	);
	return shown
		.replace(/\p{Cc}+/gu, ' ')
		.trim()
		.slice(0, 200);
}
