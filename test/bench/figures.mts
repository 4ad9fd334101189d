import type { Contender } from './contenders.mts';
import type { RowUse } from './rows/database.mts';
import type { Met } from './rows/expiry.mts';
import type { FirstCall } from './rows/firstCall.mts';
import type { Point } from './rows/growth.mts';
import type { HookCost } from './rows/hooks.mts';
import type { Limits } from './rows/limits.mts';
import type { Load } from './rows/load.mts';
import type { ManyItems } from './rows/manyItems.mts';
import type { Month } from './rows/month.mts';
import type { OverTls, PerItem } from './rows/perItem.mts';
import type { Shares } from './profile.mts';
import type { Redirects } from './rows/redirect.mts';
import type { Sample } from './statistics.mts';

/** Everything that a run measured; what `--json` writes. Times in ms, sizes in bytes. */
export interface Figures {
	readonly date: string;
	readonly version: string;
	readonly n8nVersion: string;
	readonly quick: boolean;
	/** Of the machine, over the last 15 minutes: above the number of processors, absolute times are worth little. */
	readonly load: number;
	readonly processors: number;
	expiry30?: Record<Contender, Met>;
	expiry300?: Record<Contender, Met>;
	expiryItems?: Record<Contender, Met>;
	opening?: Partial<Record<Contender, number>>;
	month?: Record<Contender, Month>;
	monthOfWorkers?: Record<Contender, Month>;
	list?: PerItem;
	customer?: PerItem;
	tls?: OverTls;
	profiles?: Record<'list' | 'customer', Shares>;
	redirects?: Redirects;
	limits?: Limits;
	firstCall?: FirstCall;
	firstCallOnPostgres?: FirstCall;
	rowUse?: Partial<Record<Contender, RowUse>>;
	hooks?: HookCost;
	growth?: readonly Point[];
	manyItems?: ManyItems;
	retained?: { readonly ours: Sample; readonly stock: Sample };
	loading?: Load;
}
