/** An appointment; its fields beyond `class` and `id` are made up, nothing public shows them. */
type Appointment = Record<string, unknown> & { readonly id: string; readonly begin: string };

/**
 * The appointments of an organization, by what follows `appointment/` in the path: `{id}/show`, or a day, week (ISO
 * 8601) or month of a year. Undefined if there is none such.
 */
export function appointmentsOf(
	organizationId: string,
): (rest: string[]) => Appointment | Appointment[] | undefined {
	const all = Array.from({ length: 40 }, (_, index) => appointment(organizationId, index));
	return (rest) => {
		const last = rest.at(-1);
		if (last === 'show') return all.find(({ id }) => id === rest[0]);
		const asked: Record<string, string> = {};
		for (let at = 0; at + 1 < rest.length; at += 2) asked[rest[at] ?? ''] = rest[at + 1] ?? '';
		const within = (begin: Date) => {
			const [year, week] = isoWeek(begin);
			if (last === 'listWeek') return year === Number(asked.year) && week === Number(asked.week);
			const sameMonth =
				begin.getUTCFullYear() === Number(asked.year) &&
				begin.getUTCMonth() + 1 === Number(asked.month);
			return sameMonth && (last === 'listMonth' || begin.getUTCDate() === Number(asked.day));
		};
		const known = last === 'listDay' || last === 'listWeek' || last === 'listMonth';
		return known ? all.filter(({ begin }) => within(new Date(begin))) : undefined;
	};
}

/** One every nine hours, around now. */
function appointment(organizationId: string, index: number): Appointment {
	const today = Math.floor(Date.now() / 86_400_000) * 86_400_000;
	const begin = today + (index - 20) * 9 * 3_600_000;
	return {
		class: 'APPOINTMENT',
		id: `a0${organizationId.slice(2, 8)}${String(index).padStart(24, '0')}`,
		begin: new Date(begin).toISOString(),
		end: new Date(begin + 1_800_000).toISOString(),
		status: 'BOOKED',
		organizationId,
	};
}

/** Year and number of the ISO week that a day lies in. */
function isoWeek(day: Date): [year: number, week: number] {
	const thursday = new Date(day);
	thursday.setUTCDate(day.getUTCDate() + 4 - (day.getUTCDay() || 7));
	const year = thursday.getUTCFullYear();
	return [year, Math.ceil((thursday.getTime() - Date.UTC(year, 0, 1)) / 86_400_000 / 7)];
}
