import { momentIn, momentOf } from '../../../nodes/shared/moment';
import { newerThan, type Until } from '../../../nodes/shared/until';
import { readPages } from '../../../nodes/shared/pagination';
import { reply } from './fakes';

const noon = Date.UTC(2026, 0, 31, 12);

describe('a moment', () => {
	it.each([
		'2026-01-31T12:00:00Z',
		'2026-01-31T12:00:00.000+00:00',
		'2026-01-31T13:00:00+0100',
		'2026-01-31 12:00:00',
		'2026-01-31T12:00',
		'Sat, 31 Jan 2026 12:00:00 GMT',
		noon,
		noon / 1000,
		String(noon),
		String(noon / 1000),
		new Date(noon),
		'2026-01-31T13:00:00+01',
		'2026-01-31T13:00:00.000000+01:00[Europe/Berlin]',
		'2026-01-31 12:00:00 UTC',
		'2026/01/31 12:00',
		'20260131T120000Z',
		'20260131120000',
		'31.01.2026 12:00',
		'31.1.2026, 12:00:00',
		'Sat Jan 31 2026 13:00:00 GMT+0100 (CET)',
		'Jan 31, 2026 12:00',
		'Saturday, 31-Jan-2026 12:00:00 GMT',
		`/Date(${noon})/`,
		`/Date(${noon}+0100)/`,
		`${noon / 1000}.0`,
	])('is %j', (written) => {
		expect(momentOf(written)).toBe(noon);
	});

	it('has parts of a second', () => {
		expect(momentOf('2026-01-31T12:00:00,250Z')).toBe(noon + 250);
		expect(momentOf(`${noon / 1000}.250`)).toBe(noon + 250);
	});

	it.each(['2026-01-31', '31.01.2026', '20260131', 20260131, '2026/1/31'])('is the day %j', (written) => {
		expect(momentOf(written)).toBe(Date.UTC(2026, 0, 31));
	});

	it.each(['', 'yesterday', null, undefined, {}, true, '1/2/2026', '2026-13-01', '2026-02-30', '30.2.2026', '31.02.2026x', '2026-W01-6', '12:00'])('is not %j', (written) => {
		expect(momentOf(written)).toBeUndefined();
	});

	it('without a time zone is meant in that of the workflow', () => {
		expect(momentIn('2026-01-31T13:00:00', 'Europe/Berlin')).toBe(noon);
		expect(momentIn('2026-07-01T12:00', 'Europe/Berlin')).toBe(Date.UTC(2026, 6, 1, 10));
		expect(momentIn('2026-01-31', 'America/New_York')).toBe(Date.UTC(2026, 0, 31, 5));
		expect(momentIn('2026-01-31T12:00:00Z', 'Europe/Berlin')).toBe(noon);
		expect(momentIn(String(noon), 'Europe/Berlin')).toBe(noon);
		expect(momentIn('31.01.2026 13:00', 'Europe/Berlin')).toBe(noon);
		expect(momentIn('2026-01-31T12:00:00+00', 'Europe/Berlin')).toBe(noon);
	});
});

describe('the records that are newer', () => {
	const dates = (...days: number[]) =>
		days.map((day) => ({ id: day, meta: { at: `2026-01-${String(day).padStart(2, '0')}` } }));
	const until: Until = { kind: 'date', at: 'meta.at', moment: Date.UTC(2026, 0, 5) };

	it('are those in front of the first one that is as old, or older', () => {
		expect(newerThan(until, dates(9, 7, 5, 3))).toEqual({
			entries: dates(9, 7),
			reached: true,
			unsorted: false,
		});
		expect(newerThan(until, dates(9, 7, 4))).toMatchObject({ entries: dates(9, 7) });
		expect(newerThan(until, dates(9, 7))).toMatchObject({ reached: false, entries: dates(9, 7) });
	});

	it('are not known where older ones come first', () => {
		expect(newerThan(until, dates(3, 5, 7))).toMatchObject({ reached: true, unsorted: true });
	});

	it('are those in front of the one with the value', () => {
		const value: Until = { kind: 'value', at: 'id', value: '7' };
		expect(newerThan(value, dates(9, 8, 7, 6)).entries).toEqual(dates(9, 8));
	});

	const read = async (wanted: Until, bodies: unknown[], itemsAt = 'data.items') => {
		let asked = 0;
		const pages = await readPages(
			{ url: new URL('https://api.example.com/todo') },
			{ kind: 'page', parameter: { in: 'query', name: 'page' }, first: 1 },
			{ maxPages: 20, until: wanted },
			{ send: async () => reply(200, bodies[asked++]), itemsAt },
		);
		return { asked, ...pages, bodies: pages.replies.map(({ body }) => body) };
	};
	const page = (...days: number[]) => ({ data: { items: dates(...days), more: true } });

	it.each(['$.data.items', "data['items']"])('are cut off at %s too', async (itemsAt) => {
		const { bodies } = await read(until, [page(9, 5, 4)], itemsAt);
		expect(bodies).toEqual([page(9)]);
	});

	it('end the pages, and the rest of the last one is cut off', async () => {
		expect(await read(until, [page(9, 8), page(7, 5, 4), page(3)])).toMatchObject({
			asked: 2,
			bodies: [page(9, 8), page(7)],
			capped: false,
		});
	});

	it('are warned about where the list is not sorted', async () => {
		expect((await read(until, [page(3, 9)])).doubt).toContain('does not begin with the newest');
	});

	it('cannot be told where no record has the field', async () => {
		await expect(read({ ...until, at: 'updated' }, [page(9, 8)])).rejects.toThrow(
			'No record has a date at "updated"',
		);
	});

	it('may lack the field here and there', async () => {
		const bodies = [{ data: { items: [{ id: 10 }, ...dates(9)] } }, page(4)];
		expect(await read(until, bodies)).toMatchObject({ asked: 2 });
	});
});
