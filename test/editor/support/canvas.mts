import type { Locator, Page } from 'playwright-core';

/** An empty workflow with a manual trigger in it. */
export async function newWorkflow(page: Page, n8nUrl: string): Promise<void> {
	await page.goto(`${n8nUrl}/workflow/new`);
	await page.getByTestId('canvas-plus-button').click();
	await page.getByTestId('node-creator-node-item').filter({ hasText: 'Trigger manually' }).click();
	await page.getByTestId('canvas-trigger-node').waitFor();
}

/** From wherever it is to the list of workflows, without loading the editor anew. */
export async function showWorkflows(page: Page): Promise<void> {
	await page.getByTestId('project-home-menu-item').click();
	await page.getByTestId('workflow-card-name').first().waitFor();
}

export function workflowCard(page: Page, name: string): Locator {
	return page.getByTestId('workflow-card-name').getByText(name, { exact: true });
}

/** What the node creator offers for what a person types, first one first; `expected` is waited for. */
export async function search(page: Page, words: string, expected: string): Promise<string[]> {
	const field = page.getByTestId('node-creator-search-bar');
	if (!(await field.isVisible())) await page.getByTestId('node-creator-plus-button').click();
	await field.fill(words);
	const names = page.getByTestId('node-creator-item-name');
	// n8n shows triggers without that word.
	await names.getByText(expected, { exact: true }).first().waitFor();
	return await names.allInnerTexts();
}

/** Takes the node that was found; with actions, the one of that name. Its panel is open afterwards. */
export async function add(page: Page, node: string, action?: string): Promise<void> {
	const names = page.getByTestId('node-creator-item-name');
	await names.getByText(node, { exact: true }).first().click();
	if (action) await names.getByText(action, { exact: true }).click();
	else await page.getByText('Add to workflow', { exact: true }).click();
	await page.getByTestId('ndv').waitFor();
}

/** Opens the panel of a node on the canvas. */
export async function openNode(page: Page, name: string): Promise<Locator> {
	await nodeOnCanvas(page, name).dblclick();
	const panel = page.getByTestId('ndv');
	await panel.waitFor();
	return panel;
}

export async function closeNode(page: Page): Promise<void> {
	await page.getByTestId('ndv-close-button').click();
	await page.getByTestId('ndv').waitFor({ state: 'hidden' });
}

export function nodeOnCanvas(page: Page, name: string): Locator {
	return page
		.getByTestId('canvas-node')
		.filter({ has: page.getByText(name, { exact: true }) })
		.first();
}
