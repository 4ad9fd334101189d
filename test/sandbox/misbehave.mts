import { setTimeout as sleep } from 'node:timers/promises';

import { json, jsonText, page } from './answer.mts';
import type { Answer } from './answer.mts';
import type { ExpiryShape, Fault } from './faults.mts';

/** What happens on the connection. */
export type Outcome = Answer | 'reset' | 'hang';

/** What the provider contributes to misbehaving. */
export interface Usual {
	/** Processes the request as it should be. */
	readonly process: () => Answer | Promise<Answer>;
	/** The provider's answer to a token it does not accept. */
	readonly refusal: () => Answer;
	/** The provider's answer to a wrong client secret. */
	readonly wrongSecret: () => Answer;
	/** Where `redirect` leads: a host that must not see a token. */
	readonly foreign: string;
}

/** Applies a misbehaviour to one request. */
export async function misbehave(fault: Fault, usual: Usual): Promise<Outcome> {
	if (fault.ms !== undefined && fault.late !== true) await sleep(fault.ms);
	switch (fault.kind) {
		case 'delay': {
			const answer = await usual.process();
			if (fault.late === true) await sleep(fault.ms ?? 0);
			return answer;
		}
		case 'hang':
			return 'hang';
		case 'reset':
			return 'reset';
		case 'reset-after':
			await usual.process();
			return 'reset';
		case 'status':
			return withRetryAfter(
				page(fault.status ?? 500, 'Something went wrong', ''),
				fault.retryAfter,
			);
		case 'rate-limit':
			return withRetryAfter(json(429, tooMany), fault.retryAfter ?? 1);
		case 'html':
			return page(200, 'Maintenance', '<p>We will be back soon.</p>');
		case 'no-token':
			return json(200, { token_type: 'Bearer', expires_in: 3600 });
		case 'empty':
			return jsonText(200, '');
		case 'not-an-object':
			return json(200, fault.value ?? [1]);
		case 'huge':
			return json(200, { filler: 'x'.repeat(1_200_000) });
		case 'malformed':
			return jsonText(200, '{"access_token": "abc", "expires_in": ');
		case 'wrong-secret':
			return usual.wrongSecret();
		case 'unauthorized':
			return usual.refusal();
		case 'redirect':
			return { status: fault.status ?? 302, headers: { location: fault.to ?? usual.foreign } };
		case 'reply':
			return json(fault.status ?? 200, fault.value ?? {});
		case 'expiry':
			return rewrite(await usual.process(), (reply) => setExpiry(reply, fault.shape ?? 'missing'));
		case 'token-type':
			return rewrite(await usual.process(), (reply) => setTokenType(reply, fault.value ?? 'mac'));
	}
}

const tooMany = { error: 'too_many_requests', error_description: 'Global limit has been reached' };

function withRetryAfter(answer: Answer, retryAfter: number | string | undefined): Answer {
	if (retryAfter === undefined) return answer;
	return { ...answer, headers: { ...answer.headers, 'retry-after': String(retryAfter) } };
}

type Reply = Record<string, unknown>;

function rewrite(answer: Answer, change: (reply: Reply) => void): Answer {
	if (answer.status !== 200) return answer;
	const reply = JSON.parse(String(answer.body)) as Reply;
	change(reply);
	return { ...answer, body: JSON.stringify(reply) };
}

function setExpiry(reply: Reply, shape: ExpiryShape): void {
	for (const [name, value] of Object.entries(reply)) {
		if (typeof value === 'object' && value !== null) setExpiry(value as Reply, shape);
		if (!['expires_in', 'expiresIn', 'validUntil'].includes(name)) continue;
		if (shape === 'missing') delete reply[name];
		else reply[name] = expiryOf(Number(value), shape);
	}
}

function expiryOf(value: number, shape: Exclude<ExpiryShape, 'missing'>): unknown {
	switch (shape) {
		case 'empty':
			return '';
		case 'string':
			return String(value);
		case 'absolute':
			return value > 5e8 ? value : Math.floor(Date.now() / 1000) + value;
		case 'garbage':
			return 'tomorrow';
		case 'zero':
			return 0;
		case 'null':
			return null;
	}
}

function setTokenType(reply: Reply, value: unknown): void {
	reply['tokenType' in reply ? 'tokenType' : 'token_type'] = value;
}
