import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, beforeEach, describe, test } from 'node:test';
import type {
	FromAIArgument,
	ICredentialType,
	IDataObject,
	INodeListSearchResult,
	INodeType,
	ResourceMapperFields,
} from 'n8n-workflow';
import { sandboxCredentials } from '../n8n/sandboxCredentials.mts';
import { spawnSandbox, type SandboxClient } from '../sandbox/client.mts';
import {
	executeContext,
	loadOptionsContext,
	loadPackage,
	newRow,
	type Row,
} from './n8nContext.mts';

const require = createRequire(import.meta.url);
const { NodeHelpers, traverseNodeParameters } =
	require('n8n-workflow') as typeof import('n8n-workflow');

type Type = 'customTokenApi' | 'fusioApi';

describe(
	'operations of an API’s description, on n8n-core’s own contexts',
	{ timeout: 300_000 },
	() => {
		let sandbox: SandboxClient;
		let loaded: ReturnType<typeof loadPackage>;
		let fields: Record<Type, IDataObject>;
		let row: Row;
		before(async () => {
			sandbox = await spawnSandbox();
			const { origin } = new URL(sandbox.info.urls.custom);
			const all = sandboxCredentials(sandbox.info.credentials) as Record<Type, IDataObject>;
			fields = {
				...all,
				customTokenApi: { ...all.customTokenApi, apiDescriptionUrl: `${origin}/openapi.json` },
			};
		});
		after(async () => await sandbox?.stop());
		beforeEach(async () => {
			await sandbox.reset({ tokens: true });
			// As in a new process: nothing is remembered.
			loaded = loadPackage();
		});

		function setUp(type: Type, parameters: IDataObject, stored = newRow(type, fields[type])) {
			row = stored;
			const className = type.charAt(0).toUpperCase() + type.slice(1);
			const nodeType = new (loaded.ProtectedCall as new () => INodeType)();
			const credential = new (loaded[className] as new () => ICredentialType)();
			const chosen = { authentication: type, request: 'description', ...parameters };
			const asked = async (asTool = false) =>
				loadOptionsContext({ row, credential, nodeType, parameters: chosen, asTool });
			return {
				nodeType,
				list: async (filter?: string, from?: string): Promise<INodeListSearchResult> => {
					const search = nodeType.methods?.listSearch?.searchApiOperations;
					assert.ok(search);
					return await search.call(await asked(), filter, from);
				},
				form: async (name: 'Body' | 'Parameter', asTool = false): Promise<ResourceMapperFields> => {
					const method = nodeType.methods?.resourceMapping?.[`api${name}Fields`];
					assert.ok(method);
					return await method.call(await asked(asTool));
				},
				run: async (items: readonly IDataObject[] = [{}]) => {
					const context = executeContext({
						row,
						credential,
						nodeType,
						parameters: chosen,
						items: items.map((json, item) => ({ json, pairedItem: { item } })),
					});
					const [outputs] = (await nodeType.execute?.call(context)) as Array<
						Array<{ json: IDataObject }>
					>;
					return (outputs ?? []).map(({ json }) => json);
				},
			};
		}

		const operation = (value: string, mode = 'list') => ({
			apiOperation: { __rl: true, mode, value },
		});
		const values = (value: IDataObject) => ({ mappingMode: 'defineBelow', value, schema: [] });
		const asked = async (provider: 'custom' | 'fusio') =>
			(await sandbox.requests({ provider })).map(({ method, path }) => `${method} ${path}`);

		test('Fusio’s are listed and searched without a token', async () => {
			const { list } = setUp('fusioApi', {});
			const names = (await list()).results.map(({ name, value }) => [name, value]);
			assert.deepEqual(names.slice(-5), [
				['todo.create — POST /todo', 'POST /todo'],
				['todo.delete — DELETE /todo/{todo_id}', 'DELETE /todo/{todo_id}'],
				['todo.get — GET /todo/{todo_id}', 'GET /todo/{todo_id}'],
				['todo.getAll — GET /todo', 'GET /todo'],
				['todo.update — PUT /todo/{todo_id}', 'PUT /todo/{todo_id}'],
			]);
			assert.deepEqual(
				(await list('DEFAULT creates')).results.map(({ value }) => value),
				['POST /todo'],
			);
			assert.deepEqual(await asked('fusio'), ['GET /system/generator/spec-openapi']);
			const consumer = setUp('fusioApi', { options: { descriptionPart: 'consumer' } });
			assert.deepEqual(
				(await consumer.list()).results.map(({ value }) => value),
				['GET /consumer/account'],
			);
		});

		test('have forms: parameters, body, or a sentence why there is none', async () => {
			const create = setUp('fusioApi', operation('POST /todo'));
			assert.deepEqual(await create.form('Parameter'), {
				fields: [],
				emptyFieldsNotice: 'This operation has no parameters.',
			});
			const { fields: body } = await create.form('Body');
			assert.deepEqual(
				body.map(({ id, type, required }) => [id, type, required]),
				[
					['title', 'string', true],
					['done', 'options', false],
					['priority', 'options', false],
					['due', 'string', false],
					['tags', 'string', false],
				],
			);
			const update = setUp('fusioApi', operation('todo.update', 'name'));
			assert.deepEqual(
				(await update.form('Parameter')).fields.map(({ id }) => id),
				['path:todo_id'],
			);
			assert.match((await update.form('Body')).emptyFieldsNotice ?? '', /Additional Body JSON/);
			assert.match(
				(await setUp('fusioApi', {}).form('Body')).emptyFieldsNotice ?? '',
				/Choose an operation first/,
			);
			assert.match(
				(await setUp('fusioApi', operation('nothing', 'name')).form('Body')).emptyFieldsNotice ??
					'',
				/not in the API's description/,
			);
		});

		test('todo.create is run with its form, values of items and free JSON beside it', async () => {
			const { run } = setUp('fusioApi', {
				...operation('POST /todo'),
				apiBody: values({
					title: '={{ $json.what }}',
					done: true,
					priority: null,
					tags: '["a","b"]',
				}),
				apiBodyMore: '{"color": "red"}',
				queryType: 'json',
				queryJson: '{"trace": 1}',
			});
			const made = await run([{ what: 'Buy milk' }, { what: 'Call Ada' }]);
			assert.deepEqual(
				made.map(({ success }) => success),
				[true, true],
			);
			const sent = await sandbox.requests({ provider: 'fusio', operation: 'POST /todo' });
			assert.deepEqual(sent.map(({ path, body }) => [path, body]).sort(), [
				['/todo?trace=1', '{"title":"Buy milk","done":true,"tags":["a","b"],"color":"red"}'],
				['/todo?trace=1', '{"title":"Call Ada","done":true,"tags":["a","b"],"color":"red"}'],
			]);
			const described = (await asked('fusio')).filter((line) => line.includes('/system/'));
			assert.equal(described.length, 1, 'the description is fetched once for all items');
		});

		test('a path parameter is filled in, and a description that is not there stops nothing but this', async () => {
			const { run } = setUp('fusioApi', {
				...operation('todo.get', 'name'),
				apiParameters: values({ 'path:todo_id': '={{ $json.id }}' }),
			});
			assert.deepEqual(
				(await run([{ id: 7 }])).map(({ title }) => title),
				['Todo 7'],
			);
			const wrong = setUp('fusioApi', operation('todo.nothing', 'name'));
			await assert.rejects(
				wrong.run(),
				/"Operation" is not in the API's description: "todo.nothing"/,
			);
		});

		test('an operation whose scope the token is known to lack is not sent', async () => {
			await sandbox.settings({ fusio: { scopes: 'consumer,authorization' } });
			await setUp('fusioApi', operation('authorization.getWhoami', 'name')).run();
			// The next node of a workflow: the row has the token, and what it may be used for.
			const create = { ...operation('POST /todo'), apiBody: values({ title: 'a' }) };
			const { run } = setUp('fusioApi', create, row);
			await assert.rejects(
				run(),
				/Not sent: todo\.create needs the scope todo or todo\.write, and the token has consumer, authorization\./,
			);
			await sandbox.settings({
				fusio: { scopes: 'todo,todo.read,todo.write,consumer,authorization' },
			});
			assert.equal(
				(await sandbox.requests({ provider: 'fusio', operation: 'POST /todo' })).length,
				0,
			);
			assert.equal((await sandbox.counts()).fusio.apiRefused, 0);
		});

		test('a base URL with a sub path keeps it', async () => {
			fields.fusioApi = {
				...fields.fusioApi,
				baseUrl: `${String(fields.fusioApi.baseUrl)}/public/index.php`,
			};
			const { list } = setUp('fusioApi', {});
			await list().catch(() => undefined);
			fields.fusioApi.baseUrl = String(fields.fusioApi.baseUrl).replace('/public/index.php', '');
			assert.deepEqual(await asked('fusio'), [
				'GET /public/index.php/system/generator/spec-openapi',
				'GET /public/index.php/system/route',
			]);
		});

		test('a description that asks for a token is fetched with it; its host and base path change nothing', async () => {
			const { list, form } = setUp('customTokenApi', operation('POST /items'));
			assert.deepEqual(
				(await list()).results.map(({ name }) => name),
				['addItem — POST /items', 'listItems — GET /items'],
			);
			assert.deepEqual(
				(await form('Body')).fields.map(({ id }) => id),
				['name'],
			);
			assert.deepEqual(await asked('custom'), [
				'GET /openapi.json',
				'POST /session/login',
				'GET /openapi.json',
			]);
			const { run } = setUp('customTokenApi', {
				...operation('POST /items'),
				apiBody: values({ name: 'Lamp' }),
			});
			assert.deepEqual(
				(await run()).map(({ name }) => name),
				['Lamp'],
			);
		});

		test('headers that carry the token are not asked for', async () => {
			const { form } = setUp('customTokenApi', operation('GET /items'));
			assert.deepEqual(
				(await form('Parameter')).fields.map(({ id, defaultValue }) => [id, defaultValue]),
				[
					['query:limit', 20],
					['query:offset', undefined],
				],
			);
		});

		test('as a tool, a model sees names, kinds and descriptions, and its values arrive', async () => {
			const { form } = setUp('fusioApi', operation('POST /todo'));
			const { fields: body } = await form('Body', true);
			const value = Object.fromEntries(body.map(({ id, defaultValue }) => [id, defaultValue]));
			const seen: FromAIArgument[] = [];
			traverseNodeParameters(value, seen);
			assert.deepEqual(
				seen.map(({ key, description, type }) => [key, description, type]),
				[
					['title', 'What is to be done', 'string'],
					['done', 'Whether it is done. Optional: leave it empty if it is not needed', 'string'],
					[
						'priority',
						'One of: low, normal, high. Optional: leave it empty if it is not needed',
						'string',
					],
					[
						'due',
						'A date such as 2025-12-31. Optional: leave it empty if it is not needed',
						'string',
					],
					['tags', 'A list as JSON. Optional: leave it empty if it is not needed', 'string'],
				],
			);
			const { run } = setUp('fusioApi', {
				...operation('POST /todo'),
				apiBody: values(value as IDataObject),
			});
			await run([{ title: 'From a model', done: 'true', priority: '', tags: '["x"]' }]);
			const [sent] = await sandbox.requests({ provider: 'fusio', operation: 'POST /todo' });
			assert.equal(sent?.body, '{"title":"From a model","done":true,"tags":["x"]}');
		});

		test('the first screen stays as it was but for one choice, and hides what the description says', () => {
			const { nodeType } = setUp('fusioApi', {});
			const shown = (parameters: IDataObject) => {
				const { properties } = nodeType.description;
				const given =
					NodeHelpers.getNodeParameters(
						properties,
						parameters as never,
						true,
						false,
						null,
						nodeType.description,
					) ?? {};
				return properties
					.filter((property) =>
						NodeHelpers.displayParameter(given, property, null, nodeType.description),
					)
					.map(({ name }) => name);
			};
			const byHand = shown({});
			assert.ok(byHand.includes('method') && byHand.includes('path'));
			assert.deepEqual(
				byHand.filter((name) => name.startsWith('api')),
				[],
			);
			const described = shown({ request: 'description', ...operation('POST /todo') });
			assert.deepEqual(described.slice(0, 6), [
				'authentication',
				'request',
				'apiOperation',
				'apiParameters',
				'apiBody',
				'apiBodyMore',
			]);
			assert.ok(
				!described.includes('method') &&
					!described.includes('path') &&
					!described.includes('bodyType'),
			);
			const reading = shown({ request: 'description', ...operation('GET /todo') });
			assert.ok(!reading.includes('apiBody') && !reading.includes('apiBodyMore'));
		});
	},
);
