import { json } from './answer.mts';
import type { Received } from './answer.mts';
import type { RecordedRequest } from './journal.mts';
import { serve } from './serve.mts';
import type { Listening } from './serve.mts';
import type { World } from './world.mts';

/** A host that no token may reach. It answers anything, and notes which secrets it was shown. */
export function startForeign(world: World, port?: number): Promise<Listening> {
	const answer = () => json(200, { foreign: true });
	return serve(
		world,
		{
			provider: 'foreign',
			place: () => ({ endpoint: 'api', operation: 'anything', answer }),
			mark: (received, entry) => note(world, received, entry),
			refusal: () => json(401, {}),
			wrongSecret: () => json(401, {}),
		},
		port,
	);
}

function note(world: World, received: Received, entry: RecordedRequest): void {
	const { url, headers, body } = received;
	const seen = `${url}\n${JSON.stringify(headers)}\n${body}`;
	const leaks = new Set<string>();
	for (const [kind, secret] of secretsOf(world)) {
		if (disguises(secret).some((text) => seen.includes(text))) leaks.add(kind);
	}
	if (headers.authorization !== undefined) leaks.add('authorization header');
	entry.leaks = [...leaks];
	if (leaks.size > 0) world.journal.of('foreign').withSecret++;
}

function secretsOf(world: World): Array<[kind: string, secret: string]> {
	const { calenso, bookingtime, meister1, fusio, custom } = world.accounts;
	const clients = [
		...[...calenso.clients, calenso.ungranted].map((client) => ['calenso', client] as const),
		...bookingtime.apps.map((client) => ['bookingtime', client] as const),
		...meister1.users.map((client) => ['meister1', client] as const),
		...fusio.apps.map((client) => ['fusio', client] as const),
	];
	const users = [...bookingtime.users, ...fusio.users, ...custom.users];
	return [
		...world.tokens
			.all()
			.map(({ provider, kind, value }): [string, string] => [`${provider} ${kind}`, value]),
		...clients.map(([kind, { clientSecret }]): [string, string] => [
			`${kind} secret`,
			clientSecret,
		]),
		...users.map(({ password }): [string, string] => ['password', password]),
	];
}

function disguises(secret: string): string[] {
	const encoded = Buffer.from(secret).toString('base64');
	return [secret, encodeURIComponent(secret), encoded, encodeURIComponent(encoded)];
}
