const esbuild = require('esbuild');
const { dest, series, src } = require('gulp');
const { globSync } = require('node:fs');
const { readFile, rm, writeFile } = require('node:fs/promises');
const path = require('node:path');
const typescript = require('typescript');
const { n8n } = require('./package.json');

/** n8n searches nodes by their codex files, which `n8n-node build` does not copy. */
function codex() {
	return src('nodes/**/*.node.json', { base: '.' }).pipe(dest('dist'));
}

/** `n8n-node build` copies every png and svg of the tree; only the icons belong into the package. */
async function onlyIcons() {
	for (const folder of ['docs', 'test', 'workflows']) {
		await rm(`dist/${folder}`, { recursive: true, force: true });
	}
}

/**
 * One file instead of a hundred: it loads in a third of the time. It is for reading: every part stands under the name
 * of its source file, with its names and its comments. The files that n8n looks for hand on what is in it.
 */
async function bundle() {
	const entries = [...n8n.credentials, ...n8n.nodes].map((file) => path.relative('dist', file));
	const outfile = 'dist/package.js';
	await esbuild.build({
		stdin: {
			contents: entries.map((file) => `export * from './${file.replace(/\.js$/, '')}';`).join('\n'),
			resolveDir: __dirname,
			loader: 'ts',
		},
		bundle: true,
		platform: 'node',
		format: 'cjs',
		target: 'node20',
		external: ['n8n-workflow'],
		legalComments: 'inline',
		outfile,
		plugins: [comments],
	});
	const text = await readFile(outfile, 'utf8');
	await writeFile(
		outfile,
		inAscii(
			text.replace(/^(\s*\/[*/])!/gm, (_, start) => (/\*$/.test(start) ? `${start}*` : start)),
		),
	);
	for (const file of globSync('dist/{credentials,nodes}/**/*.js')) await rm(file);
	for (const file of entries) {
		const up = path.posix.relative(path.posix.dirname(file), 'package.js');
		await writeFile(path.join('dist', file), `module.exports = require('${up}');\n`);
	}
}

const plain = {
	'‘': "'",
	'’': "'",
	'“': '"',
	'”': '"',
	'…': '...',
	'−': '-',
	'–': '-',
	'—': '-',
	'×': 'x',
	µ: 'u',
	'─': '-',
	'│': '|',
	'┬': '+',
	'└': '+',
	'▶': '>',
};

/** V8 reads a file faster, and keeps it in half of the memory, where each of its signs is one byte. In code, esbuild has seen to it. */
function inAscii(text) {
	const written = text.replace(/^\s*(?:\/\/|\/?\*).*$/gm, (line) =>
		line.replace(/[^\x00-\x7f]/g, (sign) => plain[sign] ?? sign),
	);
	const [other] = /.*[^\x00-\x7f].*/.exec(written) ?? [];
	if (other !== undefined)
		throw new Error(
			`dist/package.js has a sign that "plain" in gulpfile.js does not know: ${other.trim()}`,
		);
	return written;
}

/**
 * esbuild keeps only comments that look like a licence's, so ours do while it works. TypeScript takes the types out
 * before, and the comments that belong to them with it.
 */
const comments = {
	name: 'comments',
	setup(build) {
		build.onLoad({ filter: /\.ts$/ }, async ({ path: file }) => {
			const source = await readFile(file, 'utf8');
			const { outputText } = typescript.transpileModule(source, {
				compilerOptions: {
					module: typescript.ModuleKind.ESNext,
					target: typescript.ScriptTarget.ES2022,
				},
			});
			const contents = outputText.replace(
				/^(\s*)(\/\*\*|\/\/)(?=\s)/gm,
				(_, indent, start) => `${indent}${start.slice(0, 2)}!`,
			);
			return { contents, loader: 'js' };
		});
	},
};

module.exports = { assets: series(codex, onlyIcons, bundle) };
