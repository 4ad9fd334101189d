import { parseExact } from '../../credentials/tokens/json';
import { ApiError } from '../shared/errors';
import { decodeText } from '../../credentials/tokens/charset';
import type { ApiReply, ApiRequest } from './request';
import type { RawReply } from './receive';

/** Reads the body as the request asks. @throws ApiError `reply` where JSON was asked for and is not there. */
export function readReply(request: ApiRequest, { body, ...reply }: RawReply): ApiReply {
	if (reply.file !== undefined) return { ...reply, body: undefined };
	const as = request.reply ?? 'json';
	const good = reply.status < 400;
	const type = reply.headers['content-type'] ?? '';
	if (good && (as === 'file' || (as === 'auto' && isFile(type, body)))) return { ...reply, body };
	const text = decodeText(body, type);
	const maybeJson = isJson(type) || (type === '' && /^\s*[[{]/.test(text));
	if (as === 'text' || (good && as === 'auto' && !maybeJson)) return { ...reply, body: text };
	if (text.trim() === '') return { ...reply, body: undefined };
	const read = readJson(text, type, request);
	if (read.kind === 'value') return { ...reply, body: read.value };
	if (as === 'json' && good) {
		throw new ApiError(
			'reply',
			`The API answered ${read.instead} instead of JSON.`,
			'Check path and API address; if the reply is meant to be text or a file, choose that as the reply format.',
			{ httpStatus: reply.status },
		);
	}
	return { ...reply, body: text };
}

/**
 * Whether a reply of this content type is kept as it is: neither text nor JSON.
 * @param beginning Looked at where there is no type.
 */
export function isFile(type: string, beginning: Uint8Array): boolean {
	return type === '' ? isBinary(beginning) : !isJson(type) && !isTextual(type);
}

/** As browsers tell it (WHATWG MIME Sniffing, 7.2 and 6.3): a text has no such control characters. */
function isBinary(beginning: Uint8Array): boolean {
	const start = Buffer.from(beginning.subarray(0, 1445));
	if (/^(?:\xfe\xff|\xff\xfe|\xef\xbb\xbf)/.test(start.toString('latin1'))) return false;
	if (start.subarray(0, 5).toString('latin1') === '%PDF-') return true;
	return start.some((byte) => byte < 0x20 && ![0x09, 0x0a, 0x0c, 0x0d, 0x1b].includes(byte));
}

function isJson(type: string): boolean {
	return /json/i.test(type);
}

/** Not `…openxmlformats…`: those are archives. */
function isTextual(type: string): boolean {
	return /^text\/|[/+.](?:x-)?(?:xml|yaml|csv|toml|graphql)\b|xml-|javascript|urlencoded/i.test(
		type.split(';', 1)[0].trim(),
	);
}

type Read =
	| { readonly kind: 'value'; readonly value: unknown }
	| { readonly kind: 'other'; readonly instead: string };

function readJson(text: string, type: string, { longNumbers }: ApiRequest): Read {
	const one = parsed(text, longNumbers);
	if (one !== undefined && !isSequence(type)) return { kind: 'value', value: one };
	// Many servers send lines of JSON as application/json.
	const entries = text
		.split(text.includes(RECORD_SEPARATOR) ? RECORD_SEPARATOR : /[\n\r]+/)
		.filter((entry) => entry.trim() !== '');
	const values = entries.map((entry) => parsed(entry, longNumbers));
	const bad = values.indexOf(undefined);
	if (bad === -1) return { kind: 'value', value: values };
	if (one !== undefined) return { kind: 'value', value: [one] };
	if (bad > 0) return { kind: 'other', instead: `something else in entry ${bad + 1}` };
	return { kind: 'other', instead: /^\s*</.test(text) ? 'a web page' : 'something else' };
}

/** RFC 7464: in front of each value of application/json-seq. */
const RECORD_SEPARATOR = '\u001e';

/** A list of which each entry is JSON on its own: mostly one per line. */
function isSequence(type: string): boolean {
	return /ndjson|jsonl\b|json-?lines|json-seq|stream\+json/i.test(type);
}

/** JSON has no value that is undefined. */
function parsed(text: string, longNumbers: ApiRequest['longNumbers']): unknown {
	try {
		return parseExact(text, longNumbers);
	} catch {
		return undefined;
	}
}
