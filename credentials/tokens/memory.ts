import type { Failure } from './backoff';
import { Queue } from './claim';
import type { ApiError } from './errors';
import type { Verdict } from './issuer';
import type { Ledger } from './ledger';
import type { Refusal } from './policy';
import type { StoredToken, TokenRecord } from './record';

/** What this process knows of the token in one slot: the one place where a refusal is remembered. */
export interface SlotMemory {
	/** The token request failed. */
	failure?: Failure;
	/** Value of a token that the API accepted. */
	proven?: string;
	/** A token that the API said is dead, and that no request has to try again. */
	refused?: Refusal;
	/** A young token that was refused is tried again. */
	trial?: Trial;
	/** A renewal that is under way. */
	flight?: Flight;
	/** What the API was asked of a token, and until when it is not asked again (ms of the monotonic clock). */
	probe?: {
		readonly token: string;
		readonly pause: number;
		readonly until: number;
		readonly running?: Promise<Verdict>;
	};
}

export interface Trial {
	readonly value: string;
	/** How often it was tried again. */
	count: number;
	/** Whose request goes first; the others wait for what becomes of it. */
	leader?: object;
	done: Promise<void>;
	end: () => void;
}

/** A renewal that is shared by everybody who needs its token. */
export interface Flight {
	readonly outcome: Promise<{ readonly token?: StoredToken; readonly error?: ApiError }>;
	/** It takes the place of a token that was refused: that one is not sent meanwhile. */
	readonly replaces?: string;
	/** Aborted when the last one who waited has gone. */
	readonly abort: AbortController;
	/** Nobody has to wait for it: the old token lives. */
	readonly beside: boolean;
	waiting: number;
}

const MOST_SLOTS = 200;

/** What this process knows of one owner's tokens, beside what the credential's row says. */
export class OwnerMemory {
	record?: TokenRecord;
	/** The row that was read last, since most requests find the same one again. */
	decoded?: { readonly text: unknown; readonly record: TokenRecord };
	/** What that and `record` came to, with the client's count. */
	merged?: {
		readonly stored: TokenRecord;
		readonly known?: TokenRecord;
		readonly record: TokenRecord;
	};
	/** Renewals of one owner run one after another: they write the same row. */
	readonly renewals = new Queue();
	private readonly slots = new Map<string, SlotMemory>();
	/** By credential: the greatest serial that its row is known to hold. */
	private readonly homes = new Map<string, { serial: number }>();

	isHome(row: string, serial: number): boolean {
		return (this.homes.get(row)?.serial ?? 0) >= serial;
	}

	noteHome(row: string, serial: number): void {
		const home = bounded(
			this.homes,
			row,
			() => ({ serial }),
			MOST_SLOTS,
			() => true,
		);
		home.serial = Math.max(home.serial, serial);
	}

	slot(name: string): SlotMemory {
		const isIdle = ({ flight }: SlotMemory) => flight === undefined;
		return bounded(this.slots, name, (): SlotMemory => ({}), MOST_SLOTS, isIdle);
	}

	/** A person wants the tokens dropped; failures are forgotten with them. */
	forget(): void {
		this.slots.clear();
	}

	get busy(): boolean {
		return [...this.slots.values()].some(({ flight }) => flight !== undefined);
	}
}

interface Purchases {
	readonly turn: Queue;
	lastIssue: number;
}

/** What this process knows of one client: two credentials of one client share its budget. */
export class ClientMemory {
	ledger: Ledger = {};
	/** Token requests under way. */
	pending = 0;
	private readonly purchases = new Map<string, Purchases>();

	/** By slot: whose turn it is to ask for a token, and when one was last issued (ms of the monotonic clock). */
	purchasesOf(slot: string): Purchases {
		const make = () => ({ turn: new Queue(), lastIssue: -Infinity });
		return bounded(this.purchases, slot, make, MOST_SLOTS, () => true);
	}
}

const MOST_OWNERS = 500;
const MOST_CLIENTS = 500;

/** All that one process remembers. Bounded: what was not used for longest is forgotten, and read from the row again. */
export class Memory {
	private readonly owners = new Map<string, OwnerMemory>();
	private readonly clients = new Map<string, ClientMemory>();

	owner(name: string): OwnerMemory {
		return bounded(
			this.owners,
			name,
			() => new OwnerMemory(),
			MOST_OWNERS,
			({ busy }) => !busy,
		);
	}

	client(name: string): ClientMemory {
		const isIdle = ({ pending }: ClientMemory) => pending === 0;
		return bounded(this.clients, name, () => new ClientMemory(), MOST_CLIENTS, isIdle);
	}

	/** How many owners and clients are remembered. */
	get size(): number {
		return this.owners.size + this.clients.size;
	}
}

/** The entry of that name, made where there is none; the one that was not used for longest and is idle makes room. */
function bounded<T>(
	map: Map<string, T>,
	name: string,
	make: () => T,
	most: number,
	isIdle: (entry: T) => boolean,
): T {
	const known = map.get(name);
	// Who was used last matters only where room gets scarce.
	if (known !== undefined && map.size <= most / 2) return known;
	const entry = known ?? make();
	// Put last again: the first ones are those unused for longest.
	map.delete(name);
	map.set(name, entry);
	if (map.size > most) {
		for (const [other, value] of map) {
			if (other === name || !isIdle(value)) continue;
			map.delete(other);
			break;
		}
	}
	return entry;
}
