import { jsonOf, redirect } from './answer.mts';
import type { Answer, Received } from './answer.mts';
import { appointmentsOf } from './bookingtime-appointments.mts';
import { complaintsAbout, Customers, short } from './bookingtime-customers.mts';
import type { Customer } from './bookingtime-customers.mts';
import { failed, list, paged, succeeded } from './bookingtime-envelope.mts';
import type { Complaint } from './bookingtime-envelope.mts';
import { decodeSegment, operationOf } from './bookingtime-path.mts';
import { serve } from './serve.mts';
import type { Listening, Place } from './serve.mts';
import { bearerOf, stateOf } from './tokens.mts';
import type { World } from './world.mts';

const LOCALES = ['de', 'en', 'de_DE', 'en_EN'];

/** bookingtime's API, app and module: enveloped, paged by the last path segment, one organization per token. */
export function startBookingtime(world: World, port?: number): Promise<Listening> {
	const { accounts, settings } = world;
	const customers = new Customers();
	const names = new Map(accounts.bookingtime.organizations.map(({ id, name }) => [id, name]));

	function place(received: Received): Place {
		const [, api = '', version, locale = '', ...rest] = received.path.split('/').map(decodeSegment);
		const operation = operationOf(rest);
		const known =
			(api === 'app' || api === 'module') && version === 'v3' && LOCALES.includes(locale);
		const answer = () => (known ? route(received, api, rest, operation) : failed(404, unknownPath));
		return { endpoint: 'api', operation, answer };
	}

	function route(received: Received, api: string, rest: string[], operation: string): Answer {
		if (operation === 'redirect-away') return redirect(received, `${world.urls.foreign}/landed`);
		if (operation === 'redirect-home')
			return redirect(received, `/${api}/v3/de/static/language/list`);
		const shown = bearerOf(received.headers.authorization);
		const token = world.tokens.find(shown, 'bookingtime', 'access');
		// A refresh token is not found among the access tokens and refused like any other.
		if (token === undefined || stateOf(token) !== 'good') return failed(401, invalidToken);
		if (token.bound.api !== api)
			return failed(403, { parameter: null, text: `Not a token of the ${api} API.` });
		const organizationId = rest[0] === 'organization' ? rest[1] : undefined;
		if (token.bound.organizationId !== organizationId) return failed(403, otherOrganization);
		if (organizationId !== undefined) {
			return inOrganization(received, organizationId, rest.slice(2), operation);
		}
		if (operation === 'language/list')
			return done(200, list(LOCALES.map((id) => ({ class: 'LANGUAGE', id }))));
		if (operation === 'app/organization/list') {
			const visible = accounts.bookingtime.apps.find(({ clientId }) => clientId === token.owner);
			const short = (visible?.organizationIds ?? []).map((id) =>
				organization(id, 'ORGANIZATION_SHORT'),
			);
			return done(200, list(short));
		}
		return failed(404, unknownPath);
	}

	function inOrganization(
		received: Received,
		id: string,
		rest: string[],
		operation: string,
	): Answer {
		const { method } = received;
		const body = jsonOf(received);
		const [, second = '', third = ''] = rest;
		if (operation === 'organization/show' && method === 'GET') return done(200, organization(id));
		if (operation === 'organization/edit' && method === 'PUT') {
			if (typeof body?.name === 'string' && body.name !== '') names.set(id, body.name);
			return done(200, organization(id));
		}
		const appointments = operation.startsWith('appointment/') && appointmentsOf(id);
		if (appointments && method === 'GET') {
			const found = appointments(rest.slice(1));
			if (found === undefined)
				return failed(404, { parameter: 'id', text: 'Appointment not found.' });
			return done(200, Array.isArray(found) ? list(found) : found);
		}

		const all = customers.of(id, settings.bookingtime.customers);
		const named = /\/(show|identify|edit|delete)$/.test(operation);
		const isIdentify = operation === 'customer/identify';
		const one = isIdentify
			? [...all.values()].find((c) => String(c.customId) === second)
			: all.get(second);
		if (named && one === undefined)
			return failed(404, { parameter: 'id', text: 'Customer not found.' });
		switch (`${method} ${operation}`) {
			case 'POST customer/add': {
				const complaints = complaintsAbout(body);
				if (complaints.length > 0) return failed(400, ...complaints);
				return done(201, short(customers.add(all, id, body ?? {})));
			}
			case 'GET customer/list':
				return done(200, list([...all.values()].map(short)));
			case 'GET customer/index':
			case 'GET customer/indexAll':
				return page([...all.values()], third);
			case 'GET customer/filter': {
				const query = (received.query.get('searchQuery') ?? '').toLowerCase();
				const text = (c: Customer) => `${c.firstName} ${c.lastName} ${c.email}`.toLowerCase();
				return page(
					[...all.values()].filter((c) => text(c).includes(query)),
					third,
				);
			}
			case 'GET customer/show':
			case 'GET customer/identify':
				return done(200, one);
			case 'PUT customer/edit': {
				const complaints = complaintsAbout(body && { ...one, ...body });
				if (complaints.length > 0) return failed(400, ...complaints);
				return done(200, one && customers.edit(all, one, body ?? {}));
			}
			case 'DELETE customer/delete':
				all.delete(second);
				return done(200, null);
			default:
				return failed(404, unknownPath);
		}
	}

	function organization(id: string, name = 'ORGANIZATION'): Record<string, unknown> {
		return {
			class: name,
			id,
			name: names.get(id),
			customId: null,
			locale: 'de',
			timeZone: 'Europe/Berlin',
		};
	}

	function page(all: Customer[], segment: string): Answer {
		if (!/^[1-9]\d*$/.test(segment))
			return failed(400, { parameter: 'page', text: 'The page counts from 1.' });
		return done(200, paged(all.map(short), Number(segment)));
	}

	function done(status: number, content: unknown): Answer {
		return succeeded(status, content, settings.bookingtime.envelope);
	}

	const refusal = () => failed(401, invalidToken);
	return serve(world, { provider: 'bookingtime', place, refusal, wrongSecret: refusal }, port);
}

const unknownPath: Complaint = { parameter: null, text: 'Not found.' };
const invalidToken: Complaint = {
	parameter: null,
	text: 'The access token is invalid or expired.',
};
const otherOrganization: Complaint = {
	parameter: 'organizationId',
	text: 'The access token belongs to another organization.',
};
