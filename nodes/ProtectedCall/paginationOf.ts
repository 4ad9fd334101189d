import type { IDataObject } from 'n8n-workflow';
import { badInput } from '../shared/errors';
import type { EndSign } from '../shared/lastPage';
import type { Parameter } from '../shared/pageRequest';
import type { PageEnds, Pagination } from '../shared/pagination';
import { asText } from '../shared/parameters';
import { momentIn } from '../shared/moment';
import type { Until } from '../shared/until';

/** The value of a node's field, or `otherwise` where it is not set: of one input item, or of a trigger. */
export type FieldReader = (name: string, otherwise: unknown) => unknown;

export interface PageSettings {
	readonly pagination: Pagination;
	readonly ends: PageEnds;
}

/**
 * What the fields of `paginationFields` say.
 * @param timezone In which a date without one is meant.
 * @throws ApiError when a field is empty or cannot be used.
 */
export function paginationOf(read: FieldReader, timezone: string): PageSettings {
	const options = read('paginationOptions', {}) as IDataObject;
	const pagination = wayOf(read, options);
	if (pagination.kind === 'off') return { pagination, ends: { maxPages: 1 } };
	const size = options.pageSize === undefined ? undefined : sizeOf(options);
	const movesBySize = pagination.kind === 'offset' && options.offsetCounts === 'pageSize';
	const statuses = statusesOf(options.endStatuses);
	const until = untilOf(options, timezone);
	return {
		pagination,
		ends: {
			maxPages: wholeNumber(read('maxPages', 1), 'Max Pages', 1),
			signs: signsOf(options),
			// Pages that are cut before they are filtered may all be short.
			...(size !== undefined && !movesBySize && { pageSize: size }),
			...(statuses && { statuses }),
			...(until && { until }),
		},
	};
}

function wayOf(read: FieldReader, options: IDataObject): Pagination {
	const required = (name: string, field: string) => requiredValue(read(name, ''), field);
	const place = (asText(options.parameterIn, 'Parameter In') || 'query') as Parameter['in'];
	const parameter = (name: string): Parameter => ({
		in: place,
		name: required(name, 'Parameter Name'),
	});
	const number: Parameter = {
		in: place,
		name: asText(options.numberParameter, 'Page Parameter') || 'page',
	};
	const kind = asText(read('pagination', 'off'), 'Pagination') as Pagination['kind'];
	switch (kind) {
		case 'page':
			return {
				kind,
				parameter: parameter('pageParameter'),
				first: wholeNumber(read('firstPage', 0), 'First Page', 0),
			};
		case 'offset':
			return {
				kind,
				parameter: parameter('offsetParameter'),
				first: wholeNumber(options.firstOffset ?? 0, 'First Offset', 0),
				step: stepOf(options),
			};
		case 'cursor':
			return {
				kind,
				parameter: parameter('cursorParameter'),
				cursor: {
					in: options.cursorIn === 'header' ? 'header' : 'body',
					at: required('cursorAt', 'Cursor At'),
				},
			};
		case 'linkInBody':
			return { kind, at: required('linkAt', 'Next Link At'), number };
		case 'linkInHeader':
			return { kind, header: required('linkHeader', 'Header Name'), number };
		default:
			return { kind: 'off' };
	}
}

function stepOf(options: IDataObject): 'entries' | number {
	switch (options.offsetCounts) {
		case 'pages':
			return 1;
		case 'pageSize':
			return sizeOf(options);
		default:
			return 'entries';
	}
}

function sizeOf({ pageSize }: IDataObject): number {
	return wholeNumber(pageSize, 'Page Size', 1);
}

function signsOf({ signs }: IDataObject): EndSign[] {
	const given = ((signs as IDataObject | undefined)?.sign ?? []) as IDataObject[];
	return given.map(({ says, in: place, at }) => ({
		says: (says ?? 'total') as EndSign['says'],
		from: {
			in: place === 'header' ? 'header' : 'body',
			at: requiredValue(at, 'At under How the List Ends'),
		},
	}));
}

function statusesOf(given: unknown): number[] | undefined {
	const written = asText(given, 'End at Status Codes');
	if (written === '') return undefined;
	return written.split(/[\s,;]+/).map((code) => {
		if (/^[45]\d\d$/.test(code)) return Number(code);
		throw badInput(
			'End at Status Codes',
			`has something else in it than codes of errors: ${JSON.stringify(code.slice(0, 20))}`,
			'Write them as 404, 400.',
		);
	});
}

function untilOf({ until }: IDataObject, timezone: string): Until | undefined {
	const record = (until as IDataObject | undefined)?.record as IDataObject | undefined;
	if (!record) return undefined;
	const byValue = record.compare === 'value';
	const wanted = asText(byValue ? record.value : record.date, byValue ? 'Value' : 'Date');
	if (wanted === '') return undefined;
	const at = requiredValue(record.field, 'Record Field');
	if (byValue) return { kind: 'value', at, value: wanted };
	const moment = momentIn(wanted, timezone);
	if (moment !== undefined) return { kind: 'date', at, moment };
	throw badInput(
		'Date',
		`of Until is not a date: ${JSON.stringify(wanted.slice(0, 40))}`,
		'Write it as 2026-01-31T08:00:00Z, or use a date from an expression such as {{ $now.minus(1, "day") }}.',
	);
}

function requiredValue(value: unknown, field: string): string {
	const written = asText(value, field);
	if (written !== '') return written;
	throw badInput(
		field,
		'is empty',
		'Fill it in. If it is an expression, check that it gives a value for this item.',
	);
}

function wholeNumber(given: unknown, field: string, least: number): number {
	const value = Number(given);
	if (Number.isSafeInteger(value) && value >= least) return value;
	throw badInput(field, `is not a whole number of ${least} or more`, 'Enter one.');
}
