import type { Operation } from '../../../shared/operations';
import { flag, limitOf, text } from '../../../shared/parameters';
import { path } from '../../../shared/paths';
import { limit, returnAll, simplify } from '../../../shared/properties';
import { simplified } from '../../customerBody';
import { organizationId, organizationLocator } from '../../organization';
import { recordsUpTo } from '../../pages';
import { contentOf } from '../../reply';

export const getMany: Operation = {
	name: 'Get Many',
	value: 'getMany',
	action: 'Get many customers',
	description: 'List the customers of an organization, or search them',
	fields: [
		organizationLocator,
		returnAll,
		limit,
		{
			displayName: 'Search Text',
			name: 'search',
			type: 'string',
			default: '',
			placeholder: 'e.g. Smith',
			description: 'Only return customers that bookingtime finds for this text. Empty returns all.',
		},
		simplify,
	],

	async run(call) {
		const organization = organizationId(call);
		const searchQuery = text(call, 'search', 'Search Text');
		const customers = await recordsUpTo(
			limitOf(call),
			async (page) =>
				await contentOf(
					call.session,
					searchQuery === ''
						? { method: 'GET', path: path`/organization/${organization}/customer/index/${page}` }
						: {
								method: 'GET',
								path: path`/organization/${organization}/customer/filter/${page}`,
								query: { searchQuery },
							},
				),
		);
		const simple = flag(call, 'simplify');
		return customers.map((customer) => ({ json: simple ? simplified(customer) : customer }));
	},
};
