import { readExpiry } from './expiry';
import { isObject, valueAt } from './json';
import type { TokenReply } from './reply';

/** What stands at a place of a reply: a path into its body, `header:Name` or `cookie:Name`. */
export function readAt(reply: TokenReply, body: unknown, place: string): unknown {
	const { kind, name } = placeOf(place);
	if (kind === 'body') {
		const value = valueAt(body, place);
		// An XML element that has attributes beside its text.
		return isObject(value) && typeof value['#text'] === 'string' ? value['#text'] : value;
	}
	return kind === 'header' ? reply.headers[name.toLowerCase()] : readCookie(reply, name, 0)?.value;
}

export function placeOf(place: string): { kind: 'body' | 'header' | 'cookie'; name: string } {
	const [, kind, name = ''] = /^(header|cookie):(.{1,200})$/i.exec(place) ?? [];
	if (kind === undefined) return { kind: 'body', name: place };
	return { kind: kind.toLowerCase() as 'header' | 'cookie', name: name.trim() };
}

interface ReplyCookie {
	readonly name: string;
	readonly value: string;
	/** Epoch ms, if it says so: `Max-Age` goes before `Expires`. */
	readonly expiresAt?: number;
}

/**
 * A cookie that a reply sets. One that is set more than once has its last value; what is deleted (empty, or over when
 * it comes) is none: frameworks delete the old session and set the new one in the same reply.
 *
 * @param askedAt Epoch ms from which `Max-Age` counts.
 * @param clock Epoch ms that the provider's clock showed then.
 */
export function readCookie(
	reply: TokenReply,
	name: string,
	askedAt: number,
	clock = askedAt,
): ReplyCookie | undefined {
	const lastFirst = cookiesOf(reply, askedAt, clock).reverse();
	return (
		lastFirst.find((one) => one.name === name) ??
		lastFirst.find((one) => one.name.toLowerCase() === name.toLowerCase())
	);
}

/** RFC 6265, 4.1.1. Where several came joined, a comma with a name and `=` behind it begins the next; one in a date does not. */
export function cookiesOf(reply: TokenReply, askedAt: number, clock = askedAt): ReplyCookie[] {
	const joined = reply.headers['set-cookie'] ?? '';
	const lines = reply.setCookie ?? joined.split(/,(?=\s{0,5}[^;,\s=]{1,200}=)/);
	return lines.flatMap((line) => {
		const [pair, ...attributes] = line.split(';').map((part) => part.trim());
		const [name, value] = atSign(pair);
		const set = new Map(attributes.map(atSign).map(([key, text]) => [key.toLowerCase(), text]));
		const age = set.get('max-age');
		const date = set.get('expires');
		const expiresAt =
			age === undefined
				? readExpiry(date, askedAt, 'auto', clock)
				: readExpiry(age, askedAt, 'seconds', clock);
		const over = age === undefined ? isOver(date) : Number(age) <= 0;
		if (name === '' || value === '' || over) return [];
		return [{ name, value, ...(expiresAt === undefined ? {} : { expiresAt }) }];
	});
}

/** A cookie is deleted by a date of long ago, most often 1970. */
function isOver(date: string | undefined): boolean {
	return date !== undefined && /(?:^|[ -])(?:19\d\d|200\d)(?: |$)/.test(date);
}

function atSign(text: string): [name: string, value: string] {
	const at = text.indexOf('=');
	if (at === -1) return [text, ''];
	const value = text.slice(at + 1).trim();
	const quoted = value.length > 1 && value.startsWith('"') && value.endsWith('"');
	return [text.slice(0, at).trim(), quoted ? value.slice(1, -1) : value];
}
