import type {
	ICredentialDataDecryptedObject,
	IDataObject,
	IHttpRequestHelper,
	IHttpRequestOptions,
	INodeProperties,
	INodePropertyOptions,
} from 'n8n-workflow';
import { ApiError } from '../../../credentials/tokens/errors';
import { credentialEntries, type CredentialEntry } from '../../../credentials';
import { readerOf } from '../../../credentials/tokens/hooks';
import { RECORD_PROPERTY } from '../../../credentials/tokens/record';
import type { NodeContext } from '../../../nodes/session/row';
import { openSession } from '../../../nodes/session/session';
import manifest from '../../../package.json';
import { filledIn, isMasked, isShown, others, showing } from '../support/form';
import { node } from '../support/n8n';
import { findSecret, formsOf } from '../support/secrets';

/** What every provider keeps to. Whoever is in the list of credentials is tested here; nothing has to be added. */

declare const repositoryFiles: readonly string[];
type Fields = ICredentialDataDecryptedObject;

const FOREIGN = 'https://evil.example/x';
const COMMON = ['monthlyBudget', 'testPath'];

describe.each(credentialEntries)('%s', (name, entry) => {
	const { type, read, label, shapeNoToken = [] }: CredentialEntry = entry;
	const form = filledIn(type);
	const visible = type.properties.filter(
		(property) =>
			property.name !== RECORD_PROPERTY &&
			!['hidden', 'notice'].includes(property.type) &&
			// The same field once more: where it holds something else than its default it is always shown.
			property.displayOptions?.show?.[`/${property.name}`] === undefined,
	);
	const masked = visible.filter(isMasked);

	it('is known under one name, to n8n as well', () => {
		expect(type.name).toBe(name);
		const { name: className } = type.constructor;
		expect(className.toLowerCase()).toBe(name.toLowerCase());
		expect(repositoryFiles).toContain(`credentials/${className}.credentials.ts`);
		expect(manifest.n8n.credentials).toContain(`dist/credentials/${className}.credentials.js`);
		expect(manifest.n8n.credentials).toHaveLength(credentialEntries.length);
		expect(label).toBeTruthy();
	});

	it('has an icon for light and dark, and a page', () => {
		const { light, dark } = type.icon as { light: string; dark: string };
		for (const icon of [light, dark]) {
			expect(repositoryFiles).toContain(icon.replace('file:', 'credentials/'));
		}
		expect(dark).not.toBe(light);
		expect(type.documentationUrl).toMatch(/^https:.*\/blob\/main\/docs\/[\w-]+\.md$/);
		expect(repositoryFiles).toContain(type.documentationUrl?.replace(/^.*\/docs\//, 'docs/'));
	});

	it('keeps its record in the one property where n8n keeps a token', () => {
		const record = type.properties.find((property) => property.name === RECORD_PROPERTY);
		if (read(form).inMemory) {
			expect(record).toBeUndefined();
			return;
		}
		expect(type.properties[0]).toBe(record);
		expect(record).toMatchObject({
			type: 'hidden',
			typeOptions: { expirable: true, password: true },
			default: '',
		});
	});

	it('has defaults that work, and options that hold their default', () => {
		const issuer = read(form);
		expect(issuer.provider).toBeTruthy();
		expect(issuer.apiBase).toMatch(/^https:\/\/[^?#]*[^/]$/);
		expect(issuer.lifetime).toBeGreaterThan(0);
		for (const property of visible.filter(({ type: kind }) => kind === 'options')) {
			const values = (property.options as INodePropertyOptions[]).map(({ value }) => value);
			expect(values).toContain(property.default);
		}
	});

	it('says of an empty field that it has to be filled in, by its label', () => {
		const required = visible.filter(
			(property) => property.required === true && !shapeNoToken.includes(property.name),
		);
		expect(required.length).toBeGreaterThan(0);
		for (const property of required) {
			const fields = { ...showing(type, property, form), [property.name]: '' };
			expect(() => read(fields)).toThrow(ApiError);
			expect(() => read(fields)).toThrow(`The field ${property.displayName} is empty`);
		}
	});

	it('says of each field by its label that an expression gave something else', () => {
		const readWhole = readerOf(read, type);
		const given: unknown[] = [{ a: 1 }, [{ a: 1 }], [null], [['a']], () => 'x'];
		for (const property of visible) {
			const { name: field, displayName, type: kind } = property;
			const fields = showing(type, property, form);
			const withValue = (value: unknown) => () =>
				readWhole({ ...fields, [field]: value } as Fields);
			if (kind === 'json') continue;
			const wrong = kind === 'options' ? [...given, 'Production!', 7, true] : given;
			for (const value of kind === 'boolean' ? [...wrong, 'yes', 1] : wrong) {
				expect(withValue(value)).toThrow(
					expect.objectContaining({
						kind: 'field',
						message: expect.stringContaining(`The field ${displayName} `) as string,
					}),
				);
			}
		}
	});

	it('takes what an expression gives for what it means', () => {
		const readWhole = readerOf(read, type);
		for (const property of visible) {
			const { name: field, type: kind } = property;
			const fields = showing(type, property, form);
			const ownerWith = (value: unknown) =>
				readWhole({ ...fields, [field]: value } as Fields).owner;
			if (kind === 'boolean') {
				for (const flag of [true, false]) expect(ownerWith(String(flag))).toBe(ownerWith(flag));
			}
			if (kind === 'string' && isMasked(property) && !/key/i.test(field)) {
				expect(ownerWith(12_345_678)).toBe(ownerWith('12345678'));
			}
			if (field.startsWith('scope')) {
				expect(ownerWith(['read', 'write'])).toBe(ownerWith('read write'));
			}
		}
	});

	it('is tested by a harmless request', () => {
		expect(type.test?.request.url).toBeDefined();
		expect(['GET', undefined]).toContain(type.test?.request.method);
	});

	it('forgets its token where a field that shapes one is changed', () => {
		// A field may be shown in several forms, and shape the token of some of them.
		const moved = new Set<string>();
		// A value that cannot be used, such as a key that is none, gets no token at all.
		const ownerOf = (fields: Fields): string => {
			try {
				return read(fields).owner;
			} catch (error) {
				expect(error).toMatchObject({ kind: 'field' });
				return String(error);
			}
		};
		for (const property of visible) {
			const fields = showing(type, property, form);
			expect([property.name, isShown(property, fields)]).toEqual([property.name, true]);
			const before = ownerOf(fields);
			for (const other of others(property, fields[property.name])) {
				const changed = { ...fields, [property.name]: other } as Fields;
				if (ownerOf(changed) !== before) moved.add(property.name);
				expect(ownerOf({ ...changed, [property.name]: fields[property.name] })).toBe(before);
			}
		}
		const common = COMMON.filter((field) => visible.some((one) => one.name === field));
		const unmoved = new Set(visible.map((one) => one.name).filter((one) => !moved.has(one)));
		expect([...unmoved].sort()).toEqual([...common, ...shapeNoToken].sort());
	});

	it('shows its token to the origins of its own fields alone', async () => {
		const { origins, apiBase } = read(form);
		expect(origins).toContain(new URL(apiBase).origin);
		const written = JSON.stringify([form, type.test?.request]);
		for (const origin of origins) expect(written).toContain(new URL(origin).host);
		if (type.authenticate === undefined) return;
		const n8n = new Process(entry, form, () => undefined);
		const error = await n8n.send({ url: FOREIGN }).catch((thrown: Error) => thrown);
		expect(error).toBeInstanceOf(Error);
		expect(n8n.sent.filter(({ url }) => url === FOREIGN)).toEqual([]);
	});

	it.each([301, 400, 401, 403, 404, 429, 500, 503])(
		'is called by its name, in whole sentences, where a token request is answered %i',
		async (status) => {
			const n8n = new Process(entry, form, () => ({ status, body: { error: 'no' } }));
			const session = await openSession(n8n.context(), name);
			const told = await session.send({ method: 'GET', path: '/x' }).catch((error: Error) => error);
			expect(told).toBeInstanceOf(ApiError);
			const { message, description } = told as ApiError;
			expect(message).toContain(read(form).provider);
			expect(`${message} ${description}`).not.toMatch(
				/The The|[Tt]he token endpoint (?!of )|undefined|null|NaN|\[object|\.\.|\s\.|“”/,
			);
			for (const text of [message, String(description)]) expect(text).toMatch(/^[A-Za-z].*[.”]$/);
		},
	);

	it.each(masked.map((property) => [property.name, property] as const))(
		'shows %s to nobody',
		async (_, property) => {
			const secret = `canary/${name}+${property.name}?ü`;
			const fields = { ...showing(type, property, form), [property.name]: secret };
			const refuseWith = async (status: number) => {
				// Each status is another client: what one was told must not answer for the next.
				const own = withAnotherClient(type.properties, fields, String(status));
				const n8n = new Process(entry, own, ({ headers, body }) => {
					const words = [...formsOf(secret), headers, body].map(textOf).join(' ');
					return { status, body: { error: words, message: words, error_description: words } };
				});
				const session = await openSession(n8n.context(), name);
				expect(session.fields).not.toHaveProperty([property.name]);
				expect(findSecret([session.fields, session.status()], [secret])).toBeUndefined();
				const viaSession = await session
					.send({ method: 'GET', path: '/x', retry: false })
					.catch((error: Error) => error);
				const viaHooks = await n8n.send({ url: read(own).apiBase }).catch((error: Error) => error);
				for (const error of [viaSession, viaHooks]) {
					expect(error).toBeInstanceOf(Error);
					expect(findSecret(error, [secret])).toBeUndefined();
				}
				expect(findSecret([session.status(), n8n.log], [secret])).toBeUndefined();
			};
			await Promise.all([400, 401, 403, 500].map(refuseWith));
		},
		20_000,
	);
});

const textOf = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));

function withAnotherClient(
	properties: readonly INodeProperties[],
	fields: Fields,
	mark: string,
): Fields {
	const ids = properties.filter(
		({ name, type, ...rest }) =>
			type === 'string' && /Id$|^username$|Key$/.test(name) && !isMasked({ name, type, ...rest }),
	);
	return { ...fields, ...Object.fromEntries(ids.map(({ name }) => [name, `some${mark}`])) };
}

type Answer = { readonly status: number; readonly body: unknown } | undefined;

/** n8n's loop around the two hooks of the published classes, in this process, with one answer to every request. */
class Process {
	readonly sent: IHttpRequestOptions[] = [];
	readonly log: string[] = [];
	private row: Fields;

	constructor(
		private readonly entry: CredentialEntry,
		fields: Fields,
		private readonly answer: (request: IHttpRequestOptions) => Answer,
	) {
		this.row = { ...fields };
	}

	context(): NodeContext {
		const { name } = this.entry.type;
		return {
			getNode: () => ({ ...node, credentials: { [name]: { id: '7', name: 'Credential' } } }),
			getCredentials: async () => ({ ...this.row }),
			logger: {
				info: (message: string) => this.log.push(message),
				warn: (message: string) => this.log.push(message),
				debug: (message: string) => this.log.push(message),
			},
			helpers: {
				httpRequest: async (options: IHttpRequestOptions) => await this.request(options),
				httpRequestWithAuthentication: async (
					_name: string,
					options: IHttpRequestOptions,
					more?: { credentialsDecrypted?: { data?: Fields } },
				) => await this.send(options, more?.credentialsDecrypted?.data),
			},
		} as unknown as NodeContext;
	}

	async send(request: IHttpRequestOptions, handed?: Fields): Promise<unknown> {
		const credentials = handed ?? { ...this.row };
		const { authenticate, preAuthentication } = this.entry.type;
		const helper = {
			helpers: { httpRequest: async (options: IHttpRequestOptions) => await this.request(options) },
		} as unknown as IHttpRequestHelper;
		const hook = async () => {
			const output = (await preAuthentication?.call(helper, credentials)) as IDataObject;
			this.row = { ...this.row, ...output } as Fields;
			Object.assign(credentials, output);
		};
		if (typeof authenticate !== 'function') {
			await hook();
			return await this.request(request);
		}
		const attempt = async (expired: boolean) => {
			if (expired) await hook();
			return await this.request(await authenticate(credentials, request));
		};
		return await attempt(credentials[RECORD_PROPERTY] === '').catch(
			async (error: { response?: { status?: number } }) => {
				if (error.response?.status === 401) return await attempt(true);
				throw error;
			},
		);
	}

	private async request(options: IHttpRequestOptions): Promise<unknown> {
		this.sent.push(options);
		const { status, body } = this.answer(options) ?? { status: 500, body: '' };
		const text = typeof body === 'string' ? body : JSON.stringify(body);
		if (options.returnFullResponse !== true) throw Object.assign(new Error(text), { status });
		const raw = options.encoding === 'arraybuffer' ? Buffer.from(text) : body;
		return { statusCode: status, headers: {}, body: raw };
	}
}
