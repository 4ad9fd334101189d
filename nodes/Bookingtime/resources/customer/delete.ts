import type { Operation } from '../../../shared/operations';
import { path } from '../../../shared/paths';
import { organizationId, organizationLocator } from '../../organization';
import { contentOf } from '../../reply';
import { customerId, customerIdField } from './get';

export const deleteCustomer: Operation = {
	name: 'Delete',
	value: 'delete',
	action: 'Delete a customer',
	description: 'Delete a customer for good',
	fields: [organizationLocator, customerIdField],

	async run(call) {
		const organization = organizationId(call);
		const id = customerId(call);
		await contentOf(call.session, {
			method: 'DELETE',
			path: path`/organization/${organization}/customer/${id}/delete`,
		});
		return [{ json: { deleted: true, id } }];
	},
};
