import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import { createHash } from 'node:crypto';
import { ApiError } from './errors';
import type { StoredRefreshToken } from './record';
import type { IssuedToken, ReplyFields, TokenRequest } from './wire';

/** Sends one token request and reads its reply; counts it, times it out and turns refusals into ApiErrors. */
export type Ask = (request: TokenRequest, fields: ReplyFields) => Promise<IssuedToken>;

/** What an issuer hands back: the token, and the refresh token to keep (undefined: none). */
export interface Purchase {
	/** Undefined where the reply had none: the keeper says so. */
	readonly token?: string;
	/** Epoch ms; undefined where the provider does not tell. */
	readonly expiresAt?: number;
	readonly refreshToken?: RefreshToken;
}

/** As the provider issued it, or as it was kept; `expiresAt` in epoch ms. */
export type RefreshToken = Pick<StoredRefreshToken, 'value' | 'expiresAt'>;

/** One credential, read and checked: how its provider issues a token, and who may see it. */
export interface TokenIssuer {
	/** As a user would name it: `Calenso`. */
	readonly provider: string;
	/** Without trailing slash. */
	readonly apiBase: string;
	/** Origins that may see the token. */
	readonly origins: readonly string[];
	/** How the token is attached. Default: `Authorization: Bearer …`. */
	readonly header: { readonly name: string; readonly prefix: string };
	/** Tokens per calendar month in UTC; 0: no budget. */
	readonly budget: number;
	/** n8n stores no token record for this credential: its tokens live in the memory of each process. */
	readonly inMemory: boolean;
	/** A refresh token that rotates: two processes must not use it at once. */
	readonly rotates: boolean;
	/** Fingerprint of all that shapes a token but the slot. */
	readonly owner: string;
	/** Fingerprint of token URL and client: whose tokens are counted. */
	readonly client: string;
	/** Blanked in every text that comes from the provider. */
	readonly secrets: readonly string[];
	/** In ms: used where neither the reply nor the token tells. */
	readonly lifetime: number;
	/** A harmless request, to tell a revoked token from any other error; undefined where there is none. */
	readonly probeUrl?: string;
	/** Which token a request needs; all but bookingtime have the one slot `''`. */
	slotOf(url: URL): string;
	/** A 401 with this body means a missing permission, not a bad token. */
	lacksPermission(body: unknown): boolean;
	/** Gets one token with as few requests as possible. */
	buy(slot: string, refreshToken: RefreshToken | undefined, ask: Ask): Promise<Purchase>;
}

/** How one provider's credential becomes an issuer. */
export type ReadIssuer = (credentials: ICredentialDataDecryptedObject) => TokenIssuer;

/** What is the same for most providers. */
export const commonIssuer = {
	header: { name: 'Authorization', prefix: 'Bearer ' },
	inMemory: false,
	rotates: false,
	slotOf: () => '',
	lacksPermission: () => false,
} as const;

/** Uses the refresh token that was kept; where the provider refuses it, takes the full way in. */
export async function refreshOrBuy(
	kept: RefreshToken | undefined,
	refresh: (kept: RefreshToken) => Promise<Purchase>,
	buy: () => Promise<Purchase>,
): Promise<Purchase> {
	if (kept === undefined) return await buy();
	return await refresh(kept).catch(async (error: unknown) => {
		// A time-out or a 5xx is not a no: the full way in would not fare better.
		const refused = error instanceof ApiError && ['client', 'grant'].includes(error.kind);
		if (!refused) throw error;
		return await buy();
	});
}

/** For replies that bring a token and, each time, another refresh token. */
export function asPurchase({ token, expiresAt, refreshToken }: IssuedToken): Purchase {
	return {
		token,
		expiresAt,
		refreshToken: refreshToken === undefined ? undefined : { value: refreshToken },
	};
}

/** A short, one-way name for a list of values. */
export function fingerprint(...values: readonly unknown[]): string {
	return createHash('sha256').update(JSON.stringify(values)).digest('base64url').slice(0, 22);
}

/** `origin` of an absolute URL that was checked before. */
export function originOf(url: string): string {
	return new URL(url).origin;
}
