import { isObject } from '../../shared/parameters';
import { propertiesOf } from './properties';
import { shapeOf, type Shape } from './schema';
import { isSafeName } from './text';
import { own, ownList, ownText, type Walk } from './walk';

/** What the body of an operation is made of. */
export interface Body {
	/** As the description names it, such as `application/json`. */
	readonly contentType: string;
	readonly format: 'file' | 'form' | 'json' | 'multipart' | 'text';
	/** Of an object; none where the body is one value or where the description names none. */
	readonly fields: readonly BodyField[];
	/** Of a body that is one value; undefined for an object. */
	readonly whole?: Shape;
	readonly required: boolean;
}

export interface BodyField {
	readonly name: string;
	readonly required: boolean;
	readonly shape: Shape;
}

/** The first content type of an operation that can be sent from a form, JSON before all others. */
export function bodyOf(walk: Walk, item: unknown, operation: unknown): Body | undefined {
	return walk.document.format === 'swagger2'
		? bodyOfSwagger(walk, item, operation)
		: bodyOfOpenApi(walk, own(operation, 'requestBody'));
}

function bodyOfOpenApi(walk: Walk, given: unknown): Body | undefined {
	const request = walk.follow(given);
	const content = own(request, 'content');
	if (!isObject(content)) return undefined;
	const contentType = preferred(Object.keys(content).slice(0, 50));
	if (contentType === undefined) return undefined;
	const schema = own(walk.follow(content[contentType]), 'schema');
	return build(walk, contentType, schema, own(request, 'required') === true);
}

function bodyOfSwagger(walk: Walk, item: unknown, operation: unknown): Body | undefined {
	const parameters = [...ownList(item, 'parameters'), ...ownList(operation, 'parameters')]
		.slice(0, 300)
		.map((parameter) => walk.follow(parameter));
	const consumes = own(operation, 'consumes') ?? own(walk.document.root, 'consumes');
	const types = (Array.isArray(consumes) ? (consumes as unknown[]) : []).filter(
		(type) => typeof type === 'string',
	);
	const whole = parameters.find((parameter) => own(parameter, 'in') === 'body');
	if (whole !== undefined) {
		const contentType = preferred(types.filter((type) => !isForm(formatOf(type))));
		const required = own(whole, 'required') === true;
		return build(walk, contentType ?? 'application/json', own(whole, 'schema'), required);
	}
	const inForm = parameters.filter((parameter) => own(parameter, 'in') === 'formData');
	if (inForm.length === 0) return undefined;
	const fields = inForm
		.map((parameter) => ({
			name: ownText(parameter, 'name'),
			required: own(parameter, 'required') === true,
			shape: shapeOf(walk, parameter),
		}))
		.filter(({ name }) => isSafeName(name));
	const hasFile = fields.some(({ shape }) => shape.kind === 'file');
	const wanted = hasFile || types.some((type) => formatOf(type) === 'multipart');
	return wanted
		? { contentType: 'multipart/form-data', format: 'multipart', fields, required: true }
		: { contentType: 'application/x-www-form-urlencoded', format: 'form', fields, required: true };
}

function build(walk: Walk, contentType: string, schema: unknown, required: boolean): Body {
	const format = formatOf(contentType);
	const common = { contentType, format, required };
	const shape = shapeOf(walk, schema);
	if (format === 'file') return { ...common, fields: [], whole: { ...shape, kind: 'file' } };
	if (format === 'text') {
		return { ...common, fields: [], whole: { ...shape, kind: 'string', choices: [] } };
	}
	const fields = propertiesOf(walk, schema).map(({ name, required: needed, schema: inner }) => ({
		name,
		required: needed,
		shape: shapeOf(walk, inner),
	}));
	const isOneValue =
		format === 'json' && fields.length === 0 && !['any', 'object'].includes(shape.kind);
	return { ...common, fields, ...(isOneValue && { whole: shape }) };
}

const order: ReadonlyArray<Body['format']> = ['json', 'form', 'multipart', 'text', 'file'];

function preferred(contentTypes: readonly string[]): string | undefined {
	return contentTypes
		.filter((type) => /^[\w!#$&^.+*-]+\/[\w!#$&^.+*-]+(?:\s*;[\x20-\x7e]*)?$/.test(type))
		.sort((a, b) => order.indexOf(formatOf(a)) - order.indexOf(formatOf(b)))[0];
}

function formatOf(contentType: string): Body['format'] {
	const type = contentType.split(';', 1)[0].trim().toLowerCase();
	if (/[/+]json$|^application\/\*$|^\*\/\*$/.test(type)) return 'json';
	if (type === 'application/x-www-form-urlencoded') return 'form';
	if (type.startsWith('multipart/')) return 'multipart';
	return /^text\/|[/+](?:xml|yaml|x-ndjson|ndjson)$|graphql|javascript/.test(type)
		? 'text'
		: 'file';
}

function isForm(format: Body['format']): boolean {
	return format === 'form' || format === 'multipart';
}
