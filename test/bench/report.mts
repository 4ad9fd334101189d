import { contenderNames, type Contender } from './contenders.mts';
import type { Figures } from './figures.mts';
import type { Met } from './rows/expiry.mts';
import type { Shares } from './profile.mts';
import type { FirstCall } from './rows/firstCall.mts';
import type { Kept, Limited } from './rows/limits.mts';
import type { Month } from './rows/month.mts';
import type { PerItem, Runner } from './rows/perItem.mts';
import { quantile } from './statistics.mts';
import { summaryOf } from './summary.mts';

/** One line of the table. */
export interface Line {
	readonly what: string;
	readonly goal: string;
	readonly cells: Partial<Record<Contender | 'floor', string>>;
	/** Counts and ratios alone: what is worth quoting from another machine. */
	readonly result: string;
	/** Undefined where there is no goal. */
	readonly met?: boolean;
}

/** The table of what was measured, goals beside figures. */
export function linesOf(figures: Figures): Line[] {
	const { redirects, rowUse, hooks, growth, retained, loading, tls, opening, limits, firstCall, firstCallOnPostgres, profiles, manyItems } = figures;
	const lines: Array<Line | undefined> = [
		figures.expiry30 && metLine('30 executions meet an expired token: tokens bought, API requests refused', figures.expiry30),
		figures.expiry300 && metLine('300 executions meet an expired token', figures.expiry300),
		figures.expiryItems && metLine('one execution of 1,000 items meets it', figures.expiryItems),
		opening && {
			what: 'tokens bought by opening the credential 10 times',
			goal: '0',
			cells: mapped(opening, String),
			result: `${opening.ours} (stock ${opening.stock})`,
			met: opening.ours === 0,
		},
		figures.month && monthLine('a month of a call every minute, 1 process: tokens ÷ lifetimes', figures.month),
		figures.monthOfWorkers && monthLine('the same, 3 workers, 3 calls at once', figures.monthOfWorkers),
		...perItemLines('GET list, 1,000 items', figures.list, true, 0.15),
		...perItemLines('POST customer, 1,000 items', figures.customer, true, 0.25),
		profiles && profileLine('GET list, 1,000 items: whose the processor time of n8n is', profiles.list),
		profiles && profileLine('POST customer, the same', profiles.customer),
		...perItemLines('GET list over TLS, round trip of 20 ms', tls?.time, false, 0.6),
		tls && {
			what: 'connections opened for each item, over TLS',
			goal: 'reported',
			cells: mapped(tls.connections, (count) => count.toFixed(2)),
			result: `${tls.connections.ours?.toFixed(2)} (stock ${tls.connections.stock?.toFixed(2)}, floor ${tls.connections.floor?.toFixed(2)})`,
		},
		...(redirects
			? (['cached', 'expired'] as const).flatMap((state) =>
					([0.5, 0.99] as const).map((share) => redirectLine(state, share, redirects[state])),
				)
			: []),
		redirects && ageingLine(redirects),
		firstCall && firstCallLine('first call on a credential with a budget, over a later one', firstCall),
		firstCallOnPostgres && firstCallLine('  the same on Postgres', firstCallOnPostgres),
		limits && limitLine('API that allows 20 requests a second, 429 beyond: share of the rate, refused', limits.rate),
		limits && limitLine('  the same with Retry-After', limits.rateTold),
		limits && limitLine('API that stands 8 requests at once, 503 beyond', limits.atOnce),
		rowUse && {
			what: 'credential row: reads, writes in an execution of 1,000 items',
			goal: '1, 0',
			cells: mapped(rowUse, ({ reads, writes }) => `${reads}, ${writes}`),
			result: `${rowUse.ours?.reads}, ${rowUse.ours?.writes} (stock ${rowUse.stock?.reads}, ${rowUse.stock?.writes})`,
			met: rowUse.ours?.reads === 1 && rowUse.ours.writes === 0,
		},
		hooks && {
			what: 'hook on a usable token: fields read anew / same object',
			goal: '≤ 20 µs',
			cells: { ours: `${hooks.freshObject.median.toFixed(1)} / ${hooks.sameObject.median.toFixed(1)} µs` },
			result: `${times(hooks.freshObject.median, 20)} / ${times(hooks.sameObject.median, 20)} the goal`,
			met: hooks.freshObject.median <= 20,
		},
		...(growth?.at(-1)?.peak ? [peakLine(growth.at(-1)?.items ?? 0, growth.at(-1)?.peak ?? {})] : []),
		manyItems && {
			what: `n8n's heap over ${manyItems.items.toLocaleString('en')} items, against the same items made by n8n's Edit Fields`,
			goal: '≤ 1.2 × Edit Fields',
			cells: { ours: megabytes(manyItems.ours) },
			result: `${times(manyItems.ours, manyItems.n8n)} Edit Fields`,
			met: manyItems.ours <= 1.2 * manyItems.n8n,
		},
		retained && {
			what: 'heap that n8n keeps after 100 executions, collected',
			goal: '≤ stock',
			cells: { ours: kilobytes(retained.ours.median), stock: kilobytes(retained.stock.median) },
			result: noMore(retained.ours.median, retained.stock.median),
			// Under 100 kB, 1 kB for each execution, is n8n's own coming and going.
			met: retained.ours.median <= Math.max(retained.stock.median, 100_000),
		},
		loading && {
			what: 'loading the package in a fresh process',
			goal: '≤ 30 ms',
			cells: { ours: `${loading.time.median.toFixed(1)} ms`, stock: `${loading.stock.median.toFixed(0)} ms (HTTP Request and OAuth2 API alone)` },
			result: `${times(loading.time.median, 30)} the goal; ${times(loading.time.median, loading.stock.median)} n8n's HTTP Request with its OAuth2 credential`,
			met: loading.time.median <= 30,
		},
		loading && {
			what: 'size of the package: on disk, as downloaded',
			goal: 'reported',
			cells: { ours: `${kilobytes(loading.unpacked)}, ${kilobytes(loading.packed)}` },
			result: `${kilobytes(loading.unpacked)}, ${kilobytes(loading.packed)}`,
		},
		growth && growthLine(growth),
	];
	return lines.filter((line) => line !== undefined);
}

