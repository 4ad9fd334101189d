import type { Resource } from '../../../shared/operations';
import { generate } from './generate';

export const ssoUrl: Resource = { name: 'SSO URL', value: 'ssoUrl', operations: [generate] };
