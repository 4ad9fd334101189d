/**
 * What can be turned on the sandbox, at start and while it runs. Lifetimes and windows are in seconds; the defaults
 * are the providers' own.
 */
export interface Settings {
	calenso: {
		lifetime: number;
		/** Tokens per client and UTC month, after which the client is blocked; 0 = no limit. */
		monthlyTokenLimit: number;
		workers: number;
		/** Sends `Auth0-Client-Quota-Limit` with every token reply. */
		quotaHeader: boolean;
	};
	bookingtime: {
		refreshLifetime: number;
		accessLifetime: number;
		/** `{messageList, content}` around every reply; off: bare, as the documentation shows it. */
		envelope: boolean;
		/** Customers that each organization starts with. Setting it makes them anew. */
		customers: number;
		/** `expires_in` as a string, as one page of the documentation shows it. */
		expiryAsString: boolean;
	};
	meister1: {
		lifetime: number;
		refreshLifetime: number;
		/** Whether a used refresh token dies (not known of the provider; the strict case is the default). */
		usedRefreshTokenDies: boolean;
		ssoValidity: number;
	};
	fusio: {
		accessLifetime: number;
		refreshLifetime: number;
		/** Fusio before 4.0.3: `expires_in` is a UNIX time. */
		absoluteExpiry: boolean;
		/** Fusio 4.x: a refresh token can be used once. */
		usedRefreshTokenDies: boolean;
		/** What the apps and users have, separated by commas; whatever else is asked for is dropped. */
		scopes: string;
		/** Banned is who got more than `banAfter` answers of 4xx within `banWindow`, for `banLength`. */
		ban: boolean;
		banAfter: number;
		banWindow: number;
		banLength: number;
		rateLimitWithToken: number;
		rateLimitWithoutToken: number;
		rateLimitWindow: number;
		/** Constant, whatever the window. */
		rateLimitRetryAfter: number;
		/** What the action caps `count` at. */
		pageLimit: number;
		/** Items in `/todo`. Setting it makes them anew. */
		todos: number;
	};
	custom: { lifetime: number; items: number };
}

/** Some settings of some providers. */
export type SettingsChange = { [P in keyof Settings]?: Partial<Settings[P]> };

/** The providers' own numbers. */
export function defaultSettings(): Settings {
	return {
		calenso: { lifetime: 86_400, monthlyTokenLimit: 31, workers: 30, quotaHeader: false },
		bookingtime: {
			refreshLifetime: 2_592_000,
			accessLifetime: 300,
			envelope: true,
			customers: 60,
			expiryAsString: false,
		},
		meister1: {
			lifetime: 36_000,
			refreshLifetime: 2_592_000,
			usedRefreshTokenDies: true,
			ssoValidity: 15,
		},
		fusio: {
			accessLifetime: 172_800,
			refreshLifetime: 259_200,
			absoluteExpiry: false,
			usedRefreshTokenDies: false,
			scopes: 'todo,todo.read,todo.write,consumer,authorization',
			ban: true,
			banAfter: 32,
			banWindow: 120,
			banLength: 300,
			rateLimitWithToken: 3_600,
			rateLimitWithoutToken: 900,
			rateLimitWindow: 3_600,
			rateLimitRetryAfter: 900,
			pageLimit: 16,
			todos: 120,
		},
		custom: { lifetime: 3_600, items: 57 },
	};
}

/**
 * Takes over a change in place.
 *
 * @throws Error naming the setting that does not exist or has another type; nothing is changed then.
 */
export function changeSettings(settings: Settings, change: SettingsChange): void {
	const groups = settings as unknown as Record<string, Record<string, unknown>>;
	for (const [group, values] of Object.entries(change)) {
		for (const [name, value] of Object.entries(values ?? {})) {
			const known = Object.hasOwn(groups, group) ? groups[group] : undefined;
			if (
				known === undefined ||
				!Object.hasOwn(known, name) ||
				typeof known[name] !== typeof value
			) {
				throw new Error(`No such setting: ${group}.${name} = ${JSON.stringify(value)}`);
			}
		}
	}
	for (const [group, values] of Object.entries(change)) Object.assign(groups[group] ?? {}, values);
}
