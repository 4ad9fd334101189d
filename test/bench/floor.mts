import { Pool } from 'undici';
import type { JsonObject } from '../n8n/types.mts';
import type { Info } from '../sandbox/info.mts';
import { requestOf } from './contenders.mts';

/** As many requests at once as a node of this package has by default. */
const LANES = 5;

export interface FloorOptions {
	readonly origin?: string;
	readonly ca?: string;
	/** Opens a connection for each request, as n8n does. */
	readonly freshConnections?: boolean;
}

/** A bare script with undici: the same requests, as many at once, nothing around them. Answers ms for `count` of them. */
export async function floorOf(
	info: Info,
	task: 'list' | 'customer',
	fields: JsonObject,
	{ origin, ca, freshConnections = false }: FloorOptions = {},
): Promise<{ readonly run: (count: number) => Promise<number>; readonly close: () => Promise<void> }> {
	const { method, url } = requestOf(info, task, fields, origin);
	const { origin: to, pathname } = new URL(url);
	const pool = new Pool(to, {
		connections: LANES,
		pipelining: freshConnections ? 0 : 1,
		...(ca && { connect: { ca } }),
	});
	const authorization = `Bearer ${await tokenOf(task, fields)}`;

	async function one(index: number): Promise<void> {
		const reply = await pool.request({
			path: pathname,
			method,
			headers: { authorization, accept: 'application/json', ...(method === 'POST' && { 'content-type': 'application/json' }) },
			...(method === 'POST' && { body: JSON.stringify({ firstName: 'Ada', lastName: `Lovelace ${index}` }) }),
		});
		await reply.body.json();
		if (reply.statusCode >= 300) throw new Error(`The floor was answered ${reply.statusCode}`);
	}

	return {
		run: async (count) => {
			const started = performance.now();
			let next = 0;
			const lane = async () => {
				while (next < count) await one(next++);
			};
			await Promise.all(Array.from({ length: LANES }, lane));
			return performance.now() - started;
		},
		close: async () => await pool.close(),
	};
}

async function tokenOf(task: 'list' | 'customer', fields: JsonObject): Promise<string> {
	const { tokenUrl = '', clientId = '', clientSecret = '', audience = '', organizationId = '' } = fields as Record<string, string>;
	const ask = async (form: Record<string, string>) => {
		const reply = await fetch(tokenUrl, { method: 'POST', body: new URLSearchParams({ client_id: clientId, ...form }) });
		return (await reply.json()) as { access_token?: string; refresh_token?: string };
	};
	const first = await ask({
		grant_type: 'client_credentials',
		client_secret: clientSecret,
		...(task === 'list' && { audience }),
	});
	const second =
		task === 'list'
			? first
			: await ask({
					grant_type: 'refresh_token',
					refresh_token: String(first.refresh_token),
					organization_id: organizationId,
				});
	return String(second.access_token);
}
