import type { INodeProperties } from 'n8n-workflow';

/** Field definitions that several nodes share. */

export const returnAll: INodeProperties = {
	displayName: 'Return All',
	name: 'returnAll',
	type: 'boolean',
	default: false,
	description: 'Whether to return all results or only up to a given limit',
};

export const limit: INodeProperties = {
	displayName: 'Limit',
	name: 'limit',
	type: 'number',
	typeOptions: { minValue: 1 },
	default: 50,
	displayOptions: { show: { returnAll: [false] } },
	description: 'Max number of results to return',
};

export const simplify: INodeProperties = {
	displayName: 'Simplify',
	name: 'simplify',
	type: 'boolean',
	default: true,
	description: 'Whether to return a simplified version of the response instead of the raw data',
};

export const concurrency: INodeProperties = {
	displayName: 'Concurrency',
	name: 'concurrency',
	type: 'number',
	typeOptions: { minValue: 0, maxValue: 50 },
	default: 0,
	description:
		'How many requests to have under way at the same time. 0 is automatic: as many, and as fast, as the API can take. Set to 1 to go one by one.',
};

export const maxWait: INodeProperties = {
	displayName: 'Max Wait',
	name: 'maxWait',
	type: 'number',
	typeOptions: { minValue: 0, maxValue: 86400 },
	default: 120,
	description:
		'How many seconds to wait at most when the API is busy and asks for a pause. The error of a longer one says until when it lasts.',
};

export const timeout: INodeProperties = {
	displayName: 'Timeout',
	name: 'timeout',
	type: 'number',
	typeOptions: { minValue: 1, maxValue: 3600 },
	default: 60,
	description: 'How many seconds to wait for a reply before the request is given up',
};

export const retry: INodeProperties = {
	displayName: 'Retry',
	name: 'retry',
	type: 'boolean',
	default: true,
	description:
		'Whether to send a request again when the API is busy (429, 503), and, where sending twice does no harm, after a network or server error',
};

/** What every node that sends requests lets the user set about them. */
export const requestOptions: readonly INodeProperties[] = [concurrency, maxWait, retry, timeout];

/**
 * As n8n wants the fields of a collection. Not by `localeCompare`: the first use of it costs a process more time than
 * all the rest of this package takes to load.
 */
export function sortedByName(fields: readonly INodeProperties[]): INodeProperties[] {
	return [...fields].sort((a, b) => (a.displayName < b.displayName ? -1 : 1));
}

/** The collection at the end of each node. */
export function options(...fields: INodeProperties[]): INodeProperties {
	return {
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: sortedByName(fields),
	};
}
