import type { IPollFunctions } from 'n8n-workflow';
import { ApiError, toNodeError } from '../shared/errors';

interface Outage {
	/** The ways in which it has failed so far, each of which was told. */
	readonly told: ReadonlySet<string>;
	/** n8n makes one for each activation. */
	readonly context: IPollFunctions;
}

/**
 * What is failing at the moment, by workflow and node. In memory, since n8n stores nothing after a poll that failed: an
 * outage is told of once more after a restart.
 */
const outages = new Map<string, Outage>();

/**
 * Runs a poll. Its first failure becomes a failed execution; as long as it fails in a way that was told already, the
 * polls after it do nothing.
 *
 * n8n makes a failed execution of an error that a poll throws. An error of the first poll of an activation it throws on:
 * whoever switches the workflow on sees it. When n8n itself starts, that would stop the polling until n8n tries the
 * activation again, minutes or hours later; so the error is handed over then, and the polls go on.
 */
export async function tellOnce<T>(
	context: IPollFunctions,
	poll: () => Promise<T>,
): Promise<T | null> {
	const name = triggerName(context);
	try {
		const result = await poll();
		if (context.getMode() !== 'manual') outages.delete(name);
		return result;
	} catch (thrown) {
		const error = toNodeError(context.getNode(), thrown);
		if (context.getMode() === 'manual') throw error;
		const what = kindOf(thrown);
		const before = outages.get(name);
		const activation = context.getActivationMode();
		const goesOn = before?.context === context || activation === 'update' || isStart(activation);
		const told = goesOn ? (before?.told ?? []) : [];
		outages.set(name, { told: new Set([...told, what]), context });
		if (goesOn && before?.told.has(what)) {
			context.logger.debug(`${context.getNode().name} still fails: ${error.message}`);
			return null;
		}
		if (!isStart(activation)) throw error;
		context.__emitError(error);
		return null;
	}
}

/** One trigger of all workflows. */
export function triggerName(context: IPollFunctions): string {
	return `${context.getWorkflow().id}:${context.getNode().id}`;
}

function isStart(activation: string): boolean {
	return activation === 'init' || activation === 'leadershipChange';
}

/** Texts may have numbers in them that differ each time. */
function kindOf(error: unknown): string {
	if (error instanceof ApiError) return `${error.kind} ${error.httpStatus ?? ''}`;
	const text = error instanceof Error ? error.message : String(error);
	return text.replace(/\d+/g, '#').slice(0, 200);
}
