import { workersIn } from '../Calenso/resources/worker/getMany';
import { watchedChanges } from '../changes/fields';
import type { Watch } from '../changes/watch';
import type { Call } from '../shared/parameters';

/** All workers of the account, which Calenso lists in one reply. */
export function watchedWorkers(call: Call): Watch {
	const { ignored, ...changes } = watchedChanges(call);
	return {
		...changes,
		list: ['worker'],
		by: { key: ['id'], compared: [], ignored },
		read: async ({ session }) => {
			const { body } = await session.send({ method: 'GET', path: '/workers' });
			return { parts: [{ name: '', pages: [workersIn(body)] }], paged: false };
		},
	};
}
