import type { Output } from '../shared/items';
import { readPages } from '../shared/pagination';
import { asText, collection, requiredText, text, type Call } from '../shared/parameters';
import type { ApiRequest } from '../session/session';
import { maxPagesOf, paginationOf } from './paginationFields';
import { draftOf } from './request';
import { listIn, outputsOf } from './response';

/** These reply with headers alone. */
const ONLY_HEADERS = ['HEAD', 'OPTIONS'];

/** Sends the request of one item, page after page where asked to, and makes items of the replies. */
export async function protectedCall(call: Call): Promise<Output[]> {
	const { method, url, headers, body } = await draftOf(call);
	const options = collection(call, 'options');
	const reply = text(call, 'responseFormat', 'Response Format') as ApiRequest['reply'];
	const at = asText(options.itemsAt, 'Items At');
	const pagination = paginationOf(call);

	const shape = {
		full: options.fullResponse === true || ONLY_HEADERS.includes(method),
		itemsAt: at,
		outputField:
			reply === 'json' ? 'data' : requiredText(call, 'outputField', 'Put Output in Field'),
	};
	const common: Omit<ApiRequest, 'path'> = {
		method,
		headers,
		body,
		reply,
		neverError: options.neverError === true,
		...(options.longNumbers === 'rounded' && { longNumbers: options.longNumbers }),
	};
	const { replies, capped } = await readPages(url, pagination, maxPagesOf(call, pagination), {
		send: async (page) => await call.session.send({ ...common, path: page.href }),
		listIn: (page) => listIn(page, at),
	});
	if (capped) {
		call.context.addExecutionHints({
			message: `Item ${call.index}: there are more than ${replies.length} pages. Raise Max Pages to read them all.`,
			location: 'outputPane',
			type: 'warning',
		});
	}
	const outputs = await Promise.all(
		replies.map(async (page) => await outputsOf(call, url, page, shape)),
	);
	return outputs.flat();
}
