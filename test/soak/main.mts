import { parseArgs } from 'node:util';
import { createCredentials } from '../n8n/examples.mts';
import { startN8n } from '../n8n/instance.mts';
import { packPackage } from '../n8n/package.mts';
import { sandboxCredentials } from '../n8n/sandboxCredentials.mts';
import { endEverything, whenThisProcessEnds } from '../n8n/shutdown.mts';
import { counted, countEnds, errorsOf, troubles, type Call } from '../queue/calls.mts';
import { printTable } from '../queue/table.mts';
import { goLive, nodes, type LiveWorkflow } from '../queue/workflows.mts';
import { spawnSandbox } from '../sandbox/client.mts';
import { constantLoad, growth, median, type Load } from './load.mts';

/**
 * Tokens of 10 s under constant load, `npm run test:soak -- --minutes N`: as many tokens as lifetimes and no more, no
 * refused request, and no more memory than n8n takes by itself, which a second n8n without the package shows beside it.
 */
const { values: options } = parseArgs({ options: { minutes: { type: 'string', default: '2' } } });

/** In s: long enough for margins of whole seconds to be a small part of it. */
const LIFETIME = 10;
/** Up to one second goes by the whole seconds of a JWT, one is left to clocks that differ, and in the last one before that it is renewed. */
const RENEWED_AFTER = LIFETIME - 3;
/** Each workflow is called once in so many ms. */
const EVERY = 500;
const MEGABYTE = 1024 * 1024;
/** n8n's own memory goes up and down by hundreds of MB as it collects garbage; a leak goes up only. */
const MOST_BEYOND = 96 * MEGABYTE;

const PROVIDERS = ['bookingtime', 'fusio', 'calenso'] as const;

const minutes = Number(options.minutes);
if (!(minutes > 0)) throw new Error(`--minutes ${options.minutes}: a number of minutes is needed`);
const passed = await soak(minutes * 60_000);
await endEverything();
// Connections that are kept alive would hold the process for a while.
process.exit(passed ? 0 : 1);

async function soak(millis: number): Promise<boolean> {
	const tell = (line: string) => process.stderr.write(`${line}\n`);
	const sandbox = await spawnSandbox({
		settings: {
			calenso: { lifetime: LIFETIME, monthlyTokenLimit: 0 },
			bookingtime: { accessLifetime: LIFETIME },
			fusio: { accessLifetime: LIFETIME, ban: false, rateLimitWithToken: 10_000_000, rateLimitWithoutToken: 10_000_000 },
		},
	});
	whenThisProcessEnds({ gently: async () => await sandbox.stop(), atOnce: () => undefined });
	tell('Starting one n8n with the package and one without …');
	const ours = await startN8n({ packageTarball: await packPackage() });
	const plain = await startN8n();

	const fields = sandboxCredentials(sandbox.info.credentials);
	const credentials = await createCredentials(ours, {
		bookingtimeApi: fields.bookingtimeApi ?? {},
		fusioApi: fields.fusioApi ?? {},
		calensoApi: { ...fields.calensoApi, monthlyBudget: 0 },
	});
	const credential = (type: string) => credentials.get(type) ?? { id: '', name: type };
	const workflows: LiveWorkflow[] = [];
	for (const provider of PROVIDERS) {
		workflows.push(await goLive(ours, provider, nodes[provider](credential(`${provider}Api`))));
	}
	const plainWorkflows: LiveWorkflow[] = [];
	for (const provider of PROVIDERS) {
		plainWorkflows.push(await goLive(plain, `${provider}-alone`, nodes.httpRequestAlone(sandbox.info.urls.foreign)));
	}

	tell(`${millis / 60_000} minutes of load on both, ${(PROVIDERS.length * 1_000) / EVERY} executions a second on each …`);
	await sandbox.reset();
	const begun = performance.now();
	const [load, plainLoad] = await Promise.all([
		constantLoad(ours, workflows, EVERY, millis),
		constantLoad(plain, plainWorkflows, EVERY, millis),
	]);
	const seconds = (performance.now() - begun) / 1_000;
	const counts = await sandbox.counts();

	const checks: Array<readonly [what: string, good: boolean]> = [];
	const check = (what: string, good: boolean) => void checks.push([what, good]);
	// Two purchases are at least RENEWED_AFTER apart, whatever the load: so many fit in, and one more at the beginning.
	const most = Math.floor(seconds / RENEWED_AFTER) + 1;
	const lifetimes = seconds / LIFETIME;
	printTable(
		`Tokens of ${LIFETIME} s, ${Math.round(seconds)} s of load`,
		PROVIDERS.map((provider, index) => {
			const { apiRequests, apiRefused, byGrant } = counts[provider];
			const tokens = Object.entries(byGrant).reduce((sum, [grant, count]) => sum + (grant === 'step1' ? 0 : count), 0);
			const calls = load.calls.get(workflows[index] as LiveWorkflow) ?? [];
			check(`${provider}: at most ${most} access tokens`, tokens <= most);
			check(`${provider}: tokens did expire`, tokens >= lifetimes / 2);
			check(`${provider}: no API request refused`, apiRefused === 0);
			check(`${provider}: every execution went well`, calls.every(({ end }) => end === 'ok'));
			return {
				provider, executions: calls.length, 'went well': countEnds(calls).ok,
				'median ms': Math.round(median(calls.map((call) => call.millis))),
				'API requests': apiRequests, refused: apiRefused,
				'access tokens': tokens, 'at most': most, 'tokens per lifetime': (tokens / lifetimes).toFixed(2),
			};
		}),
	);
	const refreshTokens = counts.bookingtime.byGrant.step1 ?? 0;
	check(`bookingtime: one refresh token (${refreshTokens})`, refreshTokens === 1);

	printTable(`Memory of n8n after ${Math.round(seconds)} s of the same load`, [
		memoryRow('with the package', load),
		memoryRow('HTTP Request node, no package', plainLoad),
	]);
	const beyond = atTheEnd(load.memory) - Math.max(...plainLoad.memory);
	check(
		`memory at the end at most ${megabytes(MOST_BEYOND)} MB above the most that n8n takes by itself (${megabytes(beyond)} MB)`,
		beyond <= MOST_BEYOND,
	);

	for (const trouble of troubles([...load.calls.values()].flat())) process.stdout.write(`  ${trouble}\n`);
	const errors = await Promise.all(workflows.map(async (workflow) => await errorsOf(ours, workflow)));
	printTable('Errors of executions, as n8n stored them', counted(errors.flat()));
	for (const [what, good] of checks) process.stdout.write(`${good ? '✓' : '✗'} ${what}\n`);
	const good = checks.filter(([, one]) => one).length;
	process.stdout.write(`\n${good} passed, ${checks.length - good} failed\n`);
	return good === checks.length;
}

function memoryRow(n8n: string, { calls, memory, leftOut }: Load) {
	const all: Call[] = [...calls.values()].flat();
	const fifth = Math.max(1, Math.floor(memory.length / 5));
	return {
		n8n, executions: all.length, 'went well': countEnds(all).ok, 'left out, n8n was behind': leftOut,
		'MB early': megabytes(median(memory.slice(fifth, 2 * fifth))),
		'MB at the end': megabytes(atTheEnd(memory)),
		'MB at most': megabytes(Math.max(...memory)),
		'growth MB': megabytes(growth(memory)),
	};
}

/** In bytes, median of the last fifth. */
function atTheEnd(memory: readonly number[]): number {
	return median(memory.slice(-Math.max(1, Math.floor(memory.length / 5))));
}

function megabytes(bytes: number): number {
	return Math.round(bytes / MEGABYTE);
}
