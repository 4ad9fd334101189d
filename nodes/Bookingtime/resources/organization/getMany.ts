import type { Operation } from '../../../shared/operations';
import { limitOf } from '../../../shared/parameters';
import { limit, returnAll } from '../../../shared/properties';
import { listOrganizations } from '../../organization';

export const getMany: Operation = {
	name: 'Get Many',
	value: 'getMany',
	action: 'Get many organizations',
	description: 'List the organizations that the app may work in (App API only)',
	fields: [returnAll, limit],

	async run(call) {
		const most = limitOf(call);
		const organizations = await listOrganizations(call.session);
		return organizations.slice(0, most).map((json) => ({ json }));
	},
};
