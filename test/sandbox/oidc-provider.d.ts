/** The parts of oidc-provider that the sandbox uses; the package brings no types. */
declare module 'oidc-provider' {
	type RequestListener = import('node:http').RequestListener;
	type IncomingMessage = import('node:http').IncomingMessage;
	type ServerResponse = import('node:http').ServerResponse;

	export interface Context {
		readonly oidc: { readonly client: { readonly clientId: string }; readonly result?: unknown };
	}

	export interface Interaction {
		readonly uid: string;
		readonly prompt: { readonly name: string };
		readonly params: Record<string, unknown>;
		readonly session?: { readonly accountId: string };
	}

	export default class Provider {
		constructor(issuer: string, configuration: Record<string, unknown>);
		callback(): RequestListener;
		on(event: string, listener: (...args: unknown[]) => void): this;
		interactionDetails(request: IncomingMessage, response: ServerResponse): Promise<Interaction>;
		interactionFinished(
			request: IncomingMessage,
			response: ServerResponse,
			result: Record<string, unknown>,
			options?: { mergeWithLastSubmission: boolean },
		): Promise<void>;
		readonly Grant: new (fields: { accountId: string; clientId: string }) => {
			addOIDCScope(scope: string): void;
			save(): Promise<string>;
		};
		readonly AuthorizationCode: {
			find(code: string): Promise<{ readonly accountId: string } | undefined>;
		};
		readonly Client: {
			readonly prototype: { redirectUriAllowed(uri: string): boolean };
		};
	}

	export const errors: {
		readonly InvalidTarget: new (description?: string) => Error;
	};
}
