/** One thing that was looked at. */
export interface Check {
	readonly what: string;
	readonly ok: boolean;
	/** What was found; with a failure, a line for each thing that is wrong. */
	readonly found: string;
}

/** A check that fails if there is something wrong. */
export function check(what: string, wrong: readonly string[], otherwise = ''): Check {
	return { what, ok: wrong.length === 0, found: wrong.length === 0 ? otherwise : wrong.join('\n') };
}

export function printChecks(checks: readonly Check[], print: (line: string) => void): void {
	const width = Math.max(...checks.map(({ what }) => what.length));
	print('');
	for (const { what, ok, found } of checks) {
		const [first = '', ...more] = found.split('\n');
		print(`${ok ? '✓' : '✗'}  ${what.padEnd(width)}  ${first}`.trimEnd());
		for (const line of more) print(`   ${' '.repeat(width)}  ${line}`.trimEnd());
	}
}

export function closingLine(checks: readonly Check[]): string {
	const failed = checks.filter(({ ok }) => !ok).length;
	return `${checks.length - failed} passed, ${failed} failed`;
}
