import type { Resource } from '../../../shared/operations';
import { getMany } from './getMany';

export const worker: Resource = { name: 'Worker', value: 'worker', operations: [getMany] };
