import { BanGuard } from './ban';
import { buyOnce, cancelled, CLAIM_TIMES, type ClaimTimes } from './claim';
import type { Environment } from './environment';
import { ApiError } from './errors';
import type { TokenIssuer, Verdict } from './issuer';
import { countLost, mergeLedgers } from './ledger';
import { type Flight, Memory, type OwnerMemory, type SlotMemory } from './memory';
import { decide, type Decision, type Refusal } from './policy';
import { decodeRecord, mergeRecords, tokenIn, type StoredToken, type TokenRecord } from './record';
import { type Outcome, Renewal } from './renewal';
import type { HttpRequest, TokenRow } from './row';

/** “A token for this request, please; this one was refused.” */
export interface Question {
	readonly issuer: TokenIssuer;
	readonly slot: string;
	readonly row: TokenRow;
	/** The token that the same request was sent with, and what the API said of it. */
	readonly refused?: Refusal;
	/** The same for all questions of one request. */
	readonly asker: object;
	/** Of the execution. */
	readonly signal?: AbortSignal;
	/** Told what a waiting execution waits for, and what went wrong beside it. */
	readonly log?: (message: string) => void;
}

type Need = Pick<Question, 'issuer' | 'slot'> & {
	readonly refused?: Refusal;
	readonly replaced: number;
	/** A new one though the old one lives, later than this serial. */
	readonly laterThan?: number;
	/** The old one does until then; epoch ms. */
	readonly notBefore?: number;
	readonly beside: boolean;
	readonly log?: (message: string) => void;
};

/** A question is answered after so many turns at the latest. */
const MOST_TURNS = 12;
/** In ms: with a budget the next token is prepared so long before the old one ends, so that it is there at once. */
const PREPARATION = 2_000;
/** In ms: a renewal beside a request begins when that one has left, and most have their reply. */
const BESIDE_PAUSE = 100;
/** In ms: what a young token's second try may take before others try as well. */
const TRIAL_PATIENCE = 10_000;

/**
 * The whole engine: which token a request may be sent with. It is asked by the hooks and by the sessions of nodes, and
 * knows no provider and no node.
 */
export class TokenEngine {
	readonly memory = new Memory();
	readonly guard: BanGuard;
	private readonly renewal: Renewal;

	constructor(readonly environment: Environment) {
		this.guard = new BanGuard(environment);
		this.renewal = new Renewal(environment, this.guard);
	}

	/** What a row says. Most requests find the one again that was read last. */
	read(issuer: TokenIssuer, text: unknown): TokenRecord {
		const owner = this.memory.owner(issuer.owner);
		if (owner.decoded === undefined || owner.decoded.text !== text) {
			owner.decoded = { text, record: decodeRecord(text, issuer.owner) };
		}
		return owner.decoded.record;
	}

	/** What the row says and what this process knows, together. Most requests find both as they were. */
	current(issuer: TokenIssuer, stored: TokenRecord): TokenRecord {
		const owner = this.memory.owner(issuer.owner);
		const client = this.memory.client(issuer.client);
		const { record: known, merged: last } = owner;
		if (last?.stored === stored && last.known === known && last.record.ledger === client.ledger) {
			return last.record;
		}
		const merged = mergeRecords(stored, known);
		client.ledger = mergeLedgers(client.ledger, merged.ledger);
		const record = { ...merged, ledger: client.ledger };
		owner.merged = { stored, known, record };
		return record;
	}

