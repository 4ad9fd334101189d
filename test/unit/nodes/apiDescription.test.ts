import { describe as read } from '../../../nodes/ProtectedCall/description/load';
import {
	bodyFormFields,
	keysFor,
	mapperFields,
	parameterFields,
} from '../../../nodes/ProtectedCall/description/fields';
import { MOST_BYTES } from '../../../nodes/ProtectedCall/description/document';
import { readRoutes } from '../../../nodes/ProtectedCall/description/routes';

const openapi = (paths: object, more: object = {}) =>
	JSON.stringify({ openapi: '3.0.3', paths, ...more });

/** The operation of a description that has one alone. */
function only(text: string) {
	const description = read(text, false);
	return description.operation(description.operations.entries[0].key);
}

const post = (schema: object, more: object = {}, type = 'application/json') =>
	only(openapi({ '/a': { post: { requestBody: { content: { [type]: { schema } } } } } }, more));

const bodyForm = (...given: Parameters<typeof post>) =>
	mapperFields(bodyFormFields(post(...given)), undefined);

const parameterForm = (...parameters: object[]) =>
	mapperFields(parameterFields(only(openapi({ '/a': { get: { parameters } } })), []), undefined);

describe('what is no description', () => {
	it.each([
		['openapi: 3.0.3\ninfo:\n  title: x', /is YAML/],
		['---\nswagger: "2.0"', /is YAML/],
		['# comment\nopenapi: 3.1.0', /is YAML/],
		['<!doctype html><title>Log in</title>', /is a web page/],
		['{"openapi": "3.0.3", ', /is not JSON/],
		['', /is not JSON/],
		['[]', /is not a JSON object/],
		['null', /is not a JSON object/],
		['{"swagger": "1.2"}', /of no version/],
		['{"openapi": {"toString": 1}}', /of no version/],
		['{"asyncapi": "2.0.0"}', /of no version/],
		['{"openapi": "3.0.0"}', /has no operations/],
		['{"openapi": "3.0.0", "paths": [1]}', /has no operations/],
		[
			'{"openapi": "3.0.0", "paths": {"/a": null, "/b": {"get": 7, "x-y": {}}}}',
			/has no operations/,
		],
	])('%j', (text, message) => {
		expect(() => read(text, false)).toThrow(message);
	});

	it('is what is longer than 5 MB', () => {
		const text = openapi({ '/a': { get: {} } });
		expect(() => read(text + ' '.repeat(MOST_BYTES), false)).toThrow('longer than 5 MB');
		expect(
			read(text + ' '.repeat(MOST_BYTES - text.length), false).operations.entries,
		).toHaveLength(1);
	});

	it('may have its version as a number', () => {
		expect(only('{"openapi": 3.1, "paths": {"/a": {"get": {}}}}').key).toBe('GET /a');
	});

	it('may begin with a byte order mark', () => {
		expect(only(`\uFEFF${openapi({ '/a': { get: {} } })}`).key).toBe('GET /a');
	});
});

describe('the list of operations', () => {
	const { operations, operation } = read(
		openapi({
			'/todo': {
				get: { operationId: 'todo.getAll', summary: 'All of them', tags: ['list'] },
				post: { operationId: 'todo.create' },
				trace: { operationId: 'todo.trace' },
				parameters: [],
			},
			'/plain': { delete: { summary: 'Removes it', deprecated: true } },
			'/twice': { get: { operationId: 'same' }, put: { operationId: 'same' } },
		}),
		false,
	);

	it('has names, methods and paths, in their order', () => {
		expect(operations.entries.map(({ title }) => title)).toEqual([
			'DELETE /plain — Removes it (deprecated)',
			'same — GET /twice',
			'same — PUT /twice',
			'todo.create — POST /todo',
			'todo.getAll — GET /todo',
		]);
	});

	it.each([
		['todo.create', 'POST /todo'],
		['POST /todo', 'POST /todo'],
		['post /todo', 'POST /todo'],
	])('is searched for %j', (wanted, key) => {
		expect(operation(wanted).key).toBe(key);
	});

	it.each([
		['todo.remove', '"Operation" is not in the API\'s description: "todo.remove"'],
		['same', '"Operation" is not clear: 2 operations are called "same"'],
		['constructor', 'is not in'],
		['__proto__', 'is not in'],
	])('does not have %j', (wanted, message) => {
		expect(() => operation(wanted)).toThrow(message);
	});
});

