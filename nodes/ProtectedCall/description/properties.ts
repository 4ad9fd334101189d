import { isObject } from '../../shared/parameters';
import { partsOf } from './schema';
import { isSafeName } from './text';
import { own, ownList, type Walk } from './walk';

/** A field of an object in a body. */
export interface Property {
	readonly name: string;
	readonly schema: unknown;
	readonly required: boolean;
}

export const MOST_PROPERTIES = 300;
const MOST_DEPTH = 16;
const MOST_VARIANTS = 20;

interface Gathered {
	readonly schemas: Map<string, unknown[]>;
	readonly required: Set<string>;
	readonly seen: Map<unknown, boolean>;
}

/**
 * The fields of an object, those of its `allOf`, `oneOf` and `anyOf` among them. What only an alternative asks for is
 * not required. Fields that the API alone fills (`readOnly`) are left out.
 */
export function propertiesOf(walk: Walk, schema: unknown): Property[] {
	const gathered: Gathered = { schemas: new Map(), required: new Set(), seen: new Map() };
	gather(walk, schema, gathered, false, 0);
	return [...gathered.schemas]
		.map(([name, schemas]) => ({
			name,
			schema: schemas.length === 1 ? schemas[0] : { anyOf: schemas },
			required: gathered.required.has(name),
		}))
		.sort((a, b) => Number(b.required) - Number(a.required))
		.slice(0, MOST_PROPERTIES);
}

function gather(
	walk: Walk,
	given: unknown,
	gathered: Gathered,
	alternative: boolean,
	depth: number,
): void {
	const schema = walk.follow(given);
	if (!isObject(schema) || depth > MOST_DEPTH || !walk.step()) return;
	const seenAs = gathered.seen.get(schema);
	// Once as a part and once as an alternative at most.
	if (seenAs === false || (seenAs === true && alternative)) return;
	gathered.seen.set(schema, alternative);
	const properties = own(schema, 'properties');
	if (isObject(properties)) {
		for (const [name, property] of Object.entries(properties)) {
			if (!walk.step()) break;
			if (isSafeName(name) && !isReadOnly(walk, property)) add(gathered.schemas, name, property);
		}
	}
	if (!alternative) {
		for (const name of ownList(schema, 'required')) {
			if (typeof name === 'string') gathered.required.add(name);
		}
	}
	for (const part of partsOf(schema, 'allOf')) {
		gather(walk, part, gathered, alternative, depth + 1);
	}
	for (const branch of [...partsOf(schema, 'oneOf'), ...partsOf(schema, 'anyOf')]) {
		gather(walk, branch, gathered, true, depth + 1);
	}
}

function add(schemas: Map<string, unknown[]>, name: string, schema: unknown): void {
	const variants = schemas.get(name);
	if (!variants) {
		if (schemas.size < MOST_PROPERTIES) schemas.set(name, [schema]);
	} else if (variants.length < MOST_VARIANTS && !variants.includes(schema)) {
		variants.push(schema);
	}
}

function isReadOnly(walk: Walk, property: unknown): boolean {
	return own(property, 'readOnly') === true || own(walk.follow(property), 'readOnly') === true;
}
