import type { IHttpRequestOptions } from 'n8n-workflow';
import type { Environment } from '../../credentials/tokens/environment';
import type { TokenIssuer } from '../../credentials/tokens/issuer';
import { ApiError } from '../shared/errors';
import { takeIn, type Readable } from './receive';
import { redirectOf } from './redirect';
import { buildRequest, readReply, type ApiReply, type ApiRequest } from './request';
import { type Reporting, sendWithRetries } from './retry';
import { StreamedBody } from './upload';

const MOST_REDIRECTS = 20;

/** The two ways in which a request leaves. */
export interface Ways {
	/** To an origin of the credential, with its token. */
	own(request: ApiRequest, target: URL, options: IHttpRequestOptions): Promise<unknown>;
	/** To any other one. */
	foreign(options: IHttpRequestOptions): Promise<unknown>;
}

/**
 * Sends a request, repeats it where that helps, follows where its reply leads, and reads the last one.
 * @throws ApiError where no reply comes, or it leads where the request may not go.
 */
export async function sendFollowing(
	issuer: TokenIssuer,
	request: ApiRequest,
	url: URL,
	ways: Ways,
	environment: Environment,
	signal?: AbortSignal,
	reporting?: Reporting,
): Promise<ApiReply> {
	let hop: {
		readonly kind: 'own' | 'foreign';
		readonly request: ApiRequest;
		readonly target: URL;
	} = { kind: 'own', request, target: url };
	let repeats = 0;
	let waitedMs = 0;
	for (let hops = 0; hops <= MOST_REDIRECTS; hops++) {
		const { kind, request: asked, target } = hop;
		const leave = async (body?: Readable) => {
			const options = { ...buildRequest(asked, target), ...(body && { body }) };
			const answer = kind === 'own' ? ways.own(asked, target, options) : ways.foreign(options);
			return await takeIn(asked, target, await answer, environment);
		};
		const send = async () =>
			asked.body instanceof StreamedBody ? await asked.body.sent(leave) : await leave();
		const reply = await sendWithRetries(
			issuer,
			asked,
			target,
			send,
			environment,
			signal,
			reporting,
		);
		repeats += (reply.attempts ?? 1) - 1;
		waitedMs += reply.waitedMs ?? 0;
		const next = redirectOf(asked, reply, {
			provider: issuer.provider,
			origins: issuer.origins,
			from: target,
			strayed: kind === 'foreign',
			secrets: reporting?.secrets?.() ?? [],
		});
		if (next.kind === 'none') {
			return {
				...readReply(asked, reply),
				...(kind === 'foreign' && { foreignHost: target.host }),
				attempts: repeats + 1,
				waitedMs,
			};
		}
		hop = next;
	}
	throw new ApiError(
		'reply',
		`${issuer.provider} redirects again and again.`,
		'Enter the address that the API really answers at.',
	);
}
