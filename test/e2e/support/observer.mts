import assert from 'node:assert/strict';
import { readDecryptedCredential } from '../../n8n/database.mts';
import type { FlowOptions, Step } from './flows.mts';
import type { Stored } from './requests.mts';
import { told, type Stage } from './start.mts';
import { short } from './table.mts';

/** What one run of a node came to. */
export interface Seen {
	/** What a person reads in the editor; '' where it went well. */
	readonly said: string;
	readonly items: number;
	/** Requests of this client that arrived at the token endpoint. */
	readonly asked: number;
	/** Access tokens that were made for this client. */
	readonly bought: number;
	/** API requests that carried a token of this client. */
	readonly api: number;
}

export type Expected = { readonly says: RegExp | 'nothing' } & Partial<Omit<Seen, 'said'>>;

export type Through = 'own node' | 'HTTP Request';

/** Runs nodes, writes down in `lines` what the user saw and what the provider saw of this client alone. */
export function observer(stage: Stage, lines: string[][] = []) {
	/** Runs a node once and holds what was seen against what is expected. */
	async function row(
		injected: string,
		through: Through,
		credential: Stored,
		step: Step,
		expected: Expected,
		options?: FlowOptions,
	): Promise<Seen> {
		// Its place in the table is where it began, since rows may run at once.
		const line = [injected, through];
		lines.push(line);
		const before = await seenOf(stage, credential);
		const execution = await stage.run(step, options);
		const after = await seenOf(stage, credential);
		const seen: Seen = {
			said: told(execution),
			items: execution.status === 'success' ? execution.items().length : 0,
			asked: after.asked - before.asked,
			bought: after.bought - before.bought,
			api: after.api - before.api,
		};
		const outcome = seen.said === '' ? `✓ ${seen.items} item${seen.items === 1 ? '' : 's'}` : `✗ ${short(seen.said)}`;
		line.push(outcome, String(seen.asked), String(seen.bought), String(seen.api));
		const { says, ...numbers } = expected;
		const where = `${injected}, ${through}: ${outcome}`;
		if (says === 'nothing') assert.equal(seen.said, '', where);
		else assert.match(seen.said, says, where);
		for (const [name, value] of Object.entries(numbers)) assert.equal(seen[name as keyof Seen], value, `${where}: ${name}`);
		return seen;
	}

	return { row, lines };
}

/** The head of the table that `lines` are the body of. */
export const HEAD = ['injected', 'through', 'what the user saw', 'token requests', 'tokens bought', 'API requests'];

async function seenOf({ sandbox, consumers }: Stage, { type, fields }: Stored) {
	const { provider } = consumers[type];
	const client = String(fields[type === 'fusioApi' ? 'appKey' : type === 'customTokenApi' ? 'username' : 'clientId']);
	const own = (await sandbox.tokens()).filter((token) => token.provider === provider && token.owner === client);
	const values = own.map(({ value }) => value);
	const requests = await sandbox.requests({ provider });
	const sent = (endpoint: string) => requests.filter((request) => request.endpoint === endpoint);
	return {
		asked: sent('token').filter(({ body, headers }) => `${body} ${basic(headers.authorization)}`.includes(client)).length,
		bought: own.filter(({ kind }) => kind === 'access').length,
		api: sent('api').filter(({ headers }) => values.some((value) => JSON.stringify(headers).includes(value))).length,
	};
}

function basic(header: string | undefined): string {
	return header?.startsWith('Basic ') ? Buffer.from(header.slice(6), 'base64').toString() : '';
}

/** Tokens that the stored record says were bought, of all months. */
export async function countedInRecord({ n8n }: Stage, { id }: Stored): Promise<number> {
	const { tokenRecord } = await readDecryptedCredential(n8n, id);
	const { ledger } = JSON.parse(String(tokenRecord)) as { ledger: Record<string, Record<string, Record<string, number>>> };
	return Object.values(ledger).flatMap((months) => Object.values(months)).flatMap((figures) => Object.values(figures)).reduce((sum, figure) => sum + figure, 0);
}

/** Says what to do next, and is not what n8n says where it knows no better. */
export function assertHelpful({ said }: Seen): void {
	assert.match(said, /Check|Try again|Ask |Enter |Add |Choose|raise Monthly|Run it again|Correct|Take |Fill it in/);
	assert.doesNotMatch(said, /please check your|service was not able|problem in node|unknown error|^Request failed|perhaps/i);
}

