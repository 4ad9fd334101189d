import type { INodeProperties } from 'n8n-workflow';
import { MORE_JSON } from './describedBody';

/** How a request is said: the first choice of the node. */
export const request: INodeProperties = {
	displayName: 'Request',
	name: 'request',
	type: 'options',
	noDataExpression: true,
	default: 'byHand',
	options: [
		{ name: 'By Hand', value: 'byHand', description: 'Method, path and body as you write them' },
		{
			name: "From the API's Description",
			value: 'description',
			description:
				'Choose an operation and fill in its form. Fusio describes its operations by itself; other APIs need an API Description URL in the credential.',
		},
	],
	description: 'How to say what to send',
};

const chosen = { request: ['description'] };

/** Until an operation is chosen there is nothing to fill in. */
const unknown = { apiOperation: [''] };

/** These requests have no body, so their form would say nothing else. */
const withoutBody = {
	apiOperation: ['', { _cnd: { startsWith: 'GET ' } }, { _cnd: { startsWith: 'HEAD ' } }],
};

function form(
	name: string,
	displayName: string,
	method: string,
	word: string,
	description: string,
): INodeProperties {
	return {
		displayName,
		name,
		type: 'resourceMapper',
		noDataExpression: true,
		default: { mappingMode: 'defineBelow', value: null },
		displayOptions: { show: chosen, hide: unknown },
		description,
		typeOptions: {
			loadOptionsDependsOn: ['apiOperation.value', 'authentication', 'options.descriptionPart'],
			resourceMapper: {
				resourceMapperMethod: method,
				mode: 'add',
				valuesLabel: displayName,
				fieldWords: { singular: word, plural: `${word}s` },
				addAllFields: true,
				multiKeyMatch: false,
				supportAutoMap: false,
				hideNoDataError: true,
			},
		},
	};
}

/** Operation and its form. */
export const describedFields: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'apiOperation',
		type: 'resourceLocator',
		default: { mode: 'list', value: '' },
		required: true,
		displayOptions: { show: chosen },
		description: "What to call, as the API's description names it",
		modes: [
			{
				displayName: 'From List',
				name: 'list',
				type: 'list',
				placeholder: 'Choose an operation…',
				typeOptions: { searchListMethod: 'searchApiOperations', searchable: true },
			},
			{
				displayName: 'By Name',
				name: 'name',
				type: 'string',
				placeholder: 'e.g. todo.create, or POST /todo',
			},
		],
	},
	form(
		'apiParameters',
		'Parameters',
		'apiParameterFields',
		'parameter',
		"The operation's parameters in path, query and headers",
	),
	{
		...form('apiBody', 'Body', 'apiBodyFields', 'field', "The fields of the operation's body"),
		displayOptions: { show: chosen, hide: withoutBody },
	},
	{
		displayName: MORE_JSON,
		name: 'apiBodyMore',
		type: 'json',
		default: '',
		placeholder: 'e.g. {"title": "Buy milk"}',
		displayOptions: { show: chosen, hide: withoutBody },
		description:
			'Fields that the description does not name, as a JSON object. They are added to those above.',
	},
];

/** Which of Fusio's operations are listed. */
export const descriptionPart: INodeProperties = {
	displayName: 'Fusio Operations',
	name: 'descriptionPart',
	type: 'options',
	default: 'default',
	displayOptions: { show: { '/authentication': ['fusioApi'], '/request': ['description'] } },
	options: [
		{ name: 'Of the API', value: 'default' },
		{ name: 'Of the Backend', value: 'backend', description: 'For administration' },
		{ name: 'Of the Consumer API', value: 'consumer', description: 'For accounts and tokens' },
	],
	description: 'Which operations the list has',
};

/** The fields of a request by hand, but for query and headers, which may be added to an operation, too. */
export function byHandOnly(fields: readonly INodeProperties[]): INodeProperties[] {
	return fields.map((field) => {
		if (/^(?:query|headers)/.test(field.name)) return field;
		const { displayOptions } = field;
		const hide = { ...displayOptions?.hide, ...chosen };
		return { ...field, displayOptions: { ...displayOptions, hide } };
	});
}
