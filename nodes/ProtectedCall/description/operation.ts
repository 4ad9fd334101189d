import { isObject } from '../../shared/parameters';
import { bodyOf, type Body } from './operationBody';
import type { ApiDocument } from './document';
import type { OperationEntry } from './operations';
import { parametersOf, type Parameter } from './operationParameters';
import { own, ownList, Walk } from './walk';

/** All that is known of one operation. */
export interface Operation extends OperationEntry {
	readonly parameters: readonly Parameter[];
	readonly body?: Body;
	/** Sets of scopes, one of which a token needs; none: no scope is asked for. */
	readonly scopes: ReadonlyArray<readonly string[]>;
	/** Objects of the description that were looked at for it. */
	readonly steps: number;
}

/** Reads one operation, following references within the description, in bounded work. */
export function readOperation(document: ApiDocument, entry: OperationEntry): Operation {
	const walk = new Walk(document);
	const item = walk.follow(own(own(document.root, 'paths'), entry.path));
	const operation = own(item, entry.method.toLowerCase());
	return {
		...entry,
		parameters: parametersOf(walk, entry.path, item, operation),
		body: bodyOf(walk, item, operation),
		scopes: scopesOf(document, operation),
		steps: walk.steps,
	};
}

const MOST_SCOPES = 50;

/** An operation's own `security` replaces the document's; an empty requirement in it means that none is needed. */
function scopesOf({ root }: ApiDocument, operation: unknown): string[][] {
	const given = own(operation, 'security') ?? own(root, 'security');
	if (!Array.isArray(given)) return [];
	const requirements = (given as unknown[])
		.slice(0, MOST_SCOPES)
		.filter(isObject)
		.map((schemes) =>
			Object.keys(schemes).flatMap((scheme) =>
				ownList(schemes, scheme)
					.slice(0, MOST_SCOPES)
					.filter((scope) => typeof scope === 'string'),
			),
		);
	return requirements.some((scopes) => scopes.length === 0) ? [] : requirements;
}
