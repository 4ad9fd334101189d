import { ApiError } from '../shared/errors';
import { MOST_RECORDS, sizeOf, type Memory } from './memory';
import type { Reading } from './reading';

/** Fewer records than this that are missing are believed to be gone, as long as others are there. */
const MANY = 20;

interface Size {
	readonly part: string;
	readonly before: number;
	readonly now: number;
}

/**
 * Many APIs answer with an empty list, or with the first pages of it, during an outage; taken at its word, a mirror would
 * be emptied. An error where the list is empty, or where it or a part of it is less than half as long as it was.
 */
export function lossIn(reading: Reading, { parts }: Memory): ApiError | undefined {
	const sizes = [...parts]
		.filter(([part]) => reading.has(part))
		.map(
			([part, known]): Size => ({ part, before: known.size, now: reading.get(part)?.size ?? 0 }),
		);
	const whole: Size = {
		part: '',
		before: sizes.reduce((sum, { before }) => sum + before, 0),
		now: [...reading.values()].reduce((sum, { size }) => sum + size, 0),
	};
	if (whole.now === 0 && whole.before > 0) {
		return sudden(`The list is empty all of a sudden; ${whole.before} records were there before`);
	}
	const lost = sizes.find(({ before, now }) => now * 2 < before && before - now >= MANY);
	return (
		lost &&
		sudden(
			`The list${lost.part && ` of ${lost.part}`} has ${lost.now} records all of a sudden; ${lost.before} were there before`,
		)
	);
}

/** What was found and what was known before, for as long as that fits. */
export function withKnown(found: Memory, before: Memory): Memory {
	const parts = new Map(
		[...found.parts].map(([part, known]) => [
			part,
			new Map([...(before.parts.get(part) ?? []), ...known]),
		]),
	);
	const all = { ...found, parts };
	return sizeOf(all) > MOST_RECORDS ? found : all;
}

function sudden(what: string): ApiError {
	return new ApiError(
		'reply',
		what,
		'Nothing is reported as gone. If the records were deleted, turn on Believe Sudden Losses under Options.',
	);
}
