/**
 * Text of a description as it may be shown and kept in a workflow: on one line, short, and never an expression, which
 * n8n would evaluate wherever a text begins with an equals sign.
 */
export function plain(text: string, most = 120): string {
	const line = text
		.slice(0, most * 8)
		.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\s]+/gu, ' ')
		.replace(/^[\s=]+/, '')
		.trim();
	return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}

/** Neither a name that means something else to JavaScript than to an API, nor one with half a character in it. */
export function isSafeName(name: string): boolean {
	if (/\p{Surrogate}/u.test(name)) return false;
	return name !== '' && !['__proto__', 'constructor', 'prototype'].includes(name);
}
