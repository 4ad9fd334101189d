import type { IExecuteFunctions, ILoadOptionsFunctions } from 'n8n-workflow';
import { type Environment, realEnvironment } from '../../../credentials/tokens/environment';
import { networkError } from '../../../credentials/tokens/network';
import { decodeText } from '../../../credentials/tokens/charset';
import { inTime, isStream, timedOut } from '../../session/receive';
import { ApiError } from '../../shared/errors';
import { MOST_BYTES, tooLong } from './document';
import type { Reader } from './source';

/** In ms, from the first byte sent to the last one received. */
const TIMEOUT = 20_000;

/**
 * Fetches a description: without a token, and with it where the host asks for one and is one of the credential's own.
 * @throws ApiError when there is nothing at the address, or more than can be read.
 */
export async function fetchText(
	context: IExecuteFunctions | ILoadOptionsFunctions,
	session: Reader,
	url: URL,
	environment: Environment = realEnvironment,
): Promise<string> {
	const started = environment.monotonic();
	const reply = await context.helpers
		.httpRequest({
			method: 'GET',
			url: url.href,
			headers: { accept: 'application/json, */*;q=0.5' },
			json: false,
			encoding: 'stream',
			returnFullResponse: true,
			ignoreHttpStatusErrors: true,
			timeout: TIMEOUT,
		})
		.catch((error: unknown) => {
			throw networkError(named(url), undefined, error, TIMEOUT);
		});
	const { statusCode, body, headers } = reply as {
		readonly statusCode: number;
		readonly body: unknown;
		readonly headers?: Readonly<Record<string, unknown>>;
	};
	if (statusCode === 401 || statusCode === 403) {
		drop(body);
		return await fetchWithToken(session, url);
	}
	if (statusCode < 200 || statusCode > 299) {
		drop(body);
		throw new ApiError(
			'api',
			`There is no API description at ${shown(url)} (${statusCode}).`,
			'Check the address in a browser, or set Request to By Hand.',
			{ httpStatus: statusCode },
		);
	}
	const text = await read(body, started + TIMEOUT, environment).catch((error: unknown) => {
		throw error instanceof ApiError ? error : networkError(named(url), undefined, error, TIMEOUT);
	});
	return typeof text === 'string'
		? text
		: decodeText(text, String(headers?.['content-type'] ?? ''));
}

async function fetchWithToken(session: Reader, url: URL): Promise<string> {
	const request = { method: 'GET', path: url.href, reply: 'text', timeout: TIMEOUT } as const;
	const { body } = await session.send(request).catch((error: unknown) => {
		const isOwn = url.origin === new URL(session.baseUrl).origin;
		if (isOwn || !(error instanceof ApiError) || error.kind !== 'host') throw error;
		throw new ApiError(
			'host',
			`The API description at ${shown(url)} asks for a token, and the credential's token does not go to that host.`,
			'Enter the address of a public one, or add the host to Further Hosts in the credential.',
		);
	});
	const text = typeof body === 'string' ? body : '';
	if (Buffer.byteLength(text) > MOST_BYTES) throw tooLong();
	return text;
}

/** Reads no more than a description may have, and not beyond `until` (ms of the monotonic clock). */
async function read(
	body: unknown,
	until: number,
	environment: Environment,
): Promise<Buffer | string> {
	if (!isStream(body)) return body as Buffer | string;
	const chunks: Buffer[] = [];
	let length = 0;
	// Leaving the loop early closes the connection.
	for await (const chunk of inTime(body, TIMEOUT, environment)) {
		if (environment.monotonic() > until) throw timedOut();
		length += chunk.length;
		if (length > MOST_BYTES) throw tooLong();
		chunks.push(chunk);
	}
	return Buffer.concat(chunks);
}

function drop(body: unknown): void {
	const { destroy } = (body ?? {}) as { readonly destroy?: unknown };
	if (typeof destroy === 'function') destroy.call(body);
}

/** Without its query, in which there may be a key. */
function shown({ host, pathname }: URL): string {
	return `${host}${pathname}`;
}

function named(url: URL): string {
	return `the API description at ${shown(url)}`;
}
