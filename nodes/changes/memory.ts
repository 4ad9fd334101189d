import type { IDataObject } from 'n8n-workflow';
import { ApiError } from '../shared/errors';
import { isObject } from '../shared/parameters';
import type { CursorValue } from './cursor';
import { FINGERPRINT_LENGTH } from './fingerprint';
import { KEY_HASH_LENGTH, keyHash, packKey, unpackKey, type Key } from './key';

/** What is remembered of one record. */
export interface Known {
	readonly fingerprint: string;
	/** Kept only where it must be told when the record is gone. */
	readonly key?: Key;
}

/** What is remembered of a list: never a record, never a token. */
export interface Memory {
	/** Which list, found by which settings; other settings have a memory of their own. */
	readonly of: string;
	/** By part of the list (a list of one part has the part ''), then by the hash of the key. */
	readonly parts: ReadonlyMap<string, ReadonlyMap<string, Known>>;
	/** The greatest value seen, for APIs that are asked for what is newer. */
	readonly cursor?: CursorValue;
}

export const MOST_RECORDS = 100_000;
/** Keys take as much space as they are long, so there is a bound on the whole as well. */
const MOST_CHARACTERS = 8_000_000;
const VERSION = 1;
const BYTES_WITHOUT_KEY = KEY_HASH_LENGTH + FINGERPRINT_LENGTH;

/**
 * The form that n8n stores as JSON beside the workflow. Without keys a record takes exactly 16 bytes (hash of the key,
 * fingerprint); with keys 6 and the key.
 * @throws ApiError when it is more than fits.
 */
export function encodeMemory({ of, parts, cursor }: Memory, withKeys: boolean): IDataObject {
	const packed = [...parts].map(([name, known]): [string, string] => [
		name,
		withKeys ? packWithKeys(known) : packWithoutKeys(known),
	]);
	const characters = packed.reduce((sum, [, text]) => sum + text.length, 0);
	if (characters > MOST_CHARACTERS) {
		throw new ApiError(
			'field',
			`The keys of the list take ${characters} characters, more than the ${MOST_CHARACTERS} that can be remembered`,
			'Choose a shorter key, turn off Gone, or narrow the list down.',
		);
	}
	return {
		version: VERSION,
		of,
		form: withKeys ? 'keys' : 'hashes',
		parts: Object.fromEntries(packed),
		...(cursor !== undefined && { cursor }),
	};
}

/** The memory of this list; undefined when there is none yet, or when what is stored cannot be read. */
export function decodeMemory(stored: unknown, of: string): Memory | undefined {
	if (!isObject(stored) || stored.version !== VERSION || stored.of !== of) return undefined;
	const { parts, form, cursor } = stored;
	if (!isObject(parts)) return undefined;
	const unpack = form === 'keys' ? unpackWithKeys : unpackWithoutKeys;
	try {
		return {
			of,
			parts: new Map(
				Object.entries(parts).map(([name, text]) => [name, unpack(String(text))] as const),
			),
			...((typeof cursor === 'string' || typeof cursor === 'number') && { cursor }),
		};
	} catch {
		return undefined;
	}
}

/** Records known in all parts together. */
export function sizeOf({ parts }: Memory): number {
	return [...parts.values()].reduce((sum, part) => sum + part.size, 0);
}

function packWithoutKeys(known: ReadonlyMap<string, Known>): string {
	return [...known].map(([hash, { fingerprint }]) => hash + fingerprint).join('');
}

function unpackWithoutKeys(packed: string): Map<string, Known> {
	if (packed.length % BYTES_WITHOUT_KEY !== 0) throw new Error('Cut off');
	const known = new Map<string, Known>();
	for (let at = 0; at < packed.length; at += BYTES_WITHOUT_KEY) {
		const hash = packed.slice(at, at + KEY_HASH_LENGTH);
		const fingerprint = packed.slice(at + KEY_HASH_LENGTH, at + BYTES_WITHOUT_KEY);
		known.set(hash, { fingerprint });
	}
	return known;
}

/** A record without a key, and one from before keys were kept, stands under its hash, after a sign that no key has. */
function packWithKeys(known: ReadonlyMap<string, Known>): string {
	return [...known]
		.map(([hash, { fingerprint, key }]) => `${fingerprint}${key ? packKey(key) : `=${hash}`};`)
		.join('');
}

function unpackWithKeys(packed: string): Map<string, Known> {
	const entries = packed.split(';');
	if (entries.pop() !== '') throw new Error('Cut off');
	return new Map(
		entries.map((entry): [string, Known] => {
			const fingerprint = entry.slice(0, FINGERPRINT_LENGTH);
			const packed = entry.slice(FINGERPRINT_LENGTH);
			if (packed.startsWith('=')) return [packed.slice(1), { fingerprint }];
			const key = unpackKey(packed);
			return [keyHash(key), { fingerprint, key }];
		}),
	);
}
