import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { endEverything } from '../n8n/shutdown.mts';
import { countEnds, troubles } from './calls.mts';
import { killWorker, moments } from './crashes.mts';
import { restartUnderLoad } from './restarts.mts';
import { rounds } from './rounds.mts';
import { startStage, type Stage } from './stage.mts';
import { printTable } from './table.mts';
import { changesAcrossAKill } from './triggers.mts';
import { nodes } from './workflows.mts';

/** What is promised for several workers, on a real n8n: main process, workers, Redis and Postgres. */

const WORKERS = 3;
const ROUNDS = 10;
const AT_ONCE = 60;
/** W, the time-out of a token request, and 5 s more, in ms: by then the next token has been asked for after a crash. */
const AFTER_CRASH = 1_500 + 10_000 + 5_000;

describe('several workers', { timeout: 1_800_000 }, () => {
	let stage: Stage;
	before(async () => {
		stage = await startStage(WORKERS);
	});
	after(async () => await endEverything());

	it(`buys one token of a budget at expiry, and one for each worker of another credential at most, ${AT_ONCE} executions at once, ${ROUNDS} rounds in a row`, async () => {
		const calenso = await stage.newCalenso('Calenso');
		const [accountId = ''] = stage.sandbox.info.accounts.meister1.accountIds;
		const done = await rounds(
			stage,
			[
				{ provider: 'calenso', workflow: await stage.live('calenso', nodes.calenso(calenso)) },
				{ provider: 'meister1', workflow: await stage.live('meister1', nodes.meister1(await stage.newMeister1(), accountId)) },
			],
			ROUNDS,
			AT_ONCE,
		);
		printTable(`At expiry, ${AT_ONCE} executions at once on ${WORKERS} workers`, done.map(({ row }) => row));
		assert.deepEqual(done.flatMap(({ wrong }) => wrong), []);
		const askedBy = (wanted: string) => done.filter(({ provider }) => provider === wanted).map(({ tokenRequests }) => tokenRequests);
		assert.deepEqual(askedBy('calenso'), Array(ROUNDS).fill(1));
		// Without a budget a token costs nothing and nobody waits for another worker.
		for (const asked of askedBy('meister1')) assert.ok(asked <= WORKERS, `${asked} tokens for ${WORKERS} workers`);
		assert.equal(await stage.tokensThisMonth(calenso), ROUNDS, 'tokens that the credential has counted');
	});

	it("buys one token per worker at most through n8n's HTTP Request node", async () => {
		const credential = await stage.newCalenso('Calenso through HTTP Request');
		const url = `${stage.sandbox.info.urls.calenso}/api/v1/workers`;
		const workflow = await stage.live('http-request', nodes.httpRequestWithCalenso(url, credential));
		const done = await rounds(stage, [{ provider: 'calenso', workflow }], 3, AT_ONCE);
		printTable("The same with n8n's HTTP Request node, which takes no part in the claim", done.map(({ row }) => row));
		assert.deepEqual(done.flatMap(({ wrong }) => wrong), []);
		for (const { tokenRequests } of done) assert.ok(tokenRequests >= 1 && tokenRequests <= WORKERS);
	});

	for (const what of ['redis', 'postgres'] as const) {
		it(`loses no execution by a restart of ${what} that n8n does not lose`, async () => {
			const { seen, ours, plain, ourErrors } = await restartUnderLoad(stage, what);
			assert.equal(seen.refused, seen.diedOnTheWay, 'API requests with a wrong token');
			// By turns with n8n's own node, so that as many of both are under way when the service goes away.
			const [lost, lostByN8n] = [ours, plain].map((calls) => calls.length - countEnds(calls).ok);
			assert.ok((lost ?? 0) <= 2 * (lostByN8n ?? 0) + 2, `${lost} lost, n8n by itself ${lostByN8n}`);
			assert.deepEqual(ourErrors.filter((error) => /token|Calenso/i.test(error)), []);
		});
	}

	for (const moment of moments) {
		it(`goes on after a worker was killed while ${moment.what}`, async () => {
			while (stage.running().length < WORKERS) await stage.addWorker();
			const { made, after, waited, counted, refused } = await killWorker(stage, moment, 20);
			assert.ok(made.succeeded >= made.calls.length, troubles(made.calls).join('\n'));
			assert.equal(after.length, 1, 'token requests after the kill');
			assert.ok(waited <= AFTER_CRASH, 'the next token came too late');
			assert.equal(refused, 0);
			assert.equal(counted, 2, 'the token that may have been bought is counted, once, and the next one');
		});
	}

	it('a trigger hands on each change once, also when the main process is killed', async () => {
		while (stage.running().length < WORKERS) await stage.addWorker();
		assert.deepEqual(await changesAcrossAKill(stage), ['New 31', 'New 32', 'New 33']);
	});
});
