import { ESLint, type Linter } from 'eslint';
import { globSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { check, type Check } from './table.mts';

/** What the scanner lints of the tarball: its `.ts` rules are for the source. */
export const SHIPPED = ['**/*.js', 'package.json'];
/** What it lints of the source that the package was published from. */
export const SOURCE = ['package.json', '{nodes,credentials}/**/*.{js,ts,json}'];

/**
 * The lint of n8n's `@n8n/scan-community-package`, which takes published packages only: the same plugins and rules,
 * without the project's own configuration and with inline suppressions switched off. Warnings count here.
 */
export async function scan(
	what: string,
	folder: string,
	patterns: readonly string[],
): Promise<Check> {
	const eslint = new ESLint({
		cwd: folder,
		allowInlineConfig: false,
		overrideConfigFile: true,
		overrideConfig: scannerRules(),
	});
	const files = globSync(patterns, { cwd: folder }).map((file) => path.join(folder, file));
	if (files.length === 0) return check(what, ['there is no file to lint']);
	const results = await eslint.lintFiles(files);
	const wrong = results.flatMap(({ filePath, messages }) =>
		messages.map(
			({ line, ruleId, message }) =>
				`${path.relative(folder, filePath)}:${line} ${message} (${ruleId ?? 'unreadable'})`,
		),
	);
	return check(what, wrong, `${results.length} files, no error, no warning`);
}

interface Plugin {
	readonly configs: Readonly<
		Record<string, Linter.Config & { readonly rules: Linter.RulesRecord }>
	>;
}

function scannerRules(): Linter.Config[] {
	// Both plugins and the parser come with n8n's own command line, which is what makes them the right versions.
	const own = createRequire(import.meta.url);
	const fromCli = createRequire(own.resolve('@n8n/node-cli/eslint'));
	const { n8nCommunityNodesPlugin } = fromCli('@n8n/eslint-plugin-community-nodes') as {
		n8nCommunityNodesPlugin: Plugin;
	};
	const base = fromCli('eslint-plugin-n8n-nodes-base') as Plugin;
	const { parser } = fromCli('typescript-eslint') as { parser: Linter.Parser };
	const rulesOf = (name: string) => base.configs[name]?.rules ?? {};
	return [
		n8nCommunityNodesPlugin.configs.recommended ?? {},
		{ rules: { 'no-console': 'error' } },
		{ plugins: { 'n8n-nodes-base': base as unknown as ESLint.Plugin } },
		{ files: ['package.json'], rules: rulesOf('community') },
		{
			files: ['**/credentials/**/*.ts'],
			rules: {
				...rulesOf('credentials'),
				'n8n-nodes-base/cred-class-field-documentation-url-miscased': 'off',
				'n8n-nodes-base/cred-class-field-type-options-password-missing': 'off',
			},
		},
		{
			files: ['**/nodes/**/*.ts'],
			rules: {
				...rulesOf('nodes'),
				'n8n-nodes-base/node-class-description-inputs-wrong-regular-node': 'off',
				'n8n-nodes-base/node-class-description-outputs-wrong': 'off',
				'n8n-nodes-base/node-param-type-options-max-value-present': 'off',
			},
		},
		{ files: ['**/*.json', '**/*.ts'], languageOptions: { parser } },
	];
}
