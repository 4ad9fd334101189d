import fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';
import { apiError } from '../nodes/fakes';
import { FakeTrigger } from './fakePoll';

/** What happens between two polls, and what becomes of the next one. */
type Step =
	| { readonly kind: 'put'; readonly id: number; readonly title: number }
	| { readonly kind: 'remove'; readonly id: number }
	| { readonly kind: 'poll' }
	| { readonly kind: 'failing poll'; readonly error: boolean }
	| { readonly kind: 'restart'; readonly update: boolean }
	| { readonly kind: 'killed poll' }
	| { readonly kind: 'test event' };

const id = fc.integer({ min: 0, max: 12 });
const step: fc.Arbitrary<Step> = fc.oneof(
	{ weight: 6, arbitrary: fc.record({ kind: fc.constant('put'), id, title: fc.nat(3) }) },
	{ weight: 3, arbitrary: fc.record({ kind: fc.constant('remove'), id }) },
	{ weight: 5, arbitrary: fc.record({ kind: fc.constant('poll') }) },
	{
		weight: 2,
		arbitrary: fc.record({ kind: fc.constant('failing poll'), error: fc.boolean() }),
	},
	{ weight: 1, arbitrary: fc.record({ kind: fc.constant('restart'), update: fc.boolean() }) },
	{ weight: 1, arbitrary: fc.record({ kind: fc.constant('killed poll') }) },
	{ weight: 1, arbitrary: fc.record({ kind: fc.constant('test event') }) },
) as fc.Arbitrary<Step>;

/** The list in an API, n8n around the trigger, and the mirror of it that a workflow keeps. */
class Mirror {
	readonly trigger = new FakeTrigger();
	private readonly list = new Map<number, IDataObject>([[99, { id: 99, title: 0 }]]);
	readonly mirror = new Map<number, IDataObject>();
	private saved: IDataObject = {};

	constructor(private readonly pageSize: number) {
		this.trigger.watch = { emitsFirst: true };
		this.trigger.list = () => this.pages();
	}

	async take(given: Step): Promise<void> {
		const { trigger, list } = this;
		switch (given.kind) {
			case 'put':
				return void list.set(given.id, { title: given.title, id: given.id });
			case 'remove':
				return void list.delete(given.id);
			case 'poll':
				return await this.poll();
			case 'failing poll': {
				trigger.list = () => (given.error ? apiError(503, 'Busy') : [[]]);
				const outputs = await trigger.poll().catch(() => null);
				// What is there from the start on is never gone.
				expect(outputs).toBeNull();
				trigger.list = () => this.pages();
				return;
			}
			case 'restart':
				return this.restart(given.update);
			case 'killed poll':
				await trigger.poll().catch(() => null);
				return this.restart(false);
			case 'test event': {
				const { context } = trigger;
				trigger.activated('fetch');
				await trigger.poll();
				trigger.context = context;
			}
		}
	}

	async poll(): Promise<void> {
		const outputs = await this.trigger.poll();
		if (outputs === null) return;
		// n8n stores what is remembered, and then the execution.
		this.saved = JSON.parse(JSON.stringify(this.trigger.stored)) as IDataObject;
		const [created = [], changed = [], gone = []] = outputs;
		for (const record of created) {
			expect(this.mirror.has(Number(record.id))).toBe(false);
			this.mirror.set(Number(record.id), record);
		}
		for (const record of changed) {
			expect(this.mirror.get(Number(record.id))).not.toEqual(record);
			expect(this.mirror.has(Number(record.id))).toBe(true);
			this.mirror.set(Number(record.id), record);
		}
		for (const record of gone) expect(this.mirror.delete(Number(record.id))).toBe(true);
	}

	async isEqual(): Promise<void> {
		await this.poll();
		const sorted = (records: Iterable<IDataObject>) =>
			[...records].sort((a, b) => Number(a.id) - Number(b.id));
		expect(sorted(this.mirror.values())).toEqual(sorted(this.list.values()));
	}

	private pages(): IDataObject[][] {
		return pagesOf([...this.list.values()], this.pageSize);
	}

