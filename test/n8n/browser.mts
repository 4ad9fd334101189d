import { chromium, selectors, type Browser, type Page } from 'playwright-core';
import type { N8n } from './instance.mts';
import { onPath } from './process.mts';
import { whenThisProcessEnds } from './shutdown.mts';

/** Something that the browser received: a REST reply, or a message that n8n pushed. */
export interface Received {
	readonly kind: 'reply' | 'push';
	/** Such as `GET /rest/credentials/abc?includeData=true`. */
	readonly what: string;
	readonly status?: number;
	readonly body: string;
}

export interface EditorBrowser {
	readonly browser: Browser;
	/** Signed in, on the editor's first page. */
	readonly page: Page;
	/** Everything that came from n8n's REST interface so far, once what is under way has arrived. */
	received: () => Promise<readonly Received[]>;
	/** Hosts outside this machine that the editor wanted to reach; it could not. */
	readonly foreignHosts: ReadonlySet<string>;
	close: () => Promise<void>;
}

export interface BrowserOptions {
	readonly colorScheme?: 'light' | 'dark';
	readonly width?: number;
	readonly height?: number;
	/** 2 for sharp pictures. */
	readonly deviceScaleFactor?: number;
}

/** Starts Debian's Chromium and signs in to n8n's editor through its form. */
export async function openEditor(n8n: N8n, options: BrowserOptions = {}): Promise<EditorBrowser> {
	const browser = await launch();
	const forget = whenThisProcessEnds({
		gently: async () => await browser.close(),
		atOnce: () => undefined,
	});
	const context = await browser.newContext({
		viewport: { width: options.width ?? 1440, height: options.height ?? 900 },
		colorScheme: options.colorScheme ?? 'light',
		deviceScaleFactor: options.deviceScaleFactor ?? 1,
		locale: 'en-US',
	});
	const page = await context.newPage();
	page.setDefaultTimeout(60_000);
	const received: Received[] = [];
	const underWay = new Set<Promise<void>>();
	const foreignHosts = new Set<string>();
	page.on('request', (request) => {
		const { protocol, hostname } = new URL(request.url());
		if (protocol.startsWith('http') && hostname !== '127.0.0.1') foreignHosts.add(hostname);
	});
	page.on('response', (response) => {
		const url = new URL(response.url());
		if (!url.pathname.startsWith('/rest/')) return;
		const what = `${response.request().method()} ${url.pathname}${url.search}`;
		// A reply without a body, or of a page that is gone, has no text.
		const reading = response
			.text()
			.catch(() => '')
			.then((body) => {
				received.push({ kind: 'reply', what, status: response.status(), body });
				underWay.delete(reading);
			});
		underWay.add(reading);
	});
	page.on('websocket', (socket) => {
		socket.on('framereceived', ({ payload }) => {
			received.push({
				kind: 'push',
				what: new URL(socket.url()).pathname,
				body: payload.toString(),
			});
		});
	});

	await page.goto(`${n8n.url}/signin`);
	await page.locator('input[autocomplete="email"]').fill(n8n.owner.email);
	await page.locator('input[type="password"]').fill(n8n.owner.password);
	await page.getByTestId('form-submit-button').click();
	await page.waitForURL((url) => !url.pathname.startsWith('/signin'));
	return {
		browser,
		page,
		foreignHosts,
		received: async () => {
			while (underWay.size > 0) await Promise.all(underWay);
			return received;
		},
		close: async () => {
			forget();
			await browser.close();
		},
	};
}

async function launch(): Promise<Browser> {
	const executablePath = ['chromium', 'chromium-browser', 'google-chrome']
		.map(onPath)
		.find((found) => found !== undefined);
	if (!executablePath)
		throw new Error('Chromium cannot be found. On Debian: apt-get install chromium');
	// The element that tests look for by `getByTestId`, as n8n calls it.
	selectors.setTestIdAttribute('data-test-id');
	return await chromium.launch({
		executablePath,
		headless: true,
		handleSIGINT: false,
		handleSIGTERM: false,
		handleSIGHUP: false,
		args: [
			'--no-sandbox',
			'--disable-gpu',
			'--disable-quic',
			'--no-first-run',
			'--disable-dev-shm-usage',
			'--disable-background-networking',
			'--disable-component-update',
			'--disable-sync',
			'--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
		],
	});
}
