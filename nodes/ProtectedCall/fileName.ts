import { asUtf8 } from '../shared/headers';

/** What a file is called: as the reply says (RFC 6266), or as its address ends; never a path. */
export function fileName(disposition: string | undefined, url: URL): string | undefined {
	const parameters = parametersOf(disposition ?? '');
	const named =
		extended(parameters.get('filename*')) ??
		decoded(asUtf8(parameters.get('filename') ?? '')) ??
		'';
	return bareName(named) ?? bareName(decoded(url.pathname.split('/').pop() ?? ''));
}

/** Of a name that may be a path of any system, the last part. */
function bareName(named: string): string | undefined {
	const name = named.replace(UNSEEN, '').trim().split(/[/\\]/).pop() ?? '';
	return /^\.{0,2}$/.test(name) ? undefined : name;
}

/** Control characters, and those that turn the direction: `gpj.exe` would be read as `exe.jpg`. */
const UNSEEN = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Names in lower case, values as they stand, without the quotes (RFC 9110, 5.6.6). */
function parametersOf(header: string): Map<string, string> {
	return new Map(
		parts(header).map((part): [string, string] => {
			const equals = part.indexOf('=');
			const value = part.slice(equals + 1).trim();
			const quoted = value.length > 1 && value.startsWith('"') && value.endsWith('"');
			const name = part.slice(0, Math.max(equals, 0)).trim().toLowerCase();
			return [name, quoted ? unescaped(value.slice(1, -1)) : value];
		}),
	);
}

/** What stands between the semicolons that are in no quotes. */
function parts(header: string): string[] {
	const found = [''];
	let quoted = false;
	for (let at = 0; at < header.length; at++) {
		const character = header[at];
		if (character === '"') quoted = !quoted;
		if (character === ';' && !quoted) {
			found.push('');
			continue;
		}
		found[found.length - 1] += character === '\\' ? header.slice(at, ++at + 1) : character;
	}
	return found;
}

/** Many servers do not escape, so that a backslash that escapes nothing is one of a path. */
function unescaped(quoted: string): string {
	return quoted.replace(/\\(["\\])/g, '$1');
}

/** RFC 8187: `UTF-8'en'%C3%A4.pdf`. */
function extended(value: string | undefined): string | undefined {
	const [, charset, encoded] = /^([\w-]+)'[^']*'(.*)$/.exec(value ?? '') ?? [];
	if (encoded === undefined) return undefined;
	const bytes = Buffer.from(
		encoded.replace(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
		'latin1',
	);
	try {
		return new TextDecoder(charset).decode(bytes);
	} catch {
		return undefined;
	}
}

function decoded(name: string): string {
	try {
		return decodeURIComponent(name);
	} catch {
		return name;
	}
}
