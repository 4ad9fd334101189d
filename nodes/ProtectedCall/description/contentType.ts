/** How a body of some content type is built. */
export type Format = 'file' | 'form' | 'json' | 'multipart' | 'text';

const order: readonly Format[] = ['json', 'form', 'multipart', 'text', 'file'];

/** The first content type that can be sent from a form: JSON before all others, and plain JSON before patches and such. */
export function preferred(contentTypes: readonly string[]): string | undefined {
	const rank = (type: string) =>
		bare(type) === 'application/json' ? -1 : order.indexOf(formatOf(type));
	return contentTypes
		.filter((type) => /^[\w!#$&^.+*-]+\/[\w!#$&^.+*-]+(?:\s*;[\x20-\x7e]*)?$/.test(type))
		.sort((a, b) => rank(a) - rank(b))[0];
}

export function formatOf(contentType: string): Format {
	const type = bare(contentType);
	if (/[/+]json$|^application\/\*$|^\*\/\*$/.test(type)) return 'json';
	if (type === 'application/x-www-form-urlencoded') return 'form';
	if (type.startsWith('multipart/')) return 'multipart';
	return /^text\/|[/+](?:xml|yaml|x-ndjson|ndjson)$|graphql|javascript/.test(type)
		? 'text'
		: 'file';
}

export function isForm(format: Format): boolean {
	return format === 'form' || format === 'multipart';
}

function bare(contentType: string): string {
	return contentType.split(';', 1)[0].trim().toLowerCase();
}
