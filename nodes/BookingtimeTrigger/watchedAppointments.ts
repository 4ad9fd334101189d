import type { INodeProperties } from 'n8n-workflow';
import { calendarDate } from '../Bookingtime/calendar';
import { organizationId } from '../Bookingtime/organization';
import { recordsUpTo } from '../Bookingtime/pages';
import { contentOf } from '../Bookingtime/reply';
import { watchedChanges } from '../changes/fields';
import type { Watch } from '../changes/watch';
import { badInput } from '../shared/errors';
import { collection, type Call } from '../shared/parameters';
import { path } from '../shared/paths';

const DEFAULT_MONTHS = 3;
const MOST_MONTHS = 24;

export const monthsAhead: INodeProperties = {
	displayName: 'Months Ahead',
	name: 'monthsAhead',
	type: 'number',
	typeOptions: { minValue: 0, maxValue: MOST_MONTHS },
	default: DEFAULT_MONTHS,
	description:
		'For appointments: how many months after this one to watch. Each is one request more in every poll.',
};

/**
 * The appointments of this month and the next ones, since bookingtime lists them by period alone. A month that is over
 * is not watched any more; the appointments of one that comes into view are new.
 */
export function watchedAppointments(call: Call): Watch {
	const { ignored, ...changes } = watchedChanges(call);
	const organization = organizationId(call);
	const months = monthsFrom(Date.now(), call.context.getTimezone(), aheadOf(call));
	return {
		...changes,
		list: ['appointment', organization],
		by: { key: ['id'], compared: [], ignored },
		read: async ({ session }, { firstPageOnly }) => {
			const parts = [];
			for (const { year, month } of months) {
				const listPath = path`/organization/${organization}/appointment/year/${year}/month/${month}/listMonth`;
				const records = await recordsUpTo(
					Infinity,
					async () => await contentOf(session, { method: 'GET', path: listPath }),
				);
				parts.push({ name: `${year}-${month}`, pages: [records] });
				if (firstPageOnly && records.length > 0) break;
			}
			return { parts, paged: months.length > 1 };
		},
	};
}

/** @param now In ms since 1970. */
export function monthsFrom(now: number, timezone: string, ahead: number) {
	const { year, month } = calendarDate(new Date(now).toISOString(), timezone);
	return Array.from({ length: ahead + 1 }, (_, index) => {
		const later = month - 1 + index;
		return { year: year + Math.floor(later / 12), month: (later % 12) + 1 };
	});
}

function aheadOf(call: Call): number {
	const months = Number(collection(call, 'options').monthsAhead ?? DEFAULT_MONTHS);
	if (Number.isInteger(months) && months >= 0 && months <= MOST_MONTHS) return months;
	throw badInput('Months Ahead', `is not a whole number up to ${MOST_MONTHS}`, 'Enter one.');
}
