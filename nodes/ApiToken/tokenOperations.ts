import type { IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';
import { runOnce } from '../shared/items';
import { openedSession } from '../shared/operations';
import type { CredentialName, Session, TokenStatus } from '../session/session';

export const tokenOperations: INodeProperties = {
	displayName: 'Operation',
	name: 'operation',
	type: 'options',
	noDataExpression: true,
	default: 'getStatus',
	options: [
		{
			name: 'Forget',
			value: 'forget',
			action: 'Forget the token',
			description: 'Drop the stored token; the next request buys another one',
		},
		{
			name: 'Get Status',
			value: 'getStatus',
			action: 'Get the token status',
			description:
				'Say whether there is a usable token, when it expires, and how many tokens were bought this month',
		},
		{
			name: 'Renew',
			value: 'renew',
			action: 'Renew the token',
			description: 'Buy a token now, within the monthly budget, and drop the stored one',
		},
	],
};

const RUN: Record<string, (session: Session) => TokenStatus | Promise<TokenStatus>> = {
	getStatus: (session) => session.status(),
	renew: async (session) => await session.renew(),
	forget: async (session) => await session.forget(),
};

/** Runs once for all items: a token is the credential's, and each renewal costs one. */
export async function tokenOperation(
	context: IExecuteFunctions,
	credentialName: CredentialName,
): Promise<INodeExecutionData[][]> {
	const operation = context.getNodeParameter('operation', 0) as string;
	return await runOnce(context, async () => {
		const session = await openedSession(context, credentialName);
		return [{ json: { credential: credentialName, ...(await RUN[operation](session)) } }];
	});
}
