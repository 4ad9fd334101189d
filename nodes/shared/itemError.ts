export type ItemErrorCode = 'input' | 'reply' | 'refused' | 'expired';

/** What went wrong with one item, in the user's words; `items.ts` makes n8n's own error of it. */
export class ItemError extends Error {
	override readonly name = 'ItemError';
	readonly code: ItemErrorCode;
	/** What to do next. */
	readonly description: string;

	constructor(code: ItemErrorCode, message: string, description: string) {
		super(message);
		this.code = code;
		this.description = description;
	}
}

/** A field whose value cannot be used. */
export function badInput(field: string, what: string, next: string): ItemError {
	return new ItemError('input', `"${field}" ${what}`, next);
}
