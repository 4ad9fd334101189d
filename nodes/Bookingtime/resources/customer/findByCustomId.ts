import type { Operation } from '../../../shared/operations';
import { flag, requiredText, type Call } from '../../../shared/parameters';
import { freeSegment, path } from '../../../shared/paths';
import { simplify } from '../../../shared/properties';
import { simplified } from '../../customerBody';
import { customId } from '../../customerFields';
import { organizationId, organizationLocator } from '../../organization';
import { recordOf } from '../../reply';

export const customIdField = { ...customId, required: true };

export function customIdOf(call: Call): string {
	return freeSegment('Custom ID', requiredText(call, 'customId', 'Custom ID'));
}

export const findByCustomId: Operation = {
	name: 'Find by Custom ID',
	value: 'findByCustomId',
	action: 'Find a customer by custom ID',
	description: 'Get one customer by the ID that a system of your own gave it',
	fields: [
		organizationLocator,
		{ ...customIdField, description: 'The ID that a system of your own gave the customer' },
		simplify,
	],

	async run(call) {
		const organization = organizationId(call);
		const customer = await recordOf(call.session, {
			method: 'GET',
			path: path`/organization/${organization}/customer/${customIdOf(call)}/identify`,
		});
		return [{ json: flag(call, 'simplify') ? simplified(customer) : customer }];
	},
};
