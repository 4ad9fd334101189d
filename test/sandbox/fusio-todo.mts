import { json, jsonOf, redirect } from './answer.mts';
import type { Answer, Received } from './answer.mts';
import { fusioError, internalError } from './fusio-auth.mts';
import type { World } from './world.mts';

/** A protected operation: what the journal and what Fusio calls it, the scopes of which one is enough, what it does. */
export interface Operation {
	readonly name: string;
	readonly id: string;
	readonly scopes: readonly string[];
	readonly run: (received: Received) => Answer;
}

type Todo = Record<string, unknown> & { readonly id: number };

/** The protected operations of the API that runs on Fusio: a small to-do list with one of each kind of reply. */
export function newTodoApi(world: World): (received: Received) => Operation | undefined {
	let todos = new Map<number, Todo>();
	let seed = -1;
	let next = 1;

	function all(): Map<number, Todo> {
		if (seed === world.settings.fusio.todos) return todos;
		seed = world.settings.fusio.todos;
		next = seed + 1;
		todos = new Map(Array.from({ length: seed }, (_, index) => [index + 1, todo(index + 1)]));
		return todos;
	}

	function slice(from: number, count: number): { entries: Todo[]; total: number; more: boolean } {
		const entries = [...all().values()];
		return {
			entries: entries.slice(from, from + count),
			total: entries.length,
			more: from + count < entries.length,
		};
	}

	const named: Record<string, (received: Received) => Answer> = {
		'GET /todo': ({ query }) => {
			const startIndex = number(query.get('startIndex'), 0);
			const { pageLimit } = world.settings.fusio;
			const asked = number(query.get('count'), pageLimit);
			const itemsPerPage = asked > 0 && asked <= pageLimit ? asked : pageLimit;
			const { entries, total } = slice(startIndex, itemsPerPage);
			return json(200, { totalResults: total, itemsPerPage, startIndex, entry: entries });
		},
		'POST /todo': (received) => {
			const body = jsonOf(received);
			if (body === undefined) return internalError();
			all();
			const id = next++;
			todos.set(id, { ...todo(id), ...body, id });
			return json(201, { success: true, message: 'Todo successfully created', id: String(id) });
		},
		'GET /todo/text': () => ({
			status: 200,
			headers: { 'content-type': 'text/plain; charset=utf-8' },
			body: 'Nothing to do today, schön.\n',
		}),
		'GET /todo/file': ({ query }) => file(query.get('type') === 'png' ? 'png' : 'pdf'),
		'GET /todo/admin': () => json(200, { admin: true }),
		'GET /todo/paged': ({ query }) => {
			const page = Math.max(1, number(query.get('page'), 1));
			const limit = number(query.get('limit'), 25);
			const { entries, total } = slice((page - 1) * limit, limit);
			return json(200, { page, limit, total, items: entries });
		},
		'GET /todo/linked': ({ query }) => {
			const page = Math.max(1, number(query.get('page'), 1));
			const { entries, more } = slice((page - 1) * 25, 25);
			const next = more ? `${world.urls.fusio}/todo/linked?page=${page + 1}` : null;
			return json(
				200,
				{ items: entries, next },
				next === null ? {} : { link: `<${next}>; rel="next"` },
			);
		},
		'GET /todo/cursor': ({ query }) => {
			const cursor = query.get('cursor');
			const from = cursor === null ? 0 : Number(Buffer.from(cursor, 'base64url').toString());
			const { entries, more } = slice(from, 25);
			const nextCursor = more ? Buffer.from(String(from + 25)).toString('base64url') : null;
			return json(200, { items: entries, nextCursor });
		},
	};

	function single(received: Received, id: number): Answer {
		const found = all().get(id);
		if (found === undefined) return fusioError(404, 'Could not find todo');
		const done = (verb: string) =>
			json(200, { success: true, message: `Todo successfully ${verb}`, id: String(id) });
		switch (received.method) {
			case 'GET':
				return json(200, found);
			case 'DELETE':
				todos.delete(id);
				return done('deleted');
			default: {
				const body = jsonOf(received);
				if (body === undefined) return internalError();
				todos.set(id, { ...(received.method === 'PUT' ? todo(id) : found), ...body, id });
				return done('updated');
			}
		}
	}

	return ({ method, path }) => {
		const key = `${method} ${path}`;
		const run = Object.hasOwn(named, key) ? named[key] : undefined;
		if (run !== undefined) {
			const scopes = path === '/todo/admin' ? ['admin'] : scopesOf(method);
			const id = key === 'GET /todo' ? 'todo.getAll' : `todo.${path.slice(6) || 'create'}`;
			return { name: key, id, scopes, run };
		}
		const id = /^\/todo\/(\d+)$/.exec(path)?.[1];
		if (id !== undefined && Object.hasOwn(VERBS, method)) {
			return {
				name: `${method} /todo/{id}`,
				id: `todo.${VERBS[method as keyof typeof VERBS]}`,
				scopes: scopesOf(method),
				run: (received) => single(received, Number(id)),
			};
		}
		if (path === '/echo' || path.startsWith('/echo/'))
			return { name: 'echo', id: 'echo', scopes: ['todo'], run: echo };
		if (path === '/redirect-away') {
			const away = `${world.urls.foreign}/landed`;
			const run = (received: Received) => redirect(received, away);
			return { name: 'redirect-away', id: 'redirect.away', scopes: ['todo'], run };
		}
		if (path === '/redirect-home') {
			return {
				name: 'redirect-home',
				id: 'redirect.home',
				scopes: ['todo'],
				run: (received) => redirect(received, '/todo'),
			};
		}
		return undefined;
	};
}

const VERBS = { GET: 'get', PUT: 'update', PATCH: 'patch', DELETE: 'delete' } as const;

/** One of these is enough. */
function scopesOf(method: string): readonly string[] {
	return ['todo', method === 'GET' ? 'todo.read' : 'todo.write'];
}

function echo({ method, path, query, headers, body }: Received): Answer {
	const { authorization: _, ...shown } = headers;
	return json(200, { method, path, query: Object.fromEntries(query), headers: shown, body });
}

function todo(id: number): Todo {
	return { id, title: `Todo ${id}`, done: id % 3 === 0, insertDate: '2025-01-15T10:00:00Z' };
}

function number(text: string | null, otherwise: number): number {
	return text !== null && /^\d+$/.test(text) ? Number(text) : otherwise;
}

const PNG =
	'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';
const PDF =
	'%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n';

function file(type: 'png' | 'pdf'): Answer {
	return {
		status: 200,
		headers: {
			'content-type': type === 'png' ? 'image/png' : 'application/pdf',
			'content-disposition': `attachment; filename="todo.${type}"`,
		},
		body: type === 'png' ? Buffer.from(PNG, 'base64') : Buffer.from(PDF, 'latin1'),
	};
}
