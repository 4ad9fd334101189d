import { isObject } from '../../shared/parameters';
import { plain } from './text';
import { own, ownList, ownText, type Walk } from './walk';

export type Kind =
	| 'any'
	| 'array'
	| 'boolean'
	| 'date'
	| 'dateTime'
	| 'file'
	| 'integer'
	| 'number'
	| 'object'
	| 'string';

export type Choice = string | number | boolean;

/** What a form needs to know of a value. */
export interface Shape {
	readonly kind: Kind;
	/** The only values that are allowed; none: any. */
	readonly choices: readonly Choice[];
	readonly preset?: Choice;
	readonly description: string;
	/** Kind of a list's entries. */
	readonly entries: Kind;
}

const MOST_CHOICES = 200;
/** A schema is read this deep: `allOf` in `oneOf` in `allOf` and so on. */
const MOST_DEPTH = 16;
const MOST_PARTS = 500;

/** Reads a schema as far as a single field needs it; each part of it is looked at once, however often it is named. */
export function shapeOf(walk: Walk, schema: unknown): Shape {
	const found = new Found();
	gather(walk, schema, found, new Set(), 0);
	const choices = [...new Set(found.choices)].filter(isSafeChoice).slice(0, MOST_CHOICES);
	const kind = found.kind ?? kindOfChoices(choices);
	return {
		kind,
		choices: ['array', 'object', 'file', 'boolean'].includes(kind) ? [] : choices,
		...(isChoice(found.preset) && isSafeChoice(found.preset) && { preset: found.preset }),
		description: plain(found.description, 300),
		entries:
			kind === 'array' && found.items !== undefined ? shapeOf(walk, found.items).kind : 'any',
	};
}

class Found {
	kind?: Kind;
	choices: Choice[] = [];
	preset: unknown;
	description = '';
	items: unknown;
}

function gather(walk: Walk, given: unknown, found: Found, seen: Set<unknown>, depth: number) {
	// Beside a reference, OpenAPI 3.1 allows a description of its own.
	found.description ||= ownText(given, 'description') || ownText(given, 'title');
	for (const schema of walk.layers(given)) gatherOne(walk, schema, found, seen, depth);
}

function gatherOne(walk: Walk, schema: unknown, found: Found, seen: Set<unknown>, depth: number) {
	if (!isObject(schema) || seen.has(schema) || depth > MOST_DEPTH || !walk.step()) return;
	seen.add(schema);
	found.kind ??= kindOf(schema);
	found.preset ??= own(schema, 'default');
	found.description ||= ownText(schema, 'description');
	found.items ??= own(schema, 'items');
	const allowed = own(schema, 'const');
	const choices = allowed === undefined ? ownList(schema, 'enum') : [allowed];
	if (found.choices.length === 0) {
		for (const choice of choices.slice(0, MOST_CHOICES)) {
			if (isChoice(choice)) found.choices.push(choice);
		}
	}
	for (const part of partsOf(schema, 'allOf')) gather(walk, part, found, seen, depth + 1);
	if (found.kind === undefined) eitherOf(walk, schema, found, seen, depth);
}

/** One kind where all alternatives have the same one, with the choices of all of them; otherwise any. */
function eitherOf(walk: Walk, schema: object, found: Found, seen: Set<unknown>, depth: number) {
	const branches = [...partsOf(schema, 'oneOf'), ...partsOf(schema, 'anyOf')];
	const kinds = new Set<Kind>();
	const choices: Choice[] = [];
	let open = false;
	for (const branch of branches) {
		if (!walk.step()) break;
		if (own(branch, 'type') === 'null') continue;
		const alternative = new Found();
		gather(walk, branch, alternative, seen, depth + 1);
		if (alternative.kind) kinds.add(alternative.kind);
		open ||= alternative.choices.length === 0;
		choices.push(...alternative.choices);
		found.items ??= alternative.items;
		found.description ||= alternative.description;
	}
	if (kinds.size === 1) [found.kind] = kinds;
	else if (kinds.size > 1) found.kind = 'any';
	if (!open && found.choices.length === 0) found.choices = choices.slice(0, MOST_CHOICES);
}

/** The schemas that a schema is combined of. */
export function partsOf(schema: unknown, how: 'allOf' | 'anyOf' | 'oneOf'): readonly unknown[] {
	return ownList(schema, how).slice(0, MOST_PARTS);
}

function kindOf(schema: object): Kind | undefined {
	const given = own(schema, 'type');
	const types = (Array.isArray(given) ? (given as unknown[]) : [given]).filter(
		(type) => typeof type === 'string' && type !== 'null',
	);
	if (types.length > 1) return 'any';
	const format = ownText(schema, 'format');
	switch (types[0]) {
		case 'string':
			if (format === 'binary' || ownText(schema, 'contentMediaType') === 'application/octet-stream')
				return 'file';
			return format === 'date' ? 'date' : format === 'date-time' ? 'dateTime' : 'string';
		case 'file':
		case 'array':
		case 'boolean':
		case 'integer':
		case 'number':
		case 'object':
			return types[0];
	}
	if (isObject(own(schema, 'properties')) || isObject(own(schema, 'additionalProperties'))) {
		return 'object';
	}
	const isList = own(schema, 'items') !== undefined || Array.isArray(own(schema, 'prefixItems'));
	return isList ? 'array' : undefined;
}

function kindOfChoices(choices: readonly Choice[]): Kind {
	const [kind, ...others] = new Set(choices.map((choice) => typeof choice));
	if (kind === undefined || others.length > 0) return 'any';
	return kind === 'string' || kind === 'boolean' ? kind : 'number';
}

function isChoice(value: unknown): value is Choice {
	return ['string', 'number', 'boolean'].includes(typeof value);
}

/** A text that begins with an equals sign would be an expression, which n8n evaluates. */
function isSafeChoice(value: Choice): boolean {
	return typeof value !== 'string' || (!value.trimStart().startsWith('=') && value.length <= 1000);
}
