import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { openEditor, type EditorBrowser } from '../n8n/browser.mts';
import { readDecryptedCredential } from '../n8n/database.mts';
import { startN8n, type N8n } from '../n8n/instance.mts';
import { packPackage } from '../n8n/package.mts';
import { whenThisProcessEnds } from '../n8n/shutdown.mts';
import type { Execution, JsonObject, WorkflowFile } from '../n8n/types.mts';
import { spawnSandbox, type SandboxClient } from '../sandbox/client.mts';
import { connect, execute, fillIn, newCredential } from './dialog.mts';

const TYPE = 'bookingtimeOAuth2Api';
/** In s: of a token that a test waits out. bookingtime's live 5 minutes. */
const SHORT = 20;
const LONG = 300;

describe('A person signs in with bookingtime', { timeout: 1_800_000 }, () => {
	let sandbox: SandboxClient;
	let n8n: N8n;
	let editor: EditorBrowser;
	/** Of n8n, to any page of the browser: the one that the sign-in comes back to as well. */
	const replies: Array<Promise<string>> = [];
	let credential: { readonly id: string; readonly name: string };

	before(async () => {
		sandbox = await spawnSandbox();
		whenThisProcessEnds({ gently: async () => await sandbox.stop(), atOnce: () => undefined });
		n8n = await startN8n({ packageTarball: await packPackage() });
		editor = await openEditor(n8n);
		editor.page.context().on('response', (response) => {
			const { origin, pathname } = new URL(response.url());
			const isAsset = /^\/(assets|static|icons)\//.test(pathname);
			if (origin === n8n.url && !isAsset) replies.push(response.text().catch(() => ''));
		});
	});
	after(async () => {
		await editor?.close();
		await n8n?.stop();
		await sandbox?.stop();
	});

	it('creates the credential, clicks connect, signs in and comes back', async () => {
		const { page } = editor;
		await newCredential(n8n, page, 'Bookingtime OAuth2 API');
		await page.getByText('bookingtime does not publish the exact address').waitFor();
		await fillIn(page, { ...sandbox.info.credentials[TYPE] });
		await connect(page, 'quick-connect-button', async (popup) => {
			const [user] = sandbox.info.accounts.bookingtime.users;
			await popup.fill('input[name=login]', user?.username ?? '');
			await popup.fill('input[name=password]', user?.password ?? '');
			await popup.click('button[type=submit]');
			await allow(popup);
		});

		const [stored] = await n8n.rest.request<Array<{ id: string; name: string; type: string }>>(
			'GET',
			'/credentials',
		);
		assert.equal(stored?.type, TYPE);
		credential = { id: stored?.id ?? '', name: stored?.name ?? '' };
		const { oauthTokenData } = await readDecryptedCredential(n8n, credential.id);
		const { refresh_token, access_token } = oauthTokenData as JsonObject;
		assert.equal(typeof refresh_token, 'string');
		assert.equal(access_token, undefined);
		assert.deepEqual(await exchanges(), { code: 1, step2: 0 });
	});

	it('runs Organization: Get', async () => {
		await showsTheOrganization(await run(organizationGet()));
		assert.deepEqual(await exchanges(), { code: 1, step2: 1 });
	});

	it('shares the token with Protected Call and with the HTTP Request node', async () => {
		const { organizationId } = sandbox.info.credentials[TYPE];
		const call = await run({
			type: 'n8n-nodes-tokenkeeper.protectedCall',
			typeVersion: 1,
			parameters: {
				authentication: TYPE,
				method: 'GET',
				path: `/organization/${organizationId}/show`,
			},
		});
		await showsTheOrganization(call);
		await showsTheOrganization(await run(httpRequest(ownAddress())));
		assert.deepEqual(await exchanges(), { code: 1, step2: 1 });
	});

	it('exchanges once more after the token has expired, whoever asks, and nothing is refused', async () => {
		await issue(SHORT);
		const renewed = await run({
			type: 'n8n-nodes-tokenkeeper.apiToken',
			typeVersion: 1,
			parameters: { authentication: TYPE, operation: 'renew' },
		});
		assert.equal(renewed.items()[0]?.json.usable, true, told(renewed));
		const earlier = await exchanges();
		await sleep(SHORT * 1000 + 500);
		await issue(LONG);
		const nodes = [organizationGet(), httpRequest(ownAddress())];
		const executions = await runAtOnce([...nodes, ...nodes]);
		for (const execution of executions) await showsTheOrganization(execution);
		assert.equal((await exchanges()).step2, earlier.step2 + 1);
		assert.equal((await sandbox.counts()).bookingtime.apiRefused, 0);
	});

	it('gets a token for another organization where a node names one, and lists those that there are', async () => {
		const [, other] = sandbox.info.accounts.bookingtime.organizations;
		const node = organizationGet({
			organization: { __rl: true, mode: 'id', value: other?.id ?? '' },
		});
		assert.equal((await run(node)).items()[0]?.json.name, other?.name);
		const { results } = await n8n.rest.request<{ results: Array<{ name: string }> }>(
			'POST',
			'/dynamic-node-parameters/resource-locator-results',
			{
				path: 'parameters.organization',
				methodName: 'searchOrganizations',
				nodeTypeAndVersion: { name: node.type, version: 1 },
				currentNodeParameters: node.parameters,
				credentials: { [TYPE]: credential },
			},
		);
		assert.ok(results.some(({ name }) => name === other?.name));
	});

	it('keeps the token off foreign hosts, in the HTTP Request node too', async () => {
		// Another name for this machine: n8n compares names.
		const foreign = sandbox.info.urls.foreign.replace('127.0.0.1', 'localhost');
		const request = await run(httpRequest(`${foreign}/catch`));
		assert.match(told(request), /Domain not allowed/);
		const call = await run({
			type: 'n8n-nodes-tokenkeeper.protectedCall',
			typeVersion: 1,
			parameters: {
				authentication: TYPE,
				method: 'GET',
				path: `${sandbox.info.urls.foreign}/catch`,
			},
		});
		assert.match(told(call), /this credential's token is for 127\.0\.0\.1:\d+ only/);
		assert.equal((await sandbox.counts()).foreign.apiRequests, 0);
	});

	it('sends no refresh of n8n’s own after a 401, and renews by itself where the node is ours', async () => {
		await showsTheOrganization(await run(organizationGet()));
		const earlier = await exchanges();
		await sandbox.revoke('bookingtime');
		const refused = await run(httpRequest(ownAddress()));
		assert.equal(told(refused), 'Unable to sign without access token');
		assert.deepEqual(await exchanges(), earlier);
		await issue(SHORT);
		await showsTheOrganization(await run(organizationGet()));
		assert.equal((await exchanges()).step2, earlier.step2 + 1);
	});

	it('says that the account must be connected again once bookingtime has revoked the sign-in', async () => {
		await sandbox.revoke('bookingtime', { refresh: true });
		assert.match(
			told(await run(organizationGet())),
			/The account must be connected again\. Open the credential and sign in/,
		);
		await sleep(SHORT * 1000 + 500);
		assert.match(
			told(await run(httpRequest(ownAddress()))),
			/The account must be connected again\. Open the credential and sign in/,
		);
	});

	it('works again at once after that', async () => {
		const { page } = editor;
		await page.goto(`${n8n.url}/home/credentials/${credential.id}`);
		await connect(page, 'oauth-switch-account-button', allow);
		await showsTheOrganization(await run(organizationGet()));
		assert.equal((await exchanges()).code, 2);
	});

	it('shows the browser no token and no secret', async () => {
		const secrets = [
			...(await sandbox.tokens()).map(({ value }) => value),
			sandbox.info.credentials[TYPE].clientSecret,
		];
		const pushed = (await editor.received()).map(({ body }) => body);
		const seen = [...(await Promise.all(replies)), ...pushed];
		assert.ok(
			secrets.length >= 7 && seen.length > 50,
			`${secrets.length} secrets, ${seen.length} replies`,
		);
		for (const secret of secrets) {
			assert.equal(
				seen.some((text) => text.includes(secret)),
				false,
				'a reply holds a token or the secret',
			);
			assert.equal(n8n.logs().includes(secret), false, 'the log holds a token or the secret');
		}
	});

	/** From here on, access tokens live as many seconds. */
	async function issue(accessLifetime: number): Promise<void> {
		await sandbox.settings({ bookingtime: { accessLifetime } });
	}

	/** As many codes and refresh tokens were exchanged, well or not. */
	async function exchanges(): Promise<{ code: number; step2: number }> {
		const { code = 0, step2 = 0 } = (await sandbox.counts()).bookingtime.byOperation;
		return { code, step2 };
	}

	function ownAddress(): string {
		const { baseUrl, locale, organizationId } = sandbox.info.credentials[TYPE];
		return `${baseUrl}/app/v3/${locale}/organization/${organizationId}/show`;
	}

	async function showsTheOrganization(execution: Execution): Promise<void> {
		assert.equal(execution.status, 'success', told(execution));
		const [item] = execution.items();
		const { id } = (item?.json.content ?? item?.json) as JsonObject;
		assert.equal(id, sandbox.info.credentials[TYPE].organizationId);
	}

	/** By hand, in the editor. */
	async function run(node: Node): Promise<Execution> {
		const { id } = await n8n.rest.createWorkflow(workflowOf(node));
		return await execute(n8n, editor.page, id);
	}

	async function runAtOnce(nodes: readonly Node[]): Promise<Execution[]> {
		const ids: string[] = [];
		for (const node of nodes) ids.push((await n8n.rest.createWorkflow(workflowOf(node))).id);
		const { startWorkflow, executionResult } = n8n.rest;
		return await Promise.all(ids.map(async (id) => await executionResult(await startWorkflow(id))));
	}

	function workflowOf(node: Node): WorkflowFile {
		return {
			name: 'Signed in',
			nodes: [
				{
					id: 's1',
					name: 'By hand',
					type: 'n8n-nodes-base.manualTrigger',
					typeVersion: 1,
					position: [0, 0],
					parameters: {},
				},
				{
					id: 's2',
					name: 'Request',
					position: [200, 0],
					...node,
					credentials: { [TYPE]: credential },
				},
			],
			connections: { 'By hand': { main: [[{ node: 'Request', type: 'main', index: 0 }]] } },
		};
	}
});

interface Node {
	readonly type: string;
	readonly typeVersion: number;
	readonly parameters: JsonObject;
}

function organizationGet(more: JsonObject = {}): Node {
	return {
		type: 'n8n-nodes-tokenkeeper.bookingtime',
		typeVersion: 1,
		parameters: { authentication: TYPE, resource: 'organization', operation: 'get', ...more },
	};
}

function httpRequest(url: string): Node {
	return {
		type: 'n8n-nodes-base.httpRequest',
		typeVersion: 4.4,
		parameters: {
			url,
			authentication: 'predefinedCredentialType',
			nodeCredentialType: TYPE,
			options: {},
		},
	};
}

/** The consent page. */
async function allow(popup: Page): Promise<void> {
	await popup.locator('#deny').waitFor();
	await popup.click('button[type=submit]');
}

function told({ error }: Execution): string {
	return [error?.message, error?.description].filter(Boolean).join(' ');
}
