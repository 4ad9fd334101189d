import type { Resource } from '../../../shared/operations';
import { create } from './create';
import { createOrUpdate } from './createOrUpdate';
import { deleteCustomer } from './delete';
import { findByCustomId } from './findByCustomId';
import { get } from './get';
import { getMany } from './getMany';
import { update } from './update';

export const customer: Resource = {
	name: 'Customer',
	value: 'customer',
	operations: [create, createOrUpdate, deleteCustomer, findByCustomId, get, getMany, update],
};
