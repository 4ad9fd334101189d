import { NodeHelpers, type INode, type INodeParameters } from 'n8n-workflow';
import { ProtectedCall } from '../../../nodes/ProtectedCall/ProtectedCall.node';

const { description } = new ProtectedCall();

/** What a person sees, apart from the choice of the credential and the button Add option. */
function shown(set: INodeParameters = {}, typeVersion = 1.1): string[] {
	const node: INode = {
		id: '1',
		name: 'Protected Call',
		type: 'protectedCall',
		typeVersion,
		position: [0, 0],
		parameters: set,
	};
	const { properties } = description;
	const all = NodeHelpers.getNodeParameters(properties, set, true, false, node, description) ?? {};
	return properties
		.filter(({ name }) => !['authentication', 'options'].includes(name))
		.filter((field) => NodeHelpers.displayParameter(all, field, node, description, all))
		.map(({ displayName }) => displayName);
}

describe('the first screen of Protected Call', () => {
	it('has six fields', () => {
		expect(shown()).toEqual([
			'Request',
			'Method',
			'Path',
			'Query Parameters',
			'Headers',
			'Pagination',
		]);
	});

	it.each<[string, INodeParameters, string]>([
		['a POST', { method: 'POST' }, 'Body'],
		['a custom method', { method: 'CUSTOM' }, 'Custom Method'],
		['query fields', { queryType: 'fields' }, 'Parameters'],
		['headers in JSON', { headersType: 'json' }, 'Headers JSON'],
		['a form with files', { method: 'POST', bodyType: 'multipart' }, 'Parts'],
	])('has one more for %s', (_name, set, field) => {
		expect(shown(set)).toContain(field);
		expect(shown()).not.toContain(field);
	});

	it('keeps what a node of version 1 has set', () => {
		expect(shown({ outputField: 'text' }, 1)).toContain('Put Output in Field');
		expect(shown({}, 1)).toContain('Response Format');
	});
});
