import { readFileSync } from 'node:fs';
import type { ICredentialType, INodeProperties } from 'n8n-workflow';
import type { Entries } from './credentialDialog.mts';

/** What the documentation has a person enter for one API, from the first field to the last. */
export interface Walkthrough {
	readonly name: string;
	readonly steps: ReadonlyArray<{ readonly label: string; readonly enter: string }>;
}

/** The tables under “Three from start to end”. */
export function readWalkthroughs(): Walkthrough[] {
	const page = readFileSync(new URL('../../../docs/custom-token-api.md', import.meta.url), 'utf8');
	const [, section = ''] = /## Three from start to end\n(.*?)\n## /s.exec(page) ?? [];
	return section.split('\n### ').slice(1).map((text) => ({
		name: text.split('\n', 1)[0] ?? '',
		steps: [...text.matchAll(/^\| \*(.+?)\* \| (.+?) \|$/gm)].map(([, label = '', enter = '']) => ({ label, enter })),
	}));
}

/**
 * What goes into each field of the dialog: `text`, **choice** or “on” as the documentation says it, and what is
 * everybody's own, by label.
 */
export function entriesOf(
	{ steps }: Walkthrough,
	{ properties }: ICredentialType,
	own: Readonly<Record<string, string>>,
	local: (url: string) => string,
): Entries {
	return Object.fromEntries(
		steps.map(({ label, enter }) => {
			const { name } = propertyOf(properties, label);
			const choice = /^\*\*(.+)\*\*$/.exec(enter)?.[1];
			const text = own[label] ?? /^`(.+)`$/.exec(enter)?.[1];
			if (enter === 'on') return [name, { on: true }];
			if (choice !== undefined) return [name, { choose: choice }];
			if (text === undefined) throw new Error(`What is "${enter}" for ${label}?`);
			return [name, label.endsWith('URL') ? local(text) : text];
		}),
	);
}

function propertyOf(properties: readonly INodeProperties[], label: string): INodeProperties {
	const found = properties.find(({ displayName }) => displayName === label);
	if (found === undefined) throw new Error(`The dialog has no field ${label}`);
	return found;
}
