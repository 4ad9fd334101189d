import type { INodeProperties } from 'n8n-workflow';
import { WITHOUT_BODY } from './bodyFields';

export const batches: INodeProperties = {
	displayName: 'Batches',
	name: 'batches',
	type: 'fixedCollection',
	placeholder: 'Add batch',
	default: { batch: {} },
	// With a body that is no JSON it stays, and is an error: n8n leaves out what is hidden without a word.
	displayOptions: { show: { '/request': ['byHand'] }, hide: { '/method': WITHOUT_BODY } },
	description:
		'Send several input items in one request: the body of each is an entry of a list. Where the reply has a list of the same length, each of its entries belongs to one item. Say under Items At where that list is.',
	options: [
		{
			displayName: 'Batch',
			name: 'batch',
			values: [
				{
					displayName: 'Items per Request',
					name: 'size',
					type: 'number',
					typeOptions: { minValue: 1 },
					default: 100,
					description:
						'How many items to send in one request at most. Items whose path, query or headers differ go into different requests.',
				},
				{
					displayName: 'Put List At',
					name: 'at',
					type: 'string',
					default: '',
					placeholder: 'e.g. records',
					description: 'Path in the body of the request. Empty: the body is the list.',
				},
				{
					displayName: 'Rest of the Body',
					name: 'rest',
					type: 'json',
					default: '{}',
					displayOptions: { hide: { at: [''] } },
					placeholder: 'e.g. {"allOrNone": true}',
					description: 'What else the body has, as a JSON object',
				},
			],
		},
	],
};
