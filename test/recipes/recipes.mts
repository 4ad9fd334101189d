import { readFile } from 'node:fs/promises';

/** One API as its public documentation describes it. `<…>` in a field is made by the test. */
export interface Recipe {
	readonly name: string;
	/** Where the API's own documentation says so. */
	readonly documentation: string;
	/** Fields that differ from their defaults; secrets are examples. */
	readonly fields: Readonly<Record<string, unknown>>;
	/** What its token endpoint answers; null where there is none. */
	readonly reply: {
		readonly status?: number;
		readonly type?: string;
		readonly headers?: Readonly<Record<string, string | string[]>>;
		readonly body: unknown;
	} | null;
	/** The token request that it wants. */
	readonly asks: {
		readonly method: string;
		readonly url: string;
		readonly headers?: Readonly<Record<string, string>>;
		readonly form?: Readonly<Record<string, string>>;
		/** `<jwt>` is the signed JWT. */
		readonly json?: unknown;
		readonly text?: string;
	} | null;
	/** What an API request must carry. */
	readonly sends: {
		readonly headers?: Readonly<Record<string, string>>;
		readonly query?: Readonly<Record<string, string>>;
	};
	/** In s, where reply or credential says. */
	readonly lives?: number;
	/** Where a signed JWT is, and what it must say. */
	readonly jwt?: {
		readonly in: 'assertion' | 'client_assertion' | 'authorization' | 'json' | 'token';
		readonly prefix?: string;
		readonly header: Readonly<Record<string, unknown>>;
		readonly claims: Readonly<Record<string, unknown>>;
	};
	/** What the documentation leaves open. */
	readonly open?: string;
}

export async function readRecipes(): Promise<Recipe[]> {
	const text = await readFile(new URL('recipes.json', import.meta.url), 'utf8');
	return JSON.parse(text) as Recipe[];
}