describe('parameters', () => {
	it('of the path stand before those of the query, and those of the operation replace the former', () => {
		const { parameters } = only(
			openapi({
				'/a/{id}/{forgotten}': {
					parameters: [
						{ name: 'page', in: 'query', schema: { type: 'integer' } },
						{ name: 'id', in: 'path', required: true, schema: { type: 'integer' } },
						{ name: 'elsewhere', in: 'path', required: true },
					],
					get: { parameters: [{ name: 'page', in: 'query', required: true, schema: {} }] },
				},
			}),
		);
		expect(
			parameters.map(({ name, in: place, required, shape }) => [name, place, required, shape.kind]),
		).toEqual([
			['forgotten', 'path', true, 'string'],
			['id', 'path', true, 'integer'],
			['page', 'query', true, 'any'],
		]);
	});

	it('become fields with types, choices, presets', () => {
		const form = parameterForm(
			{ name: 'limit', in: 'query', schema: { type: 'integer', default: 10 } },
			{ name: 'done', in: 'query', schema: { type: 'boolean' } },
			{ name: 'must', in: 'query', required: true, schema: { type: 'boolean' } },
			{ name: 'order', in: 'query', schema: { enum: ['asc', 'desc'], type: 'string' } },
			{ name: 'from', in: 'query', schema: { type: 'string', format: 'date-time' } },
			{ name: 'day', in: 'query', schema: { type: 'string', format: 'date' } },
			{ name: 'filter[name]', in: 'query', schema: { type: ['string', 'null'] } },
			{ name: 'X-Tenant', in: 'header', schema: { type: 'string' } },
			{
				name: 'json',
				in: 'query',
				content: { 'application/json': { schema: { type: 'object' } } },
			},
		);
		expect(
			form.map(({ id, displayName, type, required, defaultValue, options }) => [
				id,
				displayName,
				type,
				required,
				defaultValue,
				options?.map(({ value }) => value),
			]),
		).toEqual([
			['query:must', 'must', 'boolean', true, undefined, undefined],
			['query:limit', 'limit', 'number', false, 10, undefined],
			['query:done', 'done', 'options', false, undefined, [true, false]],
			['query:order', 'order', 'options', false, undefined, ['asc', 'desc']],
			['query:from', 'from', 'dateTime', false, undefined, undefined],
			['query:day', 'day (YYYY-MM-DD)', 'string', false, undefined, undefined],
			['query:filter%5Bname%5D', 'filter[name]', 'string', false, undefined, undefined],
			['header:X-Tenant', 'X-Tenant (header)', 'string', false, undefined, undefined],
			['query:json', 'json', 'object', false, undefined, undefined],
		]);
	});

	it('are not asked for where the credential or the connection sets them', () => {
		const operation = only(
			openapi({
				'/a': {
					get: {
						parameters: ['Authorization', 'Accept', 'Content-Type', 'Host', 'X-Key', 'X-Own'].map(
							(name) => ({ name, in: 'header', required: true }),
						),
					},
				},
			}),
		);
		expect(parameterFields(operation, ['x-key']).map(({ name }) => name)).toEqual(['X-Own']);
	});

	it('in cookies neither, where the credential sets the cookie', () => {
		const parameters = ['session', 'Cookie'].map((name, index) => ({
			name,
			in: ['cookie', 'header'][index],
			required: true,
		}));
		const operation = only(openapi({ '/a': { get: { parameters } } }));
		expect(parameterFields(operation, ['cookie'])).toEqual([]);
	});

	it('have names without case in headers, and in no place a name that cannot be written down', () => {
		const form = parameterForm(
			{ name: 'X-Tenant', in: 'header' },
			{ name: 'x-tenant', in: 'header', required: true },
			{ name: 'a\nb', in: 'query' },
			{ name: 'half \uD800', in: 'query' },
		);
		expect(form.map(({ id, required }) => [id, required])).toEqual([
			['header:x-tenant', true],
			['query:a%0Ab', false],
		]);
	});

	it('of Swagger 2.0 say how lists are written', () => {
		const list = (collectionFormat?: string) => ({ type: 'array', collectionFormat });
		const { parameters, body } = only(
			JSON.stringify({
				swagger: '2.0',
				consumes: ['application/json'],
				paths: {
					'/a': {
						post: {
							parameters: [
								{ name: 'a', in: 'query', ...list() },
								{ name: 'b', in: 'query', ...list('multi') },
								{ name: 'c', in: 'query', ...list('pipes') },
								{ name: 'd', in: 'query', ...list('ssv') },
								{ name: 'body', in: 'body', schema: { $ref: '#/definitions/Todo' } },
							],
						},
					},
				},
				definitions: { Todo: { properties: { title: { type: 'string' } } } },
			}),
		);
		expect(parameters.map(({ name, style, explode }) => [name, style, explode])).toEqual([
			['a', 'form', false],
			['b', 'form', true],
			['c', 'pipeDelimited', false],
			['d', 'spaceDelimited', false],
		]);
		expect(body?.fields.map(({ name }) => name)).toEqual(['title']);
	});
});

