import type { Figures } from './figures.mts';
import type { Sample } from './statistics.mts';
import { quantile } from './statistics.mts';

const BEGIN = '<!-- Written by `npm run bench -- --write` -->';
const END = '<!-- Up to here -->';

/** What the README quotes of a run, between two marks; rows that were not measured are left out. */
export function summaryOf(figures: Figures): string {
	const { date, version, n8nVersion, load, processors } = figures;
	const { expiry30, expiryItems, month, monthOfWorkers, rowUse, list, customer, tls, redirects, limits, growth } = figures;
	const met = ({ tokens, refused }: { tokens: number; refused: number }) => `${tokens} and ${refused}`;
	const time = (what: string, ours?: number, stock?: number): Row | undefined =>
		ours === undefined || stock === undefined || Number.isNaN(ours / stock) ? undefined : [what, `${(ours / stock).toPrecision(2)} ×`, '1 ×'];
	const perItem = (what: string, taken?: { readonly ours?: Sample; readonly stock?: Sample }) =>
		time(what, taken?.ours?.median, taken?.stock?.median);
	const median = (values?: readonly number[]) => values && quantile(values, 0.5);
	const percent = (share: number) => `${Math.round(share * 100)} %`;
	const { items: most = 0, peak } = growth?.at(-1) ?? {};
	const rows: ReadonlyArray<Row | undefined> = [
		expiry30 && ['30 executions meet an expired token: tokens requested, API requests refused', met(expiry30.ours), met(expiry30.stock)],
		expiryItems && ['one execution of 1,000 items meets it', met(expiryItems.ours), met(expiryItems.stock)],
		month && ['a month of calls: tokens requested, for each that was needed', month.ours.perLifetime.toFixed(3), month.stock.perLifetime.toFixed(3)],
		monthOfWorkers && ['the same on three workers', monthOfWorkers.ours.perLifetime.toFixed(3), monthOfWorkers.stock.perLifetime.toFixed(3)],
		rowUse && ['credential rows read for 1,000 items', count(rowUse.ours?.reads), count(rowUse.stock?.reads)],
		perItem('time per item, reading a list', list),
		perItem('time per item, creating a record', customer),
		perItem('time per item over TLS, round trip of 20 ms', tls?.time),
		time('webhook to SSO redirect, median', median(redirects?.cached.ours), median(redirects?.cached.stock)),
		time('the same with an expired token', median(redirects?.expired.ours), median(redirects?.expired.stock)),
		limits && ['API that allows 20 requests a second: requests that it refuses', percent(limits.rate.ours.refusedShare), percent(limits.rate.stock.refusedShare)],
		limits && ['items that get no answer from it', percent(1 - limits.rate.ours.answered / limits.rate.ours.items), percent(1 - limits.rate.stock.answered / limits.rate.stock.items)],
		time(`highest memory over ${count(most)} items`, peak?.ours, peak?.stock),
	];
	return [
		BEGIN,
		`Each row side by side in one run on n8n ${n8nVersion}, version ${version}, ${date.slice(0, 10)}, against n8n's stock pattern (the HTTP Request node with a credential that fetches its own token as n8n's built-in ones do).${load > processors ? ' The machine was busy with other work: counts hold, ratios of time are rough.' : ''}`,
		'',
		'| | this package | stock pattern |',
		'|---|---|---|',
		...rows.filter((row) => row !== undefined).map((row) => `| ${row.join(' | ')} |`),
		END,
	].join('\n');
}

type Row = readonly [what: string, ours: string, stock: string];

function count(number?: number): string {
	return number?.toLocaleString('en') ?? '';
}

/** The summary in a page; undefined where there is none. */
export function summaryIn(page: string): string | undefined {
	const begin = page.indexOf(BEGIN);
	const end = page.indexOf(END);
	return begin < 0 || end < begin ? undefined : page.slice(begin, end + END.length);
}

/** The page with another summary in the place of the one that it has. */
export function withSummary(page: string, summary: string): string {
	const old = summaryIn(page);
	if (old === undefined) throw new Error('The page has no place for a summary');
	return page.replace(old, () => summary);
}
