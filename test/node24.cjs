/**
 * n8n needs Node 24; the machine's own may be older. The npm package `node` brings the binary, but its install
 * script does not run under `ignore-scripts`, so it is run here, once.
 *
 * `node test/node24.cjs` only makes sure that it is there; with arguments it runs them on Node 24.
 */
const { spawn, spawnSync } = require('node:child_process');
const { existsSync } = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');
const node24 = path.join(root, 'node_modules', 'node', 'bin', 'node');

if (!existsSync(node24)) {
	const rebuild = spawnSync('npm', ['rebuild', 'node', '--ignore-scripts=false'], {
		cwd: root,
		encoding: 'utf8',
		stdio: 'pipe',
	});
	if (rebuild.status !== 0 || !existsSync(node24)) {
		process.stderr.write(`${rebuild.stderr ?? ''}\nNode 24 could not be installed. Run "npm ci" and try again.\n`);
		process.exit(1);
	}
}

const [, , ...args] = process.argv;
if (args.length > 0) {
	const child = spawn(node24, args, {
		stdio: 'inherit',
		env: {
			...process.env,
			PATH: `${path.join(root, 'node_modules', '.bin')}${path.delimiter}${process.env.PATH}`,
		},
	});
	// The child ends what it started; this process waits for it.
	for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
	child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
}
