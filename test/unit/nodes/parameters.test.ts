import type { IExecuteFunctions } from 'n8n-workflow';
import { type Call, collection, parameter, text } from '../../../nodes/shared/parameters';
import { fakeSession } from './fakes';

/** n8n's execution context, with expressions that give the number of the item. */
function contextOf(raw: Readonly<Record<string, unknown>>) {
	const evaluated: string[] = [];
	const resolve = (value: unknown, index: number): unknown => {
		if (typeof value === 'string') return value.startsWith('=') ? `item ${index}` : value;
		if (typeof value !== 'object' || value === null) return value;
		if (Array.isArray(value)) return value.map((entry) => resolve(entry, index));
		return Object.fromEntries(
			Object.entries(value).map(([name, one]) => [name, resolve(one, index)]),
		);
	};
	const context = {
		getNodeParameter: (
			name: string,
			index: number,
			otherwise: unknown,
			how?: { rawExpressions?: boolean },
		) => {
			const value = raw[name] ?? otherwise;
			if (how?.rawExpressions) return value;
			evaluated.push(name);
			return resolve(value, index);
		},
	} as unknown as IExecuteFunctions;
	const session = fakeSession(() => undefined);
	const calls = Array.from({ length: 100 }, (_, index): Call => ({ context, session, index }));
	return { calls, evaluated };
}

describe('A parameter', () => {
	it('that is the same for all items is evaluated once', () => {
		const { calls, evaluated } = contextOf({ name: 'Ada', on: true, size: 3 });
		for (const call of calls) {
			expect([
				text(call, 'name', 'Name'),
				parameter(call, 'on', false),
				parameter(call, 'size', 1),
			]).toEqual(['Ada', true, 3]);
		}
		expect(evaluated).toEqual(['name', 'on', 'size']);
	});

	it.each<[string, unknown, (index: number) => unknown]>([
		['an expression', '={{ $json.n }}', (index) => `item ${index}`],
		[
			'a collection with one in it',
			{ a: 1, b: { c: '={{ $json.n }}' } },
			(index) => ({ a: 1, b: { c: `item ${index}` } }),
		],
		[
			'a list with one in it',
			[{ v: 'x' }, { v: '={{ $json.n }}' }],
			(index) => [{ v: 'x' }, { v: `item ${index}` }],
		],
		[
			'a resource locator with one',
			{ __rl: true, mode: 'id', value: '={{ 1 }}' },
			(index) => ({ __rl: true, mode: 'id', value: `item ${index}` }),
		],
	])('that is %s is evaluated for each item', (_, raw, expected) => {
		const { calls } = contextOf({ field: raw });
		expect(calls.map((call) => parameter(call, 'field', ''))).toEqual(
			calls.map((_call, index) => expected(index)),
		);
	});

	it('gives each item an object of its own', () => {
		const { calls } = contextOf({ options: { tags: ['a'] } });
		for (const call of calls) {
			const options = collection(call, 'options');
			expect(options).toEqual({ tags: ['a'] });
			(options.tags as string[]).push('b');
			options.more = 1;
		}
	});

	it('that is empty, 0 or off stays so', () => {
		const { calls } = contextOf({ a: '', b: 0, c: false, d: null });
		for (const call of calls.slice(0, 3)) {
			expect([
				parameter(call, 'a', 'x'),
				parameter(call, 'b', 1),
				parameter(call, 'c', true),
				parameter(call, 'e', 'none'),
			]).toEqual(['', 0, false, 'none']);
		}
	});

	it('of one execution is not taken for that of another', () => {
		const [one, two] = [contextOf({ name: 'Ada' }), contextOf({ name: 'Grace' })];
		expect([text(one.calls[0], 'name', 'Name'), text(two.calls[0], 'name', 'Name')]).toEqual([
			'Ada',
			'Grace',
		]);
	});
});
