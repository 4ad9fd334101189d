import type { INodeProperties } from 'n8n-workflow';
import type { Operation } from '../../../shared/operations';
import { flag, requiredText, type Call } from '../../../shared/parameters';
import { idSegment, path } from '../../../shared/paths';
import { simplify } from '../../../shared/properties';
import { simplified } from '../../customerBody';
import { organizationId, organizationLocator } from '../../organization';
import { recordOf } from '../../reply';

export const customerIdField: INodeProperties = {
	displayName: 'Customer ID',
	name: 'customerId',
	type: 'string',
	required: true,
	default: '',
	description: "The customer's ID in bookingtime (not the custom ID)",
};

export function customerId(call: Call): string {
	return idSegment('Customer ID', requiredText(call, 'customerId', 'Customer ID'));
}

export const get: Operation = {
	name: 'Get',
	value: 'get',
	action: 'Get a customer',
	description: "Get one customer by bookingtime's ID",
	fields: [organizationLocator, customerIdField, simplify],

	async run(call) {
		const organization = organizationId(call);
		const customer = await recordOf(call.session, {
			method: 'GET',
			path: path`/organization/${organization}/customer/${customerId(call)}/show`,
		});
		return [{ json: flag(call, 'simplify') ? simplified(customer) : customer }];
	},
};