	private restart(update: boolean): void {
		this.trigger.stored = JSON.parse(JSON.stringify(this.saved)) as IDataObject;
		this.trigger.activated(update ? 'update' : 'init');
	}
}

it('what is handed on keeps a mirror of the list, whatever fails, is killed, restarted or tried out in between', async () => {
	await fc.assert(
		fc.asyncProperty(
			fc.array(step, { maxLength: 40 }),
			fc.integer({ min: 1, max: 5 }),
			async (steps, pageSize) => {
				const mirror = new Mirror(pageSize);
				await mirror.isEqual();
				for (const taken of steps) await mirror.take(taken);
				await mirror.isEqual();
			},
		),
		{ numRuns: 300 },
	);
});

/** A list that is filtered by time, and its records as they are handed on. */
class Feed {
	readonly trigger = new FakeTrigger();
	private readonly list = new Map<number, IDataObject>();
	private readonly handedOn: string[] = [];
	private saved: IDataObject = {};
	private seconds = 0;

	constructor(
		private readonly pageSize: number,
		private readonly inclusive: boolean,
	) {
		this.trigger.watch = {
			newer: { at: 'updated', overlap: 60 },
			emitsFirst: true,
			read: async (_, { from }) =>
				await Promise.resolve({ parts: [{ name: '', pages: this.pages(from) }], paged: true }),
		};
	}

	/** @param late In s: how much later a record appears than it says. */
	put(id: number, title: number, late: number): void {
		this.seconds += title * 10;
		const updated = new Date(Date.parse('2026-03-01') + (this.seconds - late) * 1000).toISOString();
		this.list.set(id, { id, title: `${title} at ${this.seconds}`, updated });
	}

	async poll(saved = true): Promise<void> {
		const outputs = await this.trigger.poll();
		if (outputs === null || !saved) return;
		this.saved = JSON.parse(JSON.stringify(this.trigger.stored)) as IDataObject;
		this.handedOn.push(...outputs.flat().map((record) => JSON.stringify(record)));
	}

	restart(): void {
		this.trigger.stored = JSON.parse(JSON.stringify(this.saved)) as IDataObject;
		this.trigger.activated('init');
	}

	async isComplete(): Promise<void> {
		await this.poll();
		expect(this.handedOn).toHaveLength(new Set(this.handedOn).size);
		const now = [...this.list.values()].map((record) => JSON.stringify(record));
		expect(now.filter((record) => !this.handedOn.includes(record))).toEqual([]);
	}

	private pages(from: unknown): IDataObject[][] {
		const asked = typeof from === 'string' ? from : '';
		const records = [...this.list.values()]
			.filter(({ updated }) =>
				this.inclusive ? String(updated) >= asked : String(updated) > asked,
			)
			.sort((a, b) => (String(a.updated) < String(b.updated) ? -1 : 1));
		return pagesOf(records, this.pageSize);
	}
}

it('what is asked for by time is handed on once, also with equal times, late ones, restarts and kills', async () => {
	const put = fc.record({
		kind: fc.constant('put' as const),
		id,
		title: fc.nat(9),
		late: fc.constantFrom(0, 0, 0, 20, 50),
	});
	const other = fc.constantFrom(
		'poll' as const,
		'poll' as const,
		'killed poll' as const,
		'restart' as const,
	);
	await fc.assert(
		fc.asyncProperty(
			fc.array(fc.oneof(put, other), { maxLength: 40 }),
			fc.integer({ min: 1, max: 4 }),
			fc.boolean(),
			async (steps, pageSize, inclusive) => {
				const feed = new Feed(pageSize, inclusive);
				feed.put(99, 0, 0);
				await feed.isComplete();
				for (const taken of steps) {
					if (typeof taken === 'object') feed.put(taken.id, taken.title, taken.late);
					else if (taken === 'restart') feed.restart();
					else await feed.poll(taken === 'poll');
					if (taken === 'killed poll') feed.restart();
				}
				await feed.isComplete();
			},
		),
		{ numRuns: 500 },
	);
});

function pagesOf(records: readonly IDataObject[], size: number): IDataObject[][] {
	const pages = [];
	for (let from = 0; from < records.length; from += size)
		pages.push(records.slice(from, from + size));
	return pages;
}
