import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { readDecryptedCredential } from './database.mts';
import { unfold } from './execution.mts';
import { startN8n, type N8n } from './instance.mts';
import type { WorkflowFile } from './types.mts';
import { callWebhook } from './webhook.mts';

describe('the harness, with n8n alone', { timeout: 1_800_000 }, () => {
	let n8n: N8n;
	before(async () => {
		n8n = await startN8n();
	});
	after(async () => await n8n.stop());

	it('stores a credential that the browser sees blanked and the database holds encrypted', async () => {
		const data = { name: 'X-Greeting', value: 'a secret greeting' };
		const { id } = await n8n.rest.createCredential({
			name: 'Greeting',
			type: 'httpHeaderAuth',
			data,
		});
		const shown = await n8n.rest.getCredential(id, { includeData: true });
		assert.equal(shown.data?.name, 'X-Greeting');
		assert.doesNotMatch(JSON.stringify(shown), /secret greeting/);
		assert.deepEqual(await readDecryptedCredential(n8n, id), data);

		await n8n.rest.updateCredential(id, {
			name: 'Greeting',
			type: 'httpHeaderAuth',
			data: { ...shown.data, name: 'X-Hello' },
		});
		assert.deepEqual(await readDecryptedCredential(n8n, id), { ...data, name: 'X-Hello' });
		await n8n.rest.deleteCredential(id);
		await assert.rejects(readDecryptedCredential(n8n, id), /no credential/);
	});

	it('runs a workflow by its webhook, by hand, and again after a restart', async () => {
		const { id } = await n8n.rest.createWorkflow(echo);
		await n8n.rest.activateWorkflow(id);
		const call = async () =>
			await callWebhook(n8n.url, '/webhook/echo', { json: { word: 'hello' } });
		assert.deepEqual((await call()).json(), { said: 'hello' });

		const byHand = await n8n.rest.executionResult(await n8n.rest.startWorkflow(id, 'By hand'));
		assert.equal(byHand.status, 'success');
		assert.equal(byHand.lastNode, 'Answer');
		assert.deepEqual(
			byHand.items().map(({ json }) => json),
			[{ said: 'nothing' }],
		);

		const before = n8n.pid;
		await n8n.restart('kill9');
		assert.notEqual(n8n.pid, before);
		assert.deepEqual((await call()).json(), { said: 'hello' });
		assert.equal(
			(await n8n.rest.listExecutions({ workflowId: id, status: ['success'] })).length,
			3,
		);

		await n8n.rest.deactivateWorkflow(id);
		assert.equal((await call()).status, 404);
	});

	it('leaves no process and no folder', async () => {
		assert.ok(n8n.memory() > 50_000_000);
		const { userFolder } = n8n;
		assert.ok(mentioning(userFolder).length >= 1);
		await n8n.stop();
		assert.equal(n8n.isRunning(), false);
		assert.deepEqual(mentioning(userFolder), []);
		assert.equal(existsSync(userFolder), false);
	});
});

it('unfolds execution data with circles and numbers in it', () => {
	const circle = unfold('[{"a":"1","n":5,"b":"2"},"text",["0","1",false]]') as {
		a: string;
		n: number;
		b: unknown[];
	};
	assert.equal(circle.a, 'text');
	assert.equal(circle.n, 5);
	assert.deepEqual(circle.b.slice(1), ['text', false]);
	assert.equal(circle.b[0], circle);
});

/** Processes that were started with this text in their environment: n8n and all that it started. */
function mentioning(text: string): string[] {
	return readdirSync('/proc')
		.filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid)
		.filter((pid) => {
			try {
				return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(text);
			} catch {
				return false;
			}
		});
}

const echo: WorkflowFile = {
	name: 'Echo',
	nodes: [
		{
			id: 'e0000000-0000-4000-8000-000000000001',
			name: 'Called',
			type: 'n8n-nodes-base.webhook',
			typeVersion: 2,
			position: [0, 0],
			webhookId: 'echo',
			parameters: { path: 'echo', httpMethod: 'POST', responseMode: 'lastNode', options: {} },
		},
		{
			id: 'e0000000-0000-4000-8000-000000000002',
			name: 'By hand',
			type: 'n8n-nodes-base.manualTrigger',
			typeVersion: 1,
			position: [0, 200],
			parameters: {},
		},
		{
			id: 'e0000000-0000-4000-8000-000000000003',
			name: 'Answer',
			type: 'n8n-nodes-base.set',
			typeVersion: 3.4,
			position: [200, 0],
			parameters: {
				mode: 'raw',
				jsonOutput: '={{ { "said": $json.body?.word ?? "nothing" } }}',
				options: {},
			},
		},
	],
	connections: {
		Called: { main: [[{ node: 'Answer', type: 'main', index: 0 }]] },
		'By hand': { main: [[{ node: 'Answer', type: 'main', index: 0 }]] },
	},
};
