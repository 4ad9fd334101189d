import type { Resource } from '../../../shared/operations';
import { get } from './get';
import { getMany } from './getMany';

export const appointment: Resource = {
	name: 'Appointment',
	value: 'appointment',
	operations: [get, getMany],
};
