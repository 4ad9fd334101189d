import { badInput } from '../shared/errors';
import type { Output } from '../shared/items';
import { readPages, type Pagination } from '../shared/pagination';
import { asText, collection, parameter, type Call } from '../shared/parameters';
import type { ApiRequest } from '../session/session';
import { WITHOUT_BODY } from './bodyFields';
import { withIdempotencyKey } from './idempotency';
import { paginationOf } from './paginationOf';
import { draftOf, type Draft } from './request';
import { outputsOf } from './response';
import { sendingOf } from './sending';

/** These reply with headers alone. */
const ONLY_HEADERS = ['HEAD', 'OPTIONS'];

/** Sends the request of one item, page after page where asked to, and makes items of the replies. */
export async function protectedCall(call: Call): Promise<Output[]> {
	return await sendDraft(call, await draftOf(call));
}

/** The same with a request that is built already. */
export async function sendDraft(
	call: Call,
	{ method, url, headers, body }: Draft,
): Promise<Output[]> {
	const options = collection(call, 'options');
	const sending = sendingOf(call);
	const at = asText(options.itemsAt, 'Items At');
	const { pagination, ends } = paginationOf(
		(name, otherwise) => parameter(call, name, otherwise),
		call.context.getTimezone(),
	);

	if (sendsInBody(pagination) && WITHOUT_BODY.includes(method)) {
		throw badInput(
			'Parameter In',
			`is Body, but a ${method} request has none`,
			'Choose another method, or another place for the parameter.',
		);
	}
	const shape = {
		full: options.fullResponse === true || ONLY_HEADERS.includes(method),
		itemsAt: at,
		outputField: outputFieldOf(call, sending.reply),
		words: call.session.words,
	};
	const { replies, doubt } = await readPages({ url, headers, body }, pagination, ends, {
		send: async ({ url: page, ...carried }) =>
			await call.session.send(
				withIdempotencyKey(call, { ...sending, method, ...carried, path: page.href }),
			),
		itemsAt: at,
		words: call.session.words,
		wholePages: sending.reply === 'text' || sending.reply === 'file',
	});
	if (doubt !== undefined) {
		call.context.addExecutionHints({
			message: `Item ${call.index}: ${doubt}`,
			location: 'outputPane',
			type: 'warning',
		});
	}
	return replies.flatMap((page) => outputsOf(page, shape));
}

function outputFieldOf(call: Call, reply: ApiRequest['reply']): string {
	if (reply === 'json') return 'data';
	const { outputField = parameter(call, 'outputField', '') } = collection(call, 'options');
	return asText(outputField, 'Put Output in Field') || 'data';
}

function sendsInBody(pagination: Pagination): boolean {
	return 'parameter' in pagination && pagination.parameter.in === 'body';
}
