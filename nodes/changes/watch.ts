import type { Call } from '../shared/parameters';
import type { CursorSettings, CursorValue } from './cursor';
import type { Change } from './detect';
import type { Part, Recognition } from './reading';

/** What a trigger looks at, and what it starts its workflow with. */
export interface Watch {
	/**
	 * What this list is, beside the credential: parameters as they are written in the node, since an expression such as
	 * `{{ $today }}` would make another list of it each day. With anything of it changed, the trigger starts anew.
	 */
	readonly list: readonly unknown[];
	readonly by: Recognition;
	readonly changes: readonly Change[];
	/** Whether the first activation hands on what is there; otherwise it is only remembered. */
	readonly emitsFirst: boolean;
	/** Whether a list is believed that is empty, or has lost most of its records, all of a sudden. */
	readonly believesLosses: boolean;
	/** Set where the API is asked for what is newer, instead of for the whole list. */
	readonly newer?: CursorSettings;
	/** @throws ApiError also when not all of the list could be read. */
	read(call: Call, wish: ReadWish): Promise<Listed>;
}

export interface ReadWish {
	/** The value to ask from; undefined for all. */
	readonly from?: CursorValue;
	/** Only a record to show is wanted. */
	readonly firstPageOnly: boolean;
}

export interface Listed {
	readonly parts: readonly Part[];
	/** Whether it took several requests, so that records may have moved from page to page meanwhile. */
	readonly paged: boolean;
}
