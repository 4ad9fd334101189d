import {
	ExpressionError,
	NodeApiError,
	NodeOperationError,
	type IDataObject,
	type INode,
} from 'n8n-workflow';
import { ItemError } from './itemError';

/** An error in the form that n8n shows with its node and item. */
export type NodeFailure = NodeApiError | NodeOperationError | ExpressionError;

/** What errors of `session.send()` carry. */
interface ApiFailure extends Error {
	readonly code: string;
	readonly description?: string | null;
	readonly httpStatus?: number;
}

/** Makes n8n's own error of anything thrown for an item, keeping message and description. */
export function toNodeError(node: INode, error: unknown, itemIndex?: number): NodeFailure {
	if (error instanceof NodeApiError || error instanceof NodeOperationError) {
		error.context.itemIndex ??= itemIndex;
		return error;
	}
	// n8n's editor shows expression errors in a way of its own.
	if (error instanceof ExpressionError) return error;
	if (error instanceof ItemError && error.code === 'input') {
		return inOurWords(
			new NodeOperationError(node, error.message, { itemIndex }),
			error.message,
			error.description,
		);
	}
	if (isApiFailure(error)) {
		const httpCode = error.httpStatus === undefined ? undefined : String(error.httpStatus);
		return inOurWords(
			new NodeApiError(node, {}, { itemIndex, httpCode }),
			error.message,
			error.description,
		);
	}
	const cause = error instanceof Error ? error : new Error(String(error));
	return new NodeOperationError(node, cause, { itemIndex });
}

function isApiFailure(error: unknown): error is ApiFailure {
	return error instanceof Error && 'code' in error && typeof error.code === 'string';
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
