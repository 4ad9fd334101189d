import { isObject } from '../../shared/parameters';
import type { ApiDocument } from './document';

/** References that lead to references. */
const MOST_HOPS = 32;
/** What one operation may cost: a description can be made so that reading it never ends. */
const MOST_STEPS = 50_000;

/** The value of an object's own property: a description may be full of `__proto__` and `constructor`. */
export function own(value: unknown, name: string): unknown {
	return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

export function ownText(value: unknown, name: string): string {
	const found = own(value, name);
	return typeof found === 'string' ? found : '';
}

export function ownList(value: unknown, name: string): readonly unknown[] {
	const found = own(value, name);
	return Array.isArray(found) ? (found as unknown[]) : [];
}

/** One reading of a part of a description, with an end to its work. */
export class Walk {
	/** Objects that were looked at. */
	steps = 0;

	constructor(
		readonly document: ApiDocument,
		private readonly most = MOST_STEPS,
	) {}

	/** Counts a step; false once there have been too many: what was not seen by then is left out. */
	step(): boolean {
		return ++this.steps <= this.most;
	}

	/**
	 * The value itself, or what its `$ref` leads to within the document. Undefined for references that lead outside, in
	 * a circle or nowhere.
	 */
	follow(value: unknown): unknown {
		let found = value;
		for (let hops = 0; hops < MOST_HOPS; hops++) {
			const reference = own(found, '$ref');
			if (typeof reference !== 'string') return found;
			found = this.at(reference);
		}
		return undefined;
	}

	/** A schema as it holds: what stands beside its `$ref`, if that counts, and what the reference leads to. */
	layers(value: unknown): readonly unknown[] {
		const target = this.follow(value);
		if (target === value || !this.document.besideReferences) return [target];
		const beside: unknown[] = [];
		for (let found = value; beside.length < MOST_HOPS && found !== target; ) {
			const reference = own(found, '$ref');
			if (typeof reference !== 'string') break;
			beside.push(found);
			found = this.at(reference);
		}
		return [...beside, target];
	}

	/** RFC 6901, in the fragment of an address. */
	private at(reference: string): unknown {
		if (reference === '#') return this.document.root;
		if (!reference.startsWith('#/')) return undefined;
		let found: unknown = this.document.root;
		for (const part of reference.slice(2).split('/')) {
			if (!this.step()) return undefined;
			const name = decoded(part).replaceAll('~1', '/').replaceAll('~0', '~');
			found = Array.isArray(found)
				? (found as unknown[])[/^\d+$/.test(name) ? Number(name) : -1]
				: own(found, name);
			if (found === undefined) return undefined;
		}
		return found;
	}
}

function decoded(text: string): string {
	if (!text.includes('%')) return text;
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}
