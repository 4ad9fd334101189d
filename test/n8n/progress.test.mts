import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { reporting } from './progress.mts';

test('a report that is under way ends before the task is said to be done', async () => {
	let ended = 0;
	const slow = async () => {
		await sleep(60);
		ended++;
	};
	assert.equal(await reporting(sleep(25, 'done'), slow, 10), 'done');
	const before = ended;
	assert.ok(before > 0);
	await sleep(150);
	assert.equal(ended, before);
});

test('a report that fails ends nothing, a task that fails does', async () => {
	const unhandled: unknown[] = [];
	const note = (reason: unknown) => unhandled.push(reason);
	process.on('unhandledRejection', note);
	const failing = async () => {
		await Promise.reject(new Error('du: the folder is gone'));
	};
	assert.equal(await reporting(sleep(25, 'done'), failing, 10), 'done');
	const failed = sleep(25).then(() => Promise.reject(new Error('npm failed')));
	await assert.rejects(reporting(failed, failing, 10), /npm failed/);
	await sleep(10);
	process.off('unhandledRejection', note);
	assert.deepEqual(unhandled, []);
});
