import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import { ApiError } from './errors';

/** Reads the fields of one credential; what cannot be used is an error that names the field by its label. */
export class Fields {
	constructor(
		private readonly provider: string,
		private readonly credentials: ICredentialDataDecryptedObject,
	) {}

	/** The text without surrounding white space, or `''`. */
	optional(name: string): string {
		const value = this.credentials[name];
		return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
	}

	/** @throws ApiError `field` where it is empty or blank. */
	required(name: string, label: string): string {
		const value = this.optional(name);
		if (value === '') throw this.error(`The field ${label} is empty`, 'Fill it in');
		return value;
	}

	/** A secret is taken as it is typed, blanks included: some are part of it. */
	secret(name: string, label: string): string {
		this.required(name, label);
		return String(this.credentials[name]);
	}

	/** A whole number of at least 0; an empty field is `fallback`. */
	count(name: string, label: string, fallback: number): number {
		const text = this.optional(name);
		if (text === '') return fallback;
		const value = Number(text);
		if (!Number.isInteger(value) || value < 0) {
			throw this.error(`The field ${label} is not a whole number`, 'Enter 0, 1, 2 …');
		}
		return value;
	}

	flag(name: string): boolean {
		return this.credentials[name] === true;
	}

	/**
	 * An absolute http or https URL without query, fragment and trailing slash.
	 * @throws ApiError `field` where it has no scheme, carries a user name, or cannot be read.
	 */
	url(name: string, label: string): string {
		const text = this.required(name, label);
		if (!/^https?:\/\//i.test(text)) {
			throw this.error(`The field ${label} has no https://`, 'Enter the whole address');
		}
		const url = parseUrl(text);
		if (url === undefined) {
			throw this.error(`The field ${label} is not an address`, 'Check it for typing errors');
		}
		if (url.username !== '' || url.password !== '') {
			throw this.error(
				`The field ${label} carries a user name or password`,
				'Take it out of the address; there are fields of their own for it',
			);
		}
		if (url.search !== '' || url.hash !== '') {
			throw this.error(`The field ${label} has a part after ? or #`, 'Take that part out');
		}
		return withoutTrailing('/', `${url.origin}${url.pathname}`);
	}

	/** Hosts or origins separated by commas, as origins; a host without a scheme means https. */
	origins(name: string, label: string): string[] {
		return this.optional(name)
			.split(/[\s,;]+/)
			.filter((entry) => entry !== '')
			.map((entry) => {
				const url = parseUrl(/^https?:\/\//i.test(entry) ? entry : `https://${entry}`);
				if (url === undefined) {
					throw this.error(`The field ${label} holds something that is not a host`, 'Check it');
				}
				return url.origin;
			});
	}

	error(what: string, next: string): ApiError {
		return new ApiError('field', `${this.provider} credential: ${what}.`, `${next}.`);
	}
}

/** A pattern for it would look at a long row of such signs once from each of them. */
export function withoutTrailing(sign: string, text: string): string {
	let end = text.length;
	while (text[end - 1] === sign) end--;
	return text.slice(0, end);
}

/** `new URL` that answers undefined instead of throwing. */
export function parseUrl(text: string, base?: string): URL | undefined {
	try {
		return new URL(text, base);
	} catch {
		return undefined;
	}
}
