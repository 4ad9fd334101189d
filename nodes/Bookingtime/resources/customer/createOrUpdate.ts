import type { IDataObject } from 'n8n-workflow';
import type { Operation } from '../../../shared/operations';
import { flag, isObject, requiredText, type Client } from '../../../shared/parameters';
import { path } from '../../../shared/paths';
import type { ApiRequest } from '../../../session/session';
import { inTurn } from '../../../shared/turns';
import { customerBody, withoutEmpty } from '../../customerBody';
import { customerFields, firstName, lastName } from '../../customerFields';
import { organizationId, organizationLocator } from '../../organization';
import { blamesOnly, recordOf, unwrapped } from '../../reply';
import { customIdField, customIdOf } from './findByCustomId';
import { editCustomer, keepOtherFields, showCustomer } from './update';

export const createOrUpdate: Operation = {
	name: 'Create or Update',
	value: 'createOrUpdate',
	action: 'Create or update a customer',
	description: 'Create a new record, or update the current one if it already exists (upsert)',
	fields: [
		organizationLocator,
		{
			...customIdField,
			description:
				'The ID that a system of your own gave the customer. A customer that has it is updated; if there is none, one is created.',
		},
		{ ...firstName, required: true },
		{ ...lastName, required: true },
		customerFields('Additional Fields', 'additionalFields'),
		keepOtherFields,
	],

	async run(call) {
		const { session } = call;
		const organization = organizationId(call);
		const customId = customIdOf(call);
		const wanted = {
			customId,
			firstName: requiredText(call, 'firstName', 'First Name'),
			lastName: requiredText(call, 'lastName', 'Last Name'),
			...customerBody(call, 'additionalFields'),
		};
		// Two items with the same ID must not both find nothing and create a customer each.
		return await inTurn(session, `${organization}/${customId}`, async () => {
			const found = await identified(session, organization, customId);
			if (!found) {
				const created = await recordOf(session, {
					method: 'POST',
					path: path`/organization/${organization}/customer/add`,
					body: withoutEmpty(wanted),
				});
				return [{ json: { ...created, outcome: 'created' } }];
			}
			const before = flag(call, 'keepOtherFields', true)
				? await whole(session, organization, found)
				: undefined;
			const id = String(found.id);
			const updated = await editCustomer(session, organization, id, wanted, before);
			return [{ json: { ...updated, outcome: 'updated' } }];
		});
	},
};

/** The customer with this custom id, or undefined. How bookingtime says "none" is not documented. */
async function identified(
	session: Client,
	organization: string,
	customId: string,
): Promise<IDataObject | undefined> {
	const request: ApiRequest = {
		method: 'GET',
		path: path`/organization/${organization}/customer/${customId}/identify`,
		longNumbers: 'bigint',
	};
	const reply = await session.send(request).catch(async (error: unknown) => {
		return isNotFound(error) ? undefined : await Promise.reject(error);
	});
	if (!reply || blamesOnly(reply.body, 'customId')) return undefined;
	const content = unwrapped(reply.body);
	return isObject(content) && content.id ? content : undefined;
}

function isNotFound(error: unknown): boolean {
	return error instanceof Error && 'httpStatus' in error && error.httpStatus === 404;
}

async function whole(
	session: Client,
	organization: string,
	found: IDataObject,
): Promise<IDataObject> {
	return found.class === 'CUSTOMER'
		? found
		: await showCustomer(session, organization, String(found.id));
}
