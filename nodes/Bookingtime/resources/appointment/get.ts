import type { Operation } from '../../../shared/operations';
import { requiredText } from '../../../shared/parameters';
import { idSegment, path } from '../../../shared/paths';
import { organizationId, organizationLocator } from '../../organization';
import { recordOf } from '../../reply';

export const get: Operation = {
	name: 'Get',
	value: 'get',
	action: 'Get an appointment',
	description: 'Get one appointment by its ID',
	fields: [
		organizationLocator,
		{
			displayName: 'Appointment ID',
			name: 'appointmentId',
			type: 'string',
			required: true,
			default: '',
			description: "The appointment's ID in bookingtime",
		},
	],

	async run(call) {
		const organization = organizationId(call);
		const id = idSegment('Appointment ID', requiredText(call, 'appointmentId', 'Appointment ID'));
		const json = await recordOf(call.session, {
			method: 'GET',
			path: path`/organization/${organization}/appointment/${id}/show`,
		});
		return [{ json }];
	},
};
