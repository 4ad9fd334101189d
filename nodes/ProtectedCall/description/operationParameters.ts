import { isObject } from '../../shared/parameters';
import { formatOf } from './contentType';
import { shapeOf, type Shape } from './schema';
import { isSafeName, plain } from './text';
import { own, ownList, ownText, type Walk } from './walk';

export type Place = 'cookie' | 'header' | 'path' | 'query';

/** OpenAPI 3.1, 4.8.12.3; Swagger 2's `collectionFormat` in its words. */
export type Style =
	| 'deepObject'
	| 'form'
	| 'json'
	| 'label'
	| 'matrix'
	| 'pipeDelimited'
	| 'simple'
	| 'spaceDelimited'
	| 'tabDelimited';

export interface Parameter {
	readonly name: string;
	readonly in: Place;
	readonly required: boolean;
	readonly shape: Shape;
	readonly style: Style;
	/** Whether each entry of a list gets a parameter of its own. */
	readonly explode: boolean;
}

const MOST_PARAMETERS = 300;
/** OpenAPI 3.1, 4.8.12.1: these are described elsewhere. The rest belongs to the connection. */
const NOT_PARAMETERS = [
	'accept',
	'authorization',
	'connection',
	'content-length',
	'content-type',
	'host',
	'transfer-encoding',
	'upgrade',
];

/** Those of the path and those of the operation, which replace the former of the same name. */
export function parametersOf(
	walk: Walk,
	path: string,
	item: unknown,
	operation: unknown,
): Parameter[] {
	const found = new Map<string, Parameter>();
	for (const given of [...ownList(item, 'parameters'), ...ownList(operation, 'parameters')]) {
		if (found.size >= MOST_PARAMETERS || !walk.step()) break;
		const parameter = parameterOf(walk, walk.follow(given));
		if (parameter) found.set(keyOf(parameter), parameter);
	}
	const inPath = [...new Set([...path.matchAll(/\{([^{}]+)\}/g)].map(([, name]) => name))];
	for (const [key, parameter] of found) {
		if (parameter.in === 'path' && !inPath.includes(parameter.name)) found.delete(key);
	}
	// Some descriptions forget them, and without a value there is no address.
	const forgotten = inPath.filter((name) => !found.has(`path ${name}`)).map(textInPath);
	return [...forgotten, ...found.values()].sort(byNeed);
}

/** RFC 9110, 5.1: names of headers have no case. */
function keyOf({ in: place, name }: Parameter): string {
	return `${place} ${place === 'header' ? name.toLowerCase() : name}`;
}

function byNeed(a: Parameter, b: Parameter): number {
	const rank = ({ in: place, required }: Parameter) => (place === 'path' ? 0 : required ? 1 : 2);
	return rank(a) - rank(b);
}

function parameterOf(walk: Walk, given: unknown): Parameter | undefined {
	const name = ownText(given, 'name');
	const place = ownText(given, 'in');
	if (!isSafeName(name) || !isPlace(place)) return undefined;
	if (place === 'header' && NOT_PARAMETERS.includes(name.toLowerCase())) return undefined;
	const [[type, content] = []] = Object.entries(asObject(own(given, 'content')));
	const schema = own(given, 'schema') ?? own(content, 'schema') ?? given;
	const shape = shapeOf(walk, schema);
	return {
		name,
		in: place,
		required: place === 'path' || own(given, 'required') === true,
		shape: {
			...shape,
			description: plain(ownText(given, 'description'), 300) || shape.description,
		},
		...(type !== undefined && formatOf(type) === 'json'
			? { style: 'json', explode: false }
			: styleOf(given, place)),
	};
}

/** @param given A parameter, or the encoding of a field in a form. */
export function styleOf(given: unknown, place: Place): Pick<Parameter, 'style' | 'explode'> {
	switch (ownText(given, 'collectionFormat')) {
		case 'csv':
			return { style: place === 'path' || place === 'header' ? 'simple' : 'form', explode: false };
		case 'multi':
			return { style: 'form', explode: true };
		case 'ssv':
			return { style: 'spaceDelimited', explode: false };
		case 'tsv':
			return { style: 'tabDelimited', explode: false };
		case 'pipes':
			return { style: 'pipeDelimited', explode: false };
	}
	const usual: Style = place === 'path' || place === 'header' ? 'simple' : 'form';
	const named = ownText(given, 'style');
	const style = allowedStyles[place].find((allowed) => allowed === named) ?? usual;
	// Swagger 2 has no schema there, and separates a list by commas.
	const separated = own(given, 'schema') === undefined && own(given, 'type') === 'array';
	const explode = own(given, 'explode');
	return {
		style,
		explode: typeof explode === 'boolean' ? explode : style === 'form' && !separated,
	};
}

const allowedStyles: Readonly<Record<Place, readonly Style[]>> = {
	cookie: ['form'],
	header: ['simple'],
	path: ['label', 'matrix', 'simple'],
	query: ['deepObject', 'form', 'pipeDelimited', 'spaceDelimited'],
};

function isPlace(place: string): place is Place {
	return Object.hasOwn(allowedStyles, place);
}

function textInPath(name: string): Parameter {
	const shape: Shape = { kind: 'string', choices: [], description: '', entries: 'any' };
	return { name, in: 'path', required: true, shape, style: 'simple', explode: false };
}

function asObject(value: unknown): object {
	return isObject(value) ? value : {};
}
