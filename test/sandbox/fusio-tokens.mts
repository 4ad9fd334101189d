import { randomBytes } from 'node:crypto';

import { letters } from './accounts.mts';
import { inspectToken, signToken } from './jwt.mts';
import { stateOf } from './tokens.mts';
import type { IssuedToken } from './tokens.mts';
import type { World } from './world.mts';

/** Scopes that a token has unless others are asked for. */
export const DEFAULT_SCOPES: readonly string[] = ['todo', 'consumer', 'authorization'];

/** Scopes that may be asked for. */
export const GRANTABLE_SCOPES: readonly string[] = [...DEFAULT_SCOPES, 'admin'];

/** A pair of tokens, as both of Fusio's ways in give it out. */
export interface FusioGrant {
	readonly access: string;
	readonly refresh: string;
	readonly expiresIn: number;
	readonly scope: string;
}

/** How Fusio makes and checks its tokens. */
export interface FusioTokens {
	grant(owner: string, kind: string, scopes: readonly string[]): FusioGrant;
	/** Replaces a pair: the old access token is dead at once. A string says why it was refused. */
	refresh(value: string, kind: string, owner?: string): FusioGrant | string;
	/** What is wrong with an Authorization header, or the token in it. 500: Fusio stumbles over it. */
	check(authorization: string | undefined): IssuedToken | { status: 401 | 500; message: string };
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
		tokens.issue({ ...issued, kind: 'access', value: access, bound: { scopes } }, accessLifetime);
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

		refresh(value, kind, owner) {
			const old = tokens.find(value, 'fusio', 'refresh');
			const state = stateOf(old);
			if (state === 'expired') return 'Refresh token is expired';
			if (old === undefined || state !== 'good') return 'Invalid refresh token';
			if (owner !== undefined && owner !== old.owner) return 'Invalid refresh token';
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
			if (flaw === 'malformed') return { status: 500, message: 'Syntax error, malformed JSON' };
			return refused(flaw === 'forged' ? 'Signature verification failed' : 'Invalid access token');
		},
	};
}

function refused(message: string): { status: 401; message: string } {
	return { status: 401, message };
}
