import type {
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
	IPollFunctions,
} from 'n8n-workflow';
import { authentication, credentials } from '../Bookingtime/authentication';
import { organizationLocator, searchOrganizations } from '../Bookingtime/organization';
import {
	changeOutputs,
	changesField,
	firstActivation,
	polling,
	triggerOptions,
} from '../changes/fields';
import { pollForChanges } from '../changes/poll';
import type { CredentialName } from '../session/session';
import { monthsAhead, watchedAppointments } from './watchedAppointments';
import { watchedCustomers } from './watchedCustomers';

export class BookingtimeTrigger implements INodeType {
	description: INodeTypeDescription = {
		...polling,
		displayName: 'bookingtime Trigger',
		name: 'bookingtimeTrigger',
		icon: { light: 'file:bookingtime.svg', dark: 'file:bookingtime.dark.svg' },
		subtitle: '={{ $parameter["resource"] + ": " + $parameter["changes"].join(", ") }}',
		description:
			'Starts the workflow when customers or appointments in bookingtime are new, changed or gone',
		defaults: { name: 'bookingtime Trigger' },
		outputs: changeOutputs,
		credentials,
		properties: [
			authentication,
			{
				displayName: 'Watch',
				name: 'resource',
				type: 'options',
				noDataExpression: true,
				default: 'customer',
				options: [
					{
						name: 'Appointment',
						value: 'appointment',
						description: 'Those of this month and of the months after it',
					},
					{ name: 'Customer', value: 'customer' },
				],
				description: 'Which records to watch',
			},
			organizationLocator,
			changesField,
			firstActivation,
			triggerOptions(monthsAhead),
		],
	};

	methods = { listSearch: { searchOrganizations } };

	async poll(this: IPollFunctions): Promise<INodeExecutionData[][] | null> {
		const credential = this.getNodeParameter('authentication') as CredentialName;
		const customers = this.getNodeParameter('resource') === 'customer';
		return await pollForChanges(
			this,
			credential,
			customers ? watchedCustomers : watchedAppointments,
		);
	}
}