	/**
	 * A token that the request may be sent with.
	 * @throws ApiError where none is to be had, or another one would be refused as well.
	 */
	async token(question: Question): Promise<StoredToken> {
		const { issuer, slot, row, refused, signal } = question;
		const memory = this.memory.owner(issuer.owner).slot(slot);
		for (let turn = 0; turn < MOST_TURNS; turn++) {
			if (signal?.aborted) throw cancelled();
			const token = this.known(issuer, slot, row.stored);
			if (memory.flight?.replaces !== undefined && memory.flight.replaces === token?.value) {
				await this.join(memory.flight, signal);
				continue;
			}
			if (token !== undefined && othersTry(memory, token, question.asker)) {
				await this.trialOf(memory, signal);
				// It was refused only because it was young.
				if (memory.proven === token.value) return token;
				continue;
			}
			const decision = this.decide(issuer, memory, token, refused);
			switch (decision.kind) {
				case 'use':
					this.prepare(question, memory, decision);
					this.share(question, decision.token);
					return decision.token;
				case 'again':
					await this.tryAgain(memory, decision, question);
					return decision.token;
				case 'stop':
					this.endTrial(memory);
					if (refused?.value === decision.token.value)
						throw permissionError(issuer, decision.token);
					return decision.token;
				case 'renew': {
					this.endTrial(memory);
					const renewed = await this.renewed(question, memory, decision.replaced);
					if (renewed !== undefined) return renewed;
				}
			}
		}
		throw new ApiError(
			'busy',
			`No token of ${issuer.provider} could be got: each one was out of date when it came.`,
			'Try again later. Check the clock of n8n’s host.',
			{ retryAfter: 0, neverSent: true },
		);
	}

	/** The API did not refuse this token. Only a success proves it: much else is said by what stands before the API. */
	accepted(issuer: TokenIssuer, slot: string, value: string, status: number): void {
		const memory = this.memory.owner(issuer.owner).slot(slot);
		if (status >= 200 && status < 300) {
			memory.proven = value;
			if (memory.refused?.value === value) memory.refused = undefined;
		}
		if (memory.trial?.value === value) this.endTrial(memory);
	}

	/** What to do with the token that is known for a slot; nothing is sent. */
	consider(issuer: TokenIssuer, slot: string, stored: TokenRecord, refused?: Refusal): Decision {
		const memory = this.memory.owner(issuer.owner).slot(slot);
		return this.decide(issuer, memory, this.known(issuer, slot, stored), refused);
	}

	/** Whether a token is the one that would be sent now: not replaced, and not expired. */
	isCurrent(issuer: TokenIssuer, slot: string, stored: TokenRecord, value: string): boolean {
		const token = this.known(issuer, slot, stored);
		return token?.value === value && token.expiresAt > this.environment.now();
	}

	/** The API said so, to a request that cannot be sent again: the next one renews first. */
	markDead(issuer: TokenIssuer, slot: string, value: string): void {
		this.memory.owner(issuer.owner).slot(slot).refused = { value, verdict: 'dead' };
	}

	/** Whether a token request could be sent now. */
	mayRenew(issuer: TokenIssuer, slot: string): boolean {
		return this.barred(issuer, slot) === undefined;
	}

	/**
	 * For the hooks, which have no row but a record and store what they are answered: a usable token where one is to be
	 * had. Never throws.
	 * @param tryAgain Asks the API once more with a young token that it refused.
	 */
	async obtain(
		issuer: TokenIssuer,
		slot: string,
		stored: TokenRecord,
		refused: Refusal | undefined,
		http: HttpRequest,
		tryAgain: (token: StoredToken) => Promise<Verdict> = async () => 'accepted',
	): Promise<Outcome & { readonly news: boolean }> {
		const memory = this.memory.owner(issuer.owner).slot(slot);
		for (let turn = 0; turn < MOST_TURNS; turn++) {
			const record = { ...this.current(issuer, stored), claim: undefined };
			const token = tokenIn(record, slot);
			if (refused !== undefined && token !== undefined && othersTry(memory, token)) {
				await this.trialOf(memory);
				if (memory.proven === token.value) return { record, token, news: true };
				continue;
			}
			const decision = this.decide(issuer, memory, token, refused);
			const enough = decision.kind === 'use' && !decision.ageing;
			if (enough) return { record, token, news: true };
			if (decision.kind === 'stop') {
				return { record, error: permissionError(issuer, decision.token), news: false };
			}
			if (decision.kind === 'again') {
				const trial = this.startTrial(memory, decision.token.value, {});
				trial.count++;
				await this.environment.sleep(decision.after);
				const verdict = await tryAgain(decision.token);
				this.endTrial(memory);
				if (verdict === 'accepted') return { record, token, news: true };
				continue;
			}
			const barred = this.barred(issuer, slot);
			if (barred !== undefined) {
				const living = decision.kind === 'use' ? token : undefined;
				return { record, token: living, error: living ? undefined : barred, news: false };
			}
			const flight =
				memory.flight ??
				this.takeOff(memory, refused?.value, false, async () => {
					const replaced = decision.kind === 'renew' ? decision.replaced : 0;
					return await this.renewal.inTurn(this.memory.client(issuer.client), slot, async () => {
						const before = this.current(issuer, stored);
						return await this.buy(issuer, slot, before, replaced, false, http);
					});
				});
			const { error } = await this.join(flight);
			if (error !== undefined) {
				const after = { ...this.current(issuer, stored), claim: undefined };
				const living = decision.kind === 'use' ? token : undefined;
				return { record: after, token: living, error: living ? undefined : error, news: true };
			}
		}
		const record = { ...this.current(issuer, stored), claim: undefined };
		return { record, error: permissionError(issuer, tokenIn(record, slot)), news: true };
	}

