import {
	NodeHelpers,
	type INode,
	type INodeParameters,
	type INodeProperties,
	type INodePropertyCollection,
	type INodePropertyOptions,
} from 'n8n-workflow';
import { ApiToken } from '../../../nodes/ApiToken/ApiToken.node';
import apiTokenCodex from '../../../nodes/ApiToken/ApiToken.node.json';
import { Bookingtime } from '../../../nodes/Bookingtime/Bookingtime.node';
import bookingtimeCodex from '../../../nodes/Bookingtime/Bookingtime.node.json';
import { BookingtimeTrigger } from '../../../nodes/BookingtimeTrigger/BookingtimeTrigger.node';
import bookingtimeTriggerCodex from '../../../nodes/BookingtimeTrigger/BookingtimeTrigger.node.json';
import { Calenso } from '../../../nodes/Calenso/Calenso.node';
import calensoCodex from '../../../nodes/Calenso/Calenso.node.json';
import { CalensoTrigger } from '../../../nodes/CalensoTrigger/CalensoTrigger.node';
import calensoTriggerCodex from '../../../nodes/CalensoTrigger/CalensoTrigger.node.json';
import { Meister1 } from '../../../nodes/Meister1/Meister1.node';
import meister1Codex from '../../../nodes/Meister1/Meister1.node.json';
import { ProtectedCall } from '../../../nodes/ProtectedCall/ProtectedCall.node';
import protectedCallCodex from '../../../nodes/ProtectedCall/ProtectedCall.node.json';
import { ProtectedCallTrigger } from '../../../nodes/ProtectedCallTrigger/ProtectedCallTrigger.node';
import protectedCallTriggerCodex from '../../../nodes/ProtectedCallTrigger/ProtectedCallTrigger.node.json';
import apiToken from '../../../workflows/token-budget-warning.json';
import customToken from '../../../workflows/custom-token-login-json.json';
import changedCustomers from '../../../workflows/bookingtime-changed-customers.json';
import form from '../../../workflows/bookingtime-form-to-customer.json';
import fusio from '../../../workflows/fusio-protected-call.json';
import mirror from '../../../workflows/fusio-mirrored-collection.json';
import newWorkers from '../../../workflows/calenso-new-workers.json';
import operation from '../../../workflows/fusio-choose-operation.json';
import organization from '../../../workflows/bookingtime-organization.json';
import redirect from '../../../workflows/meister1-sso-redirect.json';
import sync from '../../../workflows/bookingtime-nightly-sync.json';
import tool from '../../../workflows/tool-find-customer.json';
import workers from '../../../workflows/calenso-sync-workers.json';

const nodes = [
	{ description: new ApiToken().description, codex: apiTokenCodex },
	{ description: new Bookingtime().description, codex: bookingtimeCodex },
	{ description: new Calenso().description, codex: calensoCodex },
	{ description: new Meister1().description, codex: meister1Codex },
	{ description: new ProtectedCall().description, codex: protectedCallCodex },
	{ description: new BookingtimeTrigger().description, codex: bookingtimeTriggerCodex },
	{ description: new CalensoTrigger().description, codex: calensoTriggerCodex },
	{ description: new ProtectedCallTrigger().description, codex: protectedCallTriggerCodex },
].map((entry) => [entry.description.displayName, entry] as const);

/** All fields of a node, those inside collections too. */
function* fieldsOf(properties: readonly INodeProperties[]): Generator<INodeProperties> {
	for (const property of properties) {
		yield property;
		for (const option of property.options ?? []) {
			if ('values' in option) yield* fieldsOf((option as INodePropertyCollection).values);
			else if (property.type === 'collection') yield* fieldsOf([option as INodeProperties]);
		}
	}
}

