import type { Operation } from '../../../shared/operations';
import { path } from '../../../shared/paths';
import { organizationId, organizationLocator } from '../../organization';
import { recordOf } from '../../reply';

export const get: Operation = {
	name: 'Get',
	value: 'get',
	action: 'Get an organization',
	description: 'Get the details of one organization',
	fields: [organizationLocator],

	async run(call) {
		const organization = organizationId(call);
		const json = await recordOf(call.session, {
			method: 'GET',
			path: path`/organization/${organization}/show`,
		});
		return [{ json }];
	},
};
