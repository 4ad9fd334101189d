import { createHash } from 'node:crypto';
import { findErrorText } from '../../credentials/tokens/errorWords';
import type { ApiReply } from '../session/session';
import { ApiError } from './errors';
import { verdictOn, type Progress, type Verdict } from './lastPage';
import { doubts, endBy, noListOn } from './listEnd';
import { entriesAt, isEmptyBody, isError, listAt, oneRecordAt, withValueAt } from './lists';
import { namedPage } from './nextPage';
import type { PageEnds, PageReader, Pages, Paging } from './pagination';
import { withParameter, type PageRequest } from './pageRequest';
import { isObject } from './parameters';
import { newerThan, requireComparable } from './until';

/** The pages of one list as they come in, and the judgement whether another one follows. */
export class PagedList {
	private readonly replies: ApiReply[] = [];
	private doubt: string | undefined;
	private entriesRead = 0;
	private lastLength: number | undefined;
	private fullPageSeen = false;
	private readonly identities = new Map<string, number>();
	private verdict: Verdict = { kind: 'unknown' };

	/** @param start The request without a parameter in it: a placeholder in its path is filled anew for each page. */
	constructor(
		private readonly start: PageRequest,
		private readonly paging: Paging,
		private readonly ends: PageEnds,
		private readonly reader: PageReader,
	) {}

	get pages(): Omit<Pages, 'capped'> {
		const { replies, doubt } = this;
		return { replies, ...(doubt !== undefined && { doubt }) };
	}

	get endsEmpty(): boolean {
		return this.lastLength === 0;
	}

	/** A page that the API refused. @throws the error where that does not end the list. */
	refused(error: unknown): undefined {
		if (!(error instanceof ApiError) || error.httpStatus === undefined) throw error;
		if (!this.endsBy(error.httpStatus, error.message)) throw error;
	}

	/**
	 * Keeps a page. Answers the request for the following one; undefined at the end of the list.
	 * @throws ApiError when the first page has no list.
	 */
	take({ url }: PageRequest, reply: ApiReply): PageRequest | undefined {
		if (reply.status >= 400) {
			if (!this.endsBy(reply.status, `It was answered ${reply.status}`)) this.replies.push(reply);
			return undefined;
		}
		const entries = this.entriesOf(reply);
		if (entries === 'none') return undefined;
		if (entries !== undefined && this.cutAtKnown(reply, entries)) return undefined;
		if (entries !== undefined && this.repeats(entries)) return undefined;
		this.keep(reply, entries);
		return this.following(url, reply, entries?.length);
	}

	private endsBy(status: number, said: string): boolean {
		const page = this.replies.length + 1;
		if (page === 1) return false;
		const end = endBy(status, { named: !this.counts, given: this.ends.statuses });
		if (!end) return false;
		this.doubt =
			doubts.missing(this.verdict, this.entriesRead) ??
			(end.certain ? undefined : doubts.refused(page, said));
		return true;
	}

	/** 'none': this page shows that the one before it was the last. */
	private entriesOf(reply: ApiReply): readonly unknown[] | 'none' | undefined {
		const { body } = reply;
		const { itemsAt } = this.reader;
		const page = this.replies.length + 1;
		if (this.isWhole(reply)) {
			if (!isEmptyBody(body) || reply.file !== undefined) return undefined;
			return page === 1 ? [] : 'none';
		}
		const entries = entriesAt(body, itemsAt) ?? oneRecordAt(body, itemsAt, page > 1);
		if (entries) return entries;
		// Where the API names the next page, and nobody asks for a list, a reply may be anything.
		if (!this.counts && !(page === 1 && this.ends.until) && (page === 1 || itemsAt === '')) {
			return undefined;
		}
		const { words = findErrorText } = this.reader;
		if (page === 1) return listAt(body, itemsAt, words);
		const said = words(body);
		if (!this.counts && said !== undefined && isError(body)) throw noListOn(page, said);
		this.doubt =
			doubts.noList(page, said) ?? doubts.missing(this.verdict, this.entriesRead);
		return 'none';
	}

	/** A page of which nobody wants the entries: a text, or a file. */
	private isWhole({ body, file }: ApiReply): boolean {
		if (this.ends.until || this.reader.itemsAt !== '') return false;
		return file !== undefined || Buffer.isBuffer(body) || this.reader.wholePages === true;
	}

