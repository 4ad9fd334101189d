import { NodeConnectionTypes, type INodeProperties, type INodeTypeDescription } from 'n8n-workflow';
import { sortedByName, maxWait, retry, timeout } from '../shared/properties';
import { asText, collection, text, type Call } from '../shared/parameters';
import type { Change } from './detect';
import type { Watch } from './watch';

/** Fields that the triggers share. */

export const changesField: INodeProperties = {
	displayName: 'Events',
	name: 'changes',
	type: 'multiOptions',
	noDataExpression: true,
	required: true,
	default: ['new', 'changed'],
	options: [
		{ name: 'Changed Record', value: 'changed' },
		{
			name: 'Gone Record',
			value: 'gone',
			description: 'Its key alone, since records are not stored',
		},
		{ name: 'New Record', value: 'new' },
	],
	description: 'What starts the workflow. Each has an output of its own.',
};

export const firstActivation: INodeProperties = {
	displayName: 'On First Activation',
	name: 'firstActivation',
	type: 'options',
	noDataExpression: true,
	default: 'remember',
	options: [
		{
			name: 'Remember What Is There',
			value: 'remember',
			description: 'Start with what happens after the activation',
		},
		{
			name: 'Start With All Records',
			value: 'emit',
			description: 'Treat everything that is there as new',
		},
	],
	description: 'What to do with the records that are there when the workflow is switched on',
};

const believeLosses: INodeProperties = {
	displayName: 'Believe Sudden Losses',
	name: 'believeLosses',
	type: 'boolean',
	default: false,
	description:
		'Whether records are taken for gone when the list is suddenly empty or less than half as long. When off, that counts as a failure of the API.',
};

const ignored: INodeProperties = {
	displayName: 'Ignore Fields',
	name: 'ignored',
	type: 'string',
	default: '',
	placeholder: 'e.g. lastSeen, stats.views',
	description: 'Fields whose changes do not count, separated by commas. Use dots to go deeper.',
};

/** The collection at the end of each trigger. */
export function triggerOptions(...more: INodeProperties[]): INodeProperties {
	return {
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: sortedByName([believeLosses, ignored, maxWait, retry, timeout, ...more]),
	};
}

/** What all triggers have in common. */
export const polling: Pick<INodeTypeDescription, 'group' | 'version' | 'polling' | 'inputs'> = {
	group: ['trigger'],
	version: 1,
	polling: true,
	inputs: [],
};

/**
 * An output for each kind of change, up to the last one chosen: what comes out of one does not depend on whether another
 * is chosen as well.
 */
export const changeOutputs: INodeTypeDescription['outputs'] = `={{ ${outputList('$parameter["changes"] ?? []')} }}`;

/** The same, for a trigger that can also ask for what is newer: then new and changed ones cannot be told apart. */
export const changeOrNewerOutputs: INodeTypeDescription['outputs'] = `={{ $parameter["finding"] === "newer" ? [{ type: "${NodeConnectionTypes.Main}" }] : ${outputList('$parameter["changes"] ?? []')} }}`;

function outputList(chosen: string): string {
	const names = '["New", "Changed", "Gone"]';
	const last = `(${chosen}).includes("gone") ? 3 : (${chosen}).includes("changed") ? 2 : 1`;
	return `${names}.slice(0, ${last}).map((displayName) => ({ type: "${NodeConnectionTypes.Main}", displayName }))`;
}

/** The part of a watch that these fields say. */
export function watchedChanges(
	call: Call,
): Pick<Watch, 'changes' | 'emitsFirst' | 'believesLosses'> & { readonly ignored: string[] } {
	const options = collection(call, 'options');
	return {
		changes: call.context.getNodeParameter('changes', call.index, []) as Change[],
		emitsFirst: text(call, 'firstActivation', 'On First Activation') === 'emit',
		believesLosses: options.believeLosses === true,
		ignored: pathsIn(asText(options.ignored, 'Ignore Fields')),
	};
}

/** Dotted paths that are separated by commas. */
export function pathsIn(list: string): string[] {
	return list
		.split(',')
		.map((path) => path.trim())
		.filter((path) => path !== '');
}
