/**
 * Builds the package, unless `dist/` is as the last build left it and was made of these very sources: each of the test
 * commands asks for it.
 */
const { spawnSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const {
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	writeFileSync,
} = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');
const sources = [
	'credentials',
	'nodes',
	'gulpfile.js',
	'package.json',
	'package-lock.json',
	'tsconfig.json',
];
const note = path.join(root, 'node_modules', '.cache', 'n8n-nodes-tokenkeeper', 'built');

function filesOf(name) {
	const full = path.join(root, name);
	if (!statSync(full, { throwIfNoEntry: false })?.isDirectory()) return [full];
	return readdirSync(full, { recursive: true })
		.map((entry) => path.join(full, entry))
		.filter((entry) => statSync(entry).isFile())
		.sort();
}

function fingerprint() {
	const hash = createHash('sha256');
	for (const file of [...sources, 'dist'].flatMap(filesOf)) {
		hash
			.update(`${path.relative(root, file)}\0`)
			.update(existsSync(file) ? readFileSync(file) : '')
			.update('\0');
	}
	return hash.digest('hex');
}

if (existsSync(note) && readFileSync(note, 'utf8') === fingerprint()) {
	process.stdout.write('dist/ is up to date.\n');
} else {
	rmSync(note, { force: true });
	const { status } = spawnSync('npm', ['run', '--silent', 'compile'], {
		cwd: root,
		stdio: 'inherit',
	});
	if (status !== 0) process.exit(status ?? 1);
	mkdirSync(path.dirname(note), { recursive: true });
	writeFileSync(note, fingerprint());
}