function metLine(what: string, met: Record<Contender, Met>): Line {
	const both = ({ tokens, refused, failed }: Met) =>
		`${tokens} and ${refused}${failed > 0 ? ` (${failed} failed)` : ''}`;
	const { ours } = met;
	return {
		what,
		goal: '1 and 0',
		cells: mapped(met, both),
		result: `${both(ours)} (stock ${both(met.stock)}, OAuth2 ${both(met.oauth2)}, by hand ${both(met.byHand)})`,
		met: ours.tokens === 1 && ours.refused === 0 && ours.failed === 0,
	};
}

function monthLine(what: string, month: Record<Contender, Month>): Line {
	const { ours, stock, oauth2, byHand } = mapped(month, ({ perLifetime }) => perLifetime.toFixed(3)) as Record<Contender, string>;
	const silent = Object.values(month).reduce((sum, one) => sum + one.unanswered, 0);
	const unanswered = silent > 0 ? `; ${silent} calls without an answer, of this package ${month.ours.unanswered}` : '';
	return {
		what,
		goal: '1.000',
		cells: { ours, stock, oauth2, byHand },
		result: `${ours} × (stock ${stock} ×, OAuth2 ${oauth2} ×, by hand ${byHand} ×); refused requests ${month.ours.refused} (stock ${month.stock.refused}, OAuth2 ${month.oauth2.refused})${unanswered}`,
		met: month.ours.perLifetime === 1,
	};
}

/** Nothing is set by hand for this package; the batches of the HTTP Request node are. */
function limitLine(what: string, kept: Record<Limited, Kept>): Line {
	const shown = mapped(kept, ({ items, answered, rateShare, refusedShare }) => {
		const lost = answered < items ? `, ${items - answered} of ${items} without an answer` : '';
		return `${percent(rateShare)}, ${percent(refusedShare)}${lost}`;
	}) as Record<Limited, string>;
	const good = ({ items, answered, rateShare, refusedShare }: Kept) =>
		answered === items && rateShare >= 0.9 && refusedShare <= 0.02;
	return {
		what,
		goal: '≥ 90 %, ≤ 2 %, all answered',
		cells: { ours: shown.ours, stock: shown.stock },
		result: `${shown.ours}; two executions at once ${shown.two} (stock ${shown.stock}; HTTP Request in batches ${shown.batched})`,
		met: good(kept.ours) && good(kept.two),
	};
}