describe.each(nodes)('%s', (_, { description, codex }) => {
	const fields = [...fieldsOf(description.properties)];

	it('is found and documented', () => {
		expect(codex.node).toBe(`n8n-nodes-tokenkeeper.${description.name}`);
		expect(codex.alias.length).toBeGreaterThan(3);
		// A trigger starts a workflow; no model can call it.
		expect(description.usableAsTool).toBe(description.polling ? undefined : true);
		expect(description.subtitle).toBeTruthy();
	});

	it('has selectors with sorted options, one of which is the default', () => {
		for (const field of fields.filter(({ type }) => type === 'options')) {
			const options = field.options as INodePropertyOptions[];
			const names = options.map(({ name }) => name);
			expect(names).toEqual([...names].sort((a, b) => a.localeCompare(b)));
			expect(options.map(({ value }) => value)).toContain(field.default);
		}
	});

	it('has operations with an action and a description', () => {
		for (const { options } of fields.filter(({ name }) => name === 'operation')) {
			for (const operation of options as INodePropertyOptions[]) {
				expect(operation.action).toMatch(/^[A-Z][a-z]/);
				expect(operation.description).toBeTruthy();
			}
		}
	});

	it('shows fields by conditions that can be met', () => {
		const selectors = new Map<string, Set<unknown>>([
			['@version', new Set([description.version].flat())],
		]);
		const names = description.properties.map(({ name }) => name);
		for (const { name, type, options } of description.properties) {
			if (type === 'boolean') selectors.set(name, new Set([true, false]));
			if (type !== 'options') continue;
			const values = selectors.get(name) ?? new Set();
			(options as INodePropertyOptions[]).forEach(({ value }) => values.add(value));
			selectors.set(name, values);
		}
		for (const { displayOptions } of description.properties) {
			const conditions = { ...displayOptions?.show, ...displayOptions?.hide };
			for (const [name, values] of Object.entries(conditions)) {
				for (const value of values ?? []) {
					// A condition on what a field begins with, or that it is empty, is met by what is typed into it.
					const typed = typeof value === 'object' || value === '';
					if (typed) expect(names).toContain(name);
					else expect([...(selectors.get(name) ?? [])]).toContain(value);
				}
			}
		}
	});

	it('says Whether in descriptions of switches, and ends no lone sentence with a period', () => {
		for (const { type, description: text } of fields) {
			if (type === 'boolean') expect(text).toMatch(/^Whether /);
			if (text && !text.includes('. ')) expect(text).not.toMatch(/\.$/);
		}
	});
});

describe('searching for nodes', () => {
	it.each([
		['calenso', 'calenso'],
		['booking', 'bookingtime'],
		['sso link', 'meister1'],
		['fusio', 'protectedCall'],
		['bearer token', 'protectedCall'],
		['api call', 'protectedCall'],
		['token budget', 'apiToken'],
		['new customer', 'bookingtimeTrigger'],
		['new worker', 'calensoTrigger'],
		['changes', 'protectedCallTrigger'],
	])('"%s" finds %s', (words, name) => {
		const [, { description, codex }] =
			nodes.find(([, entry]) => entry.description.name === name) ?? nodes[0];
		const names = [description.displayName, ...codex.alias].map((text) => text.toLowerCase());
		expect(names.some((text) => text.includes(words))).toBe(true);
	});
});

interface ExampleNode {
	readonly name: string;
	readonly type: string;
	readonly parameters: object;
	readonly credentials?: object;
}

const examples = Object.entries({
	apiToken,
	changedCustomers,
	customToken,
	form,
	fusio,
	mirror,
	newWorkers,
	operation,
	organization,
	redirect,
	sync,
	tool,
	workers,
});

describe.each(examples)('example workflow %s', (_, workflow) => {
	const all: readonly ExampleNode[] = workflow.nodes;
	const own = all.flatMap((node) => {
		const name = node.type.replace('n8n-nodes-tokenkeeper.', '');
		const entry = nodes.find(([, { description }]) => description.name === name);
		return entry ? [{ node, description: entry[1].description }] : [];
	});

	it('explains itself', () => {
		expect(workflow.name).toBeTruthy();
		expect(workflow.description).toMatch(/\.$/);
		expect(all.filter(({ type }) => type === 'n8n-nodes-base.stickyNote')).toHaveLength(2);
	});

	it('uses nodes of this package, with placeholders for credentials', () => {
		expect(own.length).toBeGreaterThan(0);
		for (const { node, description } of own) {
			const [[type, { id }]] = Object.entries(node.credentials ?? {}) as Array<
				[string, { id: string }]
			>;
			expect(description.credentials?.map(({ name }) => name)).toContain(type);
			expect(id).toBe('REPLACE');
		}
	});

	it('sets only fields that exist, and all that are required', () => {
		for (const { node, description } of own) {
			const full = { ...node, id: '1', typeVersion: 1, position: [0, 0] } as unknown as INode;
			// Poll Times is a field that n8n gives to every polling trigger.
			const given = Object.fromEntries(
				Object.entries(node.parameters as INodeParameters).filter(([name]) => name !== 'pollTimes'),
			);
			const known = NodeHelpers.getNodeParameters(
				description.properties,
				given,
				true,
				false,
				full,
				description,
			);
			expect(Object.keys(known ?? {})).toEqual(expect.arrayContaining(Object.keys(given)));
			expect(
				NodeHelpers.getNodeParametersIssues(description.properties, full, description),
			).toBeNull();
		}
	});

	it('connects only nodes that it has', () => {
		const names = all.map(({ name }) => name);
		expect(new Set(names).size).toBe(names.length);
		for (const [from, { main }] of Object.entries(workflow.connections)) {
			expect(names).toContain(from);
			for (const { node } of main.flat()) expect(names).toContain(node);
		}
	});
});
