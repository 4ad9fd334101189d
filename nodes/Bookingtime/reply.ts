import type { IDataObject } from 'n8n-workflow';
import { ApiError } from '../shared/errors';
import { isObject, type Client } from '../shared/parameters';
import type { ApiRequest } from '../session/session';

/** One entry of bookingtime's `messageList`. */
interface Message {
	readonly type?: unknown;
	readonly parameter?: unknown;
	readonly text?: unknown;
}

/** Sends a request and takes the content out of its envelope. */
export async function contentOf(session: Client, request: ApiRequest): Promise<unknown> {
	const { body } = await session.send(request);
	return unwrapped(body);
}

/** @throws ApiError when the reply is something else than one record. */
export async function recordOf(session: Client, request: ApiRequest): Promise<IDataObject> {
	const content = await contentOf(session, request);
	if (isObject(content)) return content;
	throw new ApiError(
		'reply',
		"bookingtime's reply holds no record",
		'Check the ID, and the organization that the record belongs to.',
	);
}

/**
 * The content of a reply. The API wraps it as `{ messageList, content }`; its documentation shows
 * it bare, so both are taken.
 * @throws ApiError when a message says that the request failed.
 */
export function unwrapped(body: unknown): unknown {
	const failures = failuresIn(body);
	if (failures.length > 0) throw refusal(failures);
	return isObject(body) && 'messageList' in body && 'content' in body ? body.content : body;
}

/** Whether the reply says that the request failed, and for this parameter alone. */
export function blamesOnly(body: unknown, parameter: string): boolean {
	const failures = failuresIn(body);
	return failures.length > 0 && failures.every((failure) => failure.parameter === parameter);
}

function failuresIn(body: unknown): Message[] {
	if (!isObject(body) || !Array.isArray(body.messageList)) return [];
	return (body.messageList as Message[]).filter((message) => message?.type === 'failure');
}

function refusal(failures: readonly Message[]): ApiError {
	const parts = failures.map(({ parameter, text }) =>
		[parameter, text].filter((part) => typeof part === 'string' && part !== '').join(': '),
	);
	const fields = failures.filter(({ parameter }) => typeof parameter === 'string');
	return new ApiError(
		'api',
		`bookingtime refused the request: ${parts.filter(Boolean).join(' ') || 'no reason given'}`,
		fields.length > 0
			? `Correct ${fields.map(({ parameter }) => `"${String(parameter)}"`).join(', ')} in this item and run the node again.`
			: 'Correct the values of this item and run the node again.',
	);
}
