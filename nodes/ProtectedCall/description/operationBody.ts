import { isObject } from '../../shared/parameters';
import { formatOf, isForm, preferred, type Format } from './contentType';
import { styleOf, type Parameter } from './operationParameters';
import { propertiesOf } from './properties';
import { shapeOf, type Shape } from './schema';
import { isSafeName } from './text';
import { own, ownList, ownText, type Walk } from './walk';

/** What the body of an operation is made of. */
export interface Body {
	/** As the description names it, such as `application/json`. */
	readonly contentType: string;
	readonly format: Format;
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
	/** How its lists and objects are written in a form, where the description says so. */
	readonly written?: Pick<Parameter, 'style' | 'explode'>;
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
	const media = walk.follow(content[contentType]);
	const required = own(request, 'required') === true;
	return build(walk, contentType, own(media, 'schema'), required, own(media, 'encoding'));
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
	// Those of the operation replace the ones of the path.
	const byName = new Map(inForm.map((parameter) => [ownText(parameter, 'name'), parameter]));
	const fields = [...byName]
		.filter(([name]) => isSafeName(name))
		.map(([name, parameter]) => ({
			name,
			required: own(parameter, 'required') === true,
			shape: shapeOf(walk, parameter),
			written: styleOf(parameter, 'query'),
		}));
	const hasFile = fields.some(({ shape }) => shape.kind === 'file');
	const wanted = hasFile || types.some((type) => formatOf(type) === 'multipart');
	return wanted
		? { contentType: 'multipart/form-data', format: 'multipart', fields, required: true }
		: { contentType: 'application/x-www-form-urlencoded', format: 'form', fields, required: true };
}

function build(
	walk: Walk,
	contentType: string,
	schema: unknown,
	required: boolean,
	encoding?: unknown,
): Body {
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
		...writtenAs(own(encoding, name)),
	}));
	const isOneValue =
		format === 'json' && fields.length === 0 && !['any', 'object'].includes(shape.kind);
	return { ...common, fields, ...(isOneValue && { whole: shape }) };
}

/** OpenAPI 3.1, 4.8.15.1.2: style and explode count where one of them is there; else objects are JSON. */
function writtenAs(encoding: unknown): Pick<BodyField, 'written'> {
	const isSaid = own(encoding, 'style') !== undefined || own(encoding, 'explode') !== undefined;
	return isSaid ? { written: styleOf(encoding, 'query') } : {};
}
