/** Prints lines of cells under a head, in columns. */
export function printTable(title: string, head: readonly string[], lines: ReadonlyArray<readonly string[]>): void {
	const widths = head.map((name, column) => Math.max(name.length, ...lines.map((line) => (line[column] ?? '').length)));
	const padded = (line: readonly string[]) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ').trimEnd();
	const rule = widths.map((width) => '-'.repeat(width)).join('-|-');
	process.stdout.write(`\n${[title, '', padded(head), rule, ...lines.map(padded)].join('\n')}\n\n`);
}

/** On one line, cut where it is too long. */
export function short(text: string, most = 200): string {
	const line = text.replace(/\s+/g, ' ').trim();
	return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}
