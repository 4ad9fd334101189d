import { readFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { pathToFileURL } from 'node:url';

/** How often the functions of the published code were called, by source file and name. */
export type Calls = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** Counts calls in a bundle, in which each source file stands below a comment with its name. */
export async function countCalls(bundle: string, task: () => Promise<unknown>): Promise<Calls> {
	const sections = sectionsOf(readFileSync(bundle, 'utf8'));
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
				functions.set(functionName, (functions.get(functionName) ?? 0) + count);
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
