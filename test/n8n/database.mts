import { createDecipheriv, createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { N8n } from './instance.mts';
import type { JsonObject } from './types.mts';

type Row = Readonly<Record<string, unknown>>;
type Where = Pick<N8n, 'installation' | 'userFolder' | 'encryptionKey' | 'queue'>;

/** A credential's fields as n8n has them stored, secrets and hidden ones too, read past n8n from its database. */
export async function readDecryptedCredential(n8n: Where, id: string): Promise<JsonObject> {
	// The id is n8n's own; quoted all the same.
	const [row] = await query(
		n8n,
		`SELECT data FROM credentials_entity WHERE id = '${id.replaceAll("'", "''")}'`,
	);
	if (!row) throw new Error(`There is no credential ${id}`);
	return JSON.parse(decrypt(String(row.data), n8n.encryptionKey)) as JsonObject;
}

/** Every row of every table, to search them for what must not be there. */
export async function everyRow(
	n8n: Where,
): Promise<Array<{ readonly table: string; readonly row: Row }>> {
	const tables = await query(
		n8n,
		n8n.queue
			? `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`
			: `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`,
	);
	const found: Array<{ table: string; row: Row }> = [];
	for (const table of tables.map(({ name }) => String(name))) {
		for (const row of await query(n8n, `SELECT * FROM "${table}"`)) found.push({ table, row });
	}
	return found;
}

/** Reads from n8n's database while n8n runs: SQLite, or Postgres with the driver that n8n brings. */
export async function query(n8n: Where, sql: string): Promise<Row[]> {
	if (!n8n.queue) {
		const database = new DatabaseSync(path.join(n8n.userFolder, '.n8n', 'database.sqlite'), {
			readOnly: true,
		});
		try {
			return database.prepare(sql).all() as Row[];
		} finally {
			database.close();
		}
	}
	const driver = createRequire(path.join(n8n.installation, 'node_modules', 'n8n', 'package.json'))(
		'pg',
	) as PostgresDriver;
	const client = new driver.Client({ host: '127.0.0.1', ...n8n.queue.postgres });
	await client.connect();
	try {
		return (await client.query(sql)).rows;
	} finally {
		await client.end();
	}
}

/** Changes n8n's SQLite while n8n runs, past n8n. */
export function write(n8n: Where, sql: string): void {
	const database = new DatabaseSync(path.join(n8n.userFolder, '.n8n', 'database.sqlite'), {
		timeout: 10_000,
	});
	try {
		database.exec(sql);
	} finally {
		database.close();
	}
}

interface PostgresDriver {
	readonly Client: new (options: object) => {
		connect: () => Promise<void>;
		query: (sql: string) => Promise<{ rows: Row[] }>;
		end: () => Promise<void>;
	};
}

/** n8n's cipher without a key id: AES-256-CBC in OpenSSL's salted format, key derived by MD5 (`aes-256-cbc.js`). */
function decrypt(encrypted: string, key: string): string {
	if (encrypted.includes(':'))
		throw new Error('This credential is encrypted with a rotated key, which is not read here.');
	const bytes = Buffer.from(encrypted, 'base64');
	const password = Buffer.concat([Buffer.from(key, 'binary'), bytes.subarray(8, 16)]);
	const md5 = (...parts: Buffer[]) => createHash('md5').update(Buffer.concat(parts)).digest();
	const first = md5(password);
	const second = md5(first, password);
	const decipher = createDecipheriv(
		'aes-256-cbc',
		Buffer.concat([first, second]),
		md5(second, password),
	);
	return Buffer.concat([decipher.update(bytes.subarray(16)), decipher.final()]).toString('utf8');
}
