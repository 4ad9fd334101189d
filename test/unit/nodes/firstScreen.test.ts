import { NodeHelpers, type INode, type INodeParameters, type INodeProperties } from 'n8n-workflow';
import { MORE_JSON } from '../../../nodes/ProtectedCall/description/describedBody';
import { ProtectedCall } from '../../../nodes/ProtectedCall/ProtectedCall.node';

const { description } = new ProtectedCall();

/** Fields that a person sees, apart from the choice of the credential and the button Add option. */
function fields(set: INodeParameters = {}, typeVersion = 1.1): INodeProperties[] {
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
		.filter((field) => NodeHelpers.displayParameter(all, field, node, description, all));
}

const shown = (...given: Parameters<typeof fields>) =>
	fields(...given).map(({ displayName }) => displayName);

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

	it("has no more than that where the request is said by the API's description", () => {
		expect(shown({ request: 'description' })).toEqual([
			'Request',
			'Operation',
			'Query Parameters',
			'Headers',
			'Pagination',
		]);
	});

	const operation = (value: string) => ({
		request: 'description',
		apiOperation: { __rl: true, mode: 'list', value },
	});

	it('has no form of a body for an operation without one', () => {
		expect(shown(operation('GET /todo')).slice(2, 4)).toEqual(['Parameters', 'Query Parameters']);
		expect(shown(operation('={{ $json.operation }}'))).toContain('Body');
	});

	const post = { method: 'POST' };
	const read = { request: 'description' };
	const paged = ['Max Pages', 'Pagination Options'];

	/** What is set, what of it was set before, and which fields that brings. */
	const rows: Array<[string, INodeParameters, INodeParameters, string[]]> = [
		['query fields', { queryType: 'fields' }, {}, ['Parameters']],
		['a query in JSON', { queryType: 'json' }, {}, ['Query JSON']],
		['header fields', { headersType: 'fields' }, {}, ['Header Fields']],
		['headers in JSON', { headersType: 'json' }, {}, ['Headers JSON']],
		['a POST', post, {}, ['Body']],
		['a custom method', { method: 'CUSTOM' }, post, ['Custom Method']],
		['fields', { ...post, bodyType: 'fields' }, post, ['Body Fields']],
		['a form', { ...post, bodyType: 'form' }, post, ['Body Fields']],
		['a form with files', { ...post, bodyType: 'multipart' }, post, ['Parts']],
		['JSON', { ...post, bodyType: 'json' }, post, ['JSON']],
		['a text', { ...post, bodyType: 'raw' }, post, ['Content Type', 'Content']],
		['a file', { ...post, bodyType: 'binary' }, post, ['Input Binary Field']],
		['a HEAD', { method: 'HEAD', bodyType: 'raw' }, {}, []],
		['pages', { pagination: 'page' }, {}, ['Parameter Name', 'First Page', ...paged]],
		['an offset', { pagination: 'offset' }, {}, ['Parameter Name', ...paged]],
		['a cursor', { pagination: 'cursor' }, {}, ['Parameter Name', 'Cursor At', ...paged]],
		['a link in the body', { pagination: 'linkInBody' }, {}, ['Next Link At', ...paged]],
		['a link in a header', { pagination: 'linkInHeader' }, {}, ['Header Name', ...paged]],
		['an operation', operation('POST /todo'), read, ['Parameters', 'Body', MORE_JSON]],
	];

	it.each(rows)('has more for %s, and nothing else', (_name, set, before, more) => {
		const known = new Set(fields(before));
		const added = fields(set).filter((field) => !known.has(field));
		expect(added.map(({ displayName }) => displayName)).toEqual(more);
	});

	it('has each field of the node in one of these states alone', () => {
		const seen = new Set([{}, read, ...rows.map(([, set]) => set)].flatMap((set) => fields(set)));
		const never = description.properties.filter((field) => !seen.has(field));
		expect(never.map(({ name }) => name)).toEqual([
			'authentication',
			// Of version 1.
			'responseFormat',
			'outputField',
			'options',
		]);
	});

	it('keeps what a node of version 1 has set', () => {
		expect(shown({ outputField: 'text' }, 1)).toContain('Put Output in Field');
		expect(shown({}, 1)).toContain('Response Format');
	});
});