	/** A person wants a new token now. @throws ApiError where none is to be had */
	async replace(question: Question): Promise<StoredToken> {
		const { issuer, slot, row } = question;
		const memory = this.memory.owner(issuer.owner).slot(slot);
		if (memory.flight !== undefined) await this.join(memory.flight, question.signal);
		memory.refused = undefined;
		const laterThan = this.current(issuer, row.stored).serial;
		const need: Need = { ...question, refused: undefined, replaced: 0, laterThan, beside: false };
		const flight = this.takeOff(memory, undefined, false, async (signal) => {
			return await this.renew(need, row, signal);
		});
		const { token, error } = await this.join(flight, question.signal);
		if (token === undefined) throw error ?? cancelled();
		return token;
	}

	/** A person wants the tokens dropped; the count stays. @throws ApiError `storage` */
	async forget(issuer: TokenIssuer, row: TokenRow): Promise<TokenRecord> {
		const owner = this.memory.owner(issuer.owner);
		return await owner.renewals.alone(async () => {
			const record = this.current(issuer, this.read(issuer, await row.read()));
			const { ledger, serial, slowestWrite } = record;
			const empty: TokenRecord = {
				owner: issuer.owner,
				tokens: {},
				ledger,
				serial: serial + 1,
				forgotten: serial,
				slowestWrite,
			};
			owner.forget();
			owner.record = empty;
			await row.write(empty);
			return empty;
		});
	}

	private known(issuer: TokenIssuer, slot: string, stored: TokenRecord): StoredToken | undefined {
		return tokenIn(this.current(issuer, stored), slot);
	}

	private decide(
		issuer: TokenIssuer,
		memory: SlotMemory,
		token: StoredToken | undefined,
		refused?: Refusal,
		now = this.environment.now(),
	): Decision {
		return decide({
			now,
			token,
			refused: refused?.value === token?.value && refused !== undefined ? refused : memory.refused,
			proven: token !== undefined && memory.proven === token.value,
			trials: memory.trial?.value === token?.value ? memory.trial?.count : 0,
			budgeted: issuer.budget > 0,
		});
	}

	private barred(issuer: TokenIssuer, slot: string): ApiError | undefined {
		const owner = this.memory.owner(issuer.owner);
		return this.renewal.barred(issuer, owner, this.memory.client(issuer.client), slot);
	}

