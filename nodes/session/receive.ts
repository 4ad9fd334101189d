import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';
import type { Environment } from '../../credentials/tokens/environment';
import { lowerCaseNames } from '../../credentials/tokens/reply';
import { ApiError } from '../shared/errors';
import { isFile } from './reading';
import { REQUEST_TIMEOUT, type ApiRequest } from './request';
import { streamLike } from './upload';

export type Readable = Exclude<
	Parameters<IExecuteFunctions['helpers']['prepareBinaryData']>[0],
	Buffer | Uint8Array
>;

/** Takes in a file as it arrives. */
export type StoreFile = (
	file: Readable | Buffer,
	about: { readonly headers: Readonly<Record<string, string>>; readonly url: URL },
) => Promise<IBinaryData>;

/** A reply whose body has been taken in. */
export interface RawReply {
	readonly status: number;
	/** Names in lower case. */
	readonly headers: Readonly<Record<string, string>>;
	/** Each Set-Cookie header. */
	readonly cookies?: readonly string[];
	/** Empty where `file` is set. */
	readonly body: Buffer;
	/** What `storeFile` made of the body. */
	readonly file?: IBinaryData;
	/** How often the request was sent. */
	readonly attempts?: number;
	/** In ms: before it left and between its attempts. */
	readonly waitedMs?: number;
}

/** What n8n's request helper answers with `returnFullResponse`. */
interface Answer {
	readonly statusCode: number;
	readonly headers?: Readonly<Record<string, unknown>>;
	readonly body?: unknown;
	readonly file?: IBinaryData;
}

/**
 * n8n's answer with its body taken in: a good one to a request for a file by the request's `storeFile`, piece by piece;
 * any other one as bytes. An answer that comes as bytes already stays as it is.
 *
 * @throws ApiError `storage` where the file could not be stored; what the connection throws where it broke off.
 */
export async function takeIn(
	request: ApiRequest,
	url: URL,
	answered: unknown,
	environment: Environment,
): Promise<unknown> {
	const answer = answered as Answer;
	const { statusCode, body } = answer;
	if (!isStream(body)) return answer;
	const { first, pieces } = await begun(
		inTime(body, request.timeout ?? REQUEST_TIMEOUT, environment),
	);
	const headers = lowerCaseNames(answer.headers ?? {});
	const type = headers['content-type'] ?? '';
	const wanted = request.reply === 'file' || (request.reply === 'auto' && isFile(type, first));
	if (request.storeFile === undefined || !wanted || statusCode >= 400) {
		return { ...answer, body: await bytesOf(pieces) };
	}
	try {
		const file = await request.storeFile(streamLike(body, pieces), { headers, url });
		return { ...answer, body: undefined, file };
	} catch (error) {
		body.destroy();
		throw isOfStore(error) ? notStored() : error;
	}
}

/** Pieces of which the first one has come, so that it can be looked at. */
async function begun(
	pieces: AsyncGenerator<Buffer>,
): Promise<{ readonly first: Buffer; readonly pieces: AsyncGenerator<Buffer> }> {
	const { done, value } = await pieces.next();
	const all = async function* () {
		try {
			if (done !== true) yield value;
			yield* pieces;
		} finally {
			await pieces.return(undefined);
		}
	};
	return { first: done === true ? Buffer.alloc(0) : value, pieces: all() };
}

/** The pieces of a body; it is given up when none has come for `timeout` ms. */
export async function* inTime(
	body: Readable,
	timeout: number,
	environment: Environment,
): AsyncGenerator<Buffer> {
	// Without a listener, a connection that breaks off would end the whole process.
	body.on('error', () => {});
	const over = new AbortController();
	const pieces = body[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
	// While a piece is asked for. Whoever takes the pieces may be as slow as it likes.
	let waiting: { readonly since: number; readonly fail: (error: Error) => void } | undefined;
	const watch = async () => {
		while (!over.signal.aborted) {
			const now = environment.monotonic();
			const left = (waiting?.since ?? now) + timeout - now;
			if (left <= 0) return waiting?.fail(timedOut());
			await environment.sleep(left, over.signal);
		}
	};
	void watch();
	try {
		for (;;) {
			// No Promise.race: that would keep every piece until the last one has come.
			const next = await new Promise<IteratorResult<Buffer>>((resolve, reject) => {
				waiting = { since: environment.monotonic(), fail: reject };
				pieces.next().then(resolve, reject);
			});
			waiting = undefined;
			if (next.done) return;
			yield next.value;
		}
	} finally {
		over.abort();
		body.destroy();
	}
}

async function bytesOf(body: AsyncIterable<Buffer>): Promise<Buffer> {
	const pieces: Buffer[] = [];
	for await (const piece of body) pieces.push(piece);
	return Buffer.concat(pieces);
}

export function isStream(body: unknown): body is Readable {
	return typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
}

/** In the form of n8n's HTTP client, so that it is told and repeated like any other one. */
export function timedOut(): Error {
	return Object.assign(new Error('The reply stopped coming'), { code: 'ETIMEDOUT' });
}

/** Codes of a disk, not of a network. */
function isOfStore(error: unknown): boolean {
	const { code } = error as { readonly code?: unknown };
	return (
		typeof code === 'string' &&
		/^E(?:ACCES|DQUOT|EXIST|FBIG|IO|ISDIR|MFILE|NFILE|NOENT|NOSPC|PERM|ROFS)$/.test(code)
	);
}

function notStored(): ApiError {
	return new ApiError(
		'storage',
		'The file arrived, but n8n could not store it.',
		'Ask the administrator of n8n whether its disk is full, and whether n8n may write to its folder for binary data.',
	);
}

/** The answer of n8n's request helper, taken in, as a reply. */
export function asRawReply(answered: unknown): RawReply {
	const { statusCode, headers = {}, body, file } = answered as Answer;
	const cookies = Object.entries(headers).find(
		([name]) => name.toLowerCase() === 'set-cookie',
	)?.[1];
	return {
		status: statusCode,
		headers: lowerCaseNames(headers),
		...(cookies !== undefined && { cookies: [cookies].flat().map(String) }),
		body: Buffer.isBuffer(body) ? body : Buffer.from((body ?? '') as string),
		...(file !== undefined && { file }),
	};
}
