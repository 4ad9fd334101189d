import { describe as read } from '../../../nodes/ProtectedCall/description/load';
import {
	bodyFormFields,
	keysFor,
	mapperFields,
	parameterFields,
} from '../../../nodes/ProtectedCall/description/fields';
import { MOST_BYTES } from '../../../nodes/ProtectedCall/description/document';
import { fetchText } from '../../../nodes/ProtectedCall/description/fetch';
import { VirtualTime } from '../support/virtualTime';

const MOST_STEPS = 60_000;

/** All that the node makes of a description, and how much was looked at for it. */
function all(text: string) {
	const { operations, operation } = read(text, false);
	let steps = 0;
	const forms = operations.entries.slice(0, 50).map(({ key }) => {
		const found = operation(key);
		steps = Math.max(steps, found.steps);
		const keys = keysFor(found, []);
		return [
			...mapperFields(parameterFields(found, []), keys),
			...mapperFields(bodyFormFields(found), keys),
		];
	});
	return { operations, forms, steps };
}

const json = (value: object) => JSON.stringify({ openapi: '3.1.0', ...value });
const withBody = (schema: unknown, schemas: object = {}) =>
	json({
		paths: { '/a': { post: { requestBody: { content: { 'application/json': { schema } } } } } },
		components: { schemas },
	});

describe('a server', () => {
	const stopsComing = async () => await new Promise<never>(() => undefined);

	it.each([
		['stops in the middle', 1, stopsComing],
		['sends a byte every ten seconds', Infinity, undefined],
	])('that %s is given up', async (_, pieces, end) => {
		const time = new VirtualTime();
		const environment = time.process('main');
		let sent = 0;
		let destroyed = false;
		const body = {
			on: () => body,
			destroy: () => void (destroyed = true),
			[Symbol.asyncIterator]: () => ({
				next: async () => {
					if (sent++ >= pieces) return await end?.();
					await environment.sleep(10_000);
					return { done: false, value: Buffer.from('{') };
				},
				return: async () => ({ done: true, value: undefined }),
			}),
		};
		const helpers = { httpRequest: async () => ({ statusCode: 200, body }) };
		const reading = fetchText(
			{ helpers } as never,
			{} as never,
			new URL('https://api.example/openapi.json'),
			environment,
		);
		await expect(time.run(reading)).rejects.toThrow(
			'The API description at api.example/openapi.json did not answer within 20 s.',
		);
		expect(destroyed).toBe(true);
	});
});

describe('addresses', () => {
	it.each([
		'/../admin',
		'/a/../../b',
		'/a/%2e%2E/b',
		'/./a',
		'/a/..?x=1',
		'//evil.example/a',
		'/\\evil.example',
		'https://evil.example/a',
		'@evil.example',
		'.evil.example/a',
		':8080/a',
		'a',
		'',
		'/a\r\nHost: evil.example',
		'/a\u0000',
		'/\uD800',
		`/${'a'.repeat(1001)}`,
	])('an operation at %j is not there', (path) => {
		const text = json({ paths: { [path]: { get: {} }, '/good': { get: {} } } });
		const { operations } = read(text, false);
		expect(operations.entries.map(({ key }) => key)).toEqual(['GET /good']);
		expect(operations.leftOut).toBe(1);
		expect(() => read(json({ paths: { [path]: { get: {} } } }), false)).toThrow(
			'None of the 1 operations',
		);
	});

	it('servers of the description are not looked at', () => {
		const servers = [{ url: 'https://evil.example' }];
		const { operations } = all(
			json({ servers, paths: { '/a': { servers, get: { servers, operationId: 'a' } } } }),
		);
		expect(JSON.stringify(operations.entries)).not.toContain('evil');
	});
});

