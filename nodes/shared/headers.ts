/** RFC 9110, section 5.6.2. */
const NAME = /^[!#$%&'*+.^_`|~\dA-Za-z-]+$/;
/** RFC 9110, section 5.5: n8n's HTTP client would take other characters out without a word. */
const VALUE = /^[\t -~\u0080-\u00ff]*$/;

/** Headers that belong to the connection, or that would change where a request goes; names in lower case. */
const OF_CONNECTION = [
	...['connection', 'content-length', 'host', 'keep-alive', 'proxy-connection'],
	...['te', 'trailer', 'transfer-encoding', 'upgrade'],
];

export function isHeaderName(name: string): boolean {
	return NAME.test(name);
}

export function isHeaderValue(value: string): boolean {
	return VALUE.test(value);
}

/** Whether a header is set by whoever sends the request, and by nobody else. */
export function isOfConnection(name: string): boolean {
	return OF_CONNECTION.includes(name.toLowerCase());
}

/** Bytes above ASCII in a header are handed over one by one, though they are UTF-8 nearly everywhere. */
export function asUtf8(value: string): string {
	if (/^\p{ASCII}*$/u.test(value) || [...value].some((character) => character > '\u00ff')) {
		return value;
	}
	try {
		return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(value, 'latin1'));
	} catch {
		return value;
	}
}
