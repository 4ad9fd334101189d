import type { IDataObject } from 'n8n-workflow';
import { valueAt } from '../../credentials/tokens/json';
import { ApiError, badInput } from '../shared/errors';
import { canonical, fingerprint, shortHash, without } from './fingerprint';
import { KEY_HASH_LENGTH, keyHash, keyOf, keyText, type Key } from './key';
import { MOST_RECORDS } from './memory';

/** By what a record is recognised, and by what a change of it. */
export interface Recognition {
	/** Dotted paths of the fields that make up the key. */
	readonly key: readonly string[];
	/** Dotted paths of the fields that are compared; the whole record where there is none. */
	readonly compared: readonly string[];
	/** Dotted paths of fields whose changes do not count. */
	readonly ignored: readonly string[];
}

/** A record of the list as it is now. */
export interface Found {
	readonly record: IDataObject;
	/** None where the record has no value in any of the key's fields. */
	readonly key?: Key;
	readonly fingerprint: string;
}

/** Records by the hash of their key, for each part of the list. */
export type Reading = ReadonlyMap<string, ReadonlyMap<string, Found>>;

/** A part of a list, page by page, as the API gave it. */
export interface Part {
	readonly name: string;
	readonly pages: ReadonlyArray<readonly IDataObject[]>;
}

/**
 * Finds each record's key and fingerprint. A record that stands on two pages, since the list grew while it was read, is
 * taken as it was read last. One without a key is recognised by its content.
 * @throws ApiError when no record has a key, when a page has two records with one key, or when there are too many.
 */
export function recognise(parts: readonly Part[], by: Recognition): Reading {
	const reading = new Map<string, Map<string, Found>>();
	let records = 0;
	let keyless = 0;
	for (const { name, pages } of parts) {
		const found = new Map<string, Found>();
		for (const page of pages) {
			const onPage = new Map<string, Found>();
			for (const record of page) {
				const key = keyOf(record, by.key);
				const hash = key ? keyHash(key) : contentHash(record, by);
				const entry: Found = { record, key, fingerprint: fingerprint(compared(record, by)) };
				requireSame(onPage.get(hash), entry);
				onPage.set(hash, entry);
				found.set(hash, entry);
				records++;
				if (key === undefined) keyless++;
			}
		}
		reading.set(name, found);
	}
	if (records > 0 && keyless === records) throw noKey(parts, by);
	const distinct = [...reading.values()].reduce((sum, part) => sum + part.size, 0);
	if (distinct > MOST_RECORDS) throw tooMany(distinct);
	return reading;
}

function contentHash(record: IDataObject, { ignored }: Recognition): string {
	return shortHash(canonical(without(record, ignored)), KEY_HASH_LENGTH);
}

/** The records of two readings together; of those in both, the later one's. */
export function together(earlier: Reading, later: Reading): Reading {
	return new Map(
		[...later].map(([name, found]) => [name, new Map([...(earlier.get(name) ?? []), ...found])]),
	);
}

/** The part of a record that a change of is a change. */
function compared(record: IDataObject, { compared: fields, ignored }: Recognition): unknown {
	return fields.length > 0
		? fields.map((path) => valueAt(record, path) ?? null)
		: without(record, ignored);
}

function requireSame(before: Found | undefined, now: Found): void {
	if (before === undefined || before.fingerprint === now.fingerprint) return;
	const shown = keyText(now.key ?? [])
		.slice(1, -1)
		.slice(0, 100);
	throw badInput(
		'Key',
		`does not tell the records apart: two of them have ${shown}`,
		'Choose a field that is different in each record, or several, separated by commas.',
	);
}

function noKey([{ pages }]: readonly Part[], { key }: Recognition): ApiError {
	const [first] = pages.flat();
	const values = key.map((path): [string, unknown] => [path, valueAt(first, path)]);
	const [path, nested] =
		values.find(([, value]) => typeof value === 'object' && value !== null) ?? [];
	if (path !== undefined) {
		const [inner = 'id'] = Object.keys(nested as object);
		return badInput(
			'Key',
			`names "${path}", which is ${Array.isArray(nested) ? 'a list' : 'an object'} in the records`,
			`Name a field within it, such as ${path}.${inner}.`,
		);
	}
	return badInput(
		'Key',
		`names "${key.join(', ')}", which no record has`,
		`A record has these fields: ${Object.keys(first ?? {})
			.slice(0, 20)
			.join(', ')}. Enter one that is different in each record.`,
	);
}

function tooMany(records: number): ApiError {
	return new ApiError(
		'field',
		`The list has ${records} records, more than the ${MOST_RECORDS} that can be remembered`,
		'Narrow the list down with query parameters, or let the API be asked for what is newer.',
	);
}
