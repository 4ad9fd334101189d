import type { JsonObject, StoredWorkflow, WorkflowNode } from './types.mts';
import { callWebhook, type WebhookCall, type WebhookReply } from './webhook.mts';

interface Hint extends WebhookCall {
	/** What the answer has to be; any success or redirect if not given. */
	readonly status?: number;
	/** After `/webhook/` or `/form/`, for a path with parameters in it. */
	readonly path?: string;
}

/** Sample calls for examples whose trigger does not say by itself what to send. By file name. */
const hints: Readonly<Record<string, Hint>> = {
	'meister1-sso-redirect.json': { status: 302 },
};

/**
 * How to set an example off from outside: its webhook or its form, if it has one. The returned function throws if
 * the answer is not what it has to be.
 */
export function callExample(
	file: string,
	workflow: StoredWorkflow,
): ((n8nUrl: string) => Promise<WebhookReply>) | undefined {
	const hint = hints[file] ?? {};
	const webhook = workflow.nodes.find((node) => node.type === 'n8n-nodes-base.webhook');
	if (webhook) {
		const method = String(webhook.parameters.httpMethod ?? 'GET');
		return async (url) =>
			await call(url, `/webhook/${hint.path ?? pathOf(webhook)}`, { method, ...hint }, hint.status);
	}
	const form = workflow.nodes.find((node) => node.type === 'n8n-nodes-base.formTrigger');
	if (form) {
		return async (url) =>
			await call(
				url,
				`/form/${hint.path ?? pathOf(form)}`,
				{ form: sampleForm(form), ...hint },
				hint.status,
			);
	}
	return undefined;
}

async function call(
	n8nUrl: string,
	path: string,
	how: WebhookCall,
	expected: number | undefined,
): Promise<WebhookReply> {
	const reply = await callWebhook(n8nUrl, path, how);
	if (expected === undefined ? reply.status >= 400 : reply.status !== expected) {
		throw new Error(
			`${path} answered ${reply.status}${expected === undefined ? '' : ` instead of ${expected}`}: ${reply.text.slice(0, 300)}`,
		);
	}
	return reply;
}

function pathOf(trigger: WorkflowNode): string {
	const { path, options } = trigger.parameters;
	const chosen = path ?? (options as JsonObject | undefined)?.path;
	return String(chosen === undefined || chosen === '' ? trigger.webhookId : chosen);
}

interface FormField {
	readonly fieldLabel?: string;
	readonly fieldName?: string;
	readonly fieldType?: string;
	readonly fieldOptions?: { readonly values?: ReadonlyArray<{ readonly option: string }> };
}

/** A form page sends its fields as `field-0`, `field-1`, … */
function sampleForm(form: WorkflowNode): Record<string, string> {
	const fields = (form.parameters.formFields as { values?: FormField[] } | undefined)?.values ?? [];
	return Object.fromEntries(fields.map((field, index) => [`field-${index}`, sampleValue(field)]));
}

function sampleValue(field: FormField): string {
	const label = `${field.fieldLabel ?? ''} ${field.fieldName ?? ''}`;
	if (field.fieldType === 'dropdown') return field.fieldOptions?.values?.[0]?.option ?? '';
	if (field.fieldType === 'date') return '1990-12-10';
	if (field.fieldType === 'number') return '1';
	if (field.fieldType === 'email' || /mail/i.test(label)) return 'ada.lovelace@example.com';
	if (/phone|mobile/i.test(label)) return '+41 44 000 00 00';
	if (/first/i.test(label)) return 'Ada';
	if (/last|surname/i.test(label)) return 'Lovelace';
	return 'Sample';
}
