import { spawn } from 'node:child_process';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Fault } from './faults.mts';
import type { Info } from './info.mts';
import type { Counts, Endpoint, Provider, RecordedRequest } from './journal.mts';
import type { SandboxOptions } from './sandbox.mts';
import type { Settings, SettingsChange } from './settings.mts';
import type { IssuedToken, TokenState } from './tokens.mts';

/** The control port of a sandbox, typed. */
export interface SandboxControl {
	readonly info: Info;
	counts(): Promise<Record<Provider, Counts>>;
	/** The last 2000 requests, oldest first. `since` in ms since 1970. */
	requests(filter?: RequestFilter): Promise<RecordedRequest[]>;
	/** Every token ever issued. */
	tokens(): Promise<Array<IssuedToken & { readonly state: TokenState }>>;
	settings(change?: SettingsChange): Promise<Settings>;
	/** Adds one misbehaviour. */
	fault(fault: Fault): Promise<void>;
	clearFaults(provider?: Provider): Promise<void>;
	/** Counters, journal, faults, bans; with `tokens` all tokens are revoked and monthly counts forgotten too. */
	reset(options?: { tokens?: boolean }): Promise<void>;
	/** All access tokens are dead now; with `refresh` the refresh tokens too. Resolves when the next one will be another. */
	revoke(provider: Provider, options?: { refresh?: boolean }): Promise<void>;
	/** The provider knows none of its tokens any more, as after a restart of a server that keeps them in memory. */
	forget(provider: Provider): Promise<void>;
	/** Access tokens issued from now on are refused for so many ms; 0: no longer. */
	young(provider: Provider, ms: number): Promise<void>;
	/** All access tokens issued so far are expired now; with `refresh` the refresh tokens too. */
	expire(provider: Provider, options?: { refresh?: boolean }): Promise<void>;
}

/** A sandbox in a process of its own. */
export interface SandboxClient extends SandboxControl {
	readonly pid: number;
	/** Ends the process; safe to call twice. */
	stop(): Promise<void>;
}

/** Which requests are asked for. */
export interface RequestFilter {
	readonly provider?: Provider;
	readonly endpoint?: Endpoint;
	readonly operation?: string;
	readonly since?: number;
}

/**
 * Starts a sandbox in a process of its own, which ends with this one at the latest.
 *
 * @throws Error with what it wrote to standard error if it does not start within 20 s.
 */
export async function spawnSandbox(options: SandboxOptions = {}): Promise<SandboxClient> {
	const main = path.join(import.meta.dirname, 'main.mts');
	const child = spawn(process.execPath, [main, '--json', '--parent', String(process.pid)], {
		env: { ...process.env, NODE_OPTIONS: '', SANDBOX_OPTIONS: JSON.stringify(options) },
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
	const line = await new Promise<string>((resolve, reject) => {
		let output = '';
		let errors = '';
		const fail = () => reject(new Error(`The sandbox did not start. ${errors}`));
		const timer = setTimeout(() => (child.kill(), fail()), 20_000);
		child.stderr.on('data', (chunk) => (errors = (errors + String(chunk)).slice(-4000)));
		child.stdout.on('data', (chunk) => {
			output += String(chunk);
			if (output.includes('\n')) resolve(output);
		});
		child.once('exit', fail);
		void exited.then(() => clearTimeout(timer));
		child.stdout.once('data', () => clearTimeout(timer));
	});
	const info = JSON.parse(line) as Info;
	return {
		...controlOf(info),
		pid: info.pid,
		stop: async () => {
			child.kill();
			await exited;
		},
	};
}

async function nextSecond(): Promise<void> {
	await sleep(1_010 - (Date.now() % 1_000));
}

/** The control port of a sandbox that somebody else started, by its address. */
export async function connectSandbox(control: string): Promise<SandboxControl> {
	return controlOf((await (await fetch(`${control}/info`)).json()) as Info);
}

function controlOf(info: Info): SandboxControl {
	async function call<T>(method: string, command: string, body?: unknown): Promise<T> {
		const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
		const response = await fetch(info.urls.control + command, init);
		const text = await response.text();
		if (!response.ok) throw new Error(`Sandbox: ${method} ${command}: ${text}`);
		return JSON.parse(text) as T;
	}

	return {
		info,
		counts: () => call('GET', '/counts'),
		requests: (filter = {}) => {
			const query = Object.entries(filter).map(([name, value]): [string, string] => [
				name,
				String(value),
			]);
			return call('GET', `/requests?${new URLSearchParams(query)}`);
		},
		tokens: () => call('GET', '/tokens'),
		settings: (change) => (change ? call('POST', '/settings', change) : call('GET', '/settings')),
		fault: async (fault) => void (await call('POST', '/faults', fault)),
		clearFaults: async (provider) => {
			await call('DELETE', provider === undefined ? '/faults' : `/faults?provider=${provider}`);
		},
		reset: async (options = {}) => void (await call('POST', '/reset', options)),
		revoke: async (provider, options = {}) => {
			await call('POST', '/revoke', { provider, ...options });
			// Fusio would grant the very token again that was revoked, within the second that it was made in.
			if (provider === 'fusio') await nextSecond();
		},
		forget: async (provider) => {
			await call('POST', '/forget', { provider });
			if (provider === 'fusio') await nextSecond();
		},
		young: async (provider, ms) => void (await call('POST', '/young', { provider, ms })),
		expire: async (provider, options = {}) =>
			void (await call('POST', '/expire', { provider, ...options })),
	};
}
