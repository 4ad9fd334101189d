import {
	ExpressionError,
	NodeApiError,
	NodeOperationError,
	type IDataObject,
	type INode,
} from 'n8n-workflow';
import { ApiError, providerWords } from '../../credentials/tokens/errors';
import { findErrorText } from '../../credentials/tokens/errorWords';
import { proxyLogInError } from '../../credentials/tokens/network';
import { redact } from '../../credentials/tokens/redact';

export { ApiError } from '../../credentials/tokens/errors';

/** An error in the form that n8n shows with its node and item. */
export type NodeFailure = NodeApiError | NodeOperationError | ExpressionError;

/** A field whose value cannot be used. */
export function badInput(field: string, what: string, next: string): ApiError {
	return new ApiError('field', `"${field}" ${what}`, next);
}

/** An error for a reply of 400 and above, in the provider's own words where it has some. */
export function fromReply(
	provider: string,
	status: number,
	body: unknown,
	secrets: readonly string[],
): ApiError {
	if (status === 407) return proxyLogInError(provider);
	const text = findErrorText(body);
	const words = text === undefined ? undefined : providerWords(text, secrets);
	const said = words
		? `${provider} answered ${status}: ${words}`
		: `${provider} answered ${status}`;
	return new ApiError('api', said, nextStep(status), { httpStatus: status });
}

/** The error with the request that it answers: method and path, but not the query, whose values may be secrets. */
export function ofRequest(
	error: ApiError,
	method: string,
	url: URL,
	secrets: readonly string[],
): ApiError {
	const path = redact(url.pathname, secrets).slice(0, 200);
	return withNote(error, `The request was ${method} ${path}.`);
}

/** The error with one more sentence in its description. */
export function withNote(
	{ kind, message, description, httpStatus, retryAfter, neverSent }: ApiError,
	sentence: string,
): ApiError {
	return new ApiError(kind, message, `${description} ${sentence}`, {
		httpStatus,
		retryAfter,
		neverSent,
	});
}

function nextStep(status: number): string {
	switch (status) {
		case 400:
		case 422:
			return 'Check the fields of this node.';
		case 401:
			return 'Check the credential.';
		case 403:
			return 'The token is good, but this is not allowed to it. Ask the provider for the permission.';
		case 404:
			return 'Check the id or the path: there is nothing under it.';
		case 405:
			return 'Choose another method.';
		case 409:
			return 'It collides with something that is there already.';
		case 413:
			return 'It is too large for the API. Send less at once, such as fewer items in one request.';
		case 429:
			return 'Too many requests. Try again later.';
		default:
			return status >= 500
				? 'The API failed. Try again later; if it goes on, ask the provider.'
				: 'Check the fields of this node.';
	}
}

/** Makes n8n's own error of anything thrown for an item, keeping message and description. */
export function toNodeError(node: INode, error: unknown, itemIndex?: number): NodeFailure {
	if (error instanceof NodeApiError || error instanceof NodeOperationError) {
		error.context.itemIndex ??= itemIndex;
		return error;
	}
	// n8n's editor shows expression errors in a way of its own.
	if (error instanceof ExpressionError) return error;
	if (error instanceof ApiError) {
		const { message, description, httpStatus } = error;
		const made =
			error.kind === 'field'
				? new NodeOperationError(node, message, { itemIndex })
				: new NodeApiError(node, {}, { itemIndex, httpCode: httpStatus?.toString() });
		return inOurWords(made, message, description);
	}
	const cause = error instanceof Error ? error : new Error(String(error));
	return new NodeOperationError(node, cause, { itemIndex });
}

/** n8n's error classes rewrite messages by status code and by words found in them. */
function inOurWords<E extends NodeApiError | NodeOperationError>(
	error: E,
	message: string,
	description?: string | null,
): E {
	error.message = message;
	error.description = description ?? undefined;
	error.messages = [];
	return error;
}

/** n8n sends an item to the error output when its keys are `error` and `details` alone. */
export function errorJson(error: NodeFailure): IDataObject {
	const status = error instanceof NodeApiError ? error.httpCode : null;
	return {
		error: error.message,
		...((error.description || status) && {
			details: {
				...(error.description && { description: error.description }),
				...(status && { httpStatus: Number(status) }),
			},
		}),
	};
}
