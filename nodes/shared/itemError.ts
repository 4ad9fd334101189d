import { BaseError } from 'n8n-workflow';

export type ItemErrorCode = 'input' | 'reply' | 'refused' | 'expired';

/** What went wrong with one item, in the user's words; `items.ts` makes n8n's own error of it. */
export class ItemError extends BaseError {
	constructor(
		readonly code: ItemErrorCode,
		message: string,
		description?: string,
	) {
		super(message, { description, level: 'warning', shouldReport: false });
	}
}

/** A field whose value cannot be used. */
export function badInput(field: string, what: string, next: string): ItemError {
	return new ItemError('input', `"${field}" ${what}`, next);
}
