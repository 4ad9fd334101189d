import type { IExecuteFunctions, IPollFunctions } from 'n8n-workflow';
import { lanesOf } from '../shared/items';
import { withOptions } from '../shared/operations';
import type { Call } from '../shared/parameters';
import { openSession, type CredentialName } from '../session/session';

/**
 * A poll has no items, so n8n asks for its parameters without an index; apart from that its context is one that
 * operations can work with. This is the one place that knows the difference.
 */
export async function pollCall(context: IPollFunctions, credential: CredentialName): Promise<Call> {
	const asOperation = Object.create(context, {
		getNodeParameter: {
			value: (name: string, _index: number, otherwise?: unknown, how?: object) =>
				context.getNodeParameter(name, otherwise, how),
		},
	}) as IExecuteFunctions;
	const session = await openSession(context as unknown as IExecuteFunctions, credential);
	return {
		context: asOperation,
		session: withOptions(asOperation, session, lanesOf(asOperation)),
		index: 0,
	};
}
