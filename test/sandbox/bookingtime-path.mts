/** What the journal calls it: the path without the ids in it. */
export function operationOf(rest: string[]): string {
	const last = rest.at(-1) ?? '';
	if (last.startsWith('redirect-')) return last;
	const [first = '', , resource = '', ...more] = rest;
	if (first === 'organization' && rest.length === 3) return `organization/${resource}`;
	if (first === 'organization' && /^(index|indexAll|filter)$/.test(more[0] ?? ''))
		return `${resource}/${more[0]}`;
	if (first === 'organization') return `${resource}/${last}`;
	if (first === 'app' && rest.length === 4) return `app/${resource}/${last}`;
	return rest.slice(first === 'static' ? 1 : 0).join('/') || 'unknown';
}

/** A path segment as it was meant. */
export function decodeSegment(segment: string): string {
	try {
		return decodeURIComponent(segment);
	} catch {
		return segment;
	}
}