	/** A new token in front of the request; undefined: decide again. */
	private async renewed(
		question: Question,
		memory: SlotMemory,
		replaced: number,
	): Promise<StoredToken | undefined> {
		const { issuer, slot, refused, signal, row } = question;
		if (refused?.verdict === 'dead') memory.refused = refused;
		const joined = memory.flight !== undefined;
		if (!joined) {
			const barred = this.barred(issuer, slot);
			if (barred !== undefined) throw barred;
		}
		const need: Need = { ...question, replaced, beside: false };
		const flight =
			memory.flight ??
			this.takeOff(
				memory,
				refused?.value,
				false,
				async (abort) => await this.renew(need, row, abort),
			);
		const { token, error } = await this.join(flight, signal);
		if (token !== undefined && token.value !== refused?.value) return token;
		// A renewal beside others' requests may have failed for a reason of its own.
		if (joined) return undefined;
		throw error ?? permissionError(issuer, token);
	}

	/** Starts what is to run beside the requests: an ageing token's renewal, and the last seconds of a budgeted one. */
	private prepare(
		question: Question,
		memory: SlotMemory,
		{ token, ageing }: Extract<Decision, { kind: 'use' }>,
	): void {
		if (memory.flight !== undefined) return;
		const { issuer, slot, row, log } = question;
		const ends = issuer.budget > 0 && !issuer.inMemory && token.expiresAt - this.environment.now();
		const ending = ends !== false && ends <= PREPARATION;
		if (!ageing && !ending) return;
		if (this.barred(issuer, slot) !== undefined) return;
		const notBefore = ending ? token.expiresAt : undefined;
		const need: Need = { issuer, slot, replaced: 0, notBefore, beside: true, log };
		const flight = this.takeOff(
			memory,
			undefined,
			true,
			async (abort) => await this.renew(need, row, abort),
		);
		void flight.outcome.then(({ error }) => {
			if (error !== undefined) log?.(`A renewal beside the requests failed: ${error.sentences}`);
		});
	}

	/** A second credential of the same client gets the token into a row of its own, where a restart finds it. */
	private share({ issuer, slot, row, log }: Question, token: StoredToken): void {
		const owner = this.memory.owner(issuer.owner);
		if (issuer.inMemory || owner.isHome(row.id, token.serial)) return;
		owner.noteHome(row.id, token.serial);
		if (tokenIn(row.stored, slot)?.value === token.value) return;
		const shared = owner.renewals.alone(async () => {
			const stored = this.read(issuer, await row.read());
			if ((tokenIn(stored, slot)?.serial ?? 0) >= token.serial) return;
			await row.write({ ...this.current(issuer, stored), claim: undefined });
		});
		void shared.catch((error: unknown) => log?.(asApiError(error).sentences));
	}

	private takeOff(
		memory: SlotMemory,
		replaces: string | undefined,
		beside: boolean,
		work: (signal: AbortSignal) => Promise<Outcome>,
	): Flight {
		const abort = new AbortController();
		const begin = beside ? this.environment.sleep(BESIDE_PAUSE) : Promise.resolve();
		const outcome = begin
			.then(async () => await work(abort.signal))
			.catch((error: unknown): Outcome | { error: ApiError } => ({ error: asApiError(error) }))
			.finally(() => {
				memory.flight = undefined;
			});
		const flight: Flight = { outcome, replaces, abort, beside, waiting: 0 };
		memory.flight = flight;
		return flight;
	}

	/** Waits for a renewal; the last one who goes away before its end takes it along, unless it runs for all. */
	private async join(flight: Flight, signal?: AbortSignal) {
		flight.waiting++;
		try {
			return await unlessAborted(flight.outcome, signal);
		} finally {
			flight.waiting--;
			if (signal?.aborted && flight.waiting === 0 && !flight.beside) flight.abort.abort();
		}
	}

	/** Renews the row: under the claim where two would do harm. */
	private async renew(need: Need, row: TokenRow, signal: AbortSignal): Promise<Outcome> {
		const { issuer } = need;
		const owner = this.memory.owner(issuer.owner);
		const client = this.memory.client(issuer.client);
		// Its turn comes before the claim: who holds a claim and waits is taken for dead.
		const inTurn = async () =>
			await this.renewal.inTurn(client, need.slot, async () => {
				return await this.renewNow(need, row, signal);
			});
		return await owner.renewals.alone(inTurn);
	}

