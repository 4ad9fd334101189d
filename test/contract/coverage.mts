import { readFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { pathToFileURL } from 'node:url';

/** How often the functions of the published code were called, by source file and name. */
export type Calls = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** Of a file, so many calls of functions that wait. */
export const WAITING = '(async)';

/** Counts calls in a bundle, in which each source file stands below a comment with its name. */
export async function countCalls(bundle: string, task: () => Promise<unknown>): Promise<Calls> {
	const text = readFileSync(bundle, 'utf8');
	const sections = sectionsOf(text);
	const session = new Session();
	session.connect();
	try {
		await session.post('Profiler.enable');
		await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
		await session.post('Profiler.takePreciseCoverage');
		await task();
		const { result } = await session.post('Profiler.takePreciseCoverage');
		const counted = new Map<string, Map<string, number>>();
		for (const script of result.filter(({ url }) => isBundle(url, bundle))) {
			for (const { functionName, ranges } of script.functions) {
				const [{ startOffset, count } = { startOffset: 0, count: 0 }] = ranges;
				const file = sections.findLast(({ start }) => start <= startOffset)?.file;
				if (count === 0 || file === undefined) continue;
				const functions = counted.get(file) ?? new Map<string, number>();
				const names = text.startsWith('async', startOffset)
					? [functionName, WAITING]
					: [functionName];
				for (const name of names) functions.set(name, (functions.get(name) ?? 0) + count);
				counted.set(file, functions);
			}
		}
		return counted;
	} finally {
		session.disconnect();
	}
}

const isBundle = (url: string, bundle: string) =>
	url === bundle || url === pathToFileURL(bundle).href;

function sectionsOf(text: string): Array<{ file: string; start: number }> {
	return [...text.matchAll(/^\/\/ ((?:credentials|nodes)\/\S+\.ts)$/gm)].map((match) => ({
		file: match[1] as string,
		start: match.index,
	}));
}
