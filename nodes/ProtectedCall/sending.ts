import type { INodeProperties } from 'n8n-workflow';
import { collection, parameter, type Call } from '../shared/parameters';
import type { ApiRequest } from '../session/session';
import { fileName } from './fileName';

export const redirects: INodeProperties = {
	displayName: 'Redirects',
	name: 'redirects',
	type: 'options',
	default: 'follow',
	options: [
		{ name: 'Do Not Follow', value: 'none', description: 'The redirect itself is the reply' },
		{
			name: 'Follow',
			value: 'follow',
			description: 'Other hosts than the own ones of the credential get neither token nor headers',
		},
		{ name: 'Follow to Own Hosts Only', value: 'own', description: 'An error where it leads away' },
	],
	description: 'What to do when the reply to a reading request leads to another address',
};

/** How the requests of one item are sent and read. */
export function sendingOf(call: Call): Omit<ApiRequest, 'method' | 'path'> {
	const { context } = call;
	const options = collection(call, 'options');
	return {
		reply: (options.responseFormat ??
			parameter(call, 'responseFormat', 'auto')) as ApiRequest['reply'],
		neverError: options.neverError === true,
		...(options.longNumbers === 'rounded' && { longNumbers: options.longNumbers }),
		...(options.redirects === 'none' && { followRedirects: false }),
		foreignRedirects: options.redirects !== 'own',
		storeFile: async (file, { headers, url }) =>
			await context.helpers.prepareBinaryData(
				file,
				fileName(headers['content-disposition'], url),
				headers['content-type']?.split(';', 1)[0].trim(),
			),
	};
}
