import type { INodeProperties } from 'n8n-workflow';

type Value = string | boolean;

/** Values of other fields with which a field is shown; several of them: with any. */
export type Shown = Readonly<Record<string, readonly Value[]>>;

const ALWAYS: readonly Shown[] = [{}];

/** A field that is always there with these values of others. */
export function main(property: INodeProperties, ...shown: Shown[]): INodeProperties[] {
	return (shown.length === 0 ? ALWAYS : shown).map((show) =>
		withOptions(property, { show: plain(show) }),
	);
}

/**
 * A field under More Options. Where it holds something else than its default it is shown without them too: n8n hands
 * over the fields alone that the form shows, and a person sees what a credential does.
 */
export function more(property: INodeProperties, ...shown: Shown[]): INodeProperties[] {
	const { name } = property;
	return (shown.length === 0 ? ALWAYS : shown).flatMap((show) => [
		withOptions(property, { show: { ...plain(show), moreOptions: [true] } }),
		withOptions(property, {
			// With a slash: n8n would look for an order in which a field depends on itself.
			show: { ...plain(show), [`/${name}`]: [{ _cnd: { not: property.default as Value } }] },
			hide: { moreOptions: [true] },
		}),
	]);
}

type DisplayOptions = NonNullable<INodeProperties['displayOptions']>;

function withOptions(property: INodeProperties, displayOptions: DisplayOptions): INodeProperties {
	const { show, hide } = displayOptions;
	const none = hide === undefined && Object.keys(show ?? {}).length === 0;
	return none ? property : { ...property, displayOptions };
}

function plain(shown: Shown): Record<string, Value[]> {
	return Object.fromEntries(Object.entries(shown).map(([name, values]) => [name, [...values]]));
}
