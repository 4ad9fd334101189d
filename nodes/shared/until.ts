import { valueAt } from '../../credentials/tokens/json';
import { ApiError } from './errors';
import { momentOf } from './moment';
import { isObject } from './parameters';

/** The record at which a list that begins with the newest one is known already. */
export type Until =
	| { readonly kind: 'value'; readonly at: string; readonly value: string }
	/** `moment`: in ms. */
	| { readonly kind: 'date'; readonly at: string; readonly moment: number };

export interface Newer {
	readonly entries: readonly unknown[];
	/** The record was reached: no older page is of interest. */
	readonly reached: boolean;
	/** A newer record stands behind it, so that the list does not begin with the newest. */
	readonly unsorted: boolean;
}

/** The entries in front of the first record that has the value, or a date at or before the moment. */
export function newerThan(until: Until, entries: readonly unknown[]): Newer {
	const values = valuesIn(until, entries);
	const first = values.findIndex((value) => isReached(until, value));
	if (first === -1) return { entries, reached: false, unsorted: false };
	return {
		entries: entries.slice(0, first),
		reached: true,
		unsorted:
			until.kind === 'date' &&
			values.slice(first).some((value) => (momentOf(value) ?? -Infinity) > until.moment),
	};
}

/** @throws ApiError when no record of the first page has anything to compare at that path. */
export function requireComparable(until: Until, entries: readonly unknown[]): void {
	const values = valuesIn(until, entries);
	const readable = until.kind === 'date' ? values.map(momentOf) : values;
	if (entries.length === 0 || readable.some((value) => value !== undefined)) return;
	throw new ApiError(
		'reply',
		`No record has ${until.kind === 'date' ? 'a date' : 'a value'} at "${until.at}"`,
		'Check Record Field of Until under Pagination Options: without it the whole list would be read each time.',
	);
}

function valuesIn({ at }: Until, entries: readonly unknown[]): unknown[] {
	return entries.map((entry) => (isObject(entry) ? valueAt(entry, at) : entry));
}

function isReached(until: Until, value: unknown): boolean {
	if (until.kind === 'date') return (momentOf(value) ?? Infinity) <= until.moment;
	return ['string', 'number', 'boolean'].includes(typeof value) && String(value) === until.value;
}