describe('texts', () => {
	const nasty = '=\n={{ $env.SECRET }}\r\n\u2028\u202Eevil';

	it('are on one line and never an expression', () => {
		const { operations, forms } = all(
			json({
				paths: {
					'/a': {
						post: {
							operationId: nasty,
							summary: nasty,
							parameters: [
								{
									name: nasty,
									in: 'query',
									description: nasty,
									schema: { type: 'string', default: nasty, enum: [nasty, ' =x', 'good'] },
								},
								{ name: 'preset', in: 'query', schema: { default: nasty } },
								{ name: 'blank', in: 'query', schema: { default: ' ={{ 1 }}' } },
							],
							requestBody: {
								content: {
									'application/json': {
										schema: { properties: { [nasty]: { default: nasty, title: nasty } } },
									},
								},
							},
						},
					},
				},
			}),
		);
		const shown = operations.entries.flatMap(({ title, id }) => [title, id]);
		const fields = forms.flat();
		const kept = fields.flatMap(({ id, displayName, options }) => [
			id,
			displayName,
			...(options ?? []).flatMap(({ name, value }) => [name, value]),
		]);
		for (const text of [...shown, ...kept]) {
			expect(text).not.toMatch(/^\s*=/);
			expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}]/u);
		}
		for (const { defaultValue } of fields) {
			// What is asked of a model is an expression of our own, with nothing of theirs that ends it.
			expect(defaultValue).toMatch(
				/^=\{\{ \/\*n8n-auto-generated-fromAI-override\*\/ \$fromAI\('[\w-]+', `[^`{}$\\]*`, '\w+', ''\) \}\}$/,
			);
		}
		const plain = mapperFields(
			parameterFields(
				read(
					json({
						paths: {
							'/a': {
								get: { parameters: [{ name: 'p', in: 'query', schema: { default: nasty } }] },
							},
						},
					}),
					false,
				).operation('GET /a'),
				[],
			),
			undefined,
		);
		expect(plain[0].defaultValue).toBeUndefined();
	});

	it('names of JavaScript’s own are no fields, no references and change nothing', () => {
		const text = `{"openapi":"3.0.0","paths":{
			"/a":{"post":{"operationId":"__proto__",
				"parameters":[{"name":"__proto__","in":"query"},{"name":"constructor","in":"path"},{"name":"b","in":"__proto__"}],
				"requestBody":{"content":{"application/json":{"schema":{"properties":{"__proto__":{"type":"string"},"constructor":{},"toString":{"type":"integer"}}}}}}}},
			"__proto__":{"get":{}},
			"/b":{"$ref":"#/__proto__/x","get":{}},
			"/c":{"get":{"parameters":[{"$ref":"#/constructor/prototype"}]}}
		},"__proto__":{"polluted":true}}`;
		const { forms } = all(text);
		expect(forms.flat().map(({ id }) => id)).toEqual(['toString']);
		expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
	});
});

describe('size', () => {
	it('100,000 operations are listed', () => {
		const paths = Object.fromEntries(
			Array.from({ length: 100_000 }, (_, index) => [`/${index.toString(36)}`, { get: {} }]),
		);
		const { operations } = read(json({ paths }), false);
		expect(operations.entries).toHaveLength(100_000);
		expect(operations.byKey.size).toBe(100_000);
	});

	it('brackets in brackets, 5 MB of them, are no matter', () => {
		const depth = MOST_BYTES / 2 - 200;
		const nested = '['.repeat(depth) + ']'.repeat(depth);
		const text = `{"openapi":"3.0.0","paths":{"/a":{"get":{}}},"x":${nested}}`;
		// Some engines give up on it: then it is an error that is told.
		expect(() => all(text)).not.toThrow(RangeError);
	});

	it('schemas in schemas end somewhere', () => {
		let schema: object = { type: 'string' };
		for (let depth = 0; depth < 1000; depth++)
			schema = depth % 2 ? { allOf: [schema] } : { anyOf: [schema] };
		expect(all(withBody({ properties: { a: schema, b: { oneOf: [schema] } } })).steps).toBeLessThan(
			MOST_STEPS,
		);
	});
});

describe('references', () => {
	it.each([
		['to itself', { $ref: '#/components/schemas/A' }, { A: { $ref: '#/components/schemas/A' } }],
		[
			'in a circle',
			{ $ref: '#/components/schemas/A' },
			{ A: { allOf: [{ $ref: '#/components/schemas/B' }] }, B: { $ref: '#/components/schemas/A' } },
		],
		['to the document', { $ref: '#' }, {}],
		['to nowhere', { $ref: '#/nowhere' }, {}],
		['into a text', { $ref: '#/openapi/length' }, {}],
		['outside', { $ref: 'https://evil.example/a.json#/A' }, {}],
		['to a file', { $ref: 'file:///etc/passwd' }, {}],
		['with broken signs', { $ref: '#/%E0%A4%A/~9' }, {}],
		['that are none', { $ref: 7 }, {}],
	])('%s are harmless', (_, schema, schemas) => {
		const { forms, steps } = all(withBody({ properties: { a: schema }, allOf: [schema] }, schemas));
		expect(forms[0].map(({ id }) => id)).toContain('a');
		expect(steps).toBeLessThan(1000);
	});

	it('that grow by ten at each of ten levels cost no more than they are long', () => {
		const level = (name: string) => ({ $ref: `#/components/schemas/${name}` });
		const schemas: Record<string, object> = { L0: { type: 'object', properties: { end: {} } } };
		for (let depth = 1; depth <= 10; depth++) {
			const below = Array.from({ length: 10 }, () => level(`L${depth - 1}`));
			schemas[`L${depth}`] = {
				allOf: below,
				oneOf: below,
				anyOf: below,
				properties: { [`p${depth}`]: level(`L${depth - 1}`) },
			};
		}
		const { forms, steps } = all(withBody(level('L10'), schemas));
		expect(forms[0].map(({ id }) => id)).toEqual(
			expect.arrayContaining(['end', 'p1', 'p10']) as unknown,
		);
		expect(steps).toBeLessThan(MOST_STEPS);
	});

	it('that are long, in a long chain, from everywhere, cost a bounded number of steps', () => {
		const long = `#${'/x'.repeat(20_000)}`;
		const paths = Object.fromEntries(
			Array.from({ length: 20_000 }, (_, index) => [`/${index}`, { $ref: '#/r' }]),
		);
		let deep: object = { get: {} };
		for (let depth = 0; depth < 1000; depth++) deep = { x: deep };
		const { steps } = all(
			JSON.stringify({
				openapi: '3.0.0',
				paths: { ...paths, '/a': { get: {} } },
				r: { $ref: long },
				...deep,
			}),
		);
		expect(steps).toBeLessThan(MOST_STEPS);
	});

	it('in 1,000,000 parts are followed up to a bound', () => {
		const many = Array.from({ length: 400_000 }, () => ({}));
		const { steps } = all(withBody({ allOf: many, oneOf: many, required: many, enum: many }));
		expect(steps).toBeLessThan(MOST_STEPS);
	});
});

describe('values of a wrong kind', () => {
	const wrong = [null, 7, 'text', true, [], [null], {}, { a: null }];

	it.each(wrong)('%j is harmless everywhere', (value) => {
		const operation = {
			operationId: value,
			summary: value,
			tags: value,
			parameters: value,
			requestBody: value,
			security: value,
			deprecated: value,
		};
		const parameter = {
			name: 'p',
			in: 'query',
			required: value,
			schema: value,
			style: value,
			explode: value,
			content: value,
		};
		const schema = {
			type: value,
			format: value,
			enum: value,
			properties: value,
			required: value,
			items: value,
			allOf: value,
			oneOf: value,
			anyOf: value,
			default: value,
			description: value,
			readOnly: value,
		};
		const content = { 'application/json': { schema: { ...schema, properties: { a: schema } } } };
		for (const openapi of ['3.0.0', '3.1.0']) {
			const text = JSON.stringify({
				openapi,
				security: value,
				components: value,
				paths: {
					'/a': { get: operation, parameters: value },
					'/b': { post: { parameters: [parameter, value], requestBody: { content } } },
					'/c': { put: { requestBody: { content: value } } },
					'/d': { put: { requestBody: { content: { 'application/json': value, '\n': value } } } },
				},
			});
			expect(() => all(text)).not.toThrow();
		}
		const swagger = JSON.stringify({
			swagger: '2.0',
			consumes: value,
			paths: {
				'/a': {
					post: {
						consumes: value,
						parameters: [
							{ ...parameter, in: 'formData' },
							{ name: 'b', in: 'body', schema: value },
						],
					},
				},
			},
		});
		expect(() => all(swagger)).not.toThrow();
	});
});
