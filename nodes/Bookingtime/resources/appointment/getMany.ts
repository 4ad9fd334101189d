import type { Operation } from '../../../shared/operations';
import { limitOf, requiredText, text } from '../../../shared/parameters';
import { path } from '../../../shared/paths';
import { limit, returnAll } from '../../../shared/properties';
import { calendarDate, isoWeek, type CalendarDate } from '../../calendar';
import { organizationId, organizationLocator } from '../../organization';
import { recordsUpTo } from '../../pages';
import { contentOf } from '../../reply';

export const getMany: Operation = {
	name: 'Get Many',
	value: 'getMany',
	action: 'Get many appointments',
	description: 'List the appointments of a day, a week or a month',
	fields: [
		organizationLocator,
		{
			displayName: 'Period',
			name: 'period',
			type: 'options',
			default: 'day',
			options: [
				{ name: 'Day', value: 'day' },
				{ name: 'Month', value: 'month' },
				{ name: 'Week', value: 'week' },
			],
			description: 'How long a time to list appointments of',
		},
		{
			displayName: 'Date',
			name: 'date',
			type: 'dateTime',
			required: true,
			default: '',
			placeholder: 'e.g. 2026-03-31',
			description: 'The day, or any day of the week or month',
			hint: 'A moment with a time zone counts as the day that it is in the time zone of the workflow',
		},
		returnAll,
		limit,
	],

	async run(call) {
		const organization = organizationId(call);
		const date = calendarDate(requiredText(call, 'date', 'Date'), call.context.getTimezone());
		const listPath =
			path`/organization/${organization}/appointment` +
			periodPath(text(call, 'period', 'Period'), date);
		const appointments = await recordsUpTo(
			limitOf(call),
			async () => await contentOf(call.session, { method: 'GET', path: listPath }),
		);
		return appointments.map((json) => ({ json }));
	},
};

function periodPath(period: string, date: CalendarDate): string {
	if (period === 'week') {
		const { year, week } = isoWeek(date);
		return path`/year/${year}/week/${week}/listWeek`;
	}
	return period === 'month'
		? path`/year/${date.year}/month/${date.month}/listMonth`
		: path`/year/${date.year}/month/${date.month}/day/${date.day}/listDay`;
}
