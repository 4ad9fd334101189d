import type { IncomingHttpHeaders } from 'node:http';
import type { JsonObject } from '../n8n/types.mts';

/** In s: how long the servers' tokens live, by their own configuration. */
export const LIFETIME = 8;

/** A server that nobody here wrote, and how to start it. */
export interface Server {
	/** As its makers call it. */
	readonly name: string;
	/** Recipes of the documentation that its ways take as they stand there, by name. */
	readonly recipes: readonly string[];
	/** Makes it ready to start (installs it once) and says which version it is. */
	readonly install: (tell: (line: string) => void) => Promise<Installed>;
}

export interface Installed {
	readonly version: string;
	/** Starts it on loopback with an account, or several. Whatever it starts ends with this process at the latest. */
	readonly start: () => Promise<Running>;
}

export interface Running {
	/** Where it listens now, without a slash at the end. */
	readonly origin: () => string;
	/** One or more ways to a token that it offers. */
	readonly ways: readonly Way[];
	readonly stop: () => Promise<void>;
}

/** One way to a token, and something that the token is good for. */
export interface Way {
	/** Such as "Log-in with name and password". */
	readonly name: string;
	/** Fields of the credential, for a server that is reached at `origin`. */
	readonly fields: (origin: string) => JsonObject | Promise<JsonObject>;
	/** The fields that make the secret wrong. */
	readonly wrong: JsonObject;
	/** Why the credential cannot say this yet. */
	readonly notYet?: string;
	/** Whether a request is one for a token. `path` is without the query. */
	readonly isTokenRequest: (method: string, path: string) => boolean;
	/** What the token is needed for, below the base URL. */
	readonly api: {
		readonly path: string;
		readonly headers?: Readonly<Record<string, string>>;
		/** Makes it a POST with this body. */
		readonly json?: JsonObject;
	};
	/** Stands in each good answer of the API, and in no bad one. */
	readonly proof: string;
	/** Whether the server refused the token; a 401 if not given. */
	readonly isRefusal?: (status: number, body: string) => boolean;
	/** Ends a token at the server: the one that these headers of an API request carried, or all. */
	readonly revoke: (sent: IncomingHttpHeaders) => Promise<void>;
	/** It ends all of them, and is done once: a second time would undo it. */
	readonly revokesAll?: boolean;
}
