import { parseXml } from './xml';

/** Names under which APIs say what is wrong, the most telling one first; in lower case. */
const WORDS = [
	...['error_description', 'errordescription', 'message', 'msg', 'errormessage', 'error'],
	...['title', 'detail', 'faultstring', 'value'],
];
/** Names of lists of such sentences, or of what holds one. */
const LISTS = ['messagelist', 'errors', 'errormessages', 'message', 'detail'];
const AROUND = ['error', 'message', 'fault', 'envelope', 'body'];
/** Of one entry of such a list. */
const OF_ENTRY = ['text', 'message', 'detail', 'msg', 'title', 'description'];
const DEEPEST = 4;

/**
 * The sentence in which an API says what is wrong: in the shapes that the four providers use, and in those of problem
 * details (RFC 9457), JSON:API, GraphQL, OData, Laravel, Rails, FastAPI, Jira, Salesforce, and of XML (S3, SOAP).
 */
export function findErrorText(body: unknown): string | undefined {
	if (typeof body !== 'string') return wordsIn(body, DEEPEST);
	return /^\s*<(?!!doctype|html)/i.test(body) ? wordsIn(parseXml(body), DEEPEST) : undefined;
}

function wordsIn(body: unknown, depth: number): string | undefined {
	if (typeof body !== 'object' || body === null || depth === 0) return undefined;
	if (Array.isArray(body)) return sentencesIn(body);
	const reply = lowerCased(body);
	const listed = LISTS.map((name) => reply[name]).find(
		(value) => Array.isArray(value) && value.length > 0,
	);
	const own = WORDS.map((name) => reply[name]).find(isWords);
	const words = sentencesIn(listed) ?? own;
	const fields = fieldsIn(reply.errors);
	if (words !== undefined || fields !== undefined) {
		return [words, fields].filter((part) => part !== undefined).join(' ');
	}
	return AROUND.map((name) => wordsIn(reply[name], depth - 1)).find(isWords);
}

function sentencesIn(list: unknown): string | undefined {
	if (!Array.isArray(list)) return undefined;
	const sentences = list.map((entry: unknown) => {
		if (typeof entry !== 'object' || entry === null) return isWords(entry) ? entry : undefined;
		const fields = lowerCased(entry);
		const words = OF_ENTRY.map((name) => fields[name]).find(isWords);
		return fields.parameter && words ? `${String(fields.parameter)}: ${words}` : words;
	});
	return sentences.filter(Boolean).join(' ') || undefined;
}

/** What is wrong with each field: `{ "name": ["is too short"] }`. */
function fieldsIn(errors: unknown): string | undefined {
	if (typeof errors !== 'object' || errors === null || Array.isArray(errors)) return undefined;
	const parts = Object.entries(errors).map(([field, said]: [string, unknown]) => {
		const words = [said].flat().filter(isWords).join(', ');
		return words && `${field}: ${words}.`.replace(/\.\.$/, '.');
	});
	return parts.filter(Boolean).join(' ') || undefined;
}

function isWords(value: unknown): value is string {
	return typeof value === 'string' && value.trim() !== '';
}

function lowerCased(object: object): Record<string, unknown> {
	return Object.fromEntries(
		Object.entries(object).map(([name, value]) => [name.toLowerCase(), value as unknown]),
	);
}
