import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { check, type Check } from './table.mts';

interface Manifest {
	readonly name?: string;
	readonly version?: string;
	readonly description?: string;
	readonly keywords?: readonly string[];
	readonly license?: string;
	readonly author?: { readonly name?: string; readonly email?: string };
	readonly homepage?: string;
	readonly repository?: { readonly type?: string; readonly url?: string };
	readonly files?: readonly string[];
	readonly peerDependencies?: object;
	readonly scripts?: Readonly<Record<string, string>>;
	readonly n8n?: {
		readonly n8nNodesApiVersion?: number;
		readonly strict?: boolean;
		readonly credentials?: readonly string[];
		readonly nodes?: readonly string[];
	};
	readonly [field: string]: unknown;
}

/** npm runs these when somebody installs the package; a verified package has none of them. */
const forbiddenScripts = [
	'preinstall',
	'install',
	'postinstall',
	'prepublish',
	'preprepare',
	'prepare',
	'postprepare',
	'prepack',
	'postpack',
];
const forbiddenFields = [
	'dependencies',
	'optionalDependencies',
	'bundleDependencies',
	'bundledDependencies',
	'overrides',
	'resolutions',
];

export function readManifest(folder: string): Manifest {
	return JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as Manifest;
}

/** package.json, against what n8n asks of a verified community package. */
export function checkManifest(folder: string): Check[] {
	const manifest = readManifest(folder);
	const { name = '', version = '', keywords = [], author, homepage, repository, n8n } = manifest;
	const classes = [...(n8n?.credentials ?? []), ...(n8n?.nodes ?? [])];
	const web = /^https:\/\//;
	return [
		check(
			'name and version',
			[
				...unless(/^(@[\w-]+\/)?n8n-nodes-[\w-]+$/.test(name), `name: ${name}`),
				...unless(/^\d+\.\d+\.\d+$/.test(version), `version: ${version}`),
				...unless((manifest.description ?? '').length > 20, 'description'),
			],
			`${name} ${version}`,
		),
		check('keyword, licence, author', [
			...unless(
				keywords.includes('n8n-community-node-package'),
				'keyword n8n-community-node-package',
			),
			...unless(manifest.license === 'MIT', `license: ${String(manifest.license)}`),
			...unless(existsSync(path.join(folder, 'LICENSE')), 'LICENSE'),
			...unless(Boolean(author?.name && author.email?.includes('@')), 'author with name and email'),
		]),
		check('homepage, repository, files', [
			...unless(web.test(homepage ?? ''), 'homepage'),
			...unless(
				repository?.type === 'git' && /^git\+https:\/\//.test(repository.url ?? ''),
				'repository',
			),
			...unless(isDeepStrictEqual(manifest.files, ['dist', 'index.js']), 'files'),
		]),
		check('peer dependency on n8n-workflow alone', [
			...unless(
				isDeepStrictEqual(manifest.peerDependencies, { 'n8n-workflow': '*' }),
				JSON.stringify(manifest.peerDependencies),
			),
			...forbiddenFields
				.filter((field) => field in manifest)
				.map((field) => `there is a field "${field}"`),
		]),
		check(
			'no script that npm runs by itself',
			forbiddenScripts.filter((script) => script in (manifest.scripts ?? {})),
		),
		check(
			'n8n’s section names what is there',
			[
				...unless(n8n?.n8nNodesApiVersion === 1, 'n8nNodesApiVersion'),
				...unless(n8n?.strict === true, 'strict'),
				...classes
					.filter((file) => !existsSync(path.join(folder, file)))
					.map((file) => `${file} is missing`),
			],
			`${n8n?.nodes?.length ?? 0} nodes, ${n8n?.credentials?.length ?? 0} credentials`,
		),
	];
}

function unless(condition: boolean, wrong: string): string[] {
	return condition ? [] : [wrong];
}
