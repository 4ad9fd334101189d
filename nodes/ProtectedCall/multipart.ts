import { randomUUID } from 'node:crypto';
import { type StoredFile, StreamedBody } from '../session/upload';

/** One value or file of a form. */
export interface Part {
	readonly name: string;
	readonly content: string | Buffer | StoredFile;
	/** Of a file. */
	readonly fileName?: string;
	readonly mimeType?: string;
}

/**
 * A form with files (RFC 7578), as one piece unless a large file is in it.
 * @param boundary What separates the parts; it must be in none of them.
 */
export function multipart(
	parts: readonly Part[],
	boundary = `tokenkeeper-${randomUUID()}`,
): {
	readonly body: Buffer | StreamedBody;
	readonly contentType: string;
	readonly typeIsFixed: true;
} {
	const pieces: Array<string | Buffer | StoredFile> = parts.flatMap(({ name, content, fileName, mimeType }) => [
		`--${boundary}\r\nContent-Disposition: form-data; name="${quoted(name)}"`,
		fileName === undefined ? '' : `; filename="${quoted(fileName)}"`,
		mimeType === undefined ? '' : `\r\nContent-Type: ${mimeType.replace(/[\r\n]+/g, ' ')}`,
		'\r\n\r\n',
		content,
		'\r\n',
	]);
	const sent = [...pieces, `--${boundary}--\r\n`].map((piece) =>
		typeof piece === 'string' ? Buffer.from(piece) : piece,
	);
	return {
		body: sent.every((piece) => Buffer.isBuffer(piece))
			? Buffer.concat(sent)
			: new StreamedBody(sent, namesOf(pieces, boundary)),
		contentType: `multipart/form-data; boundary=${boundary}`,
		typeIsFixed: true,
	};
}

/** Buffers here are small files. */
function namesOf(pieces: ReadonlyArray<string | Buffer | StoredFile>, boundary: string): string {
	const names = pieces.map((piece) => {
		if (typeof piece === 'string') return piece.replaceAll(boundary, '');
		return Buffer.isBuffer(piece) ? piece.toString('latin1') : piece.id;
	});
	return JSON.stringify(names);
}

/** As browsers write it (HTML, 4.10.21.8): nothing in a name ends the header. */
function quoted(name: string): string {
	return name.replaceAll('\r', '%0D').replaceAll('\n', '%0A').replaceAll('"', '%22');
}
