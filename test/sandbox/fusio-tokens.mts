import { randomBytes } from 'node:crypto';

import { letters } from './accounts.mts';
import { inspectToken, signToken } from './jwt.mts';
import { stateOf } from './tokens.mts';
import type { IssuedToken } from './tokens.mts';
import type { World } from './world.mts';

/** A pair of tokens, as both of Fusio's ways in give it out. */
export interface FusioGrant {
	readonly access: string;
	readonly refresh: string;
	readonly expiresIn: number;
	readonly scope: string;
}

/** 500: it stumbles over what it cannot read. */
type Refusal = { readonly status: 401; readonly message: string } | { readonly status: 500 };

/** How Fusio makes and checks its tokens. */
export interface FusioTokens {
	grant(owner: string, kind: string, scopes: readonly string[]): FusioGrant;
	/** Replaces a pair: the old access token is dead at once. A string says why it was refused. */
	refresh(value: string, kind: string): FusioGrant | string;
	/** What is wrong with an Authorization header, or the token in it. */
	check(authorization: string | undefined): IssuedToken | Refusal;
}

/** Fusio's tokens: HS256 without `jti`, so that two grants in one second are the same bytes. */
export function newFusioTokens(world: World): FusioTokens {
	const { tokens, settings, journal } = world;
	const key = randomBytes(32);

	function grant(owner: string, kind: string, scopes: readonly string[]): FusioGrant {
		const { accessLifetime, refreshLifetime, absoluteExpiry } = settings.fusio;
		const iat = Math.floor(Date.now() / 1000);
		const exp = Math.floor(iat + accessLifetime);
		const access = signToken({ iss: world.urls.fusio, sub: owner, iat, exp, name: owner }, key);
		const refresh = letters(64);
		const issued = { provider: 'fusio' as const, grant: kind, owner };
		// The same bytes again: there are two rows then, and Fusio takes the first one's scopes.
		if (stateOf(tokens.find(access, 'fusio', 'access')) !== 'good') {
			const left = exp - Date.now() / 1000;
			tokens.issue({ ...issued, kind: 'access', value: access, bound: { scopes } }, left);
		}
		const bound = { scopes, accessToken: access };
		tokens.issue({ ...issued, kind: 'refresh', value: refresh, bound }, refreshLifetime);
		journal.issued('fusio', kind);
		return {
			access,
			refresh,
			expiresIn: absoluteExpiry ? exp : accessLifetime,
			scope: scopes.join(','),
		};
	}

	return {
		grant,

		refresh(value, kind) {
			const old = tokens.find(value, 'fusio', 'refresh');
			const state = stateOf(old);
			if (state === 'expired') return 'Refresh token is expired';
			if (old === undefined || state !== 'good') return 'Invalid refresh token';
			tokens.revoke(old.bound.accessToken);
			if (settings.fusio.usedRefreshTokenDies) tokens.revoke(value);
			return grant(old.owner, kind, old.bound.scopes ?? []);
		},

		check(authorization) {
			if (authorization === undefined) return refused('Missing authorization header');
			if (!authorization.startsWith('Bearer ')) return refused('Invalid authorization type');
			const value = authorization.slice('Bearer '.length);
			const token = tokens.find(value, 'fusio', 'access');
			const state = stateOf(token);
			if (token !== undefined && state === 'good') return token;
			if (state === 'expired') return refused('Expired token');
			if (state === 'revoked') return refused('Invalid access token');
			const flaw = inspectToken(value, key);
			if (flaw === 'malformed') return { status: 500 };
			return refused(flaw === 'forged' ? 'Signature verification failed' : 'Invalid access token');
		},
	};
}

function refused(message: string): Refusal {
	return { status: 401, message };
}