describe('bodies', () => {
	it('are made of all parts, without what the API alone fills', () => {
		const form = bodyForm(
			{
				allOf: [
					{ $ref: '#/components/schemas/Base' },
					{ type: 'object', properties: { title: { type: 'string' } }, required: ['title'] },
				],
				oneOf: [
					{ properties: { kind: { enum: ['a'] }, a: { type: 'number' } }, required: ['a', 'kind'] },
					{ properties: { kind: { enum: ['b'] }, b: { type: 'array', items: {} } } },
				],
			},
			{
				components: {
					schemas: {
						Base: {
							properties: {
								id: { type: 'integer', readOnly: true },
								note: { type: 'string', nullable: true },
								self: { $ref: '#/components/schemas/Base' },
							},
						},
					},
				},
			},
		);
		expect(form.map(({ id, type, required }) => [id, type, required])).toEqual([
			['title', 'string', true],
			['note', 'string', false],
			['self', 'object', false],
			['kind', 'options', false],
			['a', 'number', false],
			['b', 'array', false],
		]);
		expect(form[3].options?.map(({ value }) => value)).toEqual(['a', 'b']);
	});

	it.each([
		[
			'one kind in all alternatives',
			{ oneOf: [{ type: 'integer' }, { type: 'integer' }] },
			'number',
		],
		['several kinds', { anyOf: [{ type: 'integer' }, { type: 'object' }] }, 'string'],
		['or nothing', { anyOf: [{ type: 'boolean' }, { type: 'null' }] }, 'options'],
		['nullable in 3.1', { type: ['integer', 'null'] }, 'number'],
		['a constant', { const: 'x' }, 'options'],
		['choices behind allOf', { allOf: [{ enum: ['x', 'y'] }], description: 'd' }, 'options'],
		['fields without a type', { properties: { x: {} } }, 'object'],
		['a list of so many', { prefixItems: [{ type: 'string' }] }, 'array'],
		['nothing', {}, 'string'],
		['no schema', 7, 'string'],
	])('%s', (_, schema, type) => {
		expect(bodyForm({ properties: { field: schema } })[0].type).toBe(type);
	});

	it('have what stands beside a reference, from OpenAPI 3.1 on', () => {
		const A = { type: 'string', properties: { a: {} } };
		const field = { $ref: '#/components/schemas/A', type: 'integer', enum: [1, 2], default: 2 };
		const schema = {
			$ref: '#/components/schemas/A',
			properties: { field },
			required: ['field'],
		};
		const form = (version: string) =>
			mapperFields(
				bodyFormFields(
					only(
						JSON.stringify({
							openapi: version,
							components: { schemas: { A } },
							paths: {
								'/a': { post: { requestBody: { content: { 'application/json': { schema } } } } },
							},
						}),
					),
				),
				undefined,
			).map(({ id, required, options, defaultValue }) => [
				id,
				required,
				options?.map(({ value }) => value),
				defaultValue,
			]);
		expect(form('3.1.0')).toEqual([
			['field', true, [1, 2], 2],
			['a', false, undefined, undefined],
		]);
		expect(form('3.0.3')).toEqual([['a', false, undefined, undefined]]);
	});

	it('need what all alternatives need', () => {
		const properties = { kind: {}, a: {}, b: {} };
		const need = (...required: string[]) => ({ type: 'object', properties, required });
		const required = (schema: object, more: object = {}) =>
			bodyForm(schema, more)
				.filter((field) => field.required)
				.map(({ id }) => id);
		expect(required({ oneOf: [need('kind', 'a'), need('kind', 'b')] })).toEqual(['kind']);
		expect(required({ anyOf: [{ type: 'null' }, need('a')] })).toEqual(['a']);
		expect(required({ anyOf: [need('a'), { properties }] })).toEqual([]);
		const Circle = {
			...need('b'),
			allOf: [{ oneOf: [need('a'), { $ref: '#/components/schemas/Circle' }] }],
		};
		const circle = { $ref: '#/components/schemas/Circle' };
		expect(required(circle, { components: { schemas: { Circle } } })).toEqual(['b']);
	});

	it('that are one value are one field', () => {
		expect(bodyForm({ type: 'array', items: { type: 'string' } })).toMatchObject([
			{ id: 'body:', displayName: 'Body (a, b, …)', type: 'string' },
		]);
		expect(bodyForm({}, {}, 'text/csv')).toMatchObject([{ id: 'body:', type: 'string' }]);
		expect(bodyForm({}, {}, 'application/pdf')).toMatchObject([
			{ id: 'body:', displayName: 'Body (input binary field)' },
		]);
		expect(bodyForm({ type: 'object', additionalProperties: true })).toEqual([]);
	});

	it('are JSON where there is a choice', () => {
		const schema = { properties: { a: {} } };
		const content = { 'application/xml': {}, 'multipart/form-data': { schema } };
		const types = (more: object) =>
			only(openapi({ '/a': { put: { requestBody: { content: { ...content, ...more } } } } })).body;
		expect(types({ 'application/vnd.api+json': { schema } })).toMatchObject({ format: 'json' });
		expect(types({})).toMatchObject({ format: 'multipart' });
		expect(types({ 'application/x-www-form-urlencoded': { schema } })?.format).toBe('form');
		const both = { 'application/json-patch+json': {}, 'application/json': { schema } };
		expect(types(both)).toMatchObject({ contentType: 'application/json' });
	});

	it('with many fields show the first of them, the required ones first', () => {
		const properties = Object.fromEntries(
			Array.from({ length: 10_000 }, (_, index) => [`f${index}`, { type: 'string' }]),
		);
		const form = bodyForm({ properties, required: ['f9999'] });
		expect(form).toHaveLength(300);
		expect(form[0].id).toBe('f9999');
		expect(form.filter(({ removed }) => !removed)).toHaveLength(30);
	});
});

