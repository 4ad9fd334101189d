import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { repository } from '../../n8n/package.mts';

const folder = path.join(repository, 'docs', 'images');
const MOST_BYTES = 120_000;

/**
 * Writes what is seen into `docs/images/`, if that was asked for with `SCREENSHOTS=1`; with `dark`, a second picture
 * `…-dark.png` of the same thing. A run without it leaves the tree as it is.
 */
export async function picture(
	page: Page,
	name: string,
	{ of = page, dark = false }: { readonly of?: Locator | Page; readonly dark?: boolean } = {},
): Promise<void> {
	if (process.env.SCREENSHOTS !== '1') return;
	mkdirSync(folder, { recursive: true });
	await withoutToasts(page);
	await page.mouse.move(1, 1);
	for (const scheme of dark ? (['light', 'dark'] as const) : (['light'] as const)) {
		await page.emulateMedia({ colorScheme: scheme });
		const png = await of.screenshot({ animations: 'disabled', caret: 'hide' });
		if (png.length > MOST_BYTES)
			throw new Error(`The picture ${name} has ${png.length} bytes, more than ${MOST_BYTES}.`);
		writeFileSync(path.join(folder, `${name}${scheme === 'dark' ? '-dark' : ''}.png`), png);
	}
	await page.emulateMedia({ colorScheme: 'light' });
}

/** They come and go, and would lie over what is to be seen. */
async function withoutToasts(page: Page): Promise<void> {
	await page.addStyleTag({ content: '.el-notification { display: none !important; }' });
}
