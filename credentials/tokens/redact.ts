/** A text as it is read once every escape in it is undone, and where in the original each character of it stood. */
interface Reading {
	readonly text: string;
	readonly from: readonly number[];
	readonly to: readonly number[];
}

const SHORTEST = 4;
/** What is behind it is left away: nobody reads so long an error. */
const LONGEST = 20_000;
/** An escaped text may be escaped again, in an address in JSON in a page. */
const MOST_LAYERS = 5;

/**
 * Blanks every secret in a text, also where it is escaped for JSON, HTML, an address or a form, in other capitals, with
 * other white space, or in Base64. Secrets that overlap are blanked as one.
 */
export function redact(whole: string, secrets: readonly string[]): string {
	const text = whole.slice(0, LONGEST);
	const forms = secrets.filter(({ length }) => length >= SHORTEST).flatMap(formsOf);
	if (forms.length === 0 || text === '') return text;
	const plain = asItIs(text);
	const bare = unescaped(text);
	const hidden = forms.flatMap((form) => [
		...placesOf(form, plain),
		...placesOf(bareText(form), bare),
	]);
	return blanked(text, hidden);
}

/** Base64 in all three ways in which it can be cut: in a Basic header the secret stands behind the user name. */
function formsOf(secret: string): string[] {
	const bytes = Buffer.from(secret);
	const base64 = [0, 1, 2].map((before) =>
		Buffer.concat([Buffer.alloc(before), bytes])
			.toString('base64')
			.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6)),
	);
	return [secret, ...base64, ...base64.map((one) => one.replaceAll('+', '-').replaceAll('/', '_'))];
}

/** From where to where a form stands in the original. */
function placesOf(form: string, { text, from, to }: Reading): Array<readonly [number, number]> {
	if (form.length < SHORTEST) return [];
	const places: Array<readonly [number, number]> = [];
	for (let at = text.indexOf(form); at !== -1; at = text.indexOf(form, at + 1)) {
		places.push([from[at], to[at + form.length - 1]]);
	}
	return places;
}

function blanked(text: string, hidden: Array<readonly [number, number]>): string {
	let shown = '';
	let end = 0;
	for (const [from, to] of hidden.sort(([a], [b]) => a - b)) {
		if (from >= end) shown += `${text.slice(end, from)}•••`;
		end = Math.max(end, to);
	}
	return shown + text.slice(end);
}

function asItIs(text: string): Reading {
	const places = Array.from({ length: text.length }, (_, at) => at);
	return { text, from: places, to: places.map((at) => at + 1) };
}

/** How JSON, addresses, forms and HTML write a character in another way. */
const ESCAPES =
	/\\+(?:[ux](?<code>[0-9a-f]{4}|[0-9a-f]{2})|(?<blank>[nrtbf]))?|(?<percents>(?:%[0-9a-f]{2})+)|&(?:#(?<decimal>\d{1,7})|#x(?<hex>[0-9a-f]{1,6})|(?<name>amp|lt|gt|quot|apos));/giu;

const BLANK = /[\s\p{Cc}+]/u;

const NAMED: Readonly<Record<string, string>> = {
	amp: '&',
	lt: '<',
	gt: '>',
	quot: '"',
	apos: "'",
};

/** The same for each way to write a text: it is applied to secrets as well, and loses capitals and backslashes. */
function unescaped(text: string): Reading {
	let reading = asItIs(text);
	for (let layer = 0; layer < MOST_LAYERS; layer++) {
		const before = reading.text;
		reading = unescapedOnce(reading);
		if (reading.text === before) break;
	}
	return reading;
}

/** A secret's own. */
function bareText(secret: string): string {
	// Most secrets hold no escapes, and tokens are long.
	const text = /[\\%&]/.test(secret)
		? unescaped(secret).text
		: secret.replace(/[\s\p{Cc}+]+/gu, ' ').toUpperCase();
	return text.trim();
}

function unescapedOnce(before: Reading): Reading {
	let text = '';
	const from: number[] = [];
	const to: number[] = [];
	const add = (part: string, start: number, end: number) => {
		for (const sign of part) {
			const read = BLANK.test(sign) ? ' ' : sign.toUpperCase();
			if (read === ' ' && text.endsWith(' ')) to[to.length - 1] = before.to[end - 1];
			else {
				text += read;
				for (let unit = 0; unit < read.length; unit++) {
					from.push(before.from[start]);
					to.push(before.to[end - 1]);
				}
			}
		}
	};
	let last = 0;
	const addUntil = (end: number) => {
		for (const sign of before.text.slice(last, end)) {
			add(sign, last, last + sign.length);
			last += sign.length;
		}
	};
	for (const match of before.text.matchAll(ESCAPES)) {
		addUntil(match.index);
		last += match[0].length;
		add(meaningOf(match.groups ?? {}), match.index, last);
	}
	addUntil(before.text.length);
	return { text, from, to };
}

function meaningOf(groups: Readonly<Record<string, string | undefined>>): string {
	const { blank, code, percents, decimal, hex, name } = groups;
	if (blank !== undefined) return ' ';
	if (code !== undefined) return String.fromCharCode(parseInt(code, 16));
	if (decimal !== undefined) return signOf(Number(decimal));
	if (hex !== undefined) return signOf(parseInt(hex, 16));
	if (name !== undefined) return NAMED[name.toLowerCase()];
	const bytes = (percents ?? '').split('%').slice(1);
	return Buffer.from(bytes.map((byte) => parseInt(byte.slice(-2), 16))).toString('utf8');
}

function signOf(code: number): string {
	return code <= 0x10ffff ? String.fromCodePoint(code) : '';
}
