import { createHash } from 'node:crypto';
import type { INodeProperties } from 'n8n-workflow';
import { stringifyExact } from '../../credentials/tokens/json';
import { badInput } from '../shared/errors';
import { isHeaderName, isOfConnection } from '../shared/headers';
import { asText, collection, type Call } from '../shared/parameters';
import type { ApiRequest } from '../session/session';
import { StreamedBody } from '../session/upload';

export const idempotencyKey: INodeProperties = {
	displayName: 'Idempotency Key Header',
	name: 'idempotencyKey',
	type: 'string',
	default: 'Idempotency-Key',
	placeholder: 'e.g. Idempotency-Key',
	description:
		'Name of a header by which the API recognizes a request that it has carried out already. Its value is the same for all attempts of one item, so that a POST or PATCH can be sent again after a lost answer. Add it only if the API documents such a header.',
};

/** Headers that say something else, which the request needs. */
const OTHERS = ['accept', 'authorization', 'content-type', 'cookie'];

/**
 * The request with a key that names it (draft-ietf-httpapi-idempotency-key-header): the same for each attempt, also
 * when n8n runs the node again for its Retry On Fail, and another one for each item, page, run and content. A key that
 * the item's own headers set is kept.
 *
 * @throws ApiError when the option is not the name of a header.
 */
export function withIdempotencyKey(call: Call, request: ApiRequest): ApiRequest {
	const given = collection(call, 'options').idempotencyKey;
	if (given === undefined) return request;
	const name = asText(given, 'Idempotency Key Header').toLowerCase();
	const taken = [...call.session.credentialHeaders, ...OTHERS];
	if (!isHeaderName(name) || isOfConnection(name) || taken.includes(name)) {
		throw badInput(
			'Idempotency Key Header',
			'is not the name of a header for it',
			'Write it as the API documents it, e.g. Idempotency-Key, or remove the option.',
		);
	}
	const key = request.headers?.[name] ?? keyOf(call, request);
	return { ...request, repeatable: true, headers: { ...request.headers, [name]: key } };
}

/** In the form of a UUID of version 5, which APIs accept that check it. */
function keyOf({ context, index }: Call, { method, path, body, headers }: ApiRequest): string {
	const { $runIndex: run } = context.getWorkflowDataProxy(index);
	const names = [context.getExecutionId(), context.getNode().id, run, index, method, path];
	const hash = createHash('sha1')
		.update(JSON.stringify(names))
		.update(contentOf(body, headers?.['content-type']));
	const hex = hash.digest('hex');
	const variant = ((parseInt(hex[16], 16) & 3) | 8).toString(16);
	return [
		hex.slice(0, 8),
		hex.slice(8, 12),
		`5${hex.slice(13, 16)}`,
		`${variant}${hex.slice(17, 20)}`,
		hex.slice(20, 32),
	].join('-');
}

function contentOf(body: ApiRequest['body'], type = ''): string | Buffer {
	if (body === undefined) return '';
	if (body instanceof StreamedBody) return body.name;
	if (Buffer.isBuffer(body)) {
		// The boundary of a form with files is another one each time.
		const boundary = /boundary=(\S+)/i.exec(type)?.[1];
		return boundary === undefined ? body : body.toString('latin1').replaceAll(boundary, '');
	}
	if (typeof body === 'string') return body;
	return body instanceof URLSearchParams ? body.toString() : stringifyExact(body);
}
