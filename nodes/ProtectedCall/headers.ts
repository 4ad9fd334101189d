import type { IDataObject } from 'n8n-workflow';
import { badInput } from '../shared/errors';
import { isHeaderName, isHeaderValue, isOfConnection } from '../shared/headers';
import { asText, parameter, parsedObject, text, type Call } from '../shared/parameters';

/** Names and values of the query or of the headers, given as fields or as JSON. */
export function entriesOf(
	call: Call,
	name: 'query' | 'headers',
	jsonField: string,
): Array<[string, unknown]> {
	switch (text(call, `${name}Type`, 'Parameters')) {
		case 'json': {
			const json = parameter(call, `${name}Json`, '{}');
			return Object.entries(parsedObject(json, jsonField, 'bigint'));
		}
		case 'fields': {
			const entries = parameter(call, `${name}.entries`, []);
			return (entries as IDataObject[])
				.map((entry): [string, unknown] => [asText(entry.name, 'Name'), entry.value])
				.filter(([entryName]) => entryName !== '');
		}
		default:
			return [];
	}
}

/**
 * Names in lower case.
 * @param described Headers of the chosen operation: what is set by hand replaces them.
 */
export function headersOf(
	call: Call,
	described: ReadonlyArray<readonly [string, unknown]> = [],
): Record<string, string> {
	const headers: Record<string, string> = {};
	for (const [given, value] of [...described, ...entriesOf(call, 'headers', 'Headers JSON')]) {
		const name = given.toLowerCase();
		if (!isHeaderName(name)) {
			throw badInput(
				'Headers',
				`has a name that is not allowed: ${JSON.stringify(given.slice(0, 60))}`,
				'Use letters, digits and hyphens, without spaces and line breaks.',
			);
		}
		if (isOfConnection(name)) {
			throw badInput('Headers', `cannot set "${given}"`, 'Remove it; it is set by itself.');
		}
		if (call.session.credentialHeaders.includes(name)) {
			throw badInput(
				'Headers',
				`cannot set "${given}"`,
				'Remove it; the credential adds it, with the token in it.',
			);
		}
		const content = asText(value, `Header ${given}`);
		if (!isHeaderValue(content)) {
			throw badInput(
				'Headers',
				/[\r\n]/.test(content)
					? `has a line break in the value of "${given}"`
					: `has a character in the value of "${given}" that no header can carry`,
				'Remove it, or encode the value as the API documents it, e.g. with encodeURIComponent().',
			);
		}
		if (content !== '') headers[name] = content;
	}
	return headers;
}
