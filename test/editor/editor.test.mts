import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { ICredentialType } from 'n8n-workflow';
import { loadPackage } from '../contract/n8nContext.mts';
import { makeKeys } from '../recipes/keys.mts';
import { readRecipes } from '../recipes/recipes.mts';
import { startStandIn } from '../recipes/standIn.mts';
import { readDecryptedCredential } from '../n8n/database.mts';
import { type Example, exampleFiles, importExample } from '../n8n/examples.mts';
import { until } from '../n8n/wait.mts';
import { People } from '../e2e/support/people.mts';
import { changesOf, everyThreeSeconds } from '../e2e/support/triggers.mts';
import {
	add,
	closeNode,
	newWorkflow,
	nodeOnCanvas,
	openNode,
	search,
	showWorkflows,
	workflowCard,
} from './support/canvas.mts';
import {
	choose,
	newCredential,
	openCredential,
	TESTED,
	type,
} from './support/credentialDialog.mts';
import { canariesOf, formsOf, leaks } from './support/leaks.mts';
import { chooseOperation } from './support/operation.mts';
import { peopleWith } from './support/people.mts';
import { picture } from './support/pictures.mts';
import { entriesOf, readWalkthroughs } from './support/walkthroughs.mts';
import { listWorkers, oneOfThreeFails } from './support/workflows.mts';
import { startStage, type Stage } from './support/stage.mts';

/** What people type, the node that they look for, and one of its actions (none: the node has no list of them). */
const searches = [
	{ words: 'calenso', node: 'Calenso', action: 'Get many workers' },
	{ words: 'booking', node: 'bookingtime', action: 'Get many customers' },
	{ words: 'sso link', node: 'Meister1', action: 'Generate an SSO URL' },
	{ words: 'fusio', node: 'Protected Call' },
	{ words: 'bearer token', node: 'Protected Call' },
	{ words: 'token budget', node: 'API Token', action: 'Get the token status', named: 'API Token' },
	{ words: 'api call', node: 'Protected Call' },
] as const;

/** As a person reads them. */
const customKinds = [
	'Log-In with Name and Password',
	'OAuth2 Password',
	'Refresh Token That You Have',
	'Signed JWT',
	'Something Else',
	'OAuth2 Client Credentials',
];

