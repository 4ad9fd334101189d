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
/** More are looked at, since the required ones may be the last. */
const MOST_GATHERED = 10_000;
const MOST_DEPTH = 16;
const MOST_VARIANTS = 20;

interface Gathered {
	readonly schemas: Map<string, unknown[]>;
	readonly seen: Map<unknown, boolean>;
}

/**
 * The fields of an object, those of its `allOf`, `oneOf` and `anyOf` among them. Of what alternatives ask for, only what
 * all of them do is required. Fields that the API alone fills (`readOnly`) are left out.
 */
export function propertiesOf(walk: Walk, schema: unknown): Property[] {
	const gathered: Gathered = { schemas: new Map(), seen: new Map() };
	gather(walk, schema, gathered, false, 0);
	const required = requiredIn(walk, schema, new Map(), 0);
	return [...gathered.schemas]
		.map(([name, schemas]) => ({
			name,
			schema: schemas.length === 1 ? schemas[0] : { anyOf: schemas },
			required: required.has(name),
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
	for (const schema of walk.layers(given)) gatherOne(walk, schema, gathered, alternative, depth);
}

function gatherOne(
	walk: Walk,
	schema: unknown,
	gathered: Gathered,
	alternative: boolean,
	depth: number,
): void {
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
	for (const part of partsOf(schema, 'allOf')) {
		gather(walk, part, gathered, alternative, depth + 1);
	}
	for (const branch of [...partsOf(schema, 'oneOf'), ...partsOf(schema, 'anyOf')]) {
		gather(walk, branch, gathered, true, depth + 1);
	}
}

/** @param known Of schemas that were looked at: each once, none within itself. */
function requiredIn(
	walk: Walk,
	given: unknown,
	known: Map<unknown, ReadonlySet<string>>,
	depth: number,
): ReadonlySet<string> {
	const names = new Set<string>();
	for (const schema of walk.layers(given)) {
		if (!isObject(schema) || depth > MOST_DEPTH || !walk.step()) continue;
		const before = known.get(schema);
		for (const name of before ?? requiredInOne(walk, schema, known, depth)) names.add(name);
	}
	return names;
}

function requiredInOne(
	walk: Walk,
	schema: object,
	known: Map<unknown, ReadonlySet<string>>,
	depth: number,
): ReadonlySet<string> {
	const names = new Set<string>();
	known.set(schema, names);
	for (const name of ownList(schema, 'required')) {
		if (typeof name === 'string') names.add(name);
	}
	const inParts = (how: 'allOf' | 'anyOf' | 'oneOf') =>
		partsOf(schema, how)
			.filter((part) => own(part, 'type') !== 'null')
			.map((part) => requiredIn(walk, part, known, depth + 1));
	for (const part of inParts('allOf')) for (const name of part) names.add(name);
	for (const [first = new Set<string>(), ...others] of [inParts('oneOf'), inParts('anyOf')]) {
		for (const name of first) if (others.every((other) => other.has(name))) names.add(name);
	}
	return names;
}

function add(schemas: Map<string, unknown[]>, name: string, schema: unknown): void {
	const variants = schemas.get(name);
	if (!variants) {
		if (schemas.size < MOST_GATHERED) schemas.set(name, [schema]);
	} else if (variants.length < MOST_VARIANTS && !variants.includes(schema)) {
		variants.push(schema);
	}
}

function isReadOnly(walk: Walk, property: unknown): boolean {
	return own(property, 'readOnly') === true || own(walk.follow(property), 'readOnly') === true;
}
