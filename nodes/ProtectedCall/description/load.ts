import type { IExecuteFunctions, ILoadOptionsFunctions } from 'n8n-workflow';
import { BoundedCache } from './cache';
import { readDocument } from './document';
import { fetchText } from './fetch';
import { findOperation, indexOperations, refuseEmpty, type OperationIndex } from './operations';
import { readOperation, type Operation } from './operation';
import { readRoutes } from './routes';
import { sourceOf, type Place, type Reader } from './source';

/** An API's description, read. */
export interface Description {
	readonly operations: OperationIndex;
	/** @throws ApiError when there is none of that name. */
	operation(wanted: string): Operation;
	/** Of the scopes that an operation lists, one is enough. */
	readonly anyScopeWillDo: boolean;
	readonly bytes: number;
}

const MINUTE = 60_000;
const MB = 1024 * 1024;

const descriptions = new BoundedCache<Description>(
	{ entries: 20, bytes: 12 * MB, lifetime: 10 * MINUTE, failureLifetime: MINUTE / 2 },
	({ bytes }) => bytes,
	() => Date.now(),
);

/**
 * The description of a credential's API, from memory where it was read within the last minutes.
 * @param part Of Fusio's operations.
 * @throws ApiError when there is none, or none that can be read.
 */
export async function loadDescription(
	context: IExecuteFunctions | ILoadOptionsFunctions,
	session: Reader,
	part: string,
	cache = descriptions,
): Promise<Description> {
	const place = sourceOf(context, session, part);
	// What one credential may read is not shown to another one.
	return await cache.get(JSON.stringify([place.credentialId, place.url.href]), async () =>
		place.isFusio
			? await loadFusio(context, session, place)
			: describe(await fetchText(context, session, place.url), false),
	);
}

/** Before 5.2 Fusio had no such description; its routes are there in all versions. */
async function loadFusio(
	context: IExecuteFunctions | ILoadOptionsFunctions,
	session: Reader,
	{ url, routesUrl }: Place,
): Promise<Description> {
	return await fetchText(context, session, url)
		.then((text) => describe(text, true))
		.catch(async (error: unknown) => {
			const routes = await fetchText(context, session, routesUrl).catch(() => undefined);
			const document = routes === undefined ? undefined : readRoutes(routes);
			if (document === undefined) throw error;
			return describe(document, true);
		});
}

/** @param text Of the description. @throws ApiError when it cannot be used. */
export function describe(text: string, anyScopeWillDo: boolean): Description {
	const document = readDocument(text);
	const operations = indexOperations(document);
	refuseEmpty(operations);
	const read = new Map<string, Operation>();
	return {
		operations,
		anyScopeWillDo,
		bytes: document.bytes,
		operation: (wanted) => {
			const entry = findOperation(operations, wanted);
			const operation = read.get(entry.key) ?? readOperation(document, entry);
			read.set(entry.key, operation);
			return operation;
		},
	};
}
