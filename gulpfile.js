const { dest, src } = require('gulp');
const { rm } = require('node:fs/promises');

/**
 * The asset steps that `n8n-node build` leaves out or overdoes:
 * - codex files (`*.node.json`) are not copied by it, and n8n searches nodes by them;
 * - every png and svg of the tree is copied by it, and only the icons belong into the package.
 */
async function assets() {
	for (const folder of ['docs', 'test', 'workflows']) {
		await rm(`dist/${folder}`, { recursive: true, force: true });
	}
	return src('nodes/**/*.node.json', { base: '.' }).pipe(dest('dist'));
}

module.exports = { assets };
