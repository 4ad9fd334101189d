import { ApiError, badInput } from '../../shared/errors';
import { isObject } from '../../shared/parameters';
import type { ApiDocument } from './document';
import { plain } from './text';
import { own, ownList, ownText, Walk } from './walk';

/** An operation as the list shows it. */
export interface OperationEntry {
	/** Method and path, such as `POST /todo`: what a workflow stores, since no two operations share it. */
	readonly key: string;
	readonly method: string;
	/** Begins with a slash; its parameters are in curly brackets. */
	readonly path: string;
	/** The name that the description gives it; '' where it gives none. */
	readonly id: string;
	readonly title: string;
	/** What a search looks at, in lower case. */
	readonly words: string;
}

/** All operations of a description that can be called. */
export interface OperationIndex {
	readonly entries: readonly OperationEntry[];
	readonly byKey: ReadonlyMap<string, OperationEntry>;
	/** More than one where the description gives a name twice. */
	readonly byId: ReadonlyMap<string, readonly OperationEntry[]>;
	/** Operations whose path could lead to another place than it shows. */
	readonly leftOut: number;
}

/** TRACE is left out: its answer is the request, token included. */
const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'];
const MOST_PATH = 1000;
/** Paths that refer to others are rare; a description that is nothing but references costs no more than this. */
const MOST_STEPS = 1_000_000;
const CLIMBS = /(?:^|\/)(?:\.|%2e){1,2}(?:[/?#]|$)/i;

export function indexOperations(document: ApiDocument): OperationIndex {
	const entries: OperationEntry[] = [];
	const byKey = new Map<string, OperationEntry>();
	const byId = new Map<string, OperationEntry[]>();
	let leftOut = 0;
	const walk = new Walk(document, MOST_STEPS);
	const paths = own(document.root, 'paths');
	for (const [path, given] of Object.entries(isObject(paths) ? paths : {})) {
		const item = walk.follow(given);
		for (const method of METHODS) {
			const operation = own(item, method);
			if (!isObject(operation)) continue;
			if (!isUsable(path)) {
				leftOut++;
				continue;
			}
			const entry = entryOf(method.toUpperCase(), path, operation);
			entries.push(entry);
			byKey.set(entry.key, entry);
			if (entry.id === '') continue;
			const namesakes = byId.get(entry.id);
			if (namesakes) namesakes.push(entry);
			else byId.set(entry.id, [entry]);
		}
	}
	entries.sort((a, b) => (a.title < b.title ? -1 : 1));
	return { entries, byKey, byId, leftOut };
}

/** @throws ApiError when there is no such operation, or when the name does not tell it from another. */
export function findOperation({ byKey, byId, leftOut }: OperationIndex, wanted: string) {
	const key = wanted.replace(/^([a-z]+)\s+/i, (_, method: string) => `${method.toUpperCase()} `);
	const found = byKey.get(key);
	if (found) return found;
	const named = byId.get(wanted) ?? [];
	if (named.length === 1) return named[0];
	const shown = JSON.stringify(plain(wanted, 80));
	if (named.length > 1) {
		throw badInput(
			'Operation',
			`is not clear: ${named.length} operations are called ${shown}`,
			`Enter method and path instead, e.g. ${plain(named[0].key, 200)}.`,
		);
	}
	throw badInput(
		'Operation',
		`is not in the API's description: ${shown}`,
		leftOut > 0
			? `Choose one from the list. ${leftOut} operations are left out, since their paths could lead to another address than they show.`
			: 'Choose one from the list: it may have been renamed or removed.',
	);
}

/** @throws ApiError for a description without anything to call. */
export function refuseEmpty({ entries, leftOut }: OperationIndex): void {
	if (entries.length > 0) return;
	throw new ApiError(
		'reply',
		leftOut > 0
			? `None of the ${leftOut} operations in the API description can be called.`
			: 'The API description has no operations.',
		leftOut > 0
			? 'Their paths are not plain paths that begin with one slash. Set Request to By Hand.'
			: 'Check its address in a browser, or set Request to By Hand.',
	);
}

function entryOf(method: string, path: string, operation: unknown): OperationEntry {
	const key = `${method} ${path}`;
	const id = plain(ownText(operation, 'operationId'), 200);
	const summary = plain(ownText(operation, 'summary'), 80);
	const old = own(operation, 'deprecated') === true ? ' (deprecated)' : '';
	const shownKey = plain(key, 200);
	const title = id
		? `${plain(id, 80)} — ${shownKey}${old}`
		: `${shownKey}${summary && ` — ${summary}`}${old}`;
	const tags = ownList(operation, 'tags').filter((tag) => typeof tag === 'string');
	const words = plain([title, summary, ...tags.slice(0, 10)].join(' '), 600).toLowerCase();
	return { key, method, path, id, title, words };
}

/** A path that is put behind the credential's base URL and stays there. */
function isUsable(path: string): boolean {
	return (
		path.startsWith('/') &&
		!path.startsWith('//') &&
		path.length <= MOST_PATH &&
		!/[\p{Cc}\p{Cs}\\]/u.test(path) &&
		!CLIMBS.test(path)
	);
}
