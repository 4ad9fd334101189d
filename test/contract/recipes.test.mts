import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import type { ICredentialType, IDataObject } from 'n8n-workflow';
import { makeKeys } from '../recipes/keys.mts';
import { readRecipes, type Recipe } from '../recipes/recipes.mts';
import { startStandIn, type Arrived, type StandIn } from '../recipes/standIn.mts';
import { ranOn } from '../recipes/ranOn.mts';
import { recipeTable } from '../recipes/table.mts';
import { executeContext, loadPackage, newRow } from './n8nContext.mts';

const recipes = await readRecipes();
const keys = makeKeys();

describe('Each recipe of the documentation', () => {
	let standIn: StandIn;
	before(async () => {
		standIn = await startStandIn();
	});
	after(async () => await standIn?.stop());

	for (const recipe of recipes) {
		test(recipe.name, async () => {
			standIn.play(recipe);
			const fields = localFields(recipe);
			const row = newRow('customTokenApi', fields as IDataObject);
			const credential = new (loadPackage().CustomTokenApi)() as ICredentialType;
			const context = executeContext({ row, credential });
			const request = { url: `${String(fields.baseUrl)}/something`, json: true };
			for (const _ of [1, 2]) {
				await context.helpers.httpRequestWithAuthentication.call(context, row.type, { ...request });
			}
			const asked = recipe.asks === null ? 0 : 1;
			assert.equal(standIn.tokenRequests.length, asked, 'token requests for two API requests');
			assert.equal(standIn.apiRequests.length, 2);
			checkTokenRequest(recipe, standIn.tokenRequests[0]);
			for (const sent of standIn.apiRequests) checkApiRequest(recipe, sent);
			checkLifetime(recipe, String(row.data.tokenRecord));
		});
	}

	/** The recipe's fields with addresses of the stand-in, and keys made for this run. */
	function localFields({ fields }: Recipe): Record<string, unknown> {
		const urls = ['baseUrl', 'tokenUrl', 'refreshUrl'];
		return Object.fromEntries(
			Object.entries(fields).map(([name, value]) => [
				name,
				typeof value === 'string' && urls.includes(name) ? standIn.local(value) : keys.key(value),
			]),
		);
	}

	function checkTokenRequest({ asks, jwt }: Recipe, sent: Arrived | undefined): void {
		if (asks === null) return;
		assert.ok(sent);
		assert.equal(`${sent.method} ${sent.url}`, `${asks.method} ${asks.url}`);
		for (const [name, value] of Object.entries(asks.headers ?? {}))
			assert.equal(sent.headers[name], value, name);
		if (jwt?.in === 'authorization')
			checkJwt(jwt, (sent.headers.authorization ?? '').slice((jwt.prefix ?? '').length));
		if (asks.json !== undefined) {
			const [signed = ''] = /eyJ[\w.-]+/.exec(sent.body) ?? [];
			if (jwt?.in === 'json') checkJwt(jwt, signed);
			const body = jwt?.in === 'json' ? sent.body.replace(signed, '<jwt>') : sent.body;
			assert.deepEqual(JSON.parse(body), asks.json);
		} else if (asks.text !== undefined) assert.equal(sent.body, asks.text);
		else if (asks.form === undefined) assert.equal(sent.body, '');
		else {
			const form = Object.fromEntries(new URLSearchParams(sent.body));
			const { assertion, client_assertion, ...rest } = form;
			assert.deepEqual(rest, asks.form);
			if (jwt?.in === 'assertion') checkJwt(jwt, assertion ?? '');
			if (jwt?.in === 'client_assertion') checkJwt(jwt, client_assertion ?? '');
		}
	}

	function checkApiRequest({ sends, jwt }: Recipe, sent: Arrived): void {
		for (const [name, value] of Object.entries(sends.headers ?? {}))
			assert.equal(sent.headers[name], value, name);
		const query = new URL(sent.url).searchParams;
		for (const [name, value] of Object.entries(sends.query ?? {}))
			assert.equal(query.get(name), value, name);
		if (jwt?.in !== 'token') return;
		const { authorization = '' } = sent.headers;
		assert.ok(authorization.startsWith(jwt.prefix ?? ''), authorization.slice(0, 8));
		checkJwt(jwt, authorization.slice((jwt.prefix ?? '').length));
	}

	function checkJwt({ header, claims }: NonNullable<Recipe['jwt']>, text: string): void {
		const read = keys.read(text);
		for (const [name, value] of Object.entries(header))
			assert.equal(read.header[name], value, name);
		for (const [name, value] of Object.entries(claims)) {
			const expected = name === 'aud' ? standIn.local(String(value)) : value;
			assert.ok(
				[expected, value].includes(read.claims[name]),
				`${name}: ${String(read.claims[name])}`,
			);
		}
		const { iat, exp } = read.claims as { iat: number; exp: number };
		assert.ok(Math.abs(iat - Date.now() / 1000) < 90 && exp > iat);
	}

	/** The engine leaves a tenth, one to five seconds; two seconds are for rounding and for the way. */
	function checkLifetime({ lives }: Recipe, record: string): void {
		if (lives === undefined) return;
		const { tokens } = JSON.parse(record) as {
			tokens: Record<string, { issuedAt: number; expiresAt: number }>;
		};
		const { issuedAt = 0, expiresAt = 0 } = tokens[''] ?? {};
		const lifetime = (expiresAt - issuedAt) / 1000;
		const counted = lives - Math.min(Math.max(lives * 0.1, 1), 5);
		assert.ok(Math.abs(lifetime - counted) <= 2, `lives ${lifetime} s instead of ${counted} s`);
	}
});

describe('The recipes', () => {
	test('are at least 25, of every kind', () => {
		assert.ok(recipes.length >= 25);
		const kinds = new Set(recipes.map(({ fields }) => fields.grant));
		assert.deepEqual([...kinds].sort(), [
			'clientCredentials',
			'jwt',
			'login',
			'ownBody',
			'password',
			'refreshToken',
		]);
	});

	test('stand in the documentation as they were run here', async () => {
		const page = await readFile(new URL('../../docs/custom-token-api.md', import.meta.url), 'utf8');
		const { properties } = new (loadPackage().CustomTokenApi)() as ICredentialType;
		const table = recipeTable(recipes, properties, ranOn);
		assert.ok(page.includes(table), `docs/custom-token-api.md must hold this table:\n\n${table}`);
	});

	test('hold no secret but the examples', async () => {
		const secret = /my-|<[a-z]+>|\$(secret|clientSecret|password)/;
		for (const { name, fields } of recipes) {
			for (const field of ['clientSecret', 'password', 'signingKey', 'ownRefreshToken', 'secret']) {
				assert.ok(
					fields[field] === undefined || secret.test(String(fields[field])),
					`${name}: ${field}`,
				);
			}
		}
	});
});
