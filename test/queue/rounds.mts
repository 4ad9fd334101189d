import { burst, countEnds, troubles, type Burst } from './calls.mts';
import { observe, untilExpired, type Seen } from './observe.mts';
import type { Stage } from './stage.mts';
import type { Cell } from './table.mts';
import { watch } from './workers.mts';
import type { LiveWorkflow } from './workflows.mts';

/** A workflow, and whose tokens it uses. */
export interface Subject {
	readonly provider: 'calenso' | 'meister1';
	readonly workflow: LiveWorkflow;
}

/** Many executions at once on an expired token. */
export interface Round extends Seen {
	readonly round: number;
	readonly provider: Subject['provider'];
	/** What was not as promised, in words; the number of token requests is left to the test. */
	readonly wrong: readonly string[];
	readonly row: Readonly<Record<string, Cell>>;
}

/** What a round may take at most before anything was measured, in ms. */
const GUESS = 12_000;
/** So many rounds back are looked at to tell how slow this machine is. */
const LOOK_BACK = 4;

/**
 * Lets the tokens of the subjects expire by turns, so and so often, and calls the workflow at once afterwards. A token
 * has to outlive its round, however slow this machine is, and to die soon after it: its lifetime follows the rounds.
 */
export async function rounds(stage: Stage, subjects: readonly Subject[], count: number, atOnce: number): Promise<Round[]> {
	const done: Round[] = [];
	const took: number[] = [];
	for (let round = 1; round <= count; round++) {
		for (const { provider, workflow } of subjects) {
			await untilExpired(stage.sandbox, provider);
			const slowest = took.length === 0 ? GUESS : Math.max(...took.slice(-LOOK_BACK));
			await stage.sandbox.settings({ [provider]: { lifetime: Math.ceil((slowest * 1.5 + 2_000) / 1_000) } });
			const onWorkers = watch(stage.running());
			const begun = Date.now();
			const [made, seen] = await observe(stage.sandbox, provider, async () => await burst(stage.n8n, workflow, atOnce));
			took.push(made.millis);
			const cells = row(made, seen, begun, onWorkers());
			done.push({ round, provider, ...seen, wrong: wrongWith(made, seen), row: { round, provider, ...cells } });
		}
	}
	return done;
}

function wrongWith({ calls, succeeded }: Burst, seen: Seen): string[] {
	const wrong = succeeded < calls.length ? troubles(calls) : [];
	if (seen.refused > 0) wrong.push(`${seen.refused} refused API requests`);
	if ((seen.lastApiRequest ?? 0) >= (seen.expiresAt ?? 0)) wrong.push('the round took longer than its token lived');
	return wrong;
}

function row({ calls, succeeded, millis }: Burst, seen: Seen, begun: number, { spread, waited }: ReturnType<ReturnType<typeof watch>>) {
	return {
		executions: calls.length,
		'went well': succeeded,
		answered: countEnds(calls).ok,
		'on each worker': spread,
		'workers that waited': waited,
		'token requests': seen.tokenRequests,
		'API requests': seen.apiRequests,
		refused: seen.refused,
		'token asked for after ms': seen.firstTokenRequest === undefined ? '' : seen.firstTokenRequest - begun,
		'all done after ms': millis,
	};
}
