import type { IExecuteFunctions, ILoadOptionsFunctions } from 'n8n-workflow';
import { parseUrl } from '../../../credentials/tokens/fields';
import { badInput } from '../../shared/errors';
import { asText, type Client } from '../../shared/parameters';

/** What reads a description: the credential's session. */
export type Reader = Pick<Client, 'baseUrl' | 'fields' | 'send'>;

/** Where the description of a credential's API is. */
export interface Place {
	readonly url: URL;
	readonly isFusio: boolean;
	/** Fusio's list of routes, for where the description is missing. */
	readonly routesUrl: URL;
	readonly credentialId: string;
}

/** @throws ApiError when the credential names none. */
export function sourceOf(
	context: IExecuteFunctions | ILoadOptionsFunctions,
	session: Reader,
	part: string,
): Place {
	const type = asText(context.getNodeParameter('authentication', 0), 'Authentication');
	const isFusio = type === 'fusioApi';
	const { baseUrl } = session;
	const filter = ['backend', 'consumer'].includes(part) ? `?filter=${part}` : '';
	return {
		isFusio,
		url: isFusio
			? new URL(`${baseUrl}/system/generator/spec-openapi${filter}`)
			: namedUrl(asText(session.fields.apiDescriptionUrl, FIELD), baseUrl),
		routesUrl: new URL(`${baseUrl}/system/route`),
		credentialId: context.getNode().credentials?.[type]?.id ?? '',
	};
}

const FIELD = 'API Description URL';

/** An address of its own, or one below the API base where it begins with a slash. */
function namedUrl(given: string, baseUrl: string): URL {
	if (given === '') {
		throw badInput(
			FIELD,
			'is empty in the credential',
			'Enter the address of an OpenAPI or Swagger description there (Custom Token API has the field), or set Request to By Hand.',
		);
	}
	const url = given.startsWith('/') ? parseUrl(baseUrl + given) : parseUrl(given);
	if (url === undefined || !/^https?:$/.test(url.protocol)) {
		throw badInput(FIELD, 'in the credential is not an address', 'Write it with https://.');
	}
	if (url.username !== '' || url.password !== '') {
		throw badInput(
			FIELD,
			'in the credential carries a user name or password',
			'Take it out. If the description is not public, it is fetched with the token.',
		);
	}
	url.hash = '';
	return url;
}
