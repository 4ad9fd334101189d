import { RestError, type Request } from './request.mts';
import type { StoredWorkflow } from './types.mts';
import { GiveUp, until } from './wait.mts';

/**
 * Makes a workflow live or takes it off, and returns when that is done: n8n 2.x has not published a workflow yet when
 * it answers, but tells its status; n8n 1.x has, and tells none.
 */
export async function setActive(
	request: Request,
	{ id, name, versionId }: StoredWorkflow,
	active: boolean,
): Promise<void> {
	await request(
		'POST',
		`/workflows/${id}/${active ? 'activate' : 'deactivate'}`,
		active ? { versionId } : {},
	);
	type Publication = { status: string; triggers: Array<{ errorMessage: string | null }> };
	await until(
		`"${name}" is ${active ? '' : 'no longer '}published`,
		60_000,
		async () => {
			try {
				const { status, triggers } = await request<Publication>(
					'GET',
					`/workflows/${id}/publication-status`,
				);
				const failed = triggers.find(({ errorMessage }) => errorMessage);
				if (active && failed) throw new GiveUp(failed.errorMessage ?? '');
				return (active ? status === 'published' : status !== 'in_progress') || undefined;
			} catch (error) {
				if (error instanceof RestError && error.status === 404) return true;
				throw error;
			}
		},
		100,
	);
}
