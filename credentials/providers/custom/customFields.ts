import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import { Fields, parseUrl } from '../../tokens/fields';
import { isObject, parseJson } from '../../tokens/json';
import { type Parameters, textKind } from '../../tokens/request';

/** What may stand for a field in a text, so that no key is typed in clear: its property, and what the form calls it. */
const PLACEHOLDERS: Readonly<Record<string, string>> = {
	clientId: 'Client ID',
	clientSecret: 'Client Secret',
	username: 'User Name',
	password: 'Password',
	secret: 'Further Secret',
};

const ESCAPES = {
	xml: (text: string) => text.replace(/[&<>"']/g, (sign) => `&${XML_NAMES[sign]};`),
	json: (text: string) => JSON.stringify(text).slice(1, -1),
	plain: (text: string) => text,
} as const;

const XML_NAMES: Readonly<Record<string, string>> = {
	'&': 'amp',
	'<': 'lt',
	'>': 'gt',
	'"': 'quot',
	"'": 'apos',
};

/** Where what is no field of the form can stand. */
const WHERE: Readonly<Record<string, string>> = {
	refreshToken: 'It can stand in the fields for the refresh request',
	jwt: 'It can stand in Extra Parameters and Token Request Headers, where a signed JWT is exchanged',
	now: 'It can stand in JWT Claims',
	uuid: 'It can stand in JWT Claims',
};

const SECRETS = ['clientSecret', 'password', 'secret'];

/** RFC 9110, 5.1: a field name is a token. */
export const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;
/** RFC 9110, 5.5: no control characters. */
export const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * The fields of a Custom Token API credential. n8n hands over those alone that its form shows, so one that is missing
 * has its default.
 */
export class CustomFields extends Fields {
	/** Filled-in texts of JSON fields that may be keys: blanked in errors. */
	private readonly leaves = new Set<string>();

	constructor(private readonly values: ICredentialDataDecryptedObject) {
		super('Custom Token API', values);
	}

	text(name: string, otherwise: string): string {
		return this.optional(name) || otherwise;
	}

	/** A switch whose default is on. */
	unlessOff(name: string): boolean {
		return this.values[name] !== false;
	}

	/**
	 * A JSON object, as text or as what an expression gives, its placeholders filled in.
	 * @throws ApiError `field`
	 */
	object(name: string, label: string, more: Readonly<Record<string, string>> = {}): Parameters {
		const value: unknown = this.values[name];
		const parsed = typeof value === 'string' ? parseObject(value) : (value ?? {});
		if (!isObject(parsed)) {
			throw this.error(
				`The field ${label} is not a JSON object`,
				'Enter one such as {"audience": "…"}',
			);
		}
		const filled = this.filled(parsed, label, more) as Parameters;
		for (const key of keysIn(filled)) this.leaves.add(key);
		return filled;
	}

	/** As `object`, of texts that can be sent as headers. @throws ApiError `field` */
	headers(name: string, label: string, more: Readonly<Record<string, string>> = {}) {
		const headers = Object.entries(this.object(name, label, more))
			.filter(([, value]) => value !== null)
			.map(
				([header, value]) =>
					[header, typeof value === 'string' ? value : JSON.stringify(value)] as const,
			);
		if (headers.some(([header, value]) => !HEADER_NAME.test(header) || !HEADER_VALUE.test(value))) {
			throw this.error(
				`The field ${label} holds a header that cannot be sent`,
				'Names are letters, digits and hyphens; neither name nor value may hold a line break',
			);
		}
		return Object.fromEntries(headers);
	}

	/**
	 * An address exactly as it is written, final slash and query included; placeholders in it are URL-encoded.
	 * @throws ApiError `field`
	 */
	address(name: string, label: string): string {
		const text = this.required(name, label);
		if (!/^https?:\/\//i.test(text)) {
			throw this.error(`The field ${label} has no https://`, 'Enter the whole address');
		}
		const address = replaced(text, (field) => encodeURIComponent(this.placeholder(field, label)));
		const url = parseUrl(address);
		if (url === undefined || /\s/.test(text)) {
			throw this.error(`The field ${label} is not an address`, 'Check it for typing errors');
		}
		if (url.username !== '' || url.password !== '') {
			throw this.error(
				`The field ${label} carries a user name or password`,
				'Take it out of the address; there are fields of their own for it',
			);
		}
		if (url.hash !== '') {
			throw this.error(`The field ${label} has a part after #`, 'Take that part out');
		}
		for (const pair of url.searchParams) if (isKey(pair)) this.leaves.add(pair[1]);
		return address;
	}

	/** Secrets as they were typed. */
	secrets(): string[] {
		const names = ['clientSecret', 'password', 'secret', 'signingKey', 'ownRefreshToken'];
		return [...names.map((name) => this.optional(name)), ...this.leaves].filter(
			(secret) => secret !== '',
		);
	}

	private filled(value: unknown, label: string, more: Readonly<Record<string, string>>): unknown {
		if (typeof value === 'string') {
			return replaced(value, (field) => more[field] ?? this.placeholder(field, label));
		}
		if (Array.isArray(value)) return value.map((part) => this.filled(part, label, more));
		if (!isObject(value)) return value;
		return Object.fromEntries(
			Object.entries(value).map(([name, part]) => [name, this.filled(part, label, more)]),
		);
	}

	/** A whole body; what is filled in is escaped for what the text is written in. @throws ApiError `field` */
	bodyText(name: string, label: string): string {
		const text = this.secret(name, label);
		const escape = ESCAPES[textKind(text)];
		return replaced(text, (field) => escape(this.placeholder(field, label)));
	}

	/** A text with its placeholders filled in. @throws ApiError `field` */
	filledText(name: string, label: string): string {
		return replaced(this.optional(name), (field) => this.placeholder(field, label));
	}

	private placeholder(name: string, label: string): string {
		// A secret is taken as it was typed: a blank at its end may be a part of it.
		const typed = this.values[name];
		const asTyped = SECRETS.includes(name) && typeof typed === 'string' ? typed : '';
		const value = asTyped.trim() === '' ? this.optional(name) : asTyped;
		const field = PLACEHOLDERS[name];
		if (field === undefined) {
			throw this.error(
				`The field ${label} holds $${name}, which stands for nothing there`,
				WHERE[name] ?? '',
			);
		}
		if (value === '') {
			throw this.error(
				`The field ${label} holds $${name}, but the field ${field} is empty`,
				`Fill in ${field}; it may be under More Options`,
			);
		}
		return value;
	}
}

function replaced(text: string, value: (name: string) => string): string {
	return text.replace(
		/\$(clientId|clientSecret|username|password|secret|refreshToken|jwt|now|uuid)\b/g,
		(_, name: string) => value(name),
	);
}

function parseObject(text: string): unknown {
	return text.trim() === '' ? {} : parseJson(text);
}

/** What everybody may know of a request, by name. */
const PUBLIC =
	/^(grant_?type|scopes?|audience|aud|resource|iss|sub|realm|tenant|account_?id|client_?id|user_?name|(response|token|subject_token|requested_token)_type|accept|content-type)$/i;

function keysIn(value: unknown): string[] {
	if (!isObject(value)) return [];
	return Object.entries(value).flatMap(([name, part]) => {
		const parts: unknown[] = Array.isArray(part) ? part : [part];
		return parts.flatMap((one) =>
			isObject(one) ? keysIn(one) : typeof one === 'string' && isKey([name, one]) ? [one] : [],
		);
	});
}

/** What nobody else may know, by name. */
const SECRET = /passw|pwd|secret|api[-_]?key/i;

/** Short words are choices of an API, and would be blanked in every sentence. */
function isKey([name, value]: readonly [string, string]): boolean {
	return !PUBLIC.test(name) && (SECRET.test(name) || !/^[A-Za-z_]{0,12}$/.test(value));
}
