/**
 * The text of a reply. What says most about its encoding wins: a byte order mark, the charset of the content type, the
 * declaration in an XML or HTML document, the zero bytes of UTF-16. Without any of them it is UTF-8 if it can be (also
 * where it is said to be and cannot), and else Windows-1252, the superset of ISO-8859-1 that the web reads in its place (WHATWG Encoding, 4.2).
 */
export function decodeText(body: Buffer, contentType: string): string {
	const encoding = markedEncoding(body) ?? declaredEncoding(contentType, body) ?? 'utf-8';
	// JSON is UTF-8, whatever the type says (RFC 8259, 8.1 and 11), unless it cannot be.
	const isJson = /json/i.test(contentType) && !encoding.startsWith('utf-16');
	if (encoding !== 'utf-8' && !isJson) return new TextDecoder(encoding).decode(body);
	try {
		return new TextDecoder('utf-8', { fatal: true }).decode(body);
	} catch {
		if (encoding !== 'utf-8') return new TextDecoder(encoding).decode(body);
		const text = new TextDecoder('utf-8').decode(body);
		return isMostlyBroken(text) ? new TextDecoder('windows-1252').decode(body) : text;
	}
}

/** A character that was cut off does not make another encoding of a whole text. */
function isMostlyBroken(text: string): boolean {
	const beyond = text.match(/\P{ASCII}/gu) ?? [];
	return beyond.filter((character) => character === '\uFFFD').length * 2 > beyond.length;
}

function markedEncoding(body: Buffer): string | undefined {
	const [first, second, third] = body;
	if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8';
	if (first === 0xff && second === 0xfe) return 'utf-16le';
	if (first === 0xfe && second === 0xff) return 'utf-16be';
	return undefined;
}

function declaredEncoding(contentType: string, body: Buffer): string | undefined {
	const charset = /;\s*charset\s*=\s*["']?([^"';,\s]+)/i.exec(contentType)?.[1];
	return (
		known(charset) ?? known(declarationIn(contentType, body)) ?? known(encodingOfZeroBytes(body))
	);
}

/** `<?xml version="1.0" encoding="ISO-8859-1"?>`, `<meta charset="…">`, `<meta … content="text/html; charset=…">` */
function declarationIn(contentType: string, body: Buffer): string | undefined {
	if (!/xml|html/i.test(contentType)) return undefined;
	const head = body.subarray(0, 1024).toString('latin1');
	const inXml = /^\s*<\?xml[^>]*\sencoding\s*=\s*["']([^"']+)/i.exec(head)?.[1];
	if (inXml !== undefined) return inXml;
	const tags = head.split(/<meta/i).slice(1);
	return tags
		.map((tag) => /\bcharset\s*=\s*["']?([^"'\s/>;]+)/i.exec(tag.split('>', 1)[0])?.[1])
		.find((label) => label !== undefined);
}

/** JSON and XML begin with a character below U+0080 (RFC 4627, 3): half of its two bytes in UTF-16 is zero. */
function encodingOfZeroBytes(body: Buffer): string | undefined {
	const [first, second] = body;
	if (first === 0 && second !== 0 && body.length % 2 === 0) return 'utf-16be';
	if (first !== 0 && second === 0 && body.length % 2 === 0) return 'utf-16le';
	return undefined;
}

/** A label that nobody knows says nothing. */
function known(label: string | undefined): string | undefined {
	if (label === undefined) return undefined;
	try {
		return new TextDecoder(label).encoding;
	} catch {
		return undefined;
	}
}
