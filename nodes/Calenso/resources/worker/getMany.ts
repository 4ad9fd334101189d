import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { ApiError } from '../../../shared/errors';
import type { Operation } from '../../../shared/operations';
import { asText, collection, isObject, limitOf } from '../../../shared/parameters';
import { limit, returnAll } from '../../../shared/properties';
import { valueAt } from '../../../../credentials/tokens/json';

interface Condition {
	readonly field: string;
	readonly value: string;
}

const filters: INodeProperties = {
	displayName: 'Filters',
	name: 'filters',
	type: 'fixedCollection',
	typeOptions: { multipleValues: true },
	placeholder: 'Add filter',
	default: {},
	description:
		'Keep only the workers that match all of these. The list is fetched whole and filtered here.',
	options: [
		{
			displayName: 'Filter',
			name: 'conditions',
			values: [
				{
					displayName: 'Field',
					name: 'field',
					type: 'string',
					default: '',
					placeholder: 'e.g. resource_name',
					description: 'Name of the field. Use dots to go deeper, e.g. store.name.',
				},
				{
					displayName: 'Value',
					name: 'value',
					type: 'string',
					default: '',
					placeholder: 'e.g. Anna',
					description: 'The value that the field must have, written exactly as it is there',
				},
			],
		},
	],
};

export const getMany: Operation = {
	name: 'Get Many',
	value: 'getMany',
	action: 'Get many workers',
	description:
		'List the workers (staff members and other bookable resources) of the Calenso account',
	fields: [returnAll, limit, filters],

	async run(call) {
		const most = limitOf(call);
		const conditions = conditionsOf(collection(call, 'filters'));
		const { body } = await call.session.send({ method: 'GET', path: '/workers' });
		const kept: IDataObject[] = [];
		for (const worker of workersIn(body)) {
			if (kept.length >= most) break;
			if (conditions.every((condition) => matches(worker, condition))) kept.push(worker);
		}
		return kept.map((json) => ({ json }));
	},
};

/** Under these names other lists of the same API, and of APIs like it, wrap theirs. */
const WRAPPERS = ['workers', 'data', 'items', 'results'];

/** Calenso does not document the shape of the reply: a bare list and an object around one both do. */
export function workersIn(body: unknown): IDataObject[] {
	const list = Array.isArray(body) ? (body as unknown[]) : wrappedList(body);
	if (list) return list.map((entry) => (isObject(entry) ? entry : { value: entry as string }));
	throw new ApiError(
		'reply',
		"Calenso's reply holds no list of workers",
		isObject(body)
			? `It has these fields instead: ${Object.keys(body).slice(0, 20).join(', ') || 'none'}. Check the environment that is set in the credential.`
			: 'Check the environment that is set in the credential.',
	);
}

function wrappedList(body: unknown): unknown[] | undefined {
	if (!isObject(body)) return undefined;
	const lists = Object.entries(body).filter(([, value]) => Array.isArray(value));
	const known = lists.find(([name]) => WRAPPERS.includes(name));
	const [, list] = known ?? (lists.length === 1 ? lists[0] : []);
	return list as unknown[] | undefined;
}

function conditionsOf(filled: IDataObject): Condition[] {
	const conditions = (filled.conditions ?? []) as IDataObject[];
	return conditions
		.map(({ field, value }) => ({ field: asText(field, 'Field'), value: asText(value, 'Value') }))
		.filter(({ field }) => field !== '');
}

function matches(worker: IDataObject, { field, value }: Condition): boolean {
	const found = valueAt(worker, field);
	const candidates: unknown[] = Array.isArray(found) ? found : [found];
	return candidates.some((candidate) => String(candidate ?? '') === value);
}
