import type {
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
	IPollFunctions,
} from 'n8n-workflow';
import {
	changeOrNewerOutputs,
	changesField,
	firstActivation,
	polling,
	triggerOptions,
} from '../changes/fields';
import { pollForChanges } from '../changes/poll';
import { anyCredential, authentication } from '../shared/authentication';
import { itemsAt } from '../ProtectedCall/response';
import type { CredentialName } from '../session/session';
import { findingFields, listFields } from './listFields';
import { watchedList } from './watchedList';

export class ProtectedCallTrigger implements INodeType {
	description: INodeTypeDescription = {
		...polling,
		displayName: 'Protected Call Trigger',
		name: 'protectedCallTrigger',
		icon: { light: 'file:protectedCall.svg', dark: 'file:protectedCall.dark.svg' },
		subtitle: '={{ $parameter["method"] + " " + $parameter["path"] }}',
		description:
			'Starts the workflow when records of an API are new, changed or gone (Fusio, Calenso, bookingtime, Meister1 or any API with a token endpoint)',
		defaults: { name: 'Protected Call Trigger' },
		outputs: changeOrNewerOutputs,
		credentials: anyCredential,
		properties: [
			authentication,
			...listFields,
			...findingFields,
			{ ...changesField, displayOptions: { show: { finding: ['compare'] } } },
			firstActivation,
			triggerOptions(itemsAt),
		],
	};

	async poll(this: IPollFunctions): Promise<INodeExecutionData[][] | null> {
		const credential = this.getNodeParameter('authentication') as CredentialName;
		return await pollForChanges(this, credential, watchedList);
	}
}
