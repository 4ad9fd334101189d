import type { IDataObject, INodeProperties } from 'n8n-workflow';
import type { Operation } from '../../../shared/operations';
import { flag, type Client } from '../../../shared/parameters';
import { path } from '../../../shared/paths';
import { customerBody, requireChanges, withUnchanged } from '../../customerBody';
import { customerFields, customId, firstName, lastName } from '../../customerFields';
import { organizationId, organizationLocator } from '../../organization';
import { recordOf } from '../../reply';
import { customerId, customerIdField } from './get';

export const keepOtherFields: INodeProperties = {
	displayName: 'Keep Other Fields',
	name: 'keepOtherFields',
	type: 'boolean',
	default: true,
	description:
		'Whether to read the customer first and send all fields that you do not set along unchanged. bookingtime does not say whether it empties fields that a change leaves out. Turn this off to save a request if you set all of them.',
};

export const update: Operation = {
	name: 'Update',
	value: 'update',
	action: 'Update a customer',
	description: 'Change fields of a customer',
	fields: [
		organizationLocator,
		customerIdField,
		customerFields('Update Fields', 'updateFields', customId, firstName, lastName),
		keepOtherFields,
	],

	async run(call) {
		const organization = organizationId(call);
		const id = customerId(call);
		const changes = requireChanges(customerBody(call, 'updateFields'));
		const before = flag(call, 'keepOtherFields', true)
			? await showCustomer(call.session, organization, id)
			: undefined;
		return [{ json: await editCustomer(call.session, organization, id, changes, before) }];
	},
};

/** The customer as it is sent back with a change: long numbers stay what they are. */
export async function showCustomer(
	session: Client,
	organization: string,
	id: string,
): Promise<IDataObject> {
	return await recordOf(session, {
		method: 'GET',
		path: path`/organization/${organization}/customer/${id}/show`,
		longNumbers: 'bigint',
	});
}

/** Sends the changes; with the customer as it was before, also all fields that stay the same. */
export async function editCustomer(
	session: Client,
	organization: string,
	id: string,
	changes: IDataObject,
	before?: IDataObject,
): Promise<IDataObject> {
	return await recordOf(session, {
		method: 'PUT',
		path: path`/organization/${organization}/customer/${id}/edit`,
		body: before ? withUnchanged(before, changes) : changes,
	});
}
