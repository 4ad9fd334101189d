const turns = new WeakMap<object, Map<string, Promise<unknown>>>();

/**
 * Runs tasks with the same key one after the other, in the order of the calls, and others at the
 * same time. The order is kept for each `owner` apart.
 */
export async function inTurn<T>(owner: object, key: string, task: () => Promise<T>): Promise<T> {
	const queues = turns.get(owner) ?? new Map<string, Promise<unknown>>();
	turns.set(owner, queues);
	const before = queues.get(key) ?? Promise.resolve();
	// A task that failed has had its turn, too.
	const turn = before.then(task, task);
	queues.set(key, turn);
	return await turn;
}
