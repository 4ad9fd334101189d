import { cancelled } from './claim';
import type { Environment } from './environment';
import { ApiError } from './errors';
import type { ApiVerdictReply, BanRule } from './issuer';
import { parseJson } from './json';
import type { TokenReply } from './reply';
import { inWords } from './times';

/** What this process knows of one origin. */
interface Origin {
	/** When replies came that count, ms of the monotonic clock, oldest first. */
	refusals: number[];
	/** Requests under way, each of which may be refused. */
	underWay: number;
	bannedUntil: number;
	readonly waiting: Array<() => void>;
}

const MOST_ORIGINS = 1_000;
/** In ms: most APIs have refused a request by then. */
const UNTOLD = 1_000;

/**
 * Stops short of what a provider bans hosts for. A ban hits the host, so refusals are counted per origin in the
 * process: of token requests and API requests, of all nodes, executions and items together.
 */
export class BanGuard {
	private readonly origins = new Map<string, Origin>();

	constructor(private readonly environment: Environment) {}

	/**
	 * Lets a request leave. With those under way it could be the one too many: then it waits for their answers.
	 * @throws ApiError `ban` where nothing may be sent for now, `cancelled`
	 */
	async enter(
		provider: string,
		origin: string,
		rule: BanRule | undefined,
		signal?: AbortSignal,
	): Promise<void> {
		if (rule === undefined) return;
		const known = this.of(origin);
		for (;;) {
			const stop = this.banned(provider, origin, rule) ?? this.stopped(provider, known, rule);
			if (stop !== undefined) throw stop;
			if (known.refusals.length + known.underWay < rule.most) break;
			if (signal?.aborted) throw cancelled();
			await new Promise<void>((go) => {
				known.waiting.push(go);
				signal?.addEventListener('abort', () => go(), { once: true });
			});
		}
		known.underWay++;
	}

	/**
	 * As `enter`, for a request of n8n's own nodes: of a good answer nobody tells, so it is taken for under way until a
	 * refusal of it would have been told.
	 */
	async enterUntold(provider: string, origin: string, rule: BanRule): Promise<void> {
		await this.enter(provider, origin, rule);
		void this.environment.sleep(UNTOLD).then(() => this.leave(origin, rule, undefined));
	}

	/** The request of an `enter` has its answer; undefined: none came. */
	leave(origin: string, rule: BanRule | undefined, reply: ApiVerdictReply | undefined): void {
		if (rule === undefined) return;
		const known = this.of(origin);
		known.underWay = Math.max(0, known.underWay - 1);
		if (reply !== undefined) this.note(origin, rule, reply);
		for (const go of known.waiting.splice(0)) go();
	}

	/** A request that went another way was refused; nobody told how. */
	countOne(origin: string, rule: BanRule | undefined): void {
		if (rule !== undefined) this.of(origin).refusals.push(this.environment.monotonic());
	}

	/** The provider has banned this host, as far as is known. */
	banned(provider: string, origin: string, rule: BanRule | undefined): ApiError | undefined {
		const left = this.of(origin).bannedUntil - this.environment.monotonic();
		if (rule === undefined || left <= 0) return undefined;
		return new ApiError(
			'ban',
			`${provider} has banned this host: it ${rule.rule}.`,
			`Nothing is sent until ${this.clock(left)}, in ${inWords(left)}. Look at the errors before this one: something asks again and again for what is refused.`,
			{ retryAfter: left, neverSent: true },
		);
	}

	/** Why nothing may be sent now, for whoever cannot wait. */
	stop(provider: string, origin: string, rule: BanRule | undefined): ApiError | undefined {
		if (rule === undefined) return undefined;
		return this.banned(provider, origin, rule) ?? this.stopped(provider, this.of(origin), rule);
	}

	private stopped(provider: string, known: Origin, rule: BanRule): ApiError | undefined {
		const now = this.environment.monotonic();
		known.refusals = known.refusals.filter((at) => at > now - rule.window);
		if (known.refusals.length < rule.most) return undefined;
		const left = known.refusals[known.refusals.length - rule.most] + rule.window - now;
		return new ApiError(
			'ban',
			`Not sent: ${provider} ${rule.rule}, and ${known.refusals.length} requests have failed.`,
			`Sending goes on at ${this.clock(left)}, in ${inWords(left)}. Look at the errors before this one: they are what counts.`,
			{ retryAfter: left, neverSent: true },
		);
	}

	/** A reply to a request that did not `enter`. */
	note(origin: string, rule: BanRule | undefined, reply: ApiVerdictReply): void {
		if (rule === undefined) return;
		const known = this.of(origin);
		const now = this.environment.monotonic();
		if (rule.isBan(reply)) known.bannedUntil = now + rule.lasts;
		// A proxy's 407 was seen by no provider.
		else if (reply.status !== 407 && rule.counts(reply)) known.refusals.push(now);
	}

	private clock(left: number): string {
		return `${new Date(this.environment.now() + left).toISOString().slice(11, 19)} UTC`;
	}

	private of(origin: string): Origin {
		const known = this.origins.get(origin) ?? {
			refusals: [],
			underWay: 0,
			bannedUntil: -Infinity,
			waiting: [],
		};
		this.origins.delete(origin);
		this.origins.set(origin, known);
		if (this.origins.size > MOST_ORIGINS) {
			const idle = [...this.origins].find(([, { underWay }]) => underWay === 0)?.[0];
			if (idle !== undefined) this.origins.delete(idle);
		}
		return known;
	}
}

/** A token endpoint's reply, as rules and verdicts look at it. */
export function judged({ status, headers, text }: TokenReply): ApiVerdictReply {
	return { status, headers, body: parseJson(text) };
}
