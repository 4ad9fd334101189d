import type { IDataObject } from 'n8n-workflow';
import { organizationId } from '../Bookingtime/organization';
import { recordsIn, recordsUpTo } from '../Bookingtime/pages';
import { contentOf } from '../Bookingtime/reply';
import { watchedChanges } from '../changes/fields';
import { requireAll, totalIn } from '../changes/total';
import type { Watch } from '../changes/watch';
import type { Call } from '../shared/parameters';
import { path } from '../shared/paths';

/** All customers of an organization, as its list shows them. */
export function watchedCustomers(call: Call): Watch {
	const { ignored, ...changes } = watchedChanges(call);
	const organization = organizationId(call);
	return {
		...changes,
		list: ['customer', organization],
		by: { key: ['id'], compared: [], ignored },
		read: async ({ session }, { firstPageOnly }) => {
			const pages: IDataObject[][] = [];
			let total: number | undefined;
			await recordsUpTo(firstPageOnly ? 1 : Infinity, async (page) => {
				const content = await contentOf(session, {
					method: 'GET',
					path: path`/organization/${organization}/customer/index/${page}`,
				});
				total = totalIn(content);
				pages.push(recordsIn(content));
				return content;
			});
			if (!firstPageOnly) requireAll(pages.flat().length, total, true);
			return { parts: [{ name: '', pages }], paged: pages.length > 1 };
		},
	};
}
