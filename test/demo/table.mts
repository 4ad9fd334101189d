/** What running one example workflow came to. */
export interface Row {
	readonly workflow: string;
	/** What it does, in a sentence. */
	readonly did: string;
	readonly ok: boolean;
	/** Items out of its last node. */
	readonly items: number;
	/** Requests that arrived at token endpoints while it ran. */
	readonly tokenRequests: number;
	readonly millis: number;
	readonly error?: string;
	/** Why it did not run at all on this version of n8n; that is no failure. */
	readonly skipped?: string;
}

/** Prints a line per workflow; what went wrong stands below its line. */
export function printTable(rows: readonly Row[], print: (line: string) => void): void {
	const head = ['', 'workflow', 'items', 'token requests', 'ms', 'what it did'];
	const cells = rows.map((row) => [
		row.skipped ? '–' : row.ok ? '✓' : '✗',
		row.workflow,
		String(row.items),
		String(row.tokenRequests),
		String(row.millis),
		row.did,
	]);
	const widths = head.map((title, column) =>
		Math.max(...[head, ...cells].map((line) => (line[column] ?? title).length)),
	);
	const numeric = [2, 3, 4];
	const padded = (line: readonly string[]) =>
		line
			.map((cell, column) =>
				numeric.includes(column)
					? cell.padStart(widths[column] ?? 0)
					: cell.padEnd(widths[column] ?? 0),
			)
			.join('  ')
			.trimEnd();
	print('');
	print(padded(head));
	rows.forEach((row, index) => {
		print(padded(cells[index] ?? []));
		if (row.error) print(`   ${row.error}`);
	});
}