	private cutAtKnown(reply: ApiReply, entries: readonly unknown[]): boolean {
		const { until } = this.ends;
		if (!until) return false;
		if (this.replies.length === 0) requireComparable(until, entries);
		const newer = newerThan(until, entries);
		if (!newer.reached) return false;
		this.keep(reply, newer.entries);
		if (newer.unsorted) this.doubt = doubts.unsorted;
		return true;
	}

	/** Some APIs answer each page behind the last one with the last one, or with the first. */
	private repeats(entries: readonly unknown[]): boolean {
		const identity = this.counts ? identityOf(entries) : undefined;
		if (identity === undefined) return false;
		const page = this.replies.length + 1;
		const first = this.identities.get(identity);
		if (first === undefined) this.identities.set(identity, page);
		else this.doubt = doubts.repeated(page, first);
		return first !== undefined;
	}

	/** With its entries as a list, in whatever dress they came. */
	private keep(reply: ApiReply, entries: readonly unknown[] | undefined): void {
		const asList = entries !== undefined && !this.isWhole(reply);
		const body = asList ? withValueAt(reply.body, this.reader.itemsAt, entries) : reply.body;
		this.replies.push({ ...reply, body });
		this.entriesRead += entries?.length ?? 0;
		this.lastLength = entries?.length;
	}

	private following(
		from: URL,
		reply: ApiReply,
		length: number | undefined,
	): PageRequest | undefined {
		const { paging, ends } = this;
		const { entries, pages } = this.progress();
		this.verdict = verdictOn(reply, ends.signs ?? [], { entries, pages });
		if (this.verdict.kind === 'last') return undefined;
		if (paging.kind !== 'page' && paging.kind !== 'offset') {
			const next = namedPage(this.start, from, paging, reply);
			if (next === undefined) this.doubt = doubts.missing(this.verdict, this.entriesRead);
			return next;
		}
		if (length === 0 && !this.passesEmptyPages()) {
			this.doubt = doubts.missing(this.verdict, this.entriesRead);
			return undefined;
		}
		if (this.isShort(length ?? 0)) return undefined;
		const { parameter, first } = paging;
		return withParameter(this.start, parameter, first + this.moved());
	}

	/** An API that takes entries out after it has made pages has empty ones in the middle. */
	private passesEmptyPages(): boolean {
		if (this.verdict.kind === 'more') return this.paging.kind === 'page' || !this.movesByEntries;
		return this.verdict.kind === 'short' && this.paging.kind === 'offset' && !this.movesByEntries;
	}

	/**
	 * A page that is shorter than a full one is the last, once a full one was seen: an API may cap
	 * the size that it was asked for.
	 */
	private isShort(length: number): boolean {
		const { pageSize } = this.ends;
		if (pageSize === undefined || this.verdict.kind !== 'unknown') return false;
		this.fullPageSeen ||= length >= pageSize;
		return this.fullPageSeen && length < pageSize;
	}

	private moved(): number {
		const { paging, replies } = this;
		if (paging.kind !== 'offset') return replies.length;
		return paging.step === 'entries' ? this.entriesRead : paging.step * replies.length;
	}

	/** Where this page ends in the whole list; NaN where that cannot be known. */
	private progress(): Progress {
		const { paging, entriesRead: entries } = this;
		const pages = this.replies.length;
		if (paging.kind !== 'page' && paging.kind !== 'offset') return { entries, pages };
		const skipped = Math.max(paging.first - 1, 0);
		const unknown = skipped > 0 ? NaN : 0;
		if (paging.kind === 'page') return { entries: entries + unknown, pages: skipped + pages };
		if (paging.step === 1) return { entries: entries + unknown, pages: pages + unknown };
		return { entries: (skipped > 0 ? paging.first : 0) + this.moved(), pages: pages + unknown };
	}

	private get counts(): boolean {
		return this.paging.kind === 'page' || this.paging.kind === 'offset';
	}

	private get movesByEntries(): boolean {
		return this.paging.kind === 'offset' && this.paging.step === 'entries';
	}
}

const NAMES_OF_IDS = ['id', '_id', 'Id', 'ID', 'uuid', 'guid', 'key'];

/** Tells a page from all others; undefined where its records have nothing that tells them apart. */
function identityOf(entries: readonly unknown[]): string | undefined {
	const known =
		entries.length > 0 &&
		entries.every(
			(entry) => isObject(entry) && NAMES_OF_IDS.some((name) => Object.hasOwn(entry, name)),
		);
	return known ? createHash('sha256').update(JSON.stringify(entries)).digest('base64') : undefined;
}
