import type { World } from './world.mts';

/** All scopes that Fusio knows; those that an app or user has are a setting. */
export const KNOWN_SCOPES: readonly string[] = [
	'todo',
	'todo.read',
	'todo.write',
	'consumer',
	'authorization',
	'report',
	'admin',
];

/** What an app or user has. */
export function ownScopes({ settings }: World): string[] {
	return settings.fusio.scopes.split(',').filter((scope) => KNOWN_SCOPES.includes(scope));
}

/**
 * The granted part of a wish; the rest is dropped without a word. All scopes without a wish, undefined if nothing is
 * left of one.
 */
export function granted(world: World, wishes: readonly string[]): readonly string[] | undefined {
	const own = ownScopes(world);
	if (wishes.length === 0) return own;
	const left = own.filter((scope) => wishes.includes(scope));
	return left.length > 0 ? left : undefined;
}

/** `scope` of a token request as Fusio reads it: in `a, b` the second one has a blank, which no scope has. */
export function wishesOf(scope: unknown): string[] {
	if (typeof scope !== 'string' || scope === '') return [];
	return scope.split(scope.includes(',') ? ',' : ' ');
}

/** A global scope is good for all below it: `todo` for `todo.read`. */
export function covers(held: readonly string[], needed: readonly string[]): boolean {
	return needed.some((scope) => held.includes(scope) || held.includes(scope.split('.')[0] ?? ''));
}
