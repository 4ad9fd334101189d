/**
 * How a Fusio 6.2 describes its operations: for everybody, protected ones included, during a ban, too. Bodies are free
 * objects unless the API's owner wrote a schema, and query parameters are there only where that person declared them.
 */
export function fusioDescription(
	path: string,
	query: URLSearchParams,
): Record<string, unknown> | undefined {
	if (path === '/system/route') return { routes };
	if (path !== '/system/generator/spec-openapi') return undefined;
	const filter = query.get('filter') ?? 'default';
	return {
		openapi: '3.0.3',
		info: { title: 'Fusio', version: '1.0.0' },
		// Its own idea of its address, whatever it was reached at.
		servers: [{ url: 'https://fusio.configured.example/' }],
		paths: filter === 'consumer' ? consumerPaths : filter === 'backend' ? backendPaths : paths,
		components: { schemas, securitySchemes },
	};
}

const routes = {
	'/todo': { GET: 'todo.getAll', POST: 'todo.create' },
	'/todo/:todo_id': { GET: 'todo.get', PUT: 'todo.update', DELETE: 'todo.delete' },
	'/todo/admin': { GET: 'todo.admin' },
	'/authorization/whoami': { GET: 'authorization.getWhoami' },
	'/authorization/revoke': { POST: 'authorization.revoke' },
	'/consumer/account': { GET: 'consumer.account.get' },
	'/system/health': { GET: 'system.health' },
};

const ofApp = (...scopes: string[]) => ({ security: [{ app: scopes }] });
const replies = (status: number) => ({
	responses: {
		[status]: {
			description: '',
			content: { 'application/json': { schema: { $ref: '#/components/schemas/Passthru' } } },
		},
	},
});
const body = (schema: string) => ({
	requestBody: {
		content: { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } },
	},
});
const todoId = {
	parameters: [{ name: 'todo_id', in: 'path', required: true, schema: { type: 'string' } }],
};

const paths = {
	'/todo': {
		get: {
			operationId: 'todo.getAll',
			tags: ['default'],
			summary: 'Returns all to-dos',
			parameters: [
				{ name: 'startIndex', in: 'query', required: false, schema: { type: 'integer' } },
				{ name: 'count', in: 'query', required: false, schema: { type: 'integer' } },
			],
			...replies(200),
			...ofApp('todo', 'todo.read'),
		},
		post: {
			operationId: 'todo.create',
			tags: ['default'],
			summary: 'Creates a to-do',
			parameters: [],
			...body('Todo'),
			...replies(201),
			...ofApp('todo', 'todo.write'),
		},
	},
	'/todo/{todo_id}': {
		get: { operationId: 'todo.get', ...todoId, ...replies(200), ...ofApp('todo', 'todo.read') },
		put: {
			operationId: 'todo.update',
			...todoId,
			...body('Passthru'),
			...replies(200),
			...ofApp('todo', 'todo.write'),
		},
		delete: {
			operationId: 'todo.delete',
			...todoId,
			...replies(200),
			...ofApp('todo', 'todo.write'),
		},
	},
	'/todo/admin': {
		get: { operationId: 'todo.admin', parameters: [], ...replies(200), ...ofApp('admin') },
	},
	'/system/health': { get: { operationId: 'system.health', parameters: [], ...replies(200) } },
	'/authorization/whoami': {
		get: {
			operationId: 'authorization.getWhoami',
			parameters: [],
			...replies(200),
			...ofApp('authorization'),
		},
	},
};

const consumerPaths = {
	'/consumer/account': {
		get: { operationId: 'consumer.account.get', ...replies(200), ...ofApp('consumer') },
	},
};

const backendPaths = {
	'/backend/account': {
		get: { operationId: 'backend.account.get', ...replies(200), ...ofApp('backend') },
	},
};

const schemas = {
	Passthru: { type: 'object', description: 'No schema was specified.', additionalProperties: true },
	Todo: {
		type: 'object',
		required: ['title'],
		properties: {
			id: { type: 'integer', readOnly: true },
			title: { type: 'string', description: 'What is to be done' },
			done: { type: 'boolean', description: 'Whether it is done' },
			priority: { type: 'string', enum: ['low', 'normal', 'high'] },
			due: { type: 'string', format: 'date' },
			tags: { type: 'array', items: { type: 'string' } },
		},
	},
};

const securitySchemes = {
	app: {
		type: 'oauth2',
		flows: {
			clientCredentials: {
				tokenUrl: 'https://fusio.configured.example/authorization/token',
				scopes: { todo: '', 'todo.read': '', 'todo.write': '', consumer: '', authorization: '' },
			},
		},
	},
};
