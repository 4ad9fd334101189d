import { randomUUID } from 'node:crypto';

/** One value or file of a form. */
export interface Part {
	readonly name: string;
	readonly content: string | Buffer;
	/** Of a file. */
	readonly fileName?: string;
	readonly mimeType?: string;
}

/**
 * A form with files (RFC 7578), as one piece, so that it can be sent again.
 * @param boundary What separates the parts; it must be in none of them.
 */
export function multipart(
	parts: readonly Part[],
	boundary = `tokenkeeper-${randomUUID()}`,
): { readonly body: Buffer; readonly contentType: string; readonly typeIsFixed: true } {
	const pieces = parts.flatMap(({ name, content, fileName, mimeType }) => [
		`--${boundary}\r\nContent-Disposition: form-data; name="${quoted(name)}"`,
		fileName === undefined ? '' : `; filename="${quoted(fileName)}"`,
		mimeType === undefined ? '' : `\r\nContent-Type: ${mimeType.replace(/[\r\n]+/g, ' ')}`,
		'\r\n\r\n',
		content,
		'\r\n',
	]);
	return {
		body: Buffer.concat(
			[...pieces, `--${boundary}--\r\n`].map((piece) =>
				typeof piece === 'string' ? Buffer.from(piece) : piece,
			),
		),
		contentType: `multipart/form-data; boundary=${boundary}`,
		typeIsFixed: true,
	};
}

/** As browsers write it (HTML, 4.10.21.8): nothing in a name ends the header. */
function quoted(name: string): string {
	return name.replaceAll('\r', '%0D').replaceAll('\n', '%0A').replaceAll('"', '%22');
}
