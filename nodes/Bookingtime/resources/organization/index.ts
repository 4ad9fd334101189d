import type { Resource } from '../../../shared/operations';
import { get } from './get';
import { getMany } from './getMany';

export const organization: Resource = {
	name: 'Organization',
	value: 'organization',
	operations: [get, getMany],
};
