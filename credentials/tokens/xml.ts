/**
 * An element with children or attributes: values by local name (a list where a name repeats), attributes by `@name`, its
 * own text by `#text`.
 */
export interface XmlElement {
	[name: string]: XmlValue | XmlValue[];
}
export type XmlValue = string | XmlElement;

/** Deeper than any reply; a reader without a bound could be made to fail. */
const DEEPEST = 50;

/**
 * Reads the XML of a token reply: elements, attributes, text, CDATA. Namespace prefixes are dropped, a document type is
 * skipped and none of its entities is expanded. Each character is looked at a bounded number of times.
 *
 * @returns The root element under its name, or undefined where the text is not XML.
 */
export function parseXml(text: string): XmlElement | undefined {
	const root = open('', {});
	const path = [root];
	let at = 0;
	while (at < text.length) {
		const tag = text.indexOf('<', at);
		if (tag === -1) break;
		const top = path[path.length - 1];
		top.text.push(entities(text.slice(at, tag)));
		const skipped = skip(text, tag);
		if (skipped !== undefined) {
			if (skipped.end === -1) return undefined;
			top.text.push(skipped.text);
			at = skipped.end;
			continue;
		}
		const end = text.indexOf('>', tag);
		if (end === -1) return undefined;
		const inside = text.slice(tag + 1, end);
		if (inside.startsWith('/')) {
			if (path.length < 2) return undefined;
			path.pop();
			add(path[path.length - 1], top);
		} else {
			const [name = ''] = inside.split(/[\s/]/, 1);
			if (!/^[A-Za-z_][\w:.-]*$/.test(name) || path.length > DEEPEST) return undefined;
			const element = open(localName(name), attributesOf(inside.slice(name.length)));
			if (inside.endsWith('/')) add(top, element);
			else path.push(element);
		}
		at = end + 1;
	}
	return path.length === 1 && Object.keys(root.children).length > 0 ? root.children : undefined;
}

interface Open {
	readonly name: string;
	readonly children: XmlElement;
	readonly text: string[];
}

function open(name: string, children: XmlElement): Open {
	return { name, children, text: [] };
}

function add(parent: Open, { name, children, text }: Open): void {
	const own = text.join('').trim();
	if (own !== '' && Object.keys(children).length > 0) children['#text'] = own;
	const value = Object.keys(children).length > 0 ? children : own;
	const others = Object.hasOwn(parent.children, name) ? parent.children[name] : undefined;
	if (Array.isArray(others)) {
		others.push(value);
		return;
	}
	// Defined, not assigned: an element may be called `__proto__`.
	Object.defineProperty(parent.children, name, {
		value: others === undefined ? value : [others, value],
		enumerable: true,
		writable: true,
		configurable: true,
	});
}

/** Declarations, comments and document types are no content; CDATA is. `end` is -1 where it does not end. */
function skip(text: string, at: number): { end: number; text: string } | undefined {
	const till = (mark: string, from: number) => {
		const end = text.indexOf(mark, from);
		return end === -1 ? -1 : end + mark.length;
	};
	if (text.startsWith('<![CDATA[', at)) {
		const end = till(']]>', at);
		return { end, text: end === -1 ? '' : text.slice(at + 9, end - 3) };
	}
	if (text.startsWith('<!--', at)) return { end: till('-->', at + 4), text: '' };
	if (text.startsWith('<?', at)) return { end: till('?>', at), text: '' };
	if (text.startsWith('<!', at)) {
		const end = till('>', at);
		const subset = end === -1 ? -1 : text.slice(at, end).indexOf('[');
		return { end: subset === -1 ? end : till(']>', at + subset), text: '' };
	}
	return undefined;
}

function attributesOf(text: string): XmlElement {
	const attributes: Array<[string, string]> = [];
	for (let at = 0; ; ) {
		const equals = text.indexOf('=', at);
		let start = equals + 1;
		while (start < text.length && text[start].trim() === '') start++;
		const quote = text[start];
		const end = quote === '"' || quote === "'" ? text.indexOf(quote, start + 1) : -1;
		if (equals === -1 || end === -1) return Object.fromEntries(attributes);
		const name = text.slice(at, equals).trim().split(/\s/).at(-1) ?? '';
		if (/^[A-Za-z_][\w:.-]*$/.test(name) && !/^xmlns(:|$)/.test(name)) {
			attributes.push([`@${localName(name)}`, entities(text.slice(start + 1, end))]);
		}
		at = end + 1;
	}
}

function localName(name: string): string {
	return name.slice(name.indexOf(':') + 1);
}

const ENTITIES: Readonly<Record<string, string>> = {
	amp: '&',
	lt: '<',
	gt: '>',
	quot: '"',
	apos: "'",
};

function entities(text: string): string {
	return text.replace(/&(#x[0-9a-f]{1,6}|#\d{1,7}|[a-z]{2,4});/gi, (whole, name: string) => {
		if (!name.startsWith('#')) return ENTITIES[name] ?? whole;
		const code = /^#x/i.test(name) ? parseInt(name.slice(2), 16) : Number(name.slice(1));
		return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
	});
}
