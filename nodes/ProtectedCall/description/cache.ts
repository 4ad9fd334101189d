/** How much is kept, and for how long. Times in ms. */
export interface Bounds {
	readonly entries: number;
	readonly bytes: number;
	readonly lifetime: number;
	/** For so long nothing is asked again after a failure, however many items want it. */
	readonly failureLifetime: number;
}

interface Entry<T> {
	readonly loading: Promise<T>;
	/** Undefined while it is loaded. */
	value?: T;
	bytes: number;
	until: number;
}

/**
 * Remembers what was costly to get, in this process. What is wanted by many at once is loaded once; what cannot be
 * loaded again is used on from before.
 */
export class BoundedCache<T> {
	private readonly kept = new Map<string, Entry<T>>();

	constructor(
		private readonly bounds: Bounds,
		private readonly bytesOf: (value: T) => number,
		private readonly now: () => number,
	) {}

	async get(key: string, load: () => Promise<T>): Promise<T> {
		const known = this.kept.get(key);
		if (known && known.until > this.now()) {
			// The one that was used last is dropped last.
			this.kept.delete(key);
			this.kept.set(key, known);
			return await known.loading;
		}
		const before = known?.value;
		const loading = load().catch((error: unknown) => {
			if (before === undefined) throw error;
			return before;
		});
		const entry: Entry<T> = { loading, bytes: known?.bytes ?? 0, until: Infinity };
		this.kept.delete(key);
		this.kept.set(key, entry);
		void loading.then(
			(value) => {
				entry.value = value;
				entry.bytes = this.bytesOf(value);
				const { lifetime, failureLifetime } = this.bounds;
				entry.until = this.now() + (value === before ? failureLifetime : lifetime);
				this.shrink(key);
			},
			() => {
				entry.until = this.now() + this.bounds.failureLifetime;
				this.shrink(key);
			},
		);
		return await loading;
	}

	/** For tests, and to see what is held. */
	get size(): { readonly entries: number; readonly bytes: number } {
		const bytes = [...this.kept.values()].reduce((sum, entry) => sum + entry.bytes, 0);
		return { entries: this.kept.size, bytes };
	}

	/** What is being loaded is not dropped: others wait for it. */
	private shrink(newest: string): void {
		for (const [key, { until }] of this.kept) {
			const { entries, bytes } = this.size;
			if (entries <= this.bounds.entries && bytes <= this.bounds.bytes) return;
			if (key !== newest && until !== Infinity) this.kept.delete(key);
		}
	}
}
