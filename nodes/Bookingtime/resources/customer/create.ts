import type { Operation } from '../../../shared/operations';
import { requiredText } from '../../../shared/parameters';
import { path } from '../../../shared/paths';
import { customerBody, withoutEmpty } from '../../customerBody';
import { customerFields, customId, firstName, lastName } from '../../customerFields';
import { organizationId, organizationLocator } from '../../organization';
import { recordOf } from '../../reply';

export const create: Operation = {
	name: 'Create',
	value: 'create',
	action: 'Create a customer',
	description: 'Add a new customer to an organization',
	fields: [
		organizationLocator,
		{ ...firstName, required: true },
		{ ...lastName, required: true },
		customerFields('Additional Fields', 'additionalFields', customId),
	],

	async run(call) {
		const organization = organizationId(call);
		const body = {
			firstName: requiredText(call, 'firstName', 'First Name'),
			lastName: requiredText(call, 'lastName', 'Last Name'),
			...customerBody(call, 'additionalFields'),
		};
		const json = await recordOf(call.session, {
			method: 'POST',
			path: path`/organization/${organization}/customer/add`,
			body: withoutEmpty(body),
		});
		return [{ json }];
	},
};