describe('scopes', () => {
	const scopes = (security: unknown, global?: unknown) =>
		only(openapi({ '/a': { get: { security } } }, { security: global })).scopes;

	it.each([
		[undefined, undefined, []],
		[[{ app: ['todo', 'todo.read'] }], undefined, [['todo', 'todo.read']]],
		[undefined, [{ app: ['todo'] }], [['todo']]],
		[[], [{ app: ['todo'] }], []],
		[[{}, { app: ['todo'] }], undefined, []],
		[[{ key: [] }], undefined, []],
		['nonsense', undefined, []],
	])('%j, %j', (own, global, expected) => {
		expect(scopes(own, global)).toEqual(expected);
	});
});

describe('for a model', () => {
	const operation = only(
		openapi({
			'/a/{id}': {
				post: {
					parameters: [
						{ name: 'id', in: 'path', description: 'Which `one`? ${x} }} {{ $env.A }}' },
						{ name: 'count', in: 'query', schema: { type: 'integer', default: 3 } },
					],
					requestBody: {
						content: {
							'application/json': {
								schema: {
									required: ['id', 'tags'],
									properties: {
										id: { type: 'integer', description: 'The number' },
										tags: { type: 'array' },
										kind: { enum: ['x', 'y'] },
										'sort by': { type: 'string' },
									},
								},
							},
						},
					},
				},
			},
		}),
	);
	const keys = keysFor(operation, []);
	const filled = [
		...mapperFields(parameterFields(operation, []), keys),
		...mapperFields(bodyFormFields(operation), keys),
	].map(({ defaultValue }) => String(defaultValue));

	it('each value has a name, a description and a kind', () => {
		const mark = '/*n8n-auto-generated-fromAI-override*/';
		expect(filled).toEqual([
			`={{ ${mark} $fromAI('id', \`Which one ? x env.A\`, 'string') }}`,
			`={{ ${mark} $fromAI('count', \`If not given: 3. Optional: leave it empty if it is not needed\`, 'string', '') }}`,
			`={{ ${mark} $fromAI('id_2', \`The number\`, 'number') }}`,
			`={{ ${mark} $fromAI('tags', \`A list as JSON\`, 'json') }}`,
			`={{ ${mark} $fromAI('kind', \`One of: x, y. Optional: leave it empty if it is not needed\`, 'string', '') }}`,
			`={{ ${mark} $fromAI('sort_by', \`Optional: leave it empty if it is not needed\`, 'string', '') }}`,
		]);
	});

	it('no name is one that n8n refuses', () => {
		const properties = Object.fromEntries(
			['.__proto__', 'caller', '§', 'a b', 'a.b'].map((n) => [n, {}]),
		);
		const names = [...keysFor(post({ properties }), []).values()];
		expect(names).toEqual(['___proto__', 'value', '_', 'a_b', 'a_b_2']);
	});
});

it('routes of Fusio are a description without forms', () => {
	const routes = {
		'/todo': { GET: 'todo.getAll', POST: 'todo.create' },
		'/todo/:todo_id': { GET: 'todo.get' },
		'/b/$id<[0-9]+>': { PUT: 'b.put', X: 7 },
	};
	const text = readRoutes(JSON.stringify({ routes })) ?? '';
	const { operations } = read(text, true);
	expect(operations.entries.map(({ title }) => title)).toEqual([
		'b.put — PUT /b/{id}',
		'todo.create — POST /todo',
		'todo.get — GET /todo/{todo_id}',
		'todo.getAll — GET /todo',
	]);
	expect(readRoutes('<html>')).toBeUndefined();
	expect(readRoutes('{"routes": 1}')).toBeUndefined();
});
