import type { Locator, Page } from 'playwright-core';
import { choose } from './credentialDialog.mts';

/** In the open panel of a Protected Call: takes an operation of the API's description from the list, by searching for it. */
export async function chooseOperation(
	page: Page,
	panel: Locator,
	{ credential, words, operation }: Readonly<Record<'credential' | 'operation' | 'words', string>>,
): Promise<void> {
	const input = (name: string) => panel.getByTestId(`parameter-input-${name}`);
	// n8n asks for a credential of any kind in one field; its kind follows from it.
	await choose(page, panel.getByTestId('node-credentials-slot'), credential);
	await choose(page, input('request'), "From the API's Description");
	const locator = panel.getByTestId('resource-locator-apiOperation');
	await locator.getByTestId('rlc-input').click();
	const search = page.getByTestId('rlc-search').filter({ visible: true });
	await (await search.elementHandle({ timeout: 20_000 }))?.waitForElementState('visible');
	await search.locator('input').or(search).last().fill(words);
	await page
		.getByTestId('rlc-item')
		.filter({ visible: true })
		.getByText(operation, { exact: true })
		.click();
}
