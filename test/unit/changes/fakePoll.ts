import type { IDataObject, IPollFunctions, WorkflowActivateMode } from 'n8n-workflow';
import type { Call } from '../../../nodes/shared/parameters';
import type { Watch } from '../../../nodes/changes/watch';
import { pollForChanges } from '../../../nodes/changes/poll';
import { call, fakeSession, node } from '../nodes/fakes';

let workflows = 0;

/** A trigger of its own workflow, as n8n runs it, on a list that a test writes. */
export class FakeTrigger {
	/** What n8n keeps beside the workflow. */
	stored: IDataObject = {};
	/** What the API answers: parts and pages, or an error. Called for each reading. */
	list: () => IDataObject[][] | Error = () => [[]];
	readonly asked: unknown[] = [];
	readonly errors: Error[] = [];
	readonly logged: string[] = [];
	readonly workflow = { id: `w${++workflows}`, active: true };
	watch: Partial<Watch> = {};
	baseUrl = 'https://api.example.com/v1';
	credentialId = 'c1';
	client = 'client one';
	/** The context of the present activation. */
	context = this.activated('activate');

	/** A new activation, with what n8n stored, as a restart or a change of the workflow makes it. */
	activated(mode: WorkflowActivateMode | 'fetch'): IPollFunctions {
		const context = {
			getMode: () => (mode === 'fetch' ? 'manual' : 'trigger'),
			getActivationMode: () => mode,
			getWorkflow: () => this.workflow,
			getNode: () => node,
			getWorkflowStaticData: () => this.stored,
			logger: {
				debug: () => undefined,
				info: (message: string) => void this.logged.push(message),
			},
			__emitError: (error: Error) => void this.errors.push(error),
		};
		return (this.context = context as unknown as IPollFunctions);
	}

	/** As after a restart: what is stored was written as JSON. */
	restarted(mode: WorkflowActivateMode = 'init'): void {
		this.stored = JSON.parse(JSON.stringify(this.stored)) as IDataObject;
		this.activated(mode);
	}

	/** What comes out, an array for each output; null for nothing. */
	async poll(): Promise<IDataObject[][] | null> {
		const outputs = await pollForChanges(
			this.context,
			'customTokenApi',
			() => this.whole(),
			async () => this.call(),
			() => Date.parse('2026-06-01'),
		);
		return outputs?.map((items) => items.map(({ json }) => json)) ?? null;
	}

	private call(): Call {
		const session = { ...fakeSession(() => ({}), {}, this.baseUrl), client: this.client };
		const made = call(session);
		const credentials = { customTokenApi: { id: this.credentialId, name: 'API' } };
		return { ...made, context: { ...made.context, getNode: () => ({ ...node, credentials }) } };
	}

	private whole(): Watch {
		return {
			list: ['/todo'],
			by: { key: ['id'], compared: [], ignored: [] },
			changes: ['new', 'changed', 'gone'],
			emitsFirst: false,
			believesLosses: false,
			read: async (_, wish) => {
				this.asked.push(wish.from);
				const pages = this.list();
				if (pages instanceof Error) throw pages;
				return { parts: [{ name: '', pages }], paged: pages.length > 1 };
			},
			...this.watch,
		};
	}
}
