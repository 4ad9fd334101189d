import type { IDataObject } from 'n8n-workflow';
import { getMany } from '../../../nodes/Calenso/resources/worker/getMany';
import { call, fakeSession } from './fakes';

const workers = [
	{ id: 1, resource_name: 'Anna', active: true, store: { name: 'Bern' }, tags: ['a', 'b'] },
	{ id: 2, resource_name: 'Beat', active: false, store: { name: 'Chur' }, tags: [] },
	{ id: 3, resource_name: 'Anna', active: true, store: { name: 'Chur' }, tags: ['b'] },
];

async function run(body: unknown, parameters: IDataObject = { returnAll: true }) {
	const session = fakeSession(() => body);
	const outputs = await getMany.run(call(session, { parameters }));
	return { session, found: outputs.map(({ json }) => json) };
}

const filter = (...conditions: IDataObject[]) => ({ returnAll: true, filters: { conditions } });

describe('Calenso, Worker: Get Many', () => {
	it('asks for the list once and hands the workers on untouched', async () => {
		const { session, found } = await run(workers);
		expect(session.sent).toEqual([{ method: 'GET', path: '/workers' }]);
		expect(found).toEqual(workers);
	});

	it.each([
		['workers', { workers, total: 3 }],
		['data', { data: workers, links: [] }],
		['any name, where it is the only list', { entries: workers, total: 3 }],
	])('takes an object that wraps the list as %s', async (_, body) => {
		expect((await run(body)).found).toEqual(workers);
	});

	it('keeps to the limit', async () => {
		expect((await run(workers, { limit: 2 })).found).toHaveLength(2);
	});

	it.each([
		[{ field: 'resource_name', value: 'Anna' }, [1, 3]],
		[{ field: 'resource_name', value: 'anna' }, []],
		[{ field: 'active', value: 'false' }, [2]],
		[{ field: 'active', value: false }, [2]],
		[{ field: 'id', value: 3 }, [3]],
		[{ field: 'store.name', value: 'Chur' }, [2, 3]],
		[{ field: 'tags', value: 'b' }, [1, 3]],
		[{ field: 'none', value: '' }, [1, 2, 3]],
		[{ field: '', value: 'ignored' }, [1, 2, 3]],
	])('keeps those that match %j', async (condition, ids) => {
		expect((await run(workers, filter(condition))).found.map(({ id }) => id)).toEqual(ids);
	});

	it('keeps those that match all filters, and counts only these for the limit', async () => {
		const conditions = filter(
			{ field: 'active', value: true },
			{ field: 'store.name', value: 'Chur' },
		);
		const { found } = await run(workers, { ...conditions, returnAll: false, limit: 1 });
		expect(found.map(({ id }) => id)).toEqual([3]);
	});

	it('returns nothing for an empty list', async () => {
		expect((await run([])).found).toEqual([]);
	});

	it.each([
		[{ message: 'hello', a: [], b: [] }, 'message, a, b'],
		['<html>', 'environment'],
		[undefined, 'environment'],
	])('says so when the reply holds no list (%j)', async (body, hint) => {
		await expect(run(body)).rejects.toMatchObject({
			message: "Calenso's reply holds no list of workers",
			description: expect.stringContaining(hint) as string,
		});
	});

	it.each([0, -1, 1.5, 'ten'])('refuses %p as a limit', async (limit) => {
		await expect(run(workers, { limit })).rejects.toThrow('"Limit" is not a whole number');
	});
});
