import type { Register } from '../../../credentials/tokens/claim';
import type { Environment } from '../../../credentials/tokens/environment';
import type { TokenRecord } from '../../../credentials/tokens/record';
import type { VirtualTime } from './virtualTime';

export const emptyRecord: TokenRecord = {
	owner: 'owner',
	tokens: {},
	ledger: {},
	serial: 0,
};

export function withToken(record: TokenRecord, value: string): TokenRecord {
	const serial = record.serial + 1;
	const token = { value, issuedAt: 0, expiresAt: Number.MAX_SAFE_INTEGER, serial };
	return { ...record, serial, tokens: { '': token }, claim: undefined };
}

export const hasToken = (record: TokenRecord) => record.tokens[''] !== undefined;

/** How long one step of a process takes, in ms: on the way there, and back. */
export type Delays = () => { readonly there: number; readonly back: number };

/** One row in one database. A process that crashed gets no answer any more; what it had sent still arrives. */
export class SharedRow {
	record = emptyRecord;
	readonly history: string[] = [];

	constructor(private readonly time: VirtualTime) {}

	seenBy(life: Life, reading: Delays, writing: Delays): Register {
		return {
			read: async () => {
				const { there, back } = reading();
				await this.time.sleep(there);
				const { record } = this;
				await this.time.sleep(back);
				await life.goOn();
				return record;
			},
			write: async (record) => {
				const { there, back } = writing();
				await this.time.sleep(there);
				this.record = record;
				this.history.push(
					record.claim
						? `claim ${record.claim.nonce.split(' ')[1]}`
						: Object.values(record.tokens)[0]?.value,
				);
				await this.time.sleep(back);
				await life.goOn();
			},
		};
	}
}

/** Of a process: from its crash on nothing of it goes on. */
export class Life {
	constructor(
		private readonly time: VirtualTime,
		private readonly crashAt = Infinity,
	) {}

	get isOver(): boolean {
		return this.time.now() >= this.crashAt;
	}

	async goOn(): Promise<void> {
		if (this.isOver) await new Promise<never>(() => undefined);
	}

	/** The process's environment, ending with its life. */
	wrap(environment: Environment): Environment {
		return {
			...environment,
			sleep: async (ms) => {
				await environment.sleep(ms);
				await this.goOn();
			},
		};
	}
}
