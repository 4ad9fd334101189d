import type { IDataObject, IHttpRequestMethods } from 'n8n-workflow';
import { ApiError, badInput } from '../../shared/errors';
import { asText, collection, isObject, requiredText, type Call } from '../../shared/parameters';
import type { Body } from '../body';
import { describedBody, type Values } from './describedBody';
import {
	bodyFormFields,
	parameterFields,
	parameterId,
	parametersOf,
	WHOLE_BODY,
	type FormField,
} from './fields';
import { loadDescription, type Description } from './load';
import type { Operation } from './operation';
import { plain } from './text';
import { headerText, pathText, queryParts } from './serialize';
import { valueFor } from './values';

/** What a chosen operation and its form make of a request. */
export interface DescribedRequest extends Body {
	readonly method: IHttpRequestMethods;
	/** Below the API base, its parameters filled in. */
	readonly path: string;
	/** Parts of the query, encoded. */
	readonly query: readonly string[];
	readonly headers: ReadonlyArray<readonly [name: string, value: string]>;
}

/**
 * The request of one item.
 * @throws ApiError when the operation is not there, a value is missing or cannot be used, or when the token is known
 * to lack a scope.
 */
export async function describedRequest(call: Call): Promise<DescribedRequest> {
	const wanted = requiredText(call, 'apiOperation', 'Operation');
	const description = await loadDescription(call.context, call.session, partOf(call));
	const operation = description.operation(wanted);
	refuseWithoutScope(call, description, operation);
	const taken = call.session.credentialHeaders;
	const timezone = call.context.getTimezone();
	const parameters = valuesOf(call, 'apiParameters', parameterFields(operation, taken), timezone);
	const request = { ...withParameters(operation, taken, parameters), method: methodOf(operation) };
	if (operation.body === undefined) return request;
	const form = valuesOf(call, 'apiBody', bodyFormFields(operation), timezone);
	const values: Values = operation.body.fields
		.map(({ name }, index) => [name, form.get(bodyFormFields(operation)[index].id)] as const)
		.filter(([, value]) => value !== undefined);
	const more: unknown = call.context.getNodeParameter('apiBodyMore', call.index, '');
	const built = await describedBody(call, operation.body, values, form.get(WHOLE_BODY), more);
	return { ...request, ...built };
}

function partOf(call: Call): string {
	return asText(collection(call, 'options').descriptionPart, 'Fusio Operations');
}

function methodOf({ method }: Operation): IHttpRequestMethods {
	return method as IHttpRequestMethods;
}

/** What was given in a form, by the ids of its fields. */
function valuesOf(
	call: Call,
	form: string,
	fields: readonly FormField[],
	timezone: string,
): ReadonlyMap<string, unknown> {
	const filled: unknown = call.context.getNodeParameter(form, call.index, {});
	const values = isObject(filled) && isObject(filled.value) ? filled.value : {};
	const found = new Map<string, unknown>();
	for (const field of fields) {
		const given = Object.hasOwn(values, field.id) ? values[field.id] : undefined;
		const value = valueFor(field, given, timezone);
		if (value !== undefined) found.set(field.id, value);
	}
	refuseForgotten(call, filled, values, fields);
	return found;
}

/**
 * The description may have changed since the form was filled in. What was filled in must not be left out in silence;
 * what the form does not show is left from another operation.
 */
function refuseForgotten(
	call: Call,
	filled: unknown,
	values: IDataObject,
	fields: readonly FormField[],
): void {
	if (isObject(filled) && Array.isArray(filled.schema) && !isChosenByExpression(call)) {
		const known = new Set(fields.map(({ id }) => id));
		const forgotten = (filled.schema as unknown[]).find(
			(field) =>
				isObject(field) &&
				field.removed !== true &&
				typeof field.id === 'string' &&
				!known.has(field.id) &&
				isGiven(Object.hasOwn(values, field.id) ? values[field.id] : undefined),
		);
		if (!isObject(forgotten)) return;
		throw badInput(
			plain(asText(forgotten.displayName ?? forgotten.id, 'Field'), 60),
			"is not in the API's description any more",
			'Choose the operation anew, and fill in the form as it is now.',
		);
	}
}

function isGiven(value: unknown): boolean {
	return value !== undefined && value !== null && value !== '';
}

/** Then one form is for several operations. */
function isChosenByExpression({ context }: Call): boolean {
	const { apiOperation } = context.getNode().parameters as IDataObject;
	const chosen = isObject(apiOperation) ? apiOperation.value : apiOperation;
	return typeof chosen === 'string' && chosen.startsWith('=');
}

function withParameters(
	operation: Operation,
	taken: readonly string[],
	values: ReadonlyMap<string, unknown>,
) {
	const inPath = new Map<string, string>();
	const query: string[] = [];
	const headers: Array<readonly [string, string]> = [];
	const cookies: string[] = [];
	for (const parameter of parametersOf(operation, taken)) {
		const value = values.get(parameterId(parameter));
		if (value === undefined) {
			if (!parameter.required) continue;
			throw badInput(
				plain(parameter.name, 60),
				'is empty',
				'The operation needs it. If it is an expression, check that it gives a value for this item.',
			);
		}
		if (parameter.in === 'path') inPath.set(parameter.name, pathText(parameter, value));
		else if (parameter.in === 'query') query.push(...queryParts(parameter, value));
		else if (parameter.in === 'header') {
			headers.push([parameter.name, headerText(parameter, value)]);
		} else {
			cookies.push(`${parameter.name}=${encodeURIComponent(headerText(parameter, value))}`);
		}
	}
	if (cookies.length > 0) headers.push(['Cookie', cookies.join('; ')]);
	const path = operation.path
		.split('#', 1)[0]
		.replace(/\{([^{}]+)\}/g, (placeholder, name: string) => inPath.get(name) ?? placeholder);
	return { path, query, headers };
}

/** Fusio answers 401 to a token without the scope, as it does to a wrong one, and bans hosts that try too often. */
function refuseWithoutScope(call: Call, description: Description, operation: Operation): void {
	const granted = description.anyScopeWillDo ? call.session.scopes?.() : undefined;
	const needed = [...new Set(operation.scopes.flat())];
	if (!granted || needed.length === 0) return;
	// A scope is good for those below it: `todo` for `todo.read`.
	const ways = (scope: string) => [scope, scope.split('.', 1)[0]];
	if (needed.flatMap(ways).some((scope) => granted.includes(scope))) return;
	throw new ApiError(
		'permission',
		`Not sent: ${plain(operation.id || operation.key)} needs the scope ${plain(needed.slice(0, 5).join(' or '), 200)}, and the token has ${granted.length > 0 ? plain(granted.slice(0, 20).join(', '), 300) : 'none'}.`,
		'Add the scope to the field Scopes of the credential, and in Fusio to the app or user.',
	);
}