function ageingLine({ ageing }: NonNullable<Figures['redirects']>): Line {
	const [old, young] = [quantile(ageing.old, 0.5), quantile(ageing.young, 0.5)];
	return {
		what: 'webhook → SSO redirect, token ageing, p50 against a young one, by turns',
		goal: '≤ 1.05 × young',
		cells: { ours: `${old.toFixed(0)} ms` },
		result: `${times(old, young)} young`,
		met: old <= 1.05 * young,
	};
}

function firstCallLine(what: string, { first, cached }: FirstCall): Line {
	const more = first.median - cached.median;
	return {
		what,
		goal: '≤ 0.4 s',
		cells: { ours: `${more.toFixed(0)} ms` },
		result: `${times(more, 400)} the goal`,
		met: more <= 400,
	};
}

function perItemLines(what: string, taken: PerItem | undefined, toFloor: boolean, goal: number): Line[] {
	if (taken?.ours === undefined || taken.stock === undefined || taken.floor === undefined) return [];
	const { ours, stock, floor, floorFresh, ours50 } = taken;
	const shown = mapped(taken, ({ median, min, max }) => `${median.toFixed(2)} ms (${min.toFixed(2)}–${max.toFixed(2)})`) as Partial<Record<Runner, string>>;
	const against = (other: Runner) => taken[other] && `${times(ours.median, taken[other].median)} ${other === 'byHand' ? 'by hand' : 'OAuth2'}`;
	const rest = [against('oauth2'), against('byHand')].filter(Boolean).join(', ');
	const lines: Line[] = [
		{
			what: `${what}: time per item against the stock pattern`,
			goal: `≤ ${goal} × stock`,
			cells: { ours: shown.ours, stock: shown.stock, oauth2: shown.oauth2 ?? 'cannot', byHand: shown.byHand, floor: shown.floor } as Line['cells'],
			result: `${times(ours.median, stock.median)} stock (${rest})`,
			met: ours.median <= goal * stock.median,
		},
	];
	if (ours50 !== undefined) {
		lines.push({
			what: '  the same with Concurrency 50 instead of automatic',
			goal: `≤ ${goal} × stock`,
			cells: { ours: shown.ours50 } as Line['cells'],
			result: `${times(ours50.median, stock.median)} stock`,
			met: ours50.median <= goal * stock.median,
		});
	}
	if (toFloor) {
		lines.push({
			what: '  the same against the floor',
			goal: '≤ 5 × floor',
			cells: {},
			result: `${times(ours.median, floor.median)} floor${floorFresh ? `; ${times(ours.median, floorFresh.median)} a floor that opens a connection for each request, as n8n does` : ''}`,
			met: ours.median <= 5 * floor.median,
		});
	}
	return lines;
}

function profileLine(what: string, shares: Shares): Line {
	const shown = Object.entries(shares).filter(([, share]) => share >= 0.01);
	return { what, goal: 'reported', cells: {}, result: shown.map(([owner, share]) => `${owner} ${percent(share)}`).join(', ') };
}

function redirectLine(state: 'cached' | 'expired', share: 0.5 | 0.99, taken: Record<Contender, readonly number[]>): Line {
	const at = mapped(taken, (values) => quantile(values, share)) as Record<Contender, number>;
	const most = share === 0.5 ? 1.2 : 1.5;
	return {
		what: `webhook → SSO redirect, token ${state}, ${share === 0.5 ? 'p50' : 'p99'}`,
		goal: state === 'expired' ? `≤ ${most} × stock` : '≤ 1.0 × OAuth2, ≤ 0.6 × by hand',
		cells: mapped(at, (ms) => `${ms.toFixed(0)} ms`),
		result: `${times(at.ours, at.oauth2)} OAuth2, ${times(at.ours, at.byHand)} by hand (${times(at.ours, at.stock)} stock)`,
		met: state === 'expired' ? at.ours <= most * at.stock : at.ours <= at.oauth2 && at.ours <= 0.6 * at.byHand,
	};
}

