import { json } from './answer.mts';
import type { Answer } from './answer.mts';

/** The audience that Calenso documents. It is a name, not an address that anybody calls. */
export const CALENSO_AUDIENCE = 'https://my.calenso.com/api/v1';

/** What `oidc-provider` refuses, in Auth0's words. */
export function asAuth0(answer: Answer, audience: string): Answer {
	const { error, error_description: text } = JSON.parse(String(answer.body)) as Record<
		string,
		string
	>;
	if (error === 'invalid_client') return wrongClient();
	if (error !== 'invalid_target')
		return failure(answer.status, error ?? 'server_error', text ?? '');
	if (audience !== CALENSO_AUDIENCE)
		return failure(403, 'access_denied', `Service not found: ${audience}`);
	return failure(403, 'access_denied', `Client is not authorized to access "${audience}".`);
}

/** Wrong id or secret. */
export function wrongClient(): Answer {
	return failure(401, 'access_denied', 'Unauthorized');
}

/** The block that Calenso's documentation threatens with; its wording is not known. */
export function blocked(limit: number): Answer {
	const text = `This client is blocked: more than ${limit} tokens were requested this month.`;
	return failure(403, 'access_denied', text);
}

/** Auth0's quota header. No header exists for a quota per month: hour and day only. */
export function quota(used: number): string {
	const left = (limit: number) => Math.max(0, limit - used);
	return `b=per_hour;q=100;r=${left(100)};t=3540,b=per_day;q=1000;r=${left(1000)};t=86340`;
}

/** An error of the token endpoint. */
export function failure(status: number, error: string, error_description: string): Answer {
	return json(status, { error, error_description });
}
