import { setTimeout as sleep } from 'node:timers/promises';
import type { Locator, Page } from 'playwright-core';
import { until } from '../../n8n/wait.mts';

/** What goes into each field: typed, chosen from its list, or switched on or off. */
export type Entries = Readonly<
	Record<string, string | { readonly choose: string } | { readonly on: boolean }>
>;

/** n8n's dialog for one credential. */
export interface CredentialDialog {
	readonly element: Locator;
	/** Types into fields, or chooses from lists; in this order, since some show up only after another one was set. */
	fill: (fields: Entries) => Promise<void>;
	isShown: (field: string) => Promise<boolean>;
	/** Names of the fields that are there, from top to bottom. */
	shown: () => Promise<string[]>;
	/** Scrolls to the first field. */
	toTop: () => Promise<void>;
	/** Saves, which makes n8n test it. */
	save: () => Promise<void>;
	/** What n8n says about the test, with its details; waits until it is what is expected, or for a minute. */
	verdict: (expected: RegExp) => Promise<string>;
	close: () => Promise<void>;
}

export const TESTED = /Connection tested successfully/;

/** From the list of credentials: "Create credential", then the type by the name that it has there. */
export async function newCredential(
	page: Page,
	n8nUrl: string,
	typeName: string,
): Promise<CredentialDialog> {
	await page.goto(`${n8nUrl}/home/credentials/create`);
	await page.getByTestId('new-credential-type-select').locator('input').first().fill(typeName);
	await page
		.getByTestId('new-credential-type-select-option')
		.getByText(typeName, { exact: true })
		.click();
	await page.getByTestId('new-credential-type-button').click();
	return await dialogOf(page);
}

/** Opens a stored one from the list of credentials. */
export async function openCredential(
	page: Page,
	n8nUrl: string,
	name: string,
): Promise<CredentialDialog> {
	const list = new URL('/home/credentials', n8nUrl).href;
	if (page.url() !== list) await page.goto(list);
	await page.getByTestId('resources-list-item').getByText(name, { exact: true }).click();
	return await dialogOf(page);
}

async function dialogOf(page: Page): Promise<CredentialDialog> {
	const element = page.getByTestId('editCredential-modal');
	await page.getByTestId('credential-edit-dialog').waitFor();
	const field = (name: string) => element.getByTestId(`parameter-input-${name}`);
	const banner = element.getByTestId('node-credentials-config-container');

	return {
		element,
		fill: async (fields) => {
			for (const [name, entry] of Object.entries(fields)) {
				if (typeof entry === 'string') await enter(field(name), entry);
				else if ('on' in entry) await turn(field(name), entry.on);
				else await choose(page, field(name), entry.choose);
			}
		},
		isShown: async (name) => await field(name).isVisible(),
		shown: async () =>
			(
				await element
					.locator('[data-test-id^="parameter-input-"]')
					.evaluateAll((fields) => fields.map((one) => one.getAttribute('data-test-id') ?? ''))
			)
				.map((id) => id.replace('parameter-input-', ''))
				// Within each field there is one of this name.
				.filter((name) => name !== 'field'),
		toTop: async () =>
			await banner.getByTestId('credential-edit-instance-ai-help-button').scrollIntoViewIfNeeded(),
		save: async () => {
			const tested = page.waitForResponse((reply) => reply.url().endsWith('/credentials/test'));
			await element.getByTestId('credential-save-button').click();
			await tested;
		},
		verdict: async (expected) => {
			let said = '';
			const shown = banner.filter({ visible: true });
			await until('the verdict', 60_000, async () => {
				const more = shown.getByText('More details').filter({ visible: true });
				if ((await more.count()) > 0) await more.click();
				said = await shown.innerText();
				return expected.test(said) || undefined;
			}).catch(() => undefined);
			return said;
		},
		close: async () => {
			await page.keyboard.press('Escape');
			await element.waitFor({ state: 'hidden' });
		},
	};
}

/** A line, several lines, or n8n's editor for JSON. */
async function enter(field: Locator, text: string): Promise<void> {
	await field.waitFor();
	const editor = field.locator('.cm-content');
	if ((await editor.count()) === 0) return await type(field.locator('input, textarea').first(), text);
	await editor.fill(text);
	await editor.blur();
}

/** n8n takes a value over a moment after it was typed, or when the field is left; until then it can put the old one back. */
export async function type(input: Locator, text: string): Promise<void> {
	await until(`"${text}" stays in its field`, 20_000, async () => {
		await input.fill(text);
		await input.blur();
		await sleep(250);
		return (await input.inputValue()) === text || undefined;
	});
}

async function turn(field: Locator, on: boolean): Promise<void> {
	const input = field.locator('[role=switch]');
	if ((await input.getAttribute('aria-checked')) === String(on)) return;
	await field.locator('.el-switch').click();
}

/** The name stands at the beginning of the option; a description may follow. */
export async function choose(page: Page, list: Locator, option: string): Promise<void> {
	await list.click();
	const beginning = new RegExp(`^\\s*${option.replaceAll(/[()]/g, '\\$&')}(?![a-z])`);
	await page.locator('[role=option]:visible').filter({ hasText: beginning }).first().click();
}