describe('in the editor', { timeout: 1_800_000 }, () => {
	let stage: Stage;
	before(async () => {
		stage = await startStage();
	});
	after(async () => await stage?.stop());

	it('each node is the first that is found by what people type, and can be added', async () => {
		const { n8n, editor } = stage;
		const { page } = editor;
		await newWorkflow(page, n8n.url);
		for (const { words, node, ...more } of searches) {
			const found = await search(page, words, node);
			assert.equal(found[0], node, `"${words}" finds ${found.join(', ')}`);
			if (words === 'booking') await picture(page, 'find-node');
			const action = 'action' in more ? more.action : undefined;
			await add(page, node, action);
			await closeNode(page);
			const name = 'named' in more ? more.named : (action ?? node);
			assert.ok(await nodeOnCanvas(page, name).isVisible(), `${name} is on the canvas`);
		}
		assert.deepEqual(await page.locator('[data-test-id=node-creator-item-name]').count(), 0);
	});

	it('each credential says what is wrong with it, and then that it works', async (t) => {
		const { n8n, editor, sandbox } = stage;
		const { page } = editor;
		for (const person of peopleWith(sandbox.info)) {
			await t.test(person.typeName, async () => {
				const dialog = await newCredential(page, n8n.url, person.typeName);
				for (const field of person.hidden)
					assert.equal(await dialog.isShown(field), false, `${field} is shown`);
				assert.equal(await dialog.isShown('tokenRecord'), false);
				await dialog.fill(person.example);
				await dialog.toTop();
				await picture(page, person.picture, { of: dialog.element });
				for (const { fields, told } of person.mistakes) {
					await dialog.fill(fields);
					await dialog.save();
					assert.match(await dialog.verdict(told), told);
				}
				if (person.type === 'calensoApi')
					await picture(page, 'credential-refused', { of: dialog.element });
				await dialog.fill(person.right);
				await dialog.save();
				assert.match(await dialog.verdict(TESTED), TESTED);
				if (person.type === 'calensoApi')
					await picture(page, 'credential-tested', { of: dialog.element, dark: true });
				await dialog.close();
			});
		}
	});

	it('a Custom Token API credential asks for its kind, then for at most eight things', async () => {
		const { n8n, editor } = stage;
		const dialog = await newCredential(editor.page, n8n.url, 'Custom Token API');
		// n8n's own field for allowed domains stands below those of every credential.
		const own = async () => (await dialog.shown()).filter((name) => !name.startsWith('allowed'));
		for (const kind of customKinds) {
			await dialog.fill({ grant: { choose: kind } });
			const [first, ...others] = await own();
			assert.equal(first, 'grant');
			assert.equal(others.pop(), 'moreOptions', kind);
			assert.ok(others.length <= 8, `${kind} asks for ${others.join(', ')}`);
			await dialog.fill({ moreOptions: { on: true } });
			assert.ok((await own()).length > others.length + 5, `${kind} has more options`);
			await dialog.fill({ moreOptions: { on: false } });
		}
		await dialog.fill({ moreOptions: { on: true }, headerName: 'X-Token' });
		await dialog.fill({ moreOptions: { on: false } });
		assert.equal(await dialog.isShown('headerName'), true, 'what was changed stays in sight');
		assert.equal(await dialog.isShown('headerPrefix'), false);
		await dialog.close();
	});

	it('Directus, Docker Registry and a Google service account are set up from the documentation alone', async (t) => {
		const { n8n, editor } = stage;
		const standIn = await startStandIn();
		const keys = makeKeys();
		const own = {
			'User Name': 'anna',
			Password: 'my-password',
			'Signing Key': String(keys.key('<google>')),
		};
		const customTokenApi = new (loadPackage().CustomTokenApi)() as ICredentialType;
		const recipes = await readRecipes();
		try {
			for (const walkthrough of readWalkthroughs()) {
				await t.test(walkthrough.name, async () => {
					const recipe = recipes.find(({ name }) => name.startsWith(walkthrough.name.slice(0, 6)));
					assert.ok(recipe);
					standIn.play(recipe);
					const dialog = await newCredential(editor.page, n8n.url, 'Custom Token API');
					const entries = entriesOf(walkthrough, customTokenApi, own, standIn.local);
					await dialog.fill(entries);
					const named = (await dialog.shown()).filter((name) => name in entries);
					assert.deepEqual(named, Object.keys(entries), 'from top to bottom');
					await dialog.save();
					assert.match(await dialog.verdict(TESTED), TESTED);
					assert.deepEqual(
						standIn.tokenRequests.map(({ method, url }) => `${method} ${url}`),
						[`${recipe.asks?.method} ${recipe.asks?.url}`],
					);
					const [tested, ...more] = standIn.apiRequests;
					assert.deepEqual(more, []);
					assert.equal(tested?.headers.authorization, recipe.sends.headers?.authorization);
					await dialog.close();
				});
			}
		} finally {
			await standIn.stop();
		}
	});

	it('opening a credential ten times buys no token', async () => {
		const { n8n, editor, sandbox } = stage;
		const before = await stage.tokensIssued();
		const requests = (await sandbox.counts()).calenso.apiRequests;
		for (let time = 1; time <= 10; time++) {
			const dialog = await openCredential(editor.page, n8n.url, 'Calenso account');
			assert.match(await dialog.verdict(TESTED), TESTED);
			await dialog.close();
		}
		for (const { name } of peopleWith(sandbox.info).slice(1)) {
			const dialog = await openCredential(editor.page, n8n.url, name);
			assert.match(await dialog.verdict(TESTED), TESTED);
			await dialog.close();
		}
		assert.equal((await stage.tokensIssued()) - before, 0);
		const tested = (await sandbox.counts()).calenso.apiRequests - requests;
		assert.equal(tested, 10, 'each opening asks the API once');
	});

	it('saving a form that was opened before a renewal keeps the new token and the count', async () => {
		const { n8n, editor, sandbox } = stage;
		const { id, name } = await stored('calensoApi');
		const dialog = await openCredential(editor.page, n8n.url, name);
		assert.match(await dialog.verdict(TESTED), TESTED);
		const before = await record(id);

		const workflow = await n8n.rest.createWorkflow(listWorkers({ id, name }));
		const runs = async () => {
			const run = await n8n.rest.executionResult(await n8n.rest.startWorkflow(workflow.id));
			assert.equal(run.status, 'success', run.error?.message);
		};
		// A token that is refused within its first minute counts as one without permission, unless it has worked before.
		await runs();
		await sandbox.expire('calenso');
		await runs();
		const renewed = await record(id);
		assert.notEqual(renewed.token, before.token);
		assert.equal(renewed.bought, before.bought + 1);

		const issued = await stage.tokensIssued();
		await dialog.fill({ monthlyBudget: '30' });
		await dialog.save();
		assert.match(await dialog.verdict(TESTED), TESTED);
		await dialog.close();
		assert.equal((await readDecryptedCredential(n8n, id)).monthlyBudget, 30);
		assert.deepEqual(await record(id), renewed);
		assert.equal(await stage.tokensIssued(), issued);
	});

	it('a node that is run shows its items', async () => {
		const { n8n, editor } = stage;
		const { page } = editor;
		await newWorkflow(page, n8n.url);
		await search(page, 'calenso', 'Calenso');
		await add(page, 'Calenso', 'Get many workers');
		const panel = page.getByTestId('ndv');
		const chosen = panel.getByTestId('node-credentials-slot').locator('input');
		assert.equal(
			await chosen.inputValue(),
			'Calenso account',
			'the only credential is chosen by itself',
		);
		await panel.getByTestId('node-execute-button').click();
		const count = panel.getByTestId('output-panel').getByTestId('ndv-items-count');
		await count.waitFor();
		assert.match(await count.innerText(), /30 items/);
		await panel.getByTestId('output-panel').getByText('Chiara Rossi 2', { exact: true }).waitFor();
		await picture(page, 'items', { dark: true });
		await closeNode(page);
	});

	it('an operation is chosen from a list, its form filled in, and run', async () => {
		const { n8n, editor, sandbox } = stage;
		const { page } = editor;
		await newWorkflow(page, n8n.url);
		await search(page, 'fusio', 'Protected Call');
		await add(page, 'Protected Call');
		const panel = page.getByTestId('ndv');
		await chooseOperation(page, panel, {
			credential: 'Fusio account',
			words: 'creates',
			operation: 'todo.create — POST /todo',
		});
		await panel.getByText('This operation has no parameters.').waitFor();
		await type(panel.getByTestId('parameter-input-title').locator('input'), 'Buy milk');
		await choose(page, panel.getByTestId('parameter-input-priority'), 'high');
		await picture(page, 'choose-operation');
		await panel.getByTestId('node-execute-button').click();
		const output = panel.getByTestId('output-panel');
		await output.getByText('Todo successfully created').first().waitFor();
		const [sent] = await sandbox.requests({ provider: 'fusio', operation: 'POST /todo' });
		assert.deepEqual(JSON.parse(sent?.body ?? ''), { title: 'Buy milk', priority: 'high' });
		await closeNode(page);
	});

	it('where one item of three fails, the panel says which one and why', async () => {
		const { n8n, editor } = stage;
		const { page } = editor;
		const { id } = await n8n.rest.createWorkflow(oneOfThreeFails(await stored('bookingtimeApi')));
		await page.goto(`${n8n.url}/workflow/${id}`);
		await page.getByTestId('execute-workflow-button').click();
		await nodeOnCanvas(page, 'Find customer').getByTestId('node-issues').waitFor();
		const panel = await openNode(page, 'Find customer');
		const message = panel.getByTestId('node-error-message');
		await message.waitFor();
		assert.match(
			await message.innerText(),
			/bookingtime answered 404: .*Customer not found\..*\[item 1\]/,
		);
		assert.match(
			await panel.getByTestId('node-error-description').innerText(),
			/Check the id or the path/,
		);
		await picture(page, 'failed-item');
		await closeNode(page);
	});

	it('every example opens without a warning and without an unknown node', async (t) => {
		const { n8n, editor } = stage;
		const { page } = editor;
		const credentials = new Map(
			await Promise.all(
				peopleWith(stage.sandbox.info).map(
					async ({ type }) => [type, await stored(type)] as [string, { id: string; name: string }],
				),
			),
		);
		const examples: Example[] = [];
		for (const file of exampleFiles()) examples.push(await importExample(n8n, file, credentials));
		await page.goto(`${n8n.url}/home/workflows`);
		for (const { file, stored: workflow } of examples) {
			await t.test(file, async () => {
				await workflowCard(page, workflow.name).click();
				const canvas = page.getByTestId('canvas');
				const stickies = workflow.nodes.filter(({ type }) => type === 'n8n-nodes-base.stickyNote');
				const others = workflow.nodes.filter((node) => !stickies.includes(node));
				for (const { name } of others) await nodeOnCanvas(page, name).waitFor();
				assert.equal(await canvas.getByTestId('canvas-node').count(), others.length);
				assert.equal(await canvas.getByTestId('sticky').count(), stickies.length);
				assert.equal(await canvas.getByTestId('node-issues').count(), 0, 'a node has a warning');
				assert.equal(await page.locator('.el-notification').count(), 0, 'there is a message');
				// In place of its icon, a node of an unknown type has a question mark.
				assert.equal(await canvas.getByText('?', { exact: true }).count(), 0, 'a node is unknown');
				if (file === 'token-budget-warning') await picture(page, 'example', { dark: true });
				for (const { name, type } of workflow.nodes) {
					if (!type.startsWith('n8n-nodes-tokenkeeper.')) continue;
					const panel = await openNode(page, name);
					await panel.getByTestId('node-parameters').waitFor();
					assert.equal(
						await panel.getByTestId('parameter-issues').count(),
						0,
						`${name} has a field with an issue`,
					);
					await closeNode(page);
				}
				await showWorkflows(page);
			});
		}
	});

	it('a trigger shows a record, is switched on, and starts the workflow when a record changes', async () => {
		const { n8n, editor, sandbox } = stage;
		const { page } = editor;
		const people = new People(sandbox);
		const { stored: workflow } = await importExample(
			n8n,
			'fusio-mirrored-collection.json',
			new Map([['fusioApi', await stored('fusioApi')]]),
			everyThreeSeconds,
		);
		const trigger = { workflowId: workflow.id, node: 'When the collection changes' };
		await page.goto(`${n8n.url}/workflow/${workflow.id}`);
		await nodeOnCanvas(page, trigger.node).waitFor();
		await picture(page, 'trigger', { dark: true });
		const panel = await openNode(page, trigger.node);
		await panel.getByTestId('node-execute-button').click();
		await panel.getByTestId('output-panel').getByText('Todo 1', { exact: true }).waitFor();
		await closeNode(page);

		await page.getByTestId('workflow-open-publish-modal-button').click();
		await page.getByTestId('workflow-publish-button').click();
		const all = await until('all records come first', 60_000, async () => {
			const changes = await changesOf(n8n, trigger);
			// One is of the test event above.
			return changes.length > 1 ? changes : undefined;
		});
		assert.ok(
			all.every((change) => change.startsWith('New ')),
			all.join(),
		);
		await people.editTodo(3, 'Todo three');
		await until('the change starts an execution', 60_000, async () => {
			const changes = await changesOf(n8n, trigger);
			return changes.includes('Changed 3') || undefined;
		});
		await page.goto(`${n8n.url}/workflow/${workflow.id}/executions`);
		await page.getByText('Succeeded', { exact: false }).nth(1).waitFor();
		await n8n.rest.deactivateWorkflow(workflow.id);
	});

	it('no reply to the browser holds a token or a secret', async () => {
		const { editor, sandbox } = stage;
		const received = await editor.received();
		assert.ok(received.length > 100, `${received.length} replies were seen`);
		assert.ok(received.some(({ kind }) => kind === 'push'));
		assert.ok((await canariesOf(sandbox)).length > 20);
		assert.deepEqual(await leaks(received, sandbox), []);
		// The search finds what it is to find: a token in a Basic header, as a log line might have it.
		const [canary] = await canariesOf(sandbox);
		const basic = Buffer.from(`x:${canary?.value}`).toString('base64');
		assert.ok(formsOf(canary?.value ?? '').some((form) => basic.includes(form)));
		// The node panel of n8n itself looks a community package up there; nothing of this package does.
		assert.deepEqual(
			[...editor.foreignHosts].filter((host) => !host.startsWith('registry.')),
			[],
		);
	});

	async function stored(type: string): Promise<{ id: string; name: string }> {
		const all = await stage.n8n.rest.request<Array<{ id: string; name: string; type: string }>>(
			'GET',
			'/credentials',
		);
		const found = all.find((one) => one.type === type);
		assert.ok(found, `a credential of type ${type} was made before`);
		return { id: found.id, name: found.name };
	}

	/** Read past n8n from its database. */
	async function record(id: string): Promise<{ token: string; bought: number }> {
		const { tokenRecord } = await readDecryptedCredential(stage.n8n, id);
		const { tokens, ledger } = JSON.parse(String(tokenRecord)) as StoredRecord;
		const bought = Object.values(ledger).flatMap((months) => Object.values(months)).flatMap((month) => Object.values(month));
		return {
			token: tokens['']?.value ?? '',
			bought: bought.reduce((sum, figure) => sum + figure, 0),
		};
	}
});

/** What this test reads of the record that the package stores. */
interface StoredRecord {
	readonly tokens: Readonly<Record<string, { readonly value: string }>>;
	readonly ledger: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, number>>>>>>;
}
