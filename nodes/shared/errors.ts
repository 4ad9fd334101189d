import { findErrorText, providerWords, type TokenError } from '../../credentials/tokens/errors';

/** An error of a request, with what happened as its message and what to do next as its description. */
export class ApiError extends Error {
	override readonly name = 'ApiError';

	constructor(
		readonly code: string,
		message: string,
		readonly description: string,
		/** Of the API's reply, where there was one. */
		readonly httpStatus?: number,
	) {
		super(message);
	}
}

export function fromTokenError({ kind, what, next }: TokenError, httpStatus?: number): ApiError {
	return new ApiError(kind, what, next, httpStatus);
}

/** An error for a reply of 400 and above, in the provider's own words where it has some. */
export function fromReply(
	provider: string,
	status: number,
	body: unknown,
	secrets: readonly string[],
): ApiError {
	const text = findErrorText(body);
	const words = text === undefined ? undefined : providerWords(text, secrets);
	const said = words
		? `${provider} answered ${status}: ${words}`
		: `${provider} answered ${status}`;
	return new ApiError('api', said, nextStep(status), status);
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
		case 429:
			return 'Too many requests. Try again later, or lower Concurrency.';
		default:
			return status >= 500
				? 'The API failed. Try again later; if it goes on, ask the provider.'
				: 'Check the fields of this node.';
	}
}
