import type { IDataObject } from 'n8n-workflow';
import { keyFields } from './key';
import type { Known, Memory } from './memory';
import type { Found, Reading } from './reading';

/** What can happen to a record. */
export type Change = 'new' | 'changed' | 'gone';

export interface Changes {
	readonly new: readonly IDataObject[];
	readonly changed: readonly IDataObject[];
	/** The key's fields alone: nothing else of a record is remembered. */
	readonly gone: readonly IDataObject[];
}

/**
 * What is different from what is remembered. A record that moved from one part of the list to another is known; one of
 * a part that is not read any more (a month that is over) is not gone.
 */
export function detect(memory: Memory, reading: Reading, keyPaths: readonly string[]): Changes {
	const known = new Map<string, Known>([...memory.parts.values()].flatMap((part) => [...part]));
	const found = new Map<string, Found>([...reading.values()].flatMap((part) => [...part]));
	const changes = {
		new: [] as IDataObject[],
		changed: [] as IDataObject[],
		gone: [] as IDataObject[],
	};
	for (const [hash, { record, fingerprint }] of found) {
		const before = known.get(hash);
		if (before === undefined) changes.new.push(record);
		else if (before.fingerprint !== fingerprint) changes.changed.push(record);
	}
	for (const [name, part] of memory.parts) {
		if (!reading.has(name)) continue;
		for (const [hash, { key }] of part) {
			if (key && !found.has(hash)) changes.gone.push(keyFields(key, keyPaths));
		}
	}
	return changes;
}

/** What to remember of a list. */
export function remembered(of: string, reading: Reading): Memory {
	return {
		of,
		parts: new Map(
			[...reading].map(([name, found]) => [
				name,
				new Map([...found].map(([hash, { fingerprint, key }]) => [hash, { fingerprint, key }])),
			]),
		),
	};
}

/** Everything in a list, as if all of it was new. */
export function allNew(reading: Reading): Changes {
	const records = [...reading.values()].flatMap((part) => [...part.values()]);
	return { new: records.map(({ record }) => record), changed: [], gone: [] };
}
