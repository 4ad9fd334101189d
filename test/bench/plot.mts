import type { Point } from './rows/growth.mts';

const WIDTH = 560;
const HEIGHT = 340;
const LEFT = 70;
const RIGHT = 130;
const TOP = 30;
const BOTTOM = 50;
/** Readable on white and on GitHub's dark background. */
const INK = '#6e7781';
const series = [
	{ name: 'ours', label: 'this package', color: '#1a7f37' },
	{ name: 'stock', label: 'stock pattern', color: '#bc4c00' },
] as const;

/** Time by number of items, both logarithmic, time as a multiple of this package's shortest one: a straight line is linear growth. */
export function growthPlot(points: readonly Point[]): string {
	const unit = Math.min(...points.map(({ time }) => time.ours?.median ?? Infinity));
	const values = points.flatMap(({ time }) => series.map(({ name }) => (time[name]?.median ?? unit) / unit));
	const x = scale(points.map(({ items }) => items), LEFT, WIDTH - RIGHT);
	const y = scale(values, HEIGHT - BOTTOM, TOP);
	const line = series.map(({ name, label, color }) => {
		const at = points.flatMap(({ items, time }) => {
			const taken = time[name];
			return taken === undefined ? [] : [[x(items), y(taken.median / unit)] as const];
		});
		const [lastX = 0, lastY = 0] = at.at(-1) ?? [];
		return [
			`<polyline points="${at.map((point) => point.map(round).join(',')).join(' ')}" fill="none" stroke="${color}" stroke-width="2"/>`,
			...at.map(([cx, cy]) => `<circle cx="${round(cx)}" cy="${round(cy)}" r="3.5" fill="${color}"/>`),
			`<text x="${round(lastX + 10)}" y="${round(lastY + 4)}" fill="${color}">${label}</text>`,
		].join('\n');
	});
	const bottom = HEIGHT - BOTTOM;
	const columns = points.map(({ items }) => tick(x(items), bottom + 20, items.toLocaleString('en'), 'middle'));
	const rows = decades(Math.max(...values)).map((value) => {
		const at = round(y(value));
		return `<line x1="${LEFT}" y1="${at}" x2="${WIDTH - RIGHT}" y2="${at}" stroke="${INK}" stroke-opacity="0.25"/>\n${tick(LEFT - 8, y(value) + 4, `${value.toLocaleString('en')} ×`, 'end')}`;
	});
	return [
		`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" role="img" aria-label="Time by number of items">`,
		...rows,
		...columns,
		...line,
		tick((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, 'items in one execution', 'middle'),
		tick(LEFT - 60, 16, 'time, as a multiple of the shortest', 'start'),
		'</svg>',
		'',
	].join('\n');
}

function scale(values: readonly number[], from: number, to: number): (value: number) => number {
	const low = Math.log10(Math.min(...values));
	const high = Math.log10(Math.max(...values));
	return (value) => from + ((Math.log10(value) - low) / (high - low)) * (to - from);
}

function decades(highest: number): number[] {
	return Array.from({ length: Math.floor(Math.log10(highest)) + 1 }, (_, power) => 10 ** power);
}

function tick(x: number, y: number, text: string, anchor: 'start' | 'middle' | 'end'): string {
	return `<text x="${round(x)}" y="${round(y)}" fill="${INK}" text-anchor="${anchor}">${text}</text>`;
}

function round(value: number): number {
	return Math.round(value * 10) / 10;
}
