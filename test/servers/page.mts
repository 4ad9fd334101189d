import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { repository } from '../n8n/package.mts';
import { REVOKED, type Outcome } from './scenarios.mts';

/** One way to a token of one server, and what came of it. */
export interface Tried {
	readonly server: string;
	readonly version: string;
	readonly way: string;
	readonly outcomes: readonly Outcome[];
	/** Why the credential cannot express it. */
	readonly notTried?: string;
	/** Why there is no outcome. */
	readonly trouble?: string;
}

const page = path.join(repository, 'docs', 'servers.md');

/** Writes the page for people: what was run on real servers, in the numbers of the run. Lines of other servers stay. */
export function writePage(tried: readonly Tried[], servers: readonly string[], n8nVersion: string): void {
	const text = existsSync(page) ? readFileSync(page, 'utf8') : '';
	const run = new Set(tried.map(({ server }) => server));
	const lines = servers.flatMap((server) => [
		...(run.has(server) ? [] : [...text.matchAll(/^\| .+$/gm)].map(([line]) => line).filter((line) => line.startsWith(`| ${server} `))),
		...tried.filter((one) => one.server === server && one.outcomes.length > 0).map(lineOf),
	]);
	writeFileSync(page, pageOf(lines, n8nVersion));
}

function pageOf(lines: readonly string[], n8nVersion: string): string {
	return `# Run on real servers

*Custom Token API*, tried on servers as their makers publish them, in n8n ${n8nVersion}, with tokens that live for seconds. \`npm run test:servers\` starts them all and writes these numbers with \`-- --write\`.

Each line is two credentials, one used by *Protected Call* and one by n8n's *HTTP Request* node: 20 items, an expired token, 10 executions at once on an expired token, calls over three lifetimes, a token that is revoked at the server, a wrong secret. The numbers are what the server saw.

| server | way to a token | token requests | API requests | refused | after the token was revoked | a wrong secret, 80 items |
|---|---|---|---|---|---|---|
${lines.join('\n')}

*Refused* counts API requests whose token the server did not accept, but for the scenario in which the token is revoked: nobody tells a client of that, so the first requests after it are refused, and one new token ends it. Of a POST (etcd has nothing else) the HTTP Request node does not say why it failed: there the token is replaced when it expires.
`;
}

function lineOf({ server, version, way, outcomes }: Tried): string {
	const sum = (list: readonly Outcome[], name: 'tokenRequests' | 'apiRequests' | 'refused') =>
		list.reduce((total, outcome) => total + outcome[name], 0);
	const wrong = outcomes.filter(({ scenario }) => scenario.startsWith('wrong secret'));
	const revoked = outcomes.filter(({ scenario }) => scenario === REVOKED);
	const rest = outcomes.filter((one) => !wrong.includes(one) && !revoked.includes(one));
	const cells = [
		`${server} ${version}`,
		way,
		sum(rest, 'tokenRequests'),
		sum(rest, 'apiRequests'),
		sum(rest, 'refused'),
		`${sum(revoked, 'refused')} refused, ${sum(revoked, 'tokenRequests')} new tokens`,
		`${sum(wrong, 'tokenRequests')} token requests`,
	];
	return `| ${cells.join(' | ')} |`;
}
