import type { Provider } from './journal.mts';

/** One token that was given out. Times are in milliseconds since 1970. */
export interface IssuedToken {
	readonly provider: Provider;
	readonly kind: 'access' | 'refresh';
	readonly grant: string;
	readonly value: string;
	/** Client id or user name it was issued to. */
	readonly owner: string;
	readonly issuedAt: number;
	expiresAt: number;
	revoked: boolean;
	/** The provider knows nothing of it any more. */
	forgotten: boolean;
	/** Refused until then. */
	readonly goodFrom: number;
	/** What the provider binds it to. */
	readonly bound: TokenBinding;
}

/** What a token is good for, beside being good. */
export interface TokenBinding {
	readonly organizationId?: string;
	readonly scopes?: readonly string[];
	readonly audience?: string;
	readonly api?: string;
	/** The access token that a refresh replaces. */
	readonly accessToken?: string;
	readonly organizationIds?: readonly string[];
}

/** What an API finds out about the token it was shown. */
export type TokenState = 'good' | 'expired' | 'revoked' | 'unknown';

/** Every token ever given out, by its value. */
export class TokenBook {
	readonly #tokens = new Map<string, IssuedToken>();
	readonly #young = new Map<Provider, number>();

	/** Writes a token down; `lifetime` in seconds. The same value again replaces what was known of it. */
	issue(
		token: Omit<IssuedToken, 'issuedAt' | 'expiresAt' | 'revoked' | 'forgotten' | 'goodFrom'>,
		lifetime: number,
	): IssuedToken {
		const now = Date.now();
		const issued = {
			...token,
			issuedAt: now,
			expiresAt: now + lifetime * 1000,
			revoked: false,
			forgotten: false,
			goodFrom: now + (token.kind === 'access' ? (this.#young.get(token.provider) ?? 0) : 0),
		};
		this.#tokens.set(token.value, issued);
		return issued;
	}

	find(value: string, provider: Provider, kind: 'access' | 'refresh'): IssuedToken | undefined {
		const token = this.#tokens.get(value);
		if (token === undefined || token.forgotten) return undefined;
		return token.provider === provider && token.kind === kind ? token : undefined;
	}

	revoke(value: string | undefined): void {
		const token = value === undefined ? undefined : this.#tokens.get(value);
		if (token !== undefined) token.revoked = true;
	}

	revokeAll(provider: Provider | undefined, kinds: ReadonlyArray<IssuedToken['kind']>): number {
		return this.#change(provider, kinds, (token) => (token.revoked = true));
	}

	/** As after a restart of a server that keeps its tokens in memory. */
	forgetAll(provider: Provider | undefined): number {
		return this.#change(provider, ['access', 'refresh'], (token) => (token.forgotten = true));
	}

	/** Access tokens issued from now on are refused for so many ms; 0: no longer. */
	refuseYoung(provider: Provider, ms: number): void {
		this.#young.set(provider, ms);
	}

	/** Tokens are good from the start again. */
	reset(): void {
		this.#young.clear();
	}

	expireAll(provider: Provider | undefined, kinds: ReadonlyArray<IssuedToken['kind']>): number {
		const now = Date.now();
		return this.#change(
			provider,
			kinds,
			(token) => (token.expiresAt = Math.min(token.expiresAt, now)),
		);
	}

	all(): IssuedToken[] {
		return [...this.#tokens.values()];
	}

	#change(
		provider: Provider | undefined,
		kinds: ReadonlyArray<IssuedToken['kind']>,
		change: (token: IssuedToken) => unknown,
	): number {
		let changed = 0;
		for (const token of this.#tokens.values()) {
			if ((provider === undefined || token.provider === provider) && kinds.includes(token.kind)) {
				change(token);
				changed++;
			}
		}
		return changed;
	}
}

/** The state of a token now. */
export function stateOf(token: IssuedToken | undefined): TokenState {
	if (token === undefined || token.forgotten || token.goodFrom > Date.now()) return 'unknown';
	if (token.revoked) return 'revoked';
	return token.expiresAt <= Date.now() ? 'expired' : 'good';
}

/** What stands behind `Bearer ` in an Authorization header, the scheme in any case. */
export function bearerOf(header: string | undefined): string {
	return /^bearer +(.+)$/i.exec(header ?? '')?.[1] ?? '';
}
