import type { JsonObject, WorkflowFile, WorkflowNode } from '../../n8n/types.mts';

interface Credential {
	readonly id: string;
	readonly name: string;
}

/** Lists Calenso's workers, with the credential that is given. */
export function listWorkers(credential: Credential): WorkflowFile {
	return chain('List workers', [
		byHand,
		{
			...node('Get workers', 'n8n-nodes-tokenkeeper.calenso', 1, {
				resource: 'worker',
				operation: 'getMany',
			}),
			credentials: { calensoApi: credential },
		},
	]);
}

/** Looks for three customers at bookingtime, of which the second one does not exist. */
export function oneOfThreeFails(credential: Credential): WorkflowFile {
	return chain('Find three customers', [
		byHand,
		node('Three customers', 'n8n-nodes-base.set', 3.4, {
			mode: 'raw',
			jsonOutput: '{ "customId": ["10001", "nobody", "10002"] }',
			options: {},
		}),
		node('One item each', 'n8n-nodes-base.splitOut', 1, {
			fieldToSplitOut: 'customId',
			options: {},
		}),
		{
			...node('Find customer', 'n8n-nodes-tokenkeeper.bookingtime', 1, {
				resource: 'customer',
				operation: 'findByCustomId',
				organization: { __rl: true, mode: 'list', value: '' },
				customId: '={{ $json.customId }}',
				options: {},
			}),
			credentials: { bookingtimeApi: credential },
		},
	]);
}

const byHand = node('Run by hand', 'n8n-nodes-base.manualTrigger', 1, {});

function node(
	name: string,
	type: string,
	typeVersion: number,
	parameters: JsonObject,
): WorkflowNode {
	return {
		id: name.toLowerCase().replaceAll(' ', '-'),
		name,
		type,
		typeVersion,
		position: [0, 0],
		parameters,
	};
}

/** From left to right, each connected to the next one. */
function chain(name: string, nodes: readonly WorkflowNode[]): WorkflowFile {
	return {
		name,
		nodes: nodes.map((one, index) => ({ ...one, position: [index * 240, 0] })),
		connections: Object.fromEntries(
			nodes
				.slice(1)
				.map((to, index) => [
					nodes[index]?.name ?? '',
					{ main: [[{ node: to.name, type: 'main', index: 0 }]] },
				]),
		),
		settings: { executionOrder: 'v1' },
	};
}
