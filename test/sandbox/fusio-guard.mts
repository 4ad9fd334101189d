import type { World } from './world.mts';

/** What Fusio holds against its clients. */
export interface Guard {
	/** Whether the address is banned now. */
	isBanned(ip: string): boolean;
	/** Remembers a 4xx answer; too many of them within the window ban the address. */
	refused(ip: string): void;
	/** Counts a request against the hourly limit of a token's owner, or of an address without token. */
	count(key: string, withToken: boolean): { limit: number; remaining: number; exceeded: boolean };
}

/** Ban and rate limit with the settings' numbers, forgotten on a reset of the sandbox. */
export function newGuard(world: World): Guard {
	const refusals = new Map<string, number[]>();
	const bannedUntil = new Map<string, number>();
	const windows = new Map<string, { until: number; used: number }>();
	world.onReset.push(() => {
		for (const memory of [refusals, bannedUntil, windows]) memory.clear();
	});

	return {
		isBanned: (ip) => world.settings.fusio.ban && (bannedUntil.get(ip) ?? 0) > Date.now(),

		refused(ip) {
			const { ban, banAfter, banWindow, banLength } = world.settings.fusio;
			if (!ban) return;
			const now = Date.now();
			const recent = (refusals.get(ip) ?? []).filter((time) => time > now - banWindow * 1000);
			recent.push(now);
			refusals.set(ip, recent);
			if (recent.length <= banAfter) return;
			bannedUntil.set(ip, now + banLength * 1000);
			refusals.delete(ip);
		},

		count(key, withToken) {
			const { rateLimitWithToken, rateLimitWithoutToken, rateLimitWindow } = world.settings.fusio;
			const limit = withToken ? rateLimitWithToken : rateLimitWithoutToken;
			const now = Date.now();
			let window = windows.get(key);
			if (window === undefined || window.until <= now) {
				windows.set(key, (window = { until: now + rateLimitWindow * 1000, used: 0 }));
			}
			// Counted is what came before, so it begins at the limit; a request too many is seen once, as -1.
			const remaining = Math.max(-1, limit - window.used);
			window.used++;
			return { limit, remaining, exceeded: remaining <= 0 };
		},
	};
}
