import { randomUUID } from 'node:crypto';
import { isObject } from '../../tokens/json';
import { signJwt, type SecretEncoding } from '../../tokens/jwt';
import { type KeyFile, readKeyFile } from '../../tokens/keyFile';
import type { CustomFields } from './customFields';

/** What a JWT of a credential says, before the person's own claims. */
interface Statement {
	readonly issuer?: string;
	readonly subject?: string;
	readonly audience?: string;
	/** RFC 7519, 4.1.7: makes each one different, so that it can be refused the second time. */
	readonly unique: boolean;
	/** Instead of the signing key: a shared secret. */
	readonly sharedSecret?: string;
}

/** In ms. @throws ApiError `field` */
export function jwtLifetime(fields: CustomFields): number {
	const seconds = fields.count('jwtLifetime', 'JWT Lifetime', 300);
	if (seconds === 0 || seconds > 366 * 86_400) {
		throw fields.error(
			'The field JWT Lifetime is no lifetime',
			'Enter how many seconds a JWT lives',
		);
	}
	return seconds * 1000;
}

/**
 * Signs a JWT with the credential's key: its own claims first, then those that the person wrote, which win.
 * @param now Epoch ms.
 * @throws ApiError `field`
 */
export function signed(fields: CustomFields, statement: Statement, now: number): string {
	const { issuer, subject, audience, unique, sharedSecret } = statement;
	const key = sharedSecret ?? fields.secret('signingKey', 'Signing Key');
	const file: Partial<KeyFile> = sharedSecret === undefined ? readKeyFile(key) : {};
	const issuedAt = Math.floor(now / 1000);
	const claims = {
		iss: fields.optional('jwtIssuer') || issuer || file.issuer,
		sub: fields.optional('jwtSubject') || subject || file.subject,
		aud: fields.optional('jwtAudience') || audience,
		iat: issuedAt,
		exp: issuedAt + jwtLifetime(fields) / 1000,
		...(unique ? { jti: randomUUID() } : {}),
		...fields.object('jwtClaims', 'JWT Claims', { now: '$now', uuid: randomUUID() }),
	};
	const header = {
		kid: fields.optional('jwtKeyId') || file.keyId,
		...file.thumbprints,
		...fields.object('jwtHeader', 'JWT Header'),
	};
	const chosen = fields.text('jwtAlgorithm', 'auto');
	const shared = sharedSecret !== undefined;
	try {
		return signJwt(
			{
				key,
				passphrase: fields.optional('secret') || file.passphrase,
				encoding: shared ? 'text' : (fields.text('signingKeyFormat', 'text') as SecretEncoding),
				algorithm: shared && !chosen.startsWith('HS') ? 'HS256' : chosen,
			},
			withoutNull(header),
			withoutNull(withTimes(claims, issuedAt) as Record<string, unknown>),
		);
	} catch (error) {
		const label = shared ? 'Client Secret' : 'Signing Key';
		const why = error instanceof Error ? error.message.replace(/\.$/, '') : '';
		throw fields.error(
			`The field ${label} cannot be used: ${why}`,
			'Paste the whole key, with its first and last line, and check JWT Algorithm',
		);
	}
}

/** `$now`, `$now+600` and `$now-60` become numbers: an expression would make another credential of it each second. */
function withTimes(value: unknown, now: number): unknown {
	if (typeof value === 'string') {
		const time = /^\$now([+-]\d{1,9})?$/.exec(value);
		return time === null ? value : now + Number(time[1] ?? 0);
	}
	if (Array.isArray(value)) return value.map((part) => withTimes(part, now));
	if (!isObject(value)) return value;
	return Object.fromEntries(
		Object.entries(value).map(([name, part]) => [name, withTimes(part, now)]),
	);
}

/** `null` takes a claim out that is there by itself. */
function withoutNull(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
	return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
}
