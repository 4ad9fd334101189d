import { json } from './answer.mts';
import type { Answer } from './answer.mts';

/** What is wrong with a request: the parameter and the text of a `messageList` entry. */
export interface Complaint {
	readonly parameter: string | null;
	readonly text: string;
}

/** A good reply, in its envelope or bare. */
export function succeeded(status: number, content: unknown, envelope: boolean): Answer {
	const messageList = [{ class: 'MESSAGE', type: 'success', parameter: null, text: 'OK' }];
	return json(status, envelope ? { messageList, content } : content);
}

/** A bad one. The statuses of failures are not known of the provider; the message list is. */
export function failed(status: number, ...complaints: Complaint[]): Answer {
	const messageList = complaints.map((complaint) => ({
		class: 'MESSAGE',
		type: 'failure',
		...complaint,
	}));
	return json(status, { messageList, content: null });
}

/** All at once. */
export function list(recordList: readonly unknown[]): Record<string, unknown> {
	return { class: 'LIST', recordTotal: recordList.length, recordLimit: 1000, recordList };
}

const PER_PAGE = 25;

/** Page `pageCurrent`, from 1, of 25 records. Past the end it is empty. */
export function paged(all: readonly unknown[], pageCurrent: number): Record<string, unknown> {
	const from = (pageCurrent - 1) * PER_PAGE;
	const recordList = all.slice(from, from + PER_PAGE);
	const isEmpty = recordList.length === 0;
	return {
		class: 'PAGINATION_LIST',
		pageCurrent,
		pageTotal: Math.max(1, Math.ceil(all.length / PER_PAGE)),
		recordFrom: isEmpty ? 0 : from + 1,
		recordTo: isEmpty ? 0 : from + recordList.length,
		recordTotal: all.length,
		recordPerPage: PER_PAGE,
		recordList,
	};
}
