/** What several rounds of the same came to. */
export interface Sample {
	readonly median: number;
	readonly min: number;
	readonly max: number;
	readonly rounds: readonly number[];
}

export function sample(rounds: readonly number[]): Sample {
	return { median: median(rounds), min: Math.min(...rounds), max: Math.max(...rounds), rounds };
}

function median(values: readonly number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	const middle = sorted.length / 2;
	return ((sorted[Math.ceil(middle) - 1] ?? NaN) + (sorted[Math.floor(middle)] ?? NaN)) / 2;
}

/** The smallest value that is not below a share of all. */
export function quantile(values: readonly number[], share: number): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? NaN;
}

/** Each round begins with another one, and every second goes backwards: none is always behind the same one. */
export function rotated<Thing>(things: readonly Thing[], round: number): Thing[] {
	const shift = Math.floor(round / 2) % things.length;
	const turned = [...things.slice(shift), ...things.slice(0, shift)];
	return round % 2 ? turned.reverse() : turned;
}

/**
 * Runs each of some things in turn, for some rounds, in another order each time: what shakes the machine meanwhile
 * shakes all of them. The first round warms up and does not count.
 */
export async function alternate<Name extends string>(
	things: Readonly<Record<Name, () => Promise<number>>>,
	rounds: number,
): Promise<Record<Name, Sample>> {
	const names = Object.keys(things) as Name[];
	const taken = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
	for (let round = 0; round <= rounds; round++) {
		for (const name of rotated(names, round)) {
			const value = await things[name]();
			if (round > 0) taken[name].push(value);
		}
	}
	return Object.fromEntries(names.map((name) => [name, sample(taken[name])])) as Record<Name, Sample>;
}
