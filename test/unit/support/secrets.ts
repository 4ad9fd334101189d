/** A text as it is, URL-encoded in both ways, and in Base64 in all three ways in which it can be cut. */
export function formsOf(secret: string): string[] {
	const bytes = Buffer.from(secret);
	const shifted = [0, 1, 2].flatMap((shift) => {
		const encoded = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
		const from = Math.ceil((shift * 8) / 6);
		const to = Math.floor(((shift + bytes.length) * 8) / 6);
		const middle = encoded.slice(from, to);
		return [middle, middle.replaceAll('+', '-').replaceAll('/', '_')];
	});
	const forms = [
		secret,
		encodeURIComponent(secret),
		new URLSearchParams({ s: secret }).toString().slice(2),
		...shifted,
	];
	return [...new Set(forms)];
}

/** Where in a value one of the secrets can be found: hidden properties, causes, stacks, map entries and buffers too. */
export function findSecret(value: unknown, secrets: readonly string[]): string | undefined {
	const forms = secrets.flatMap(formsOf);
	const seen = new Set<unknown>();
	const search = (part: unknown, path: string): string | undefined => {
		if (typeof part === 'string') {
			const found = forms.find((form) => part.includes(form));
			return found === undefined ? undefined : `${path}: ${found}`;
		}
		if ((typeof part !== 'object' && typeof part !== 'function') || part === null) return undefined;
		if (seen.has(part)) return undefined;
		seen.add(part);
		if (Buffer.isBuffer(part)) return search(part.toString('utf8'), path);
		if (part instanceof Map || part instanceof Set) return search([...part], `${path}()`);
		for (const name of Reflect.ownKeys(part)) {
			const inName = search(typeof name === 'string' ? name : name.description, `${path}{name}`);
			if (inName !== undefined) return inName;
			const found = search(Reflect.get(part, name) as unknown, `${path}.${String(name)}`);
			if (found !== undefined) return found;
		}
		return undefined;
	};
	return search(value, '');
}
