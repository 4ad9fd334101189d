import type { Page } from 'playwright-core';
import type { N8n } from '../n8n/instance.mts';

/** Opens the dialog for a new credential of the type with that title. */
export async function newCredential({ url }: N8n, page: Page, title: string): Promise<void> {
	await page.goto(`${url}/home/credentials`);
	await page.getByTestId('add-resource-credential').click();
	await page.getByTestId('new-credential-type-select').locator('input').fill(title);
	await page.getByText(title, { exact: true }).click();
	await page.getByTestId('new-credential-type-button').click();
	await page.getByTestId('credential-edit-dialog').waitFor();
}

/** Types into the fields of an open dialog, as a person does. */
export async function fillIn(page: Page, fields: Readonly<Record<string, string>>): Promise<void> {
	for (const [name, value] of Object.entries(fields)) {
		await page.getByTestId(`parameter-input-${name}`).locator('input').fill(value);
	}
}

/** Clicks a button of the dialog that opens the provider's page, and waits until that page has done its work. */
export async function connect(
	page: Page,
	button: string,
	signIn: (popup: Page) => Promise<void>,
): Promise<void> {
	const opened = page.waitForEvent('popup');
	await page.getByTestId(button).click();
	const popup = await opened;
	const closed = popup.waitForEvent('close');
	await signIn(popup);
	await closed;
	await page.getByTestId('oauth-connect-success-banner').waitFor({ state: 'visible' });
}

/** Opens a workflow in the editor, clicks "Execute workflow" and waits until n8n has told the end. */
export async function execute({ url, rest }: N8n, page: Page, workflowId: string) {
	await page.goto(`${url}/workflow/${workflowId}`);
	const started = page.waitForResponse((response) =>
		/\/rest\/workflows\/[^/]+\/run/.test(response.url()),
	);
	await page.getByTestId('execute-workflow-button').first().click();
	const { data } = (await (await started).json()) as { data: { executionId: string } };
	return await rest.executionResult(data.executionId);
}
