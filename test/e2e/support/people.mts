import type { N8n } from '../../n8n/instance.mts';
import type { JsonObject } from '../../n8n/types.mts';
import type { SandboxClient } from '../../sandbox/client.mts';

/** Other people who work in the providers' systems: they change records through the APIs, past n8n. */
export class People {
	readonly #sandbox: SandboxClient;

	constructor(sandbox: SandboxClient) {
		this.#sandbox = sandbox;
	}

	async addTodo(title: string): Promise<string> {
		return String((await this.fusio('POST', '/todo', { title })).id);
	}

	async editTodo(id: string | number, title: string): Promise<void> {
		await this.fusio('PATCH', `/todo/${id}`, { title });
	}

	async deleteTodo(id: string | number): Promise<void> {
		await this.fusio('DELETE', `/todo/${id}`);
	}

	async todos(): Promise<JsonObject[]> {
		const all: JsonObject[] = [];
		for (let total = Infinity; all.length < total; ) {
			const { totalResults, entry } = await this.fusio('GET', `/todo?startIndex=${all.length}`);
			all.push(...(entry as JsonObject[]));
			total = Number(totalResults);
		}
		return all;
	}

	async addCustomer(firstName: string, lastName: string): Promise<string> {
		return String((await this.bookingtime('POST', 'customer/add', { firstName, lastName })).id);
	}

	async editCustomer(id: string, firstName: string): Promise<void> {
		await this.bookingtime('PUT', `customer/${id}/edit`, { firstName });
	}

	async someCustomer(): Promise<string> {
		const { recordList } = await this.bookingtime('GET', 'customer/index/2');
		return String((recordList as JsonObject[])[0]?.id);
	}

	/** Rows of an n8n data table. */
	async rows({ rest }: N8n, name: string): Promise<JsonObject[]> {
		const { id } = await rest.request<{ id: string }>('GET', '/projects/personal');
		const tables = await rest.request<{ data: Array<{ id: string; name: string }> }>('GET', `/projects/${id}/data-tables`);
		const table = tables.data.find((one) => one.name === name)?.id;
		return (await rest.request<{ data: JsonObject[] }>('GET', `/projects/${id}/data-tables/${table}/rows?take=200`)).data;
	}

	private async fusio(method: string, path: string, body?: JsonObject): Promise<JsonObject> {
		return await this.send('fusio', method, path, body);
	}

	/** The reply without its envelope. */
	private async bookingtime(method: string, path: string, body?: JsonObject): Promise<JsonObject> {
		const { organizationId } = (await this.token('bookingtime')).bound;
		const place = `/app/v3/de/organization/${organizationId}/${path}`;
		return (await this.send('bookingtime', method, place, body)).content as JsonObject;
	}

	private async send(provider: 'fusio' | 'bookingtime', method: string, path: string, body?: JsonObject): Promise<JsonObject> {
		const { value } = await this.token(provider);
		const reply = await fetch(this.#sandbox.info.urls[provider] + path, {
			method,
			headers: { authorization: `Bearer ${value}`, 'content-type': 'application/json' },
			...(body && { body: JSON.stringify(body) }),
		});
		if (!reply.ok) throw new Error(`${method} ${path} answered ${reply.status}: ${await reply.text()}`);
		return (await reply.json()) as JsonObject;
	}

	/** One that n8n bought: another would be a token request that the tests count. */
	private async token(provider: 'fusio' | 'bookingtime') {
		const tokens = await this.#sandbox.tokens();
		const good = tokens.findLast((token) => token.provider === provider && token.kind === 'access' && token.state === 'good');
		if (!good) throw new Error(`n8n has no token of ${provider} yet`);
		return good;
	}
}
