/** One cell; numbers stand to the right. */
export type Cell = string | number;

/** Prints a table under a title, to standard output: what a run measured, and nothing that it did not. */
export function printTable(title: string, rows: ReadonlyArray<Readonly<Record<string, Cell>>>): void {
	const [first] = rows;
	if (first === undefined) return;
	const head = Object.keys(first);
	const text = rows.map((row) => head.map((name) => String(row[name] ?? '')));
	const width = head.map((name, column) => Math.max(name.length, ...text.map((line) => line[column]?.length ?? 0)));
	const right = head.map((name) => rows.some((row) => typeof row[name] === 'number'));
	const line = (cells: readonly string[]) =>
		cells
			.map((cell, column) => (right[column] ? cell.padStart(width[column] ?? 0) : cell.padEnd(width[column] ?? 0)))
			.join('  ')
			.trimEnd();
	process.stdout.write(`\n${[title, '', line(head), ...text.map(line)].join('\n')}\n\n`);
}