function peakLine(items: number, peak: Partial<Record<Contender, number>>): Line {
	const { ours = NaN, stock = NaN } = peak;
	return {
		what: `n8n's heap over ${items.toLocaleString('en')} items, highest over before`,
		goal: '≤ stock',
		cells: { ours: megabytes(ours), stock: megabytes(stock) },
		result: `${times(ours, stock)} stock`,
		met: ours <= stock,
	};
}

function growthLine(points: NonNullable<Figures['growth']>): Line {
	const perItem = points.map(({ items, time }) => (time.ours?.median ?? NaN) / items);
	const large = perItem.slice(-2);
	const growth = (large[1] ?? NaN) / (large[0] ?? NaN);
	return {
		what: `growth over ${points.map(({ items }) => items.toLocaleString('en')).join(', ')} items: time per item, last ÷ one before`,
		goal: 'linear',
		cells: mapped(points.at(-1)?.time ?? {}, ({ median }) => `${(median / (points.at(-1)?.items ?? 1)).toFixed(2)} ms`),
		result: `${growth.toFixed(2)} ×`,
		met: growth <= 1.25,
	};
}

/** Prints the table to standard output. */
export function printLines(lines: readonly Line[], { date, version, n8nVersion, quick }: Figures): void {
	const columns = ['ours', 'stock', 'oauth2', 'byHand', 'floor'] as const;
	const head = ['', 'goal', ...columns.map((name) => (name === 'floor' ? 'floor' : contenderNames[name])), 'ratios', 'met'];
	const rows = lines.map(({ what, goal, cells, result, met }) => [
		what, goal, ...columns.map((name) => cells[name] ?? ''), result, verdict(met),
	]);
	const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
	const text = [head, ...rows].map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd());
	const title = `n8n-nodes-tokenkeeper ${version} on n8n ${n8nVersion}, ${date.slice(0, 10)}${quick ? ', quick' : ''}`;
	process.stdout.write(`\n${[title, '', ...text].join('\n')}\n\n`);
}

/** Counts and ratios as a Markdown page: absolute times of one machine say little about another. */
export function markdownOf(lines: readonly Line[], figures: Figures): string {
	const { date, version, n8nVersion, quick, monthOfWorkers } = figures;
	const rows = lines.map(({ what, goal, result, met }) => `| ${what.trim()} | ${goal} | ${result} | ${verdict(met)} |`);
	return [
		'# Results of the last run',
		'',
		`Written by \`npm run bench -- ${quick ? `--quick ${monthOfWorkers ? '--workers ' : ''}` : ''}--write\` on ${date.slice(0, 10)}: n8n-nodes-tokenkeeper ${version} on n8n ${n8nVersion}. What is compared, and how to read it: [benchmarks](../benchmarks.md).`,
		'',
		'## In short',
		'',
		summaryOf(figures),
		'',
		'## All of it',
		'',
		'| | goal | measured | met |',
		'|---|---|---|---|',
		...rows,
		'',
		'![Time by number of items](growth.svg)',
		'',
	].join('\n');
}

function verdict(met: boolean | undefined): string {
	return met === undefined ? '' : met ? 'yes' : 'no';
}

function mapped<Key extends string, From, To>(from: Partial<Record<Key, From>>, change: (value: From) => To): Partial<Record<Key, To>> {
	return Object.fromEntries(Object.entries(from).map(([key, value]) => [key, change(value as From)])) as Partial<Record<Key, To>>;
}

function times(a: number, b: number): string {
	return `${(a / b).toPrecision(2)} ×`;
}

/** What is kept may be less than nothing: a collection that came late. */
function noMore(ours: number, stock: number): string {
	return ours > 0 && stock > 0 ? `${times(ours, stock)} stock` : `no growth in ${ours <= 0 ? 'this package' : 'the stock pattern'}`;
}

function percent(share: number): string {
	return `${(share * 100).toPrecision(share < 0.1 ? 2 : 3)} %`;
}

function kilobytes(bytes: number): string {
	return `${Math.round(bytes / 1000)} kB`;
}

function megabytes(bytes: number): string {
	return `${(bytes / 1e6).toFixed(0)} MB`;
}