	private async renewNow(need: Need, row: TokenRow, signal: AbortSignal): Promise<Outcome> {
		const { issuer } = need;
		if (signal.aborted) throw cancelled();
		const owner = this.memory.owner(issuer.owner);
		const read = async () => {
			const stored = this.read(issuer, await row.read());
			owner.noteHome(row.id, stored.serial);
			return this.current(issuer, stored);
		};
		let outcome: Outcome | undefined;
		const buyAndWrite = async (before: TokenRecord, alone: boolean) => {
			outcome = await this.buy(issuer, need.slot, before, need.replaced, alone, await row.http());
			await this.publish(row, outcome, need);
			return outcome.record;
		};
		if (!this.exclusive(need)) {
			// Where it costs nothing, a database that is away keeps nobody from a token.
			const seen = await read().catch(() => this.current(issuer, row.stored));
			const there = this.answer(need, seen);
			if (there !== undefined) return { record: seen, token: there };
			await buyAndWrite(seen, false);
			return outcome as unknown as Outcome;
		}
		const record = await buyOnce(
			{ read, write: async (record) => await row.write(this.withCounts(issuer, record)) },
			this.environment,
			{
				usable: (seen) => outcome === undefined && this.answer(need, seen) !== undefined,
				buyAndWrite: async (before) => {
					const wait = (need.notBefore ?? 0) - this.environment.now();
					if (wait > 0) await this.environment.sleep(Math.min(wait, PREPARATION), signal);
					return await buyAndWrite(before, true);
				},
				countLost: (nonce) => this.countLost(issuer, nonce),
				onWait: () =>
					need.log?.(`Waiting for another worker that requests a token from ${issuer.provider}`),
				signal,
			},
			claimTimes(issuer),
		);
		return outcome ?? { record, token: tokenIn(record, need.slot) };
	}

	/** With a budget, and where a refresh token is about to be used that can be used once. */
	private exclusive({ issuer, beside }: Need): boolean {
		const { budget, inMemory, grant } = issuer;
		if (inMemory || grant.sign !== undefined) return false;
		const usesRefreshToken =
			grant.refresh !== undefined && grant.rotates && (beside || grant.request === undefined);
		return budget > 0 || usesRefreshToken;
	}

	/** The token of a record, where it is what is needed. */
	private answer(need: Need, record: TokenRecord): StoredToken | undefined {
		const { issuer, slot, refused, laterThan, notBefore = 0, beside } = need;
		const token = tokenIn(record, slot);
		if (laterThan !== undefined) return (token?.serial ?? 0) > laterThan ? token : undefined;
		const memory = this.memory.owner(issuer.owner).slot(slot);
		const now = Math.max(this.environment.now(), notBefore);
		const decision = this.decide(issuer, memory, token, refused, now);
		return decision.kind === 'use' && !(beside && decision.ageing) ? decision.token : undefined;
	}

	private async buy(
		issuer: TokenIssuer,
		slot: string,
		before: TokenRecord,
		replaced: number,
		alone: boolean,
		http: HttpRequest,
	): Promise<Outcome> {
		const owner: OwnerMemory = this.memory.owner(issuer.owner);
		const client = this.memory.client(issuer.client);
		const want = { replaced, alone };
		return await this.renewal.run(issuer, owner, client, slot, before, want, http);
	}

	/** A token that was bought is used though it could not be stored: this process remembers it. */
	private async publish(
		row: TokenRow,
		{ record, token }: Outcome,
		{ issuer, log }: Need,
	): Promise<void> {
		try {
			await row.write(record);
			this.memory.owner(issuer.owner).noteHome(row.id, record.serial);
		} catch (error) {
			const known = asApiError(error);
			if (token === undefined) throw known;
			log?.(`${known.sentences} The token is kept in the memory of this process.`);
		}
	}

	private withCounts(issuer: TokenIssuer, record: TokenRecord): TokenRecord {
		const client = this.memory.client(issuer.client);
		return { ...record, ledger: mergeLedgers(client.ledger, record.ledger) };
	}

