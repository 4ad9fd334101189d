/** What a file is called: as the reply says (RFC 6266), or as its address ends; never a path. */
export function fileName(disposition: string | undefined, url: URL): string | undefined {
	const encoded = /filename\*\s*=\s*UTF-8''([^;]+)/i.exec(disposition ?? '')?.[1];
	const plain = /filename\s*=\s*(?:"([^"]*)"|([^;]+))/i.exec(disposition ?? '');
	const named = encoded ?? plain?.[1] ?? plain?.[2] ?? url.pathname.split('/').pop() ?? '';
	const name = decoded(named).trim().split(/[/\\]/).pop();
	return name === '' ? undefined : name;
}

function decoded(name: string): string {
	try {
		return decodeURIComponent(name);
	} catch {
		return name;
	}
}
