import type {
	IDataObject,
	ILoadOptionsFunctions,
	INodeListSearchItems,
	INodeListSearchResult,
	INodeProperties,
} from 'n8n-workflow';
import { badInput, ApiError } from '../shared/errors';
import { asText, isObject, text, type Call, type Client } from '../shared/parameters';
import { idSegment, path } from '../shared/paths';
import { openSession } from '../session/session';
import { chosenCredential } from './authentication';
import { contentOf } from './reply';

/** The organization that an operation works in; the engine fetches a token for each one used. */
export const organizationLocator: INodeProperties = {
	displayName: 'Organization',
	name: 'organization',
	type: 'resourceLocator',
	default: { mode: 'list', value: '' },
	description: 'The organization to work in. Leave it empty to use the one of the credential.',
	hint: "Empty means the credential's organization",
	modes: [
		{
			displayName: 'From List',
			name: 'list',
			type: 'list',
			placeholder: "The credential's organization",
			typeOptions: { searchListMethod: 'searchOrganizations', searchable: true },
		},
		{
			displayName: 'By ID',
			name: 'id',
			type: 'string',
			placeholder: "The credential's organization",
		},
	],
};

/** @throws ApiError when neither the node nor the credential names one, or when it is not an id. */
export function organizationId(call: Call): string {
	const chosen = text(call, 'organization', 'Organization');
	const id = chosen || asText(call.session.fields.organizationId, 'Organization ID');
	if (id === '') {
		throw badInput(
			'Organization',
			'is empty',
			'Pick one here, or enter an organization ID in the credential.',
		);
	}
	return idSegment('Organization', id);
}

/** Fills the From List mode of the locator. */
export async function searchOrganizations(
	this: ILoadOptionsFunctions,
	filter?: string,
): Promise<INodeListSearchResult> {
	const session = await openSession(this, chosenCredential(this));
	const wanted = filter?.toLowerCase() ?? '';
	const results = (await listOrganizations(session))
		.map(asListItem)
		.filter(({ name, value }) => `${name} ${value}`.toLowerCase().includes(wanted))
		.sort((a, b) => a.name.localeCompare(b.name));
	return { results };
}

/**
 * The organizations that the app may work in.
 * @throws ApiError with a credential for the Module API, which has no such list.
 */
export async function listOrganizations(session: Client): Promise<IDataObject[]> {
	const { apiKind, clientId } = session.fields;
	if (apiKind === 'module') {
		throw new ApiError(
			'field',
			'The Module API has no list of organizations',
			'Enter the organization "By ID", or use a credential for the App API.',
		);
	}
	const appId = idSegment('Client ID', asText(clientId, 'Client ID'));
	const content = await contentOf(session, {
		method: 'GET',
		path: path`/app/${appId}/organization/list`,
	});
	const list = isObject(content) ? content.recordList : content;
	if (!Array.isArray(list)) {
		throw new ApiError(
			'reply',
			"bookingtime's reply holds no list of organizations",
			'Check the client ID and the API kind in the credential.',
		);
	}
	return (list as unknown[]).filter(isObject);
}

/** What a record of that list holds beside its id is not documented; a name is shown where there is one. */
function asListItem({ id, name }: IDataObject): INodeListSearchItems {
	const value = String(id);
	return { name: typeof name === 'string' && name !== '' ? name : value, value };
}