	private countLost(issuer: TokenIssuer, nonce: string): void {
		if (issuer.budget === 0) return;
		const client = this.memory.client(issuer.client);
		client.ledger = countLost(client.ledger, issuer.client, this.environment.now(), nonce);
	}

	private startTrial(memory: SlotMemory, value: string, leader: object) {
		if (memory.trial?.value !== value) {
			memory.trial = { value, count: 0, done: Promise.resolve(), end: () => undefined };
		}
		const { trial } = memory;
		// The others go on waiting while the same request tries once more.
		if (trial.leader === undefined) trial.done = new Promise((end) => (trial.end = end));
		trial.leader = leader;
		return trial;
	}

	/** Waits for what becomes of another request's trial; one that was given up is ended. */
	private async trialOf(memory: SlotMemory, signal?: AbortSignal): Promise<void> {
		const { trial } = memory;
		const count = trial?.count;
		await Promise.race([trial?.done, this.environment.sleep(TRIAL_PATIENCE, signal)]);
		if (trial?.leader !== undefined && trial.count === count && !signal?.aborted) {
			this.endTrial(memory);
		}
	}

	private endTrial({ trial }: SlotMemory): void {
		if (trial === undefined) return;
		trial.leader = undefined;
		trial.end();
	}

	/** A young token was refused: one request tries it again after a pause, and the others wait for what becomes of it. */
	private async tryAgain(
		memory: SlotMemory,
		{ token, after }: Extract<Decision, { kind: 'again' }>,
		{ asker, signal }: Question,
	): Promise<void> {
		this.startTrial(memory, token.value, asker).count++;
		await this.environment.sleep(after, signal);
	}
}

/** Another request is trying this young token again. */
function othersTry({ trial }: SlotMemory, token: StoredToken, asker?: object): boolean {
	return trial?.value === token.value && trial.leader !== undefined && trial.leader !== asker;
}

function claimTimes(issuer: TokenIssuer): ClaimTimes {
	return { ...CLAIM_TIMES, hold: issuer.timeout + PREPARATION };
}

/** A token that should be good is refused: another one would not help. */
export function permissionError(issuer: TokenIssuer, token: StoredToken | undefined): ApiError {
	const scopes = token?.scopes === undefined ? '' : ` ${scopesInWords(issuer, token.scopes)}`;
	return new ApiError(
		'permission',
		`The API refused the token (401) although ${issuer.provider} issued it and it has not expired.`,
		`No further token was bought, since it would be refused as well.${scopes} Check which permissions (scope, audience, organization) this client has, and that the API address belongs to the same system.`,
		{ httpStatus: 401 },
	);
}

/** Which scopes a token has, and which of those that were asked for it lacks. */
export function scopesInWords({ scopes }: TokenIssuer, granted: readonly string[]): string {
	const missing = scopes.filter((scope) => !granted.includes(scope));
	const has =
		granted.length === 0
			? 'The token has no scopes'
			: `The token has the scopes ${granted.join(', ')}`;
	return missing.length === 0
		? `${has}.`
		: `${has}; ${missing.join(', ')} was asked for and not granted.`;
}

function asApiError(error: unknown): ApiError {
	if (error instanceof ApiError) return error;
	return new ApiError(
		'internal',
		'The token could not be renewed for a reason that this package does not know.',
		'Try again; if it goes on, report it with the version of n8n.',
		{ retryAfter: 0 },
	);
}

/** What the work answers, unless the signal is aborted before. @throws ApiError `cancelled` */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
	if (signal === undefined) return await work;
	if (signal.aborted) throw cancelled();
	let leave = () => {};
	const gone = new Promise<never>((_, reject) => {
		leave = () => reject(cancelled());
		signal.addEventListener('abort', leave, { once: true });
	});
	try {
		return await Promise.race([work, gone]);
	} finally {
		signal.removeEventListener('abort', leave);
	}
}
