import { attach, type OutgoingRequest, ownUrl } from './attach';
import { judged } from './ban';
import type { TokenEngine } from './engine';
import type { TokenIssuer, Verdict } from './issuer';
import { exchange } from './renewal';
import type { StoredToken } from './record';
import type { HttpRequest } from './row';

/** In ms: how soon a token that was found to be good is asked about again; twice as long each time, up to a minute. */
const FIRST_PAUSE = 1_000;
const MOST_PAUSE = 60_000;
const TIMEOUT = 10_000;

/**
 * Tells a token that died from any other error. n8n's older helper calls the hook after each error and does not say
 * which one it was; so the request is sent once more, if it only reads, or else the credential's Test Path, or the API's
 * base address.
 */
export class Probe {
	constructor(private readonly engine: TokenEngine) {}

	/**
	 * What the API says of the token. Requests that fail at the same time share one question.
	 * @param again The request that failed, where it may be sent again.
	 */
	async ask(
		issuer: TokenIssuer,
		slot: string,
		token: StoredToken,
		again: OutgoingRequest | undefined,
		http: HttpRequest,
	): Promise<Verdict> {
		const memory = this.engine.memory.owner(issuer.owner).slot(slot);
		const now = this.engine.environment.monotonic();
		const last = memory.probe?.token === token.value ? memory.probe : undefined;
		if (last?.running !== undefined) return await last.running;
		if (last !== undefined && now < last.until) return 'accepted';
		const running = this.send(issuer, slot, token, again, http);
		const pause = last === undefined ? FIRST_PAUSE : Math.min(last.pause * 2, MOST_PAUSE);
		memory.probe = { token: token.value, pause, until: now + pause, running };
		const verdict = await running;
		memory.probe =
			verdict === 'accepted' ? { token: token.value, pause, until: now + pause } : undefined;
		return verdict;
	}

	/** Asks once, now. */
	async send(
		issuer: TokenIssuer,
		slot: string,
		token: StoredToken,
		again: OutgoingRequest | undefined,
		http: HttpRequest,
	): Promise<Verdict> {
		const { engine } = this;
		const request = again === undefined ? probeRequest(issuer) : repeated(again);
		const { origin } = ownUrl(issuer, request);
		if (engine.guard.stop(issuer.provider, origin, issuer.ban)) return 'accepted';
		try {
			const reply = judged(await exchange(http, attach(issuer, token, request), TIMEOUT));
			engine.guard.note(origin, issuer.ban, reply);
			const verdict = issuer.verdict(reply);
			if (verdict === 'accepted') engine.accepted(issuer, slot, token.value, reply.status);
			return verdict;
		} catch {
			return 'accepted';
		}
	}
}

function probeRequest({ apiBase, probeUrl = apiBase }: TokenIssuer): OutgoingRequest {
	return { method: 'GET', url: probeUrl, headers: { accept: 'application/json' } };
}

/** The same request in the words of n8n's newer helper. */
function repeated(request: OutgoingRequest): OutgoingRequest {
	const { method, uri, url, baseURL, headers, qs } = request;
	return { method, url: String(url ?? uri), baseURL, headers: { ...headers }, qs };
}
