import type { IDataObject } from 'n8n-workflow';
import { ApiError } from '../shared/errors';
import type { Readable } from './receive';

/** A file that n8n keeps. */
export interface StoredFile {
	/** In bytes. */
	readonly size: number;
	/** Names its content. */
	readonly id: string;
	/** From its start. */
	open(): Promise<Readable>;
}

/**
 * A body with large files in it: it is read while it is sent, and anew for each attempt, so that no file is ever in
 * memory as a whole.
 */
export class StreamedBody {
	/** In bytes. */
	readonly length: number;
	private readonly first: StoredFile;

	constructor(
		private readonly pieces: ReadonlyArray<Buffer | StoredFile>,
		/** The same for the same content. */
		readonly name: string,
	) {
		this.length = pieces.reduce((sum, piece) => sum + sizeOf(piece), 0);
		this.first = pieces.find((piece) => !Buffer.isBuffer(piece)) as StoredFile;
	}

	/**
	 * Sends the body from its start.
	 * @throws ApiError `storage` where a file cannot be read; what `send` throws.
	 */
	async sent<T>(send: (body: Readable) => Promise<T>): Promise<T> {
		const file = await this.first.open().catch((error: unknown) => {
			throw unreadableFile(error);
		});
		// What goes wrong before anybody reads is found when it is read.
		file.on('error', () => {});
		const body = streamLike(file, this.read(file));
		let failure: ApiError | undefined;
		body.on('error', (error: unknown) => (failure ??= unreadableFile(error)));
		try {
			return await send(body);
		} catch (error) {
			throw failure ?? error;
		} finally {
			body.destroy();
			file.destroy();
		}
	}

	private async *read(opened: Readable): AsyncGenerator<Buffer> {
		for (const piece of this.pieces) {
			if (Buffer.isBuffer(piece)) yield piece;
			else yield* whole(piece.size, piece === this.first ? opened : await piece.open());
		}
	}
}

/** As many bytes as were announced to the API. */
async function* whole(size: number, file: Readable): AsyncGenerator<Buffer> {
	let left = size;
	for await (const piece of file as AsyncIterable<Buffer>) {
		left -= piece.length;
		if (left < 0) break;
		yield piece;
	}
	if (left !== 0) throw new Error('The file has another size than n8n has noted.');
}

/** A stream of these pieces, made by the class of the first one: nodes cannot load Node's own. */
export function streamLike(body: Readable, pieces: AsyncIterable<Buffer>): Readable {
	const { from } = body.constructor as unknown as {
		readonly from: (pieces: AsyncIterable<Buffer>, options: IDataObject) => Readable;
	};
	return from.call(body.constructor, pieces, { objectMode: false });
}

function sizeOf(piece: Buffer | StoredFile): number {
	return Buffer.isBuffer(piece) ? piece.length : piece.size;
}

/** The file that was to be sent is not there any more, or the like. */
export function unreadableFile(error: unknown): ApiError {
	const { code } = error as { readonly code?: unknown };
	return new ApiError(
		'storage',
		'n8n could not read the file that was to be sent.',
		`It may have been pruned with the execution that made it; or ask the administrator of n8n to look at its folder for binary data${typeof code === 'string' && /^E[A-Z]+$/.test(code) ? ` (${code})` : ''}.`,
	);
}
