import path from 'node:path';

/** Where Redis and Postgres listen, for an n8n in queue mode. */
export interface QueueBackend {
	readonly redis: { readonly port: number };
	readonly postgres: {
		readonly port: number;
		readonly user: string;
		readonly password: string;
		readonly database: string;
	};
}

export interface EnvironmentOptions {
	readonly version: string;
	readonly userFolder: string;
	readonly encryptionKey: string;
	readonly port: number;
	readonly brokerPort: number;
	readonly queue?: QueueBackend;
	readonly extra?: Readonly<Record<string, string>>;
}

/**
 * The whole environment of an n8n process. Nothing is inherited but the PATH and what concerns the language, so that
 * a developer's own n8n does not shine through; nothing that n8n does by itself may leave this machine.
 */
export function n8nEnvironment(options: EnvironmentOptions): Record<string, string> {
	const { version, userFolder, port, queue } = options;
	return {
		PATH: `${path.dirname(process.execPath)}${path.delimiter}${process.env.PATH ?? ''}`,
		LANG: process.env.LANG ?? 'C.UTF-8',
		HOME: userFolder,
		N8N_USER_FOLDER: userFolder,
		N8N_ENCRYPTION_KEY: options.encryptionKey,
		N8N_HOST: '127.0.0.1',
		N8N_PORT: String(port),
		N8N_LISTEN_ADDRESS: '127.0.0.1',
		N8N_RUNNERS_BROKER_PORT: String(options.brokerPort),
		N8N_SECURE_COOKIE: 'false',
		N8N_GRACEFUL_SHUTDOWN_TIMEOUT: '5',
		N8N_LOG_OUTPUT: 'console',
		N8N_LOG_LEVEL: 'info',
		GENERIC_TIMEZONE: 'UTC',
		...staysAtHome,
		...(version.startsWith('1.') ? oneConnectionIsTooFew : withoutRegistry),
		...(queue ? queueMode(queue) : {}),
		...options.extra,
	};
}

/**
 * n8n 1 opens one connection to SQLite by default, and transactions that run at once on it break each other; with a
 * pool it does what n8n 2 always does.
 */
const oneConnectionIsTooFew = { DB_SQLITE_POOL_SIZE: '4' };

/** n8n 1 ends over a module that it does not know, so this is for n8n 2 alone. */
const withoutRegistry = { N8N_DISABLED_MODULES: 'mcp-registry' };

/** Telemetry, notices, catalogues and licence renewal: off. */
const staysAtHome: Readonly<Record<string, string>> = {
	N8N_DIAGNOSTICS_ENABLED: 'false',
	N8N_DIAGNOSTICS_CONFIG_FRONTEND: '',
	N8N_DIAGNOSTICS_CONFIG_BACKEND: '',
	N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
	N8N_VERSION_NOTIFICATIONS_WHATS_NEW_ENABLED: 'false',
	N8N_DYNAMIC_BANNERS_ENABLED: 'false',
	N8N_HIRING_BANNER_ENABLED: 'false',
	N8N_PERSONALIZATION_ENABLED: 'false',
	N8N_TEMPLATES_ENABLED: 'false',
	N8N_AI_GATEWAY_ENABLED: 'false',
	N8N_LICENSE_AUTO_RENEW_ENABLED: 'false',
	N8N_UNVERIFIED_PACKAGES_ENABLED: 'true',
	N8N_VERIFIED_PACKAGES_ENABLED: 'false',
	N8N_REINSTALL_MISSING_PACKAGES: 'false',
	EXTERNAL_FRONTEND_HOOKS_URLS: '',
};

function queueMode({ redis, postgres }: QueueBackend): Record<string, string> {
	return {
		EXECUTIONS_MODE: 'queue',
		// Manual runs too, so that every execution is a worker's.
		OFFLOAD_MANUAL_EXECUTIONS_TO_WORKERS: 'true',
		QUEUE_BULL_REDIS_HOST: '127.0.0.1',
		QUEUE_BULL_REDIS_PORT: String(redis.port),
		...onPostgres(postgres),
	};
}

/** n8n's data in this Postgres instead of SQLite. */
export function onPostgres(postgres: QueueBackend['postgres']): Record<string, string> {
	return {
		DB_TYPE: 'postgresdb',
		DB_POSTGRESDB_HOST: '127.0.0.1',
		DB_POSTGRESDB_PORT: String(postgres.port),
		DB_POSTGRESDB_USER: postgres.user,
		DB_POSTGRESDB_PASSWORD: postgres.password,
		DB_POSTGRESDB_DATABASE: postgres.database,
	};
}
