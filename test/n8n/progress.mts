/**
 * Reports every so many milliseconds while a task runs. When the task is done, so is the last report: nothing looks at
 * a folder any more that is renamed next. A report that fails is left out; it is not what the task is for.
 */
export async function reporting<T>(
	task: Promise<T>,
	report: () => Promise<void>,
	every: number,
): Promise<T> {
	let last = Promise.resolve();
	const timer = setInterval(() => {
		last = last.then(report).catch(() => undefined);
	}, every);
	try {
		return await task;
	} finally {
		clearInterval(timer);
		await last;
	}
}
